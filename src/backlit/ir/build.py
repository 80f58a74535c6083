"""Writing a graph, one equation after the other."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from types import CodeType
from typing import Any

import numpy as np

from ..errors import ShapeError, TraceError
from .graph import Atom, Eqn, Graph, Lit, Role, Var
from .names import assigned_name, held_name, here, unique_names
from .op import Op
from .tracer import ACTIVE, Tracer
from .typecheck import result_dtype, typecheck

_SERIAL = count()  # provisional names, replaced in `finish`


def has_own_arithmetic(x: Any) -> bool:
    """Is x of a class that may compute otherwise than a plain array: np.matrix, a masked array?"""
    return isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap)


class Builder:
    """Collects equations while it is active (``with builder.active():``).

    Ops called on its tracers are written down here; tracers of an enclosing trace become inputs
    (`captured`), so that a derivative can be taken inside a function that is itself traced.
    With `stop` (the code that calls the user's function) the user's own names are looked up.
    """

    def __init__(self, graph: Graph | None = None, stop: CodeType | None = None) -> None:
        self.inputs: list[Var] = list(graph.inputs) if graph else []
        self.equations: list[Eqn] = list(graph.equations) if graph else []
        self.captured: dict[Tracer, Var] = {}
        self.because: Eqn | None = None
        self.note = ""
        self.refused: TraceError | None = None  # what could not be traced, even if it was caught
        self._stop = stop
        self._tracers: dict[Var, Tracer] = {}
        self._made: dict[Var, tuple[str, Role]] = {}  # Vars of ours → wanted name and role
        self._constants: dict[int, tuple[Any, Lit]] = {}

    @contextmanager
    def active(self) -> Generator["Builder"]:
        """Make this the builder that records."""
        token = ACTIVE.set((*ACTIVE.get(), self))
        try:
            yield self
        finally:
            ACTIVE.reset(token)

    def tracer(self, var: Var) -> Tracer:
        """The one stand-in for `var`."""
        if var not in self._tracers:
            self._tracers[var] = Tracer(var, self)
        return self._tracers[var]

    def value(self, atom: Atom) -> Any:
        """What a rule computes with: a tracer, or the constant itself."""
        return atom.value if isinstance(atom, Lit) else self.tracer(atom)

    def input(self, name: str, like: Any, role: Role) -> Tracer:
        """A new input with the shape and dtype of `like`; an empty name is found at its use."""
        return self.tracer(self._new(self.inputs, like.shape, like.dtype, name, role))

    def emit(self, op: Op, inputs: Iterable[Any], settings: dict[str, Any]) -> Any:
        """Write ``out = op(inputs; settings)`` and answer the stand-in for `out`."""
        atoms = tuple(self.atom(x) for x in inputs)
        try:
            shape = op.result_shape(*[x.shape for x in atoms], **settings)
        except ShapeError as error:
            raise ShapeError(f"{error} {here()}") from None
        dtype = result_dtype(op, atoms, settings)
        name = assigned_name(self._stop) if self._stop else ""
        out = self._new(None, shape, dtype, name, "value")
        return self.write(Eqn(out, op, atoms, settings, self.because, self.note))

    def write(self, eqn: Eqn) -> Any:
        """Write an equation as it stands, and answer the stand-in for its result."""
        self.equations.append(eqn)
        return self.tracer(eqn.out)

    @staticmethod
    def innermost(x: Tracer) -> "Builder":
        """The builder that records now; refused if the trace that made `x` has ended."""
        active = ACTIVE.get()
        if x._builder not in active:
            raise TraceError(
                f"{x!r}, used {here()}, belongs to a trace that has ended. Return what you need "
                "from the traced function instead of storing it elsewhere."
            )
        return active[-1]

    def wish(self, tracer: Any, name: str, role: Role) -> None:
        """Name the Var of a tracer, unless it has a name."""
        ours = isinstance(tracer, Tracer) and tracer._builder is self
        if ours and not self.name_of(tracer._var):
            self._made[tracer._var] = (name, role)

    def name_of(self, var: Var) -> str:
        """The name a Var has, or will have; empty if nobody named it."""
        return self._made[var][0] if var in self._made else var.name if var.named else ""

    def atom(self, x: Any) -> Atom:
        """Var or Lit for anything an op may be given."""
        if isinstance(x, Tracer):
            var = x._var if x._builder is self else self._capture(x)
            if self._stop and var in self._made and not self._made[var][0]:
                self._made[var] = (held_name(x, self._stop), self._made[var][1])
            return var
        return x if isinstance(x, (Var, Lit)) else self._constant(x)

    def finish(self, outputs: Iterable[Any]) -> Graph:
        """The graph, with final names."""
        ends = tuple(self.atom(x) for x in outputs)
        kept = {v.name for v in (*self.inputs, *(e.out for e in self.equations))}
        kept -= {v.name for v in self._made}
        wanted = [(v, name or "_") for v, (name, _) in self._made.items()]
        names = unique_names([(v, n) for v, n in wanted if n != "_"], kept)
        free = (f"_{i}" for i in count(1) if f"_{i}" not in kept)
        final: dict[Atom, Var] = {
            v: replace(v, name=names.get(v) or next(free), role=role)
            for v, (_, role) in self._made.items()
        }
        equations = tuple(
            replace(e, out=final.get(e.out, e.out), inputs=tuple(final.get(x, x) for x in e.inputs))
            if e.out in final or any(x in final for x in e.inputs)
            else e
            for e in self.equations
        )
        inputs = tuple(final.get(v, v) for v in self.inputs)
        return typecheck(Graph(inputs, equations, tuple(final.get(x, x) for x in ends)))

    def _new(self, where: list[Var] | None, shape: Any, dtype: Any, name: str, role: Role) -> Var:
        var = Var(f"_new{next(_SERIAL)}", shape, dtype, role)
        self._made[var] = (name, role)
        if where is not None:
            where.append(var)
        return var

    def _capture(self, x: Tracer) -> Var:
        self.innermost(x)
        if x not in self.captured:
            self.captured[x] = self._new(self.inputs, x.shape, x.dtype, "", "data")
        return self.captured[x]

    def _constant(self, x: Any) -> Lit:
        if isinstance(x, (bool, int, float)):
            return Lit(x)
        value = np.array(x)  # a copy: what the user writes into his array later is not ours
        if value.dtype.kind not in "biuf" or has_own_arithmetic(x):
            raise TraceError(
                f"{type(x).__name__} of dtype {value.dtype} {here()}: only real numbers and "
                "booleans, in plain arrays, can enter an equation."
            )
        value.setflags(write=False)
        original, known = self._constants.get(id(x), (None, None))
        if known is not None and original is x and np.array_equal(known.value, value):
            return known
        name = held_name(x, self._stop) if self._stop and value.ndim else ""
        lit = Lit(value if value.ndim else value[()], name)
        self._constants[id(x)] = (x, lit)
        return lit
