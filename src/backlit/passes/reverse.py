"""Backpropagation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import DerivativeError
from ..ir.build import Builder
from ..ir.graph import Graph, Lit, Var
from ..ops.shape import astype, ones_like, sum_to
from .layers import cotangent_names

Rules = Mapping[str, Callable[..., tuple[Any, ...]]]  # op → what answers in place of `cotangents`
EXACT: Rules = {}


def reverse(graph: Graph, wrt: Sequence[Var], rules: Rules = EXACT) -> Graph:
    """Append the backward equations: outputs (L) become (L, ∂L/∂w for each w in `wrt`).

    From the last equation to the first, each passes its cotangent ∂L/∂out on to its inputs by its
    own rule (the chain rule), or that of `rules`; contributions to the same Var add up.
    Broadcasting, and a change of precision, are undone here, once for every op.
    """
    (loss,) = graph.outputs
    if loss.shape != () or (isinstance(loss, Var) and loss.dtype.kind != "f"):
        raise DerivativeError(f"{loss!r} has no gradient: a loss must be one real number")
    builder, names = Builder(graph), cotangent_names(graph)

    def name(x: Var) -> None:
        builder.wish(bar.get(x), names.get(x, ""), "gradient" if x in wrt else "cotangent")

    bar: dict[Any, Any] = {}  # Var → the tracer of its cotangent
    with builder.active():
        if isinstance(loss, Var):
            bar[loss] = builder.emit(ones_like, (loss,), {})
        for eqn in reversed(graph.equations):
            if eqn.out not in bar:
                continue
            name(eqn.out)
            builder.because, grad = eqn, bar[eqn.out]
            out, *inputs = map(builder.value, (eqn.out, *eqn.inputs))
            rule = rules.get(eqn.op.name, eqn.op.cotangents)
            answer = rule(grad, out, inputs, **eqn.settings)
            for x, cotangent in zip(eqn.inputs, answer, strict=True):
                if cotangent is None or isinstance(x, Lit) or x.dtype.kind != "f":
                    continue
                if np.shape(cotangent) != x.shape:
                    cotangent = sum_to(cotangent, shape=x.shape)
                if cotangent.dtype != x.dtype:
                    cotangent = astype(cotangent, dtype=str(x.dtype))
                bar[x] = bar[x] + cotangent if x in bar else cotangent
        builder.because = None
        for x in graph.inputs:
            name(x)
        return builder.finish([loss, *(bar.get(w, np.zeros(w.shape, w.dtype)) for w in wrt)])
