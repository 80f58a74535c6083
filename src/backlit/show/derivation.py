"""`derive`: the derivation of a network's gradient, to read, to evaluate and to check."""

from collections.abc import Callable, Sequence
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
from .document import Document, Line, document, shape_text, value_text
from .notation import LATEX, TEXT
from .rules import origin_text

_WIDTH, _INDENT = 110, " " * 9  # columns of a row with its origin; beyond, the origin goes below
_TITLES = {
    "forward": "Forward",
    "loss": "Loss",
    "backward": "Backward, from the loss to the first layer",
}


@dataclass(frozen=True, eq=False)
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

    def text(self) -> str:
        """Forward lines with shapes, loss, δ of the last layer back to the first, updates.

        Each backward line names the forward line it comes from and the rule used.
        """
        rows = [(line, origin_text(self.document, line)) for line in self.document.lines]
        width = max(len(_equation(line)) for line, _ in rows)
        shape = max(len(shape_text(line.out.shape)) for line, _ in rows)
        out, part, told = [_inputs(self.graph, self.wrt)], "", set[str]()
        for line, comes_from in rows:
            if line.part != part:
                part = line.part
                out += ["", _TITLES[part]]
            row = f"({line.number})".rjust(5) + f"  {_equation(line):{width}}"
            row = f"{row}  {shape_text(line.out.shape):{shape}}".rstrip()
            fits = len(row) + len(comes_from) < _WIDTH
            out.append(f"{row:{width + shape + 9}}  {comes_from}".rstrip() if fits else row)
            notes = [f"because {note}" for note in line.notes if note not in told]
            told.update(line.notes)
            for words in notes if fits else [comes_from, *notes]:
                out += wrap(words, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
        out += ["", "Update, for a learning rate α"]
        out += [f"       {w} ← {w} − α {d}" for w, d in self._updates(TEXT)]
        return "\n".join(out)

    def latex(self) -> str:
        r"""The same equations as a LaTeX ``align*`` environment (amsmath)."""
        rows = [
            rf"{line.left['latex']} &= {line.right['latex']} && {_latex_shape(line)} "
            rf"\tag{{{line.number}}}"
            for line in self.document.lines
        ]
        rows += [rf"{w} &\leftarrow {w} - \alpha {d}" for w, d in self._updates(LATEX)]
        return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"

    def values_of(self, *args: Any) -> dict[str, Any]:
        """Name → value of every input and every line, for the example or for other inputs."""
        graph = self.graph
        values = args or self.values
        if len(values) != len(graph.inputs):
            names = ", ".join(v.name for v in graph.inputs)
            raise InputError(f"{len(values)} arrays given; this derivation reads {names}")
        for var, value in zip(graph.inputs, values, strict=True):
            if np.shape(value) != var.shape:
                raise InputError(f"{var.name} has shape {np.shape(value)}, expected {var.shape}")
        ends = dict(zip((f"d{w.name}" for w in self.wrt), graph.outputs[1:], strict=True))
        lines = [
            line.out if line.equations else ends[line.out.name] for line in self.document.lines
        ]
        meant = interpret(Graph(graph.inputs, graph.equations, tuple(lines)), *values)
        outs = [line.out for line in self.document.lines]
        named = zip((*graph.inputs, *outs), (*values, *meant), strict=True)
        return {var.name: value for var, value in named}

    def numbers(self, *args: Any, digits: int = 6, rate: float | None = None) -> str:
        """Symbols, shapes and numbers in three columns, for the example or for other inputs.

        `args` are arrays in the order of the graph's inputs. With `rate`, the parameters after
        one step of gradient descent, w − rate·∂L/∂w, close the table.
        """
        values = self.values_of(*args)
        rows = [(TEXT.name(v.name), v.shape, values[v.name]) for v in self.graph.inputs]
        rows += [
            (_equation(line), line.out.shape, values[line.out.name]) for line in self.document.lines
        ]
        return columns([(symbol, shape_text(s), value_text(v, digits)) for symbol, s, v in rows])

    def check(self) -> Check:
        """Compare every gradient with differences of the loss; names the worst weight."""
        return check_gradient(self.graph, self.values, self.wrt)

    def story(self, wrt: str) -> str:
        """The way from the loss to one parameter, or to one weight ``W1[0,1]``, term by term.

        For one weight: the sum over all paths from it to the loss, with the numbers.
        """
        from .story import story

        return story(self, wrt)

    def _updates(self, notation: Any) -> list[tuple[str, str]]:
        loss = self.document.loss
        name = notation.name(loss.name if isinstance(loss, Var) else "L")
        pairs = [(notation.name(w.name), w.name) for w in self.wrt]
        return [(w, notation.gradient(name, notation.name(own))) for w, own in pairs]

    __str__ = text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text(), "text/latex": f"$${self.latex()}$$"}


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
    """The arguments in which the named arrays are."""
    inputs = trace(loss, *example, wrt=())
    found = {v.name: n for v, (n, _) in zip(inputs.graph.inputs, inputs.where, strict=False)}
    return sorted({found.get(name, 0) for name in names})


def _equation(line: Line) -> str:
    return f"{line.left['text']} = {line.right['text']}"


def _latex_shape(line: Line) -> str:
    return shape_text(line.out.shape).replace("×", r" \times ").replace("number", r"\text{number}")


def _inputs(graph: Graph, wrt: Sequence[Var]) -> str:
    def words(these: list[Var]) -> str:
        return ", ".join(f"{TEXT.name(v.name)} {shape_text(v.shape)}" for v in these)

    others = [v for v in graph.inputs if v not in wrt]
    text = f"Parameters  {words(list(wrt))}"
    return f"{text}\nGiven       {words(others)}" if others else text


def columns(rows: Sequence[tuple[str, str, str]]) -> str:
    """Three columns; the third may have several lines."""
    widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
    indent = " " * (sum(widths) + 4)
    return "\n".join(
        f"{a:{widths[0]}}  {b:{widths[1]}}  " + c.replace("\n", "\n" + indent) for a, b, c in rows
    )
