"""The type-checker, run after every pass; and the types it computes."""

from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import GraphError
from .graph import Atom, Eqn, Graph, Lit, Var
from .op import REGISTRY, Op


@lru_cache(maxsize=4096)
def _dtype(op: Op, kinds: tuple[Any, ...], settings: tuple[Any, ...]) -> np.dtype[Any]:
    """Ask NumPy: run an elementwise op on ones of these dtypes (Python types stay weak)."""
    ones = [kind(1) if isinstance(kind, type) else np.ones((), kind) for kind in kinds]
    with np.errstate(all="ignore"):
        return np.asarray(op.forward(*ones, **dict(settings))).dtype


def result_dtype(op: Op, inputs: tuple[Atom, ...], settings: Any) -> np.dtype[Any]:
    """The dtype of ``op(inputs; settings)`` by NumPy's own promotion."""
    if op.dtype is not None:
        rule = callable(op.dtype) and not isinstance(op.dtype, type)
        found: Any = op.dtype(*inputs, **settings) if rule else op.dtype
        return np.dtype(found)

    def kind(x: Atom) -> Any:
        return type(x.value) if isinstance(x, Lit) and type(x.value) in (int, float) else x.dtype

    if op.elementwise:
        return _dtype(op, tuple(map(kind, inputs)), tuple(settings.items()))
    return np.result_type(*[x.dtype if isinstance(x, Var) else x.value for x in inputs])


def check_equation(eqn: Eqn) -> None:
    """Does the result of one equation have the type its op promises?"""
    if REGISTRY.get(eqn.op.name) is not eqn.op:
        raise GraphError(f"{eqn!r}: op {eqn.op.name!r} is not in the registry")
    if len(eqn.inputs) != len(eqn.op.inputs) and not eqn.op.variadic:
        raise GraphError(f"{eqn!r}: its op takes {', '.join(eqn.op.inputs)}")
    if eqn.settings.keys() != eqn.op.defaults.keys():
        raise GraphError(f"{eqn!r}: its op has the settings {[*eqn.op.defaults]}")
    shape = eqn.op.result_shape(*[x.shape for x in eqn.inputs], **eqn.settings)
    dtype = result_dtype(eqn.op, eqn.inputs, eqn.settings)
    if (shape, dtype) != (eqn.out.shape, eqn.out.dtype):
        raise GraphError(f"{eqn!r}: its op gives {dtype}{list(shape)}")


def typecheck(graph: Graph) -> Graph:
    """Raise GraphError unless the graph obeys the grammar; return it, so that passes end in it."""
    known: set[Var] = set()
    names: set[str] = set()

    def define(var: Var) -> None:
        if var in known or var.name in names:
            raise GraphError(f"{var!r} is defined twice")
        known.add(var)
        names.add(var.name)

    def read(atom: Any, where: Any) -> None:
        if isinstance(atom, Var) and atom not in known:
            raise GraphError(f"{where!r} reads {atom!r} before it is defined")
        number = isinstance(atom, Lit) and atom.dtype.kind in "biuf"
        if not (number or isinstance(atom, Var)):
            raise GraphError(f"found a {type(atom).__name__}, expected a Var or real numbers")

    for var in graph.inputs:
        define(var)
    for eqn in graph.equations:
        for x in eqn.inputs:
            read(x, eqn)
        check_equation(eqn)
        define(eqn.out)
    for x in graph.outputs:
        read(x, "an output")
    return graph
