"""A graph as a document: numbered lines, each an equation that somebody gave a name to.

Equations whose result nobody named are written inside the line that uses them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import numpy as np

from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from ..passes.layers import cotangent_names
from .constants import Constant, constants
from .notation import LATEX, TEXT, Notation, Part, is_gradient, number

_LONGEST = 60  # characters of an expression that may still go inside another
_SHORT = 12  # … even where it is read more than once
_MOST_ROWS, _MOST_COLUMNS = 8, 6  # of numbers; of a longer axis the two ends are shown
TITLES = {
    "forward": "Forward",
    "loss": "Loss",
    "backward": "Backward, from the loss to the first layer",
}
_LETTERS = (("x", "y"), ("u", "v"), ("a", "b"))  # of the rules
_RATES = ("alpha", "eta", "epsilon")
_REARRANGED = ("transpose", "reshape")  # of one number all over, nothing is seen of it
_ALWAYS_INSIDE = ("transpose", "reshape", "broadcast_to", "getitem", "astype", "one_hot")


@dataclass(frozen=True, eq=False)
class Line:
    """One line: ``out = text``, the equations written in it, and where they come from."""

    number: int
    part: str  # "forward", "loss", "backward"
    out: Var
    equations: tuple[Eqn, ...]  # those written in this line, the one that defines `out` last
    left: dict[str, str]  # notation → left side, right side
    right: dict[str, str]
    copied: Atom | None = None  # without equations: the input or the constant that `out` is

    @property
    def because(self) -> list[Eqn]:
        """The forward equations this line differentiates, in order of use."""
        own = [e for e in self.equations if e.op.name not in _ALWAYS_INSIDE] or self.equations
        found = [eqn.because for eqn in own if eqn.because is not None]
        return list(dict.fromkeys(found))

    @property
    def notes(self) -> list[str]:
        """The identities that brought it into this form (identities of arithmetic left out)."""
        return list(dict.fromkeys(eqn.note for eqn in self.equations if len(eqn.note) > 40))


@dataclass(frozen=True)
class Document:
    """The lines of a graph (L, ∂L/∂w …), and where each Var is defined."""

    graph: Graph
    lines: tuple[Line, ...]
    where: dict[Var, Line] = field(repr=False)
    targets: dict[str, Var] = field(repr=False)  # name of a cotangent → what it belongs to
    named: dict[Lit, Constant] = field(repr=False)  # the constant arrays that have names
    gradients: dict[Var, Var] = field(repr=False)  # parameter → what the line of its ∂L/∂w defines

    @property
    def constants(self) -> dict[str, Any]:
        """Name → constant array, in the order of use."""
        return {c.name: c.value for c in self.named.values()}

    @property
    def loss(self) -> Atom:
        return self.graph.outputs[0]

    @property
    def letters(self) -> tuple[str, str]:
        """What the rules call the inputs of an operation: letters that nothing here is called."""
        return next((pair for pair in _LETTERS if self._known.isdisjoint(pair)), _LETTERS[-1])

    @property
    def rate(self) -> str:
        """The name of the learning rate, which nothing here has."""
        return next((name for name in _RATES if TEXT.name(name) not in self._known), _RATES[-1])

    @property
    def _known(self) -> set[str]:
        names = {var.name for var in (*self.graph.inputs, *self.where)} | {*self.constants}
        return {TEXT.name(name) for name in names}

    def update_title(self, rate: float | None = None) -> str:
        """The title of the last part: for any learning rate, or for one that is given."""
        name = TEXT.name(self.rate)
        if rate is None:
            return f"Update, for a learning rate {name}"
        return f"Update, for the learning rate {name} = {number(rate)}"

    @property
    def legend(self) -> str:
        """The words in which the rules are told."""
        of_inputs = " and ".join(self.letters)
        return (
            "in the rules, grad is what comes back to an operation, out its result, "
            f"{of_inputs} its inputs"
        )

    def line_of(self, eqn: Eqn) -> Line | None:
        """The line in which a forward equation is written, found by what it defines."""
        return self.where.get(eqn.out)


def document(graph: Graph, wrt: Sequence[Var]) -> Document:
    """Number the lines of a graph (L, ∂L/∂w for w in `wrt`) and write each in every notation."""
    loss = graph.outputs[0]
    loss_name = loss.name if isinstance(loss, Var) else "L"
    uses = graph.uses()
    targets, names = _targets(graph, wrt)
    named = constants(graph)
    parts: dict[Atom, dict[str, Part]] = {
        lit: {n.key: n.constant(c) for n in (TEXT, LATEX)} for lit, c in named.items()
    }
    inside: dict[Var, tuple[Eqn, ...]] = {}
    lines: list[Line] = []
    where: dict[Var, Line] = {}
    unnamed = 0
    for eqn in graph.equations:
        written = {n.key: _write(eqn, n, parts, loss_name) for n in (TEXT, LATEX)}
        equations = (*(e for x in eqn.inputs for e in inside.get(x, ())), eqn)  # type: ignore
        if _goes_inside(eqn, graph, uses, written["text"]):
            parts[eqn.out], inside[eqn.out] = written, equations
            continue
        if not eqn.out.named:  # t1, t2, …: nobody named it, but it is read more than once
            unnamed = next(i for i in count(unnamed + 1) if f"t{i}" not in names)
            parts[eqn.out] = {
                n.key: _unnamed(eqn.out, f"t{unnamed}", n, loss_name, targets)
                for n in (TEXT, LATEX)
            }
        left = {n.key: _left(eqn.out, n, loss_name, targets, parts) for n in (TEXT, LATEX)}
        part = "backward" if eqn.because or eqn.out.role in ("cotangent", "gradient") else "forward"
        part = "loss" if eqn.out is loss else part
        right = {key: p.text for key, p in written.items()}
        line = Line(len(lines) + 1, part, eqn.out, tuple(dict.fromkeys(equations)), left, right)
        lines.append(line)
        for e in equations:
            where.setdefault(e.out, line)
    gradients: dict[Var, Var] = {}
    for w, end in zip(wrt, graph.outputs[1:], strict=True):
        if isinstance(end, Var) and targets.get(end.name) is w:
            gradients[w] = end
            continue
        # the gradient is something that has a line of its own, an input, or a constant
        free = "_" if f"d{w.name}" in names else ""
        out = gradients[w] = Var(f"{free}d{w.name}", w.shape, w.dtype, "gradient")
        targets[out.name] = w
        left = {n.key: _unnamed(out, "", n, loss_name, targets).text for n in (TEXT, LATEX)}
        right = {n.key: _part(end, n, parts, loss_name).text for n in (TEXT, LATEX)}
        where[out] = Line(len(lines) + 1, "backward", out, (), left, right, end)
        lines.append(where[out])
    return Document(graph, tuple(lines), where, targets, named, gradients)


def _targets(graph: Graph, wrt: Sequence[Var]) -> tuple[dict[str, Var], set[str]]:
    """Name of a cotangent → what it belongs to; and the names of the forward Vars."""
    backward = ("cotangent", "gradient")
    equations = [e for e in graph.equations if not e.because and e.out.role not in backward]
    forward = Graph(graph.inputs, tuple(equations), ())
    found = {name: var for var, name in cotangent_names(forward).items()}
    every = {*graph.inputs, *(e.out for e in equations)}
    for w, end in zip(wrt, graph.outputs[1:], strict=True):
        if isinstance(end, Var) and not end.named and end not in every:
            found.setdefault(end.name, w)
    return found, {var.name for var in every if var.named}


def _unnamed(out: Var, name: str, notation: Notation, loss: str, targets: dict[str, Var]) -> Part:
    """t1, t2, …; but ∂L/∂w where it is a gradient whose name the user's own dw had taken."""
    if out.name in targets:
        text = notation.gradient(notation.name(loss), notation.name(targets[out.name].name))
        return Part(text, "product", out.shape, notation.brackets)
    return Part(notation.name(name), "atom", out.shape)


def written(graph: Graph, end: Atom, notation: Notation) -> str:
    """One expression for an output, with everything written inside it."""
    parts: dict[Atom, dict[str, Part]] = {}
    for eqn in graph.equations:
        parts[eqn.out] = {notation.key: _write(eqn, notation, parts, "L")}
    return _part(end, notation, parts, "L").text


def expressions(graph: Graph, notation: Notation, loss: str) -> dict[str, str]:
    """Name → right side of each equation. What nobody named is written inside, or …, if longer."""
    parts: dict[Atom, dict[str, Part]] = {}
    found: dict[str, str] = {}
    for eqn in graph.equations:
        part = _write(eqn, notation, parts, loss)
        found[eqn.out.name] = part.text
        if is_gradient(eqn.out):  # α ∂L/∂w without brackets, as in the updates
            parts[eqn.out] = {notation.key: replace(notation.var(eqn.out, loss), level="unary")}
        elif not eqn.out.named:
            short = part if len(part.text) <= _LONGEST else Part("…", "atom", part.shape)
            parts[eqn.out] = {notation.key: short}
    return found


def _goes_inside(eqn: Eqn, graph: Graph, uses: dict[Var, list[Eqn]], written: Part) -> bool:
    if eqn.out in graph.outputs or eqn.out.named:
        return False
    longest = _LONGEST if len(uses[eqn.out]) == 1 else _SHORT
    return eqn.op.name in _ALWAYS_INSIDE or len(written.text) <= longest


def _write(eqn: Eqn, notation: Notation, parts: dict[Atom, dict[str, Part]], loss: str) -> Part:
    inputs = [_part(x, notation, parts, loss) for x in eqn.inputs]
    same = eqn.op.name in _REARRANGED and inputs[0].uniform
    if same or getattr(eqn.op, notation.key) == "{x}":  # as its input: dtype, broadcasting
        return replace(inputs[0], shape=eqn.out.shape)
    text = notation.operation(eqn.op, inputs, dict(eqn.settings), _axis(eqn))
    return Part(text, notation.level(eqn.op), eqn.out.shape, notation.brackets)


def _part(atom: Atom, notation: Notation, parts: dict[Atom, dict[str, Part]], loss: str) -> Part:
    if atom in parts:
        return parts[atom][notation.key]
    return notation.lit(atom) if isinstance(atom, Lit) else notation.var(atom, loss)


def _axis(eqn: Eqn) -> str:
    """The axes that a reduction takes away, unless it takes all."""
    before = eqn.inputs[0].shape
    if eqn.op.name == "sum_to":
        lead = len(before) - len(eqn.out.shape)
        ones = [i + lead for i, n in enumerate(eqn.out.shape) if n == 1 != before[i + lead]]
        axes: Any = [*range(lead), *ones]
    else:
        axes = eqn.settings.get("axis")
    if not isinstance(axes, (list, tuple)) or len(axes) == len(before):
        return ""
    return ",".join(map(str, axes))


def _left(
    out: Var, notation: Notation, loss: str, targets: dict[str, Var], parts: dict[Atom, Any]
) -> str:
    text = _part(out, notation, parts, loss).text
    if out.name.startswith("delta") and out.name in targets:
        of = notation.name(targets[out.name].name)
        return f"{text} = {notation.gradient(notation.name(loss), of)}"
    return text


def shape_text(shape: tuple[int, ...]) -> str:
    """``5×4``; a 0-d array is a number, a 1-d array a vector with its length."""
    return "×".join(map(str, shape)) if shape else "number"


def value_text(value: Any, digits: int = 6) -> str:
    """Numbers for reading, in NumPy's brackets; large arrays are shortened in the middle.

    >>> print(value_text([[1.5, -20], [0.25, 3]]))
    [[1.5  -20]
     [0.25   3]]
    """
    array = np.asarray(value)
    rows = number_rows(array, digits)
    if array.ndim > 2:
        return "\n".join(rows)
    opened, closed = "[" * array.ndim, "]" * array.ndim
    return opened + "]\n [".join(rows) + closed


def number_rows(value: Any, digits: int = 6) -> list[str]:
    """The rows of an array, its columns aligned at the decimal point; of a number, one row."""
    array = np.asarray(value)
    if array.ndim > 2:
        style: Any = {"all": lambda x: _number(x, digits)}
        return np.array2string(array, threshold=40, edgeitems=1, formatter=style).splitlines()
    table = np.atleast_2d(array)
    rows, columns = (
        [*range(n)] if n <= most else [0, 1, None, n - 2, n - 1]
        for n, most in zip(table.shape, (_MOST_ROWS, _MOST_COLUMNS), strict=True)
    )
    aligned = [
        _aligned(["…" if None in (i, j) else _number(table[i, j], digits) for i in rows])
        for j in columns
    ]
    return [" ".join(column[i] for column in aligned) for i in range(len(rows))]


def _number(value: Any, digits: int) -> str:
    return f"{value:z.{digits}g}" if isinstance(value, (float, np.floating)) else f"{value:d}"


def _aligned(column: list[str]) -> list[str]:
    """Padded so that decimal points, or exponents without one, stand below each other."""
    points = [len(re.split(r"[.e]", text)[0]) for text in column]
    left = [" " * (max(points) - at) + text for at, text in zip(points, column, strict=True)]
    return [text.ljust(max(map(len, left))) for text in left]
