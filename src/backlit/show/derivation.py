"""`derive`: the derivation of a network's gradient, to read, to evaluate and to check."""

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np

from ..check import Check, check_gradient
from ..errors import InputError
from ..ir.graph import Graph, Var
from ..ir.interpret import interpret
from ..ir.trace import trace
from ..passes import backpropagate
from .document import TITLES, Document, Line, document, shape_text, value_text
from .notation import LATEX, TEXT, Notation, number
from .rules import origin_text, proofs

_INDENT = " " * 9
_FEW = 6  # numbers of a constant that are told with its name


@dataclass(frozen=True, eq=False, repr=False)
class Derivation:
    """The equations L, then ∂L/∂w for each parameter, and one example to evaluate them on.

    Made by `derive`. ``print(derivation)`` is `text`.
    """

    document: Document
    wrt: tuple[Var, ...]
    values: tuple[Any, ...]  # of the graph's inputs: the example

    @property
    def graph(self) -> Graph:
        """The graph that is shown here; it is the graph that is run."""
        return self.document.graph

    def text(self, *, width: int = 110) -> str:
        """Forward lines with shapes, loss, δ of the last layer back to the first, updates.

        Each backward line names the forward line it comes from and the rule used; below the line
        if they do not fit beside it in `width` columns.
        """
        rows = [(line, origin_text(self.document, line)) for line in self.document.lines]
        longest = max(len(_equation(line)) for line, _ in rows)
        shape = max(len(shape_text(line.out.shape)) for line, _ in rows)
        out, part, proved = [_inputs(self.document, self.wrt)], "", proofs(self.document)
        for line, comes_from in rows:
            if line.part != part:
                part = line.part
                out += ["", TITLES[part]]
                if part == "backward":
                    told = self.document.legend
                    out += wrap(told, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
            row = f"{_numbered(line):{longest + 7}}  {shape_text(line.out.shape):{shape}}".rstrip()
            fits = longest + shape + 11 + len(comes_from) <= width
            out.append(f"{row:{longest + shape + 9}}  {comes_from}".rstrip() if fits else row)
            notes = [f"because {proof}" for proof in proved[line]]
            for words in notes if fits else [comes_from, *notes]:
                out += wrap(words, width, initial_indent=_INDENT, subsequent_indent=_INDENT)
        out += ["", self.document.update_title()]
        out += [f"       {update}" for update in self._updates()]
        return "\n".join(out)

    def latex(self) -> str:
        r"""The same equations as a LaTeX ``align*`` environment (amsmath)."""
        rows = [
            rf"{line.left['latex']} &= {line.right['latex']} && {_latex_shape(line)} "
            rf"\tag{{{line.number}}}"
            for line in self.document.lines
        ]
        rate = LATEX.name(self.document.rate)
        rows += [rf"{w} &\leftarrow {w} - {rate} {d}" for w, d in self.updates(LATEX)]
        return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"

    def values_of(self, *args: Any) -> dict[str, Any]:
        """Name → value of every input and every line, for the example or for other inputs."""
        graph, values = self.graph, self._inputs(args)
        lines = [line.copied or line.out for line in self.document.lines]
        meant = interpret(Graph(graph.inputs, graph.equations, tuple(lines)), *values)
        outs = [line.out for line in self.document.lines]
        named = zip((*graph.inputs, *outs), (*values, *meant), strict=True)
        return {var.name: value for var, value in named}

    def after_step(self, rate: float, *args: Any) -> tuple[Any, ...]:
        """The graph's inputs after one step of gradient descent, w − rate·∂L/∂w."""
        values = self._inputs(args)
        _, *slopes = interpret(self.graph, *values)
        moved = {w: -rate * slope for w, slope in zip(self.wrt, slopes, strict=True)}
        pairs = zip(self.graph.inputs, values, strict=True)
        return tuple(value + moved[var] if var in moved else value for var, value in pairs)

    def numbers(self, *args: Any, digits: int = 6, rate: float | None = None) -> str:
        """Symbols, shapes and numbers in three columns, for the example or for other inputs.

        `args` are arrays in the order of the graph's inputs. With `rate`, the parameters after
        one step of gradient descent, w − rate·∂L/∂w, and the loss then, close the table.
        """
        values = self.values_of(*args)
        others = [var for var in self.graph.inputs if var not in self.wrt]
        parts: dict[str, list[tuple[str, Any]]] = {
            title: [(" " * 7 + TEXT.name(var.name), values[var.name]) for var in those]
            for title, those in (("Parameters", self.wrt), ("Given", others))
        }
        fixed = self.document.constants.items()
        parts["Constants"] = [(" " * 7 + TEXT.name(name), value) for name, value in fixed]
        for line in self.document.lines:
            row = (_numbered(line), values[line.out.name])
            parts.setdefault(TITLES[line.part], []).append(row)
        if rate is not None:
            new = dict(zip(self.graph.inputs, self.after_step(rate, *args), strict=True))
            rows = zip(self._updates(), self.wrt, strict=True)
            title = self.document.update_title(rate)
            parts[title] = [(" " * 7 + update, new[w]) for update, w in rows]
            after = interpret(self.graph, *new.values())[0]
            parts[title].append((f"{'':7}{self.loss(TEXT)} after this step", after))
        table: list[str | tuple[str, str, str]] = []
        for title, rows in parts.items():
            cells = [(s, shape_text(np.shape(v)), value_text(v, digits)) for s, v in rows]
            table += ["", title, *cells] if rows else []
        return columns(table[1:])

    def check(self) -> Check:
        """Compare every gradient with differences of the loss; names the worst weight."""
        return check_gradient(self.graph, self.values, self.wrt)

    def story(self, wrt: str) -> str:
        """The way from the loss to one parameter, or to one weight ``W1[0,1]``, term by term.

        For one weight: the sum over all paths from it to the loss, with the numbers.
        """
        from .story import story

        return story(self, wrt)

    def python(self) -> str:
        """The derivation as a script that needs NumPy only, and gives the same bits.

        A function with one assignment a line of the text, in the same names; the example and the
        constants as literals; at the end it prints the loss. Raises GraphError for an op whose
        source is in no file.
        """
        from .python import script

        return script(self)

    def svg(self) -> str:
        """The equations as a graph in one drawing: forward, and back beneath it to the gradients.

        It needs nothing else; a box tells its equation where the pointer rests.
        """
        from .graph import graph_svg

        return graph_svg(self)

    def html(self, *, digits: int = 6, rate: float | None = None) -> str:
        """One page that needs nothing else: every equation with its links and its numbers.

        `digits` and `rate` are those of `numbers`.
        """
        from .html import derivation_page

        return derivation_page(self, digits, rate)

    def updates(self, notation: Notation) -> list[tuple[str, str]]:
        """Each parameter and its gradient, as they are written."""
        names = [notation.name(w.name) for w in self.wrt]
        return [(name, notation.gradient(self.loss(notation), name)) for name in names]

    def _updates(self) -> list[str]:
        rate = TEXT.name(self.document.rate)
        return [f"{w} ← {w} − {rate} {slope}" for w, slope in self.updates(TEXT)]

    def loss(self, notation: Notation) -> str:
        """The name of what is differentiated, as it is written."""
        loss = self.document.loss
        return notation.name(loss.name if isinstance(loss, Var) else "L")

    def _inputs(self, args: Sequence[Any]) -> Sequence[Any]:
        """The arrays given, or the example; refused where they do not fit the graph."""
        inputs, values = self.graph.inputs, args or self.values
        if len(values) != len(inputs):
            names = ", ".join(v.name for v in inputs)
            raise InputError(f"{len(values)} arrays given; this derivation reads {names}")
        for var, value in zip(inputs, values, strict=True):
            if np.shape(value) != var.shape:
                raise InputError(f"{var.name} has shape {np.shape(value)}, expected {var.shape}")
        return values

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__  # at the prompt of Python, too

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from .html import notebook_cell

        return {
            "text/plain": self.text(),
            "text/latex": self.latex(),
            "text/html": notebook_cell(self),
        }


def derive(
    loss: Callable[..., Any],
    *example: Any,
    wrt: int | str | Sequence[str] | None = None,
) -> Derivation:
    """The derivation of ∂loss/∂parameters, in the names that the function itself uses.

    loss: a NumPy function of `example` (arrays, or containers of arrays) that returns a scalar.
    wrt: which argument holds the parameters (a position, default 0), or parameters by name.
    Raises TraceError if the function cannot be traced, InputError for a name that is not there.

    >>> def loss(W, x, y):
    ...     Z = x @ W
    ...     return np.sum((Z - y) ** 2)
    >>> d = derive(loss, np.ones((2, 1)), np.ones((1, 2)), np.zeros((1, 1)))
    >>> print(d.latex().splitlines()[1])
    Z &= x \\, W && 1 \\times 1 \\tag{1} \\\\
    """
    names = [wrt] if isinstance(wrt, str) else [] if isinstance(wrt, int) else list(wrt or ())
    argnums = (wrt,) if isinstance(wrt, int) else (0,) if not names else range(len(example))
    if isinstance(wrt, int) and not 0 <= wrt < len(example):
        raise InputError(f"wrt={wrt}, but {len(example)} arguments were given")
    traced = trace(loss, *example, wrt=_holders(loss, example, names) if names else argnums)
    inputs = traced.graph.inputs
    known = {var.name: var for var in inputs}
    missing = [name for name in names if name not in known]
    if missing:
        raise InputError(f"wrt={missing[0]!r}: no such input; known: {', '.join(known)}")
    positions = [i for n in argnums for i in traced.inputs_of(n)]
    wanted = [known[name] for name in names] or [inputs[i] for i in positions]
    if not wanted:
        raise InputError("there is nothing to differentiate: argument wrt holds no arrays")
    graph = backpropagate(traced.graph, wanted)
    return Derivation(document(graph, wanted), tuple(wanted), traced.values)


def _holders(loss: Callable[..., Any], example: Sequence[Any], names: list[str]) -> list[int]:
    """The arguments in which the named arrays and numbers are."""
    found: dict[str, int] = {}
    with suppress(TypeError, ValueError):  # it has no signature
        found |= zip(inspect.signature(loss).parameters, range(len(example)), strict=False)
    inputs = trace(loss, *example, wrt=())
    found |= {v.name: n for v, (n, _) in zip(inputs.graph.inputs, inputs.where, strict=False)}
    return sorted({found.get(name, 0) for name in names})


def _equation(line: Line) -> str:
    return f"{line.left['text']} = {line.right['text']}"


def _numbered(line: Line) -> str:
    return f"({line.number})".rjust(5) + f"  {_equation(line)}"


def _latex_shape(line: Line) -> str:
    return shape_text(line.out.shape).replace("×", r" \times ").replace("number", r"\text{number}")


def _inputs(document: Document, wrt: Sequence[Var]) -> str:
    """What the equations begin with: names and shapes; of short constants also the numbers."""
    rows = {
        "Parameters": [(v.name, shape_text(v.shape)) for v in wrt],
        "Given": [(v.name, shape_text(v.shape)) for v in document.graph.inputs if v not in wrt],
        "Constants": [(name, _told(value)) for name, value in document.constants.items()],
    }
    return "\n".join(
        f"{title:10}  " + ", ".join(f"{TEXT.name(name)} {told}" for name, told in row)
        for title, row in rows.items()
        if row
    )


def _told(constant: np.ndarray) -> str:
    """``3 [0 1 2]``, ``4×2 of 0``, ``6×3``: the shape, and the numbers if that is short."""
    shape, different = shape_text(constant.shape), np.unique(constant)
    if different.size == 1:
        return f"{shape} of {number(different[0])}"
    short = constant.ndim == 1 and constant.size <= _FEW
    return f"{shape} {value_text(constant)}" if short else shape


def columns(rows: Sequence[str | tuple[str, str, str]]) -> str:
    """Three columns, the third of which may have several lines, and titles between them."""
    widths = [max(len(row[i]) for row in rows if not isinstance(row, str)) for i in (0, 1)]
    indent = "\n" + " " * (sum(widths) + 4)
    out = [
        row
        if isinstance(row, str)
        else f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2].replace(chr(10), indent)}"
        for row in rows
    ]
    return "\n".join(out)
