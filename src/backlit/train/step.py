"""One training step as one graph: forward, backward and update."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DerivativeError
from ..ir.build import Builder
from ..ir.graph import Graph, Var
from ..ir.trace import trace
from ..optim.optimizer import Optimizer
from ..passes import backpropagate, prune, share, simplify
from ..passes.cast import cast


@dataclass(frozen=True)
class Step:
    """The graph of a step and the order of its inputs and outputs.

    Inputs: parameters, data, the learning rate α, the powers βᵗ, the state of each parameter.
    Outputs: the loss, then new parameters, powers and state, in the same order.
    """

    graph: Graph
    parameters: int
    data: int


def step_graph(
    loss: Callable[..., Any], params: Any, batch: Sequence[Any], optimizer: Optimizer, dtype: Any
) -> Step:
    """Trace the loss on one batch (in float64, verified), differentiate it, append the updates."""
    traced = trace(loss, params, *batch)
    if len(traced.graph.outputs) != 1 or traced.graph.outputs[0].shape != ():
        raise DerivativeError(
            "the loss must return one number, such as np.mean of the rows' losses"
        )
    places = traced.inputs_of(0)
    wrt = [traced.graph.inputs[i] for i in places]
    graph = backpropagate(traced.graph, wrt)
    whole = _with_updates(graph, wrt, optimizer)
    if np.dtype(dtype) != np.float64:
        whole = cast(whole, dtype)
    return Step(prune(share(simplify(whole))), len(wrt), len(graph.inputs) - len(wrt))


def _with_updates(graph: Graph, wrt: Sequence[Var], optimizer: Optimizer) -> Graph:
    builder = Builder(graph)
    number = np.zeros(())
    loss, *gradients = graph.outputs
    with builder.active():
        alpha = builder.input("alpha", number, "state")
        powers = {name: builder.input(name, number, "state") for name in optimizer.powers}
        # βᵗ of this step; the state that comes in is that of the step before
        current = {name: beta * powers[name] for name, beta in optimizer.powers.items()}
        states = [
            [builder.input(f"{slot}_{w.name}", w, "state") for slot in optimizer.slots] for w in wrt
        ]
        new_params, new_states = [], []
        for w, gradient, state in zip(wrt, gradients, states, strict=True):
            new, *kept = optimizer.update(
                builder.tracer(w),
                builder.value(gradient),
                *state,
                alpha=alpha,
                **current,
                **optimizer.settings,
            )
            builder.wish(new, f"{w.name}_new", "update")
            for slot, value in zip(optimizer.slots, kept, strict=True):
                builder.wish(value, f"{slot}_{w.name}_new", "update")
            new_params.append(new)
            new_states += kept
        for name, value in current.items():
            builder.wish(value, f"{name}_new", "update")
        return builder.finish([loss, *new_params, *current.values(), *new_states])
