"""Another precision: every floating-point value in one dtype."""

from typing import Any

import numpy as np

from ..ir.build import Builder
from ..ir.graph import Atom, Graph, Lit, Var
from ..ir.tracer import Tracer
from ..ir.typecheck import result_dtype
from ..ops.shape import astype


def cast(graph: Graph, dtype: Any) -> Graph:
    """The same equations on inputs and constants of `dtype`; names are kept.

    Integers enter arithmetic in `dtype`; NumPy takes int64 · float32 by way of float64.
    """
    dtype = np.dtype(dtype)
    builder = Builder()
    new: dict[Atom, Any] = {}

    def own(x: Atom) -> Any:
        if isinstance(x, Var):
            return new[x]
        typed = isinstance(x.value, (np.ndarray, np.generic)) and x.dtype.kind == "f"
        return Lit(x.value.astype(dtype), x.name) if typed else x

    with builder.active():
        for var in graph.inputs:
            like = np.broadcast_to(
                np.zeros((), dtype if var.dtype.kind == "f" else var.dtype), var.shape
            )
            new[var] = builder.input(var.name if var.named else "", like, var.role)
        for eqn in graph.equations:
            builder.because, builder.note = eqn.because, eqn.note
            settings, inputs = dict(eqn.settings), [own(x) for x in eqn.inputs]
            if eqn.op is astype and eqn.out.dtype.kind == "f":
                settings["dtype"] = str(dtype)
                if inputs[0].dtype == dtype:
                    new[eqn.out] = inputs[0]
                    continue
            atoms = tuple(map(builder.atom, inputs))
            found = result_dtype(eqn.op, atoms, settings)
            if eqn.op.dtype is None and found.kind == "f" and found != dtype:
                inputs = [astype(x, dtype=str(dtype)) if _is_integer(x) else x for x in inputs]
            value = builder.emit(eqn.op, inputs, settings)
            if value.dtype.kind == "f" and value.dtype != dtype:
                value = astype(value, dtype=str(dtype))
            builder.wish(value, eqn.out.name if eqn.out.named else "", eqn.out.role)
            new[eqn.out] = value
        return builder.finish([own(x) for x in graph.outputs])


def _is_integer(x: Any) -> bool:
    return isinstance(x, Tracer) and x.dtype.kind in "iu"
