"""Another precision: every floating-point value in one dtype."""

from typing import Any

import numpy as np

from ..ir.build import Builder
from ..ir.graph import Atom, Graph, Lit, Var
from ..ops.shape import astype


def cast(graph: Graph, dtype: Any) -> Graph:
    """The same equations on inputs and constants of `dtype`; names are kept."""
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
            settings = dict(eqn.settings)
            if eqn.op is astype and eqn.out.dtype.kind == "f":
                settings["dtype"] = str(dtype)
            value = builder.emit(eqn.op, map(own, eqn.inputs), settings)
            if value.dtype.kind == "f" and value.dtype != dtype:
                value = astype(value, dtype=str(dtype))
            builder.wish(value, eqn.out.name if eqn.out.named else "", eqn.out.role)
            new[eqn.out] = value
        return builder.finish([own(x) for x in graph.outputs])
