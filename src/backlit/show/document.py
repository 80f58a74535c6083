"""A graph as a document: numbered lines, each an equation that somebody gave a name to.

Equations whose result nobody named are written inside the line that uses them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from ..passes.layers import net_inputs
from .notation import LATEX, TEXT, Notation, Part

_LONGEST = 60  # characters of an expression that may still go inside another
_SHORT = 12  # … even where it is read more than once
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

    @property
    def loss(self) -> Atom:
        return self.graph.outputs[0]

    def line_of(self, eqn: Eqn) -> Line | None:
        """The line in which a forward equation is written, found by what it defines."""
        return self.where.get(eqn.out)


def document(graph: Graph, wrt: Sequence[Var]) -> Document:
    """Number the lines of a graph (L, ∂L/∂w for w in `wrt`) and write each in every notation."""
    loss = graph.outputs[0]
    loss_name = loss.name if isinstance(loss, Var) else "L"
    uses = graph.uses()
    targets = {f"delta{k}": net for net, k in net_inputs(graph).items()}
    forward = [*graph.inputs, *(e.out for e in graph.equations if not e.because)]
    targets |= {f"d{var.name}": var for var in forward if var.named}
    parts: dict[Atom, dict[str, Part]] = {}
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
            unnamed += 1
            parts[eqn.out] = {
                n.key: Part(n.name(f"t{unnamed}"), "atom", eqn.out.shape) for n in (TEXT, LATEX)
            }
        left = {n.key: _left(eqn.out, n, loss_name, targets, parts) for n in (TEXT, LATEX)}
        part = "backward" if eqn.because or eqn.out.role in ("cotangent", "gradient") else "forward"
        part = "loss" if eqn.out is loss else part
        right = {key: p.text for key, p in written.items()}
        line = Line(len(lines) + 1, part, eqn.out, tuple(dict.fromkeys(equations)), left, right)
        lines.append(line)
        for e in equations:
            where.setdefault(e.out, line)
    for w, end in zip(wrt, graph.outputs[1:], strict=True):
        if end not in where:  # the gradient is an input or a constant: it has no equation
            out = Var(f"d{w.name}", w.shape, w.dtype, "gradient")
            left = {n.key: _left(out, n, loss_name, targets, parts) for n in (TEXT, LATEX)}
            right = {n.key: _part(end, n, parts, loss_name).text for n in (TEXT, LATEX)}
            lines.append(Line(len(lines) + 1, "backward", out, (), left, right))
    return Document(graph, tuple(lines), where, targets)


def written(graph: Graph, end: Atom, notation: Notation) -> str:
    """One expression for an output, with everything written inside it."""
    parts: dict[Atom, dict[str, Part]] = {}
    for eqn in graph.equations:
        parts[eqn.out] = {notation.key: _write(eqn, notation, parts, "L")}
    return _part(end, notation, parts, "L").text


def _goes_inside(eqn: Eqn, graph: Graph, uses: dict[Var, list[Eqn]], written: Part) -> bool:
    if eqn.out in graph.outputs or eqn.out.named:
        return False
    longest = _LONGEST if len(uses[eqn.out]) == 1 else _SHORT
    return eqn.op.name in _ALWAYS_INSIDE or len(written.text) <= longest


def _write(eqn: Eqn, notation: Notation, parts: dict[Atom, dict[str, Part]], loss: str) -> Part:
    inputs = [_part(x, notation, parts, loss) for x in eqn.inputs]
    if getattr(eqn.op, notation.key) == "{x}":  # written as its input: dtype, broadcasting
        return replace(inputs[0], shape=eqn.out.shape)
    text = notation.operation(eqn.op, inputs, dict(eqn.settings), _axis(eqn))
    level = "atom" if getattr(eqn.op, notation.key) is None else eqn.op.level
    return Part(text, level, eqn.out.shape, notation.brackets)


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
    """Numbers for reading; large arrays are shortened in the middle."""
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{float(array):.{digits}g}"
    with np.printoptions(precision=digits, suppress=True, threshold=40, edgeitems=2, linewidth=76):
        style = {"float_kind": lambda x: f"{x:.{digits}g}"}
        return np.array2string(array, formatter=style)  # type: ignore[arg-type]
