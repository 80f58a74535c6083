"""One training step as one graph: forward, backward and update."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from ..errors import DerivativeError, InputError, ShapeError
from ..ir.build import Builder
from ..ir.graph import Graph, Lit, Var
from ..ir.trace import Trace, trace
from ..ops.dropout import drop
from ..optim.optimizer import Optimizer
from ..passes import backpropagate, canonical, prune, share, simplify
from ..passes.cast import cast


@dataclass(frozen=True, eq=False)
class Step:
    """The graph of a step and the order of its inputs and outputs.

    Inputs: parameters, data, the learning rate α, the corrections 1 − βᵗ, the state of each
    parameter. Outputs: the loss, then new parameters, corrections and state, in the same order.
    """

    graph: Graph
    parameters: int
    data: int

    def inputs(self, values: Sequence[Any], batch: Sequence[Any], rate: Any) -> list[Any]:
        """The values of the graph's inputs, in their order."""
        return [*values[: self.parameters], *batch, rate, *values[self.parameters :]]


def step_graph(
    loss: Callable[..., Any], params: Any, batch: Sequence[Any], optimizer: Optimizer, dtype: Any
) -> Step:
    """Trace the loss on one batch (in float64, verified), differentiate it, append the updates."""
    traced = _trace(loss, params, batch)
    wrt = [traced.graph.inputs[i] for i in traced.inputs_of(0)]
    graph = backpropagate(_streams(traced.graph), wrt)
    if all(isinstance(g, Lit) and not np.any(g.value) for g in graph.outputs[1:]):
        raise DerivativeError(
            "the loss does not depend on the parameters, or only by comparisons and rounding, "
            "whose slope is 0: there is nothing to descend. Train on a smooth loss."
        )
    whole = _in_precision(_with_updates(graph, wrt, optimizer), dtype)
    return Step(prune(share(simplify(whole))), len(wrt), len(graph.inputs) - len(wrt))


def loss_graph(loss: Callable[..., Any], params: Any, batch: Sequence[Any], dtype: Any) -> Graph:
    """The forward equations alone: parameters, data → the loss."""
    graph = simplify(canonical(_trace(loss, params, batch).graph))
    return prune(share(_in_precision(graph, dtype)))


def _in_precision(graph: Graph, dtype: Any) -> Graph:
    return graph if np.dtype(dtype) == np.float64 else cast(graph, dtype)


def _trace(loss: Callable[..., Any], params: Any, batch: Sequence[Any]) -> Trace:
    traced = trace(loss, params, *batch)
    found = f"a {type(traced.result).__name__}"
    if traced.result == 0 and len(traced.graph.outputs) == 1:
        shape = traced.graph.outputs[0].shape
        found = shape and f"an array of shape {shape}"
    if found:
        raise DerivativeError(
            f"the loss returns {found}: it must return one number, such as np.mean of the rows' "
            "losses"
        )
    _refuse_outer_pairs(traced)
    return traced


def _streams(graph: Graph) -> Graph:
    """Each dropout with random numbers of its own."""
    number = count(1)
    return replace(
        graph,
        equations=tuple(
            replace(eqn, settings={**eqn.settings, "stream": next(number)})
            if eqn.op is drop
            else eqn
            for eqn in graph.equations
        ),
    )


def _refuse_outer_pairs(traced: Trace) -> None:
    """(n, 1) against (n,) gives (n, n): each row against every other one, a slip of the pen."""
    data = [v for v in traced.graph.inputs if v.role == "data"]
    n, moving = data[0].shape[0], set(data)
    for eqn in traced.graph.equations:
        shapes = {x.shape for x in eqn.inputs if x in moving}
        moving |= {eqn.out} if shapes else set()
        if n > 1 and eqn.op.elementwise and {(n,), (n, 1)} <= shapes:
            raise ShapeError(
                f"in the loss, {eqn.op.name} of shapes ({n}, 1) and ({n},) would pair every row "
                f"with all {n} rows. Give both the same shape, such as y[:, None]; if the pairs "
                "are meant, write [None, :]."
            )


def _with_updates(graph: Graph, wrt: Sequence[Var], optimizer: Optimizer) -> Graph:
    builder = Builder(graph)
    number = np.zeros(())
    loss, *gradients = graph.outputs
    with builder.active():
        alpha = builder.input("alpha", number, "state")
        betas = optimizer.corrections
        before = {name: builder.input(name, number, "state") for name in betas}
        # 1 − βᵗ as the average of ones by the same weights that average the gradients
        current = {name: beta * before[name] + (1 - beta) for name, beta in betas.items()}
        states = [
            [builder.input(f"{slot}_{w.name}", w, "state") for slot in optimizer.slots] for w in wrt
        ]
        new_params, new_states = [], []
        followed = _clipped([builder.value(g) for g in gradients], optimizer.clip_norm)
        for w, gradient, state in zip(wrt, followed, states, strict=True):
            answer = optimizer.update(
                builder.tracer(w),
                gradient,
                *state,
                alpha=alpha,
                **current,
                **optimizer.settings,
            )
            _check_update(optimizer, w, answer)
            for slot, value in zip(("", *optimizer.slots), answer, strict=True):
                builder.wish(value, f"{slot}_{w.name}_new" if slot else f"{w.name}_new", "update")
            new_params.append(answer[0])
            new_states += answer[1:]
        for name, value in current.items():
            builder.wish(value, f"{name}_new", "update")
        return builder.finish([loss, *new_params, *current.values(), *new_states])


def _clipped(gradients: Sequence[Any], norm: float | None) -> list[Any]:
    """The gradients, all shortened by one factor if together they are longer than `norm`."""
    if norm is None:
        return [*gradients]
    length = np.sqrt(sum(np.sum(g * g) for g in gradients))
    shorter = norm / np.maximum(length, norm)
    return [shorter * g for g in gradients]


def _check_update(optimizer: Optimizer, w: Var, answer: Any) -> None:
    """A new w and its new state, each in the shape of w."""
    expected = [w.shape] * (1 + len(optimizer.slots))
    found = [np.shape(x) for x in answer] if isinstance(answer, tuple) else type(answer).__name__
    if found != expected:
        raise InputError(
            f"the update of {optimizer.name} for {w.name} gives {found}; expected a tuple of "
            f"shapes {expected}: the new {w.name} and its state {list(optimizer.slots)}"
        )
