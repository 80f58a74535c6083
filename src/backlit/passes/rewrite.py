"""Rewriting a graph by a table of identities: pattern → replacement → why."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..ir.build import Builder
from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from ..ir.tracer import Tracer

Bound = dict[Atom, Atom]
Definitions = Callable[[Var], Eqn | None]


@dataclass(frozen=True)
class Identity:
    """An equation between two expressions, each a NumPy function of the same arguments.

    Arguments called c or d stand for finite numbers, the others for any array. Numbers are
    computed with in the precision of the result.
    """

    pattern: Graph
    replacement: Callable[..., Any]
    why: str
    keep_names: bool = False  # do not look inside a Var that has a name: its line stays whole

    @property
    def op(self) -> str:
        return self.pattern.equations[-1].op.name

    def __call__(self, rewriter: "Rewriter", eqn: Eqn) -> Any:
        known = rewriter.nameless if self.keep_names else rewriter.known.get
        for bound in _match(self.pattern.equations[-1], eqn, self.pattern, known, {}):
            atoms = [bound[v] for v in self.pattern.inputs]
            numbers = [number(x, eqn.out.dtype) for x in atoms]
            pairs = zip(atoms, numbers, strict=True)
            return self.replacement(*[rewriter.value(x) if c is None else c for x, c in pairs])
        return None


@dataclass(frozen=True)
class Rule:
    """An identity that looks at shapes or settings: a function (rewriter, equation) → value."""

    op: str
    function: Callable[["Rewriter", Eqn], Any]
    why: str

    def __call__(self, rewriter: "Rewriter", eqn: Eqn) -> Any:
        return self.function(rewriter, eqn)


Table = dict[str, list[Identity | Rule]]


def identity(
    pattern: Callable[..., Any],
    replacement: Callable[..., Any],
    why: str,
    keep_names: bool = False,
) -> Identity:
    """Trace the pattern (on 0-d stand-ins: it matches arrays of any shape)."""
    builder = Builder()
    names = inspect.signature(pattern).parameters
    stand_ins = [builder.input(name, np.zeros(()), "data") for name in names]
    with builder.active():
        end = pattern(*stand_ins)
    return Identity(builder.finish([end]), replacement, why, keep_names)


def table(*rows: Identity | Rule) -> Table:
    """The rows by the op they begin with, in order."""
    found: Table = {}
    for row in rows:
        found.setdefault(row.op, []).append(row)
    return found


def _match(want: Eqn, eqn: Eqn, pattern: Graph, known: Definitions, bound: Bound):
    """Every way in which `eqn` has the form of the pattern's equation `want`."""
    if want.op is not eqn.op or want.settings != eqn.settings:
        return
    orders = [eqn.inputs, eqn.inputs[::-1]] if want.op.commutative else [eqn.inputs]
    for order in orders:
        yield from _match_all(list(zip(want.inputs, order, strict=True)), pattern, known, bound)


def _match_all(pairs: Any, pattern: Graph, known: Definitions, bound: Bound) -> Iterator[Bound]:
    if not pairs:
        yield bound
        return
    (want, atom), *rest = pairs
    for found in _match_atom(want, atom, pattern, known, bound):
        yield from _match_all(rest, pattern, known, found)


def _match_atom(want: Atom, atom: Atom, pattern: Graph, known: Definitions, bound: Bound):
    if isinstance(want, Lit):
        if isinstance(atom, Lit) and atom.scalar and atom.value == want.value:
            yield bound
    elif want in pattern.inputs:
        if want in bound:
            if _same(bound[want], atom):
                yield bound
        elif want.name not in ("c", "d") or number(atom) is not None:
            yield {**bound, want: atom}
    elif isinstance(atom, Var) and (eqn := known(atom)):
        yield from _match(pattern.definitions()[want], eqn, pattern, known, bound)


def number(x: Atom, dtype: Any = None) -> Any:
    """The value of a finite constant without axes, else None.

    With a dtype it is NumPy's number: Python's own overflow and underflow in silence.
    """
    if not isinstance(x, Lit) or not x.scalar or not np.isfinite(x.value):
        return None
    return x.value if dtype is None else dtype.type(x.value)


def _same(x: Atom, y: Atom) -> bool:
    if isinstance(x, Lit) and isinstance(y, Lit):
        return x.scalar and y.scalar and x.value == y.value
    return x is y


class Rewriter(Builder):
    """A builder that asks the table before it writes an equation."""

    def __init__(self, graph: Graph, rows: Table) -> None:
        super().__init__(Graph(graph.inputs, (), ()))
        self.rows = rows
        self.known: dict[Var, Eqn] = {}

    def nameless(self, var: Var) -> Eqn | None:
        """The definition of a Var that has no name of its own."""
        return None if self.name_of(var) else self.known.get(var)

    def may_lend(self, eqn: Eqn, value: Any) -> bool:
        """May what stands for `eqn` now take its name? Not a forward result a backward name."""
        own = self.known.get(value._var) if isinstance(value, Tracer) else None
        return own is not None and (own.because is not None) == (eqn.because is not None)

    def write(self, eqn: Eqn) -> Any:
        for row in self.rows.get(eqn.op.name, ()):
            answer, before = None, (self.because, self.note)
            self.because, self.note = eqn.because, row.why
            # an overflow among numbers, or a minus before a mask: leave the equation as it is
            with suppress(ArithmeticError, TypeError):
                answer = row(self, eqn)
            self.because, self.note = before
            if answer is not None and _fits(answer, eqn.out):
                return answer
        self.known[eqn.out] = eqn
        return super().write(eqn)


def _fits(answer: Any, out: Var) -> bool:
    """An identity holds only if it keeps shape and dtype (a Python number takes any dtype)."""
    if np.shape(answer) != out.shape:
        return False
    return isinstance(answer, (int, float)) or answer.dtype == out.dtype


def rewrite(graph: Graph, rows: Table) -> Graph:
    """The same graph, each equation in its rewritten form; names given by the user are kept."""
    rewriter = Rewriter(graph, rows)
    new: dict[Atom, Atom] = {}
    with rewriter.active(), np.errstate(all="raise"):
        for eqn in graph.equations:
            inputs = tuple(new.get(x, x) for x in eqn.inputs)
            value = rewriter.write(replace(eqn, inputs=inputs))
            new[eqn.out] = rewriter.atom(value)
            if eqn.out.named and rewriter.may_lend(eqn, value):
                rewriter.wish(value, eqn.out.name, eqn.out.role)
        return rewriter.finish([new.get(x, x) for x in graph.outputs])
