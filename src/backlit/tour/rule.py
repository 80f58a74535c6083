"""Backpropagation with the sigmoid's slope left out, and descent along what comes of it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..derivatives import jacobian
from ..ir.interpret import interpret
from ..ir.trace import trace
from ..passes import backpropagate
from ..passes.reverse import Rules
from ..show import Derivation
from ..show.document import document

DROPPED: Rules = {"sigmoid": lambda grad, out, inputs: (grad,)}  # as if σ′ were 1
BLOCKED: Rules = {"sigmoid": lambda grad, out, inputs: (None,)}  # nothing is passed back


def under(rules: Rules, loss: Callable[..., Any], params: Any, *data: Any) -> Derivation:
    """The derivation in which `rules` stand for the ops' own; it can be read, run and checked."""
    traced = trace(loss, params, *data)
    wrt = [traced.graph.inputs[i] for i in traced.inputs_of(0)]
    graph = backpropagate(traced.graph, wrt, rules)
    return Derivation(document(graph, wrt), tuple(wrt), traced.values)


def follow(
    found: Derivation, params: Sequence[Any], batches: Iterable[Sequence[Any]], rate: Any
) -> list[Any]:
    """The parameters after w ← w − rate · direction for each batch, by the equations of `found`."""
    for batch in batches:
        _, *direction = interpret(found.graph, *params, *batch)
        params = [w - rate * d for w, d in zip(params, direction, strict=True)]
    return list(params)


def angles(one: Sequence[Any], other: Sequence[Any]) -> Any:
    """Degrees between two directions of many networks; the networks are the first axis."""
    a, b = (np.concatenate([x.reshape(len(x), -1) for x in way], axis=1) for way in (one, other))
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.degrees(np.arccos(np.clip(np.sum(a * b, axis=1) / lengths, -1, 1)))


def asymmetry(found: Derivation, data: Sequence[Any]) -> float:
    """‖J − Jᵀ‖ / ‖J‖, J the derivative of the direction by the weights.

    A gradient has a symmetric J: its second derivatives. A direction whose J is not symmetric is
    the gradient of no function.
    """
    shapes = [w.shape for w in found.wrt]
    cuts = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])

    def direction(flat: Any) -> Any:
        params = [np.reshape(flat[a:b], s) for a, b, s in zip(cuts, cuts[1:], shapes, strict=False)]
        _, *ways = interpret(found.graph, *params, *data)
        return np.concatenate([np.reshape(way, (-1,)) for way in ways])

    J = jacobian(direction)(np.concatenate([v.ravel() for v in found.values[: len(shapes)]]))
    return float(np.linalg.norm(J - J.T) / np.linalg.norm(J))
