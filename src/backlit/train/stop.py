"""Why a training stopped, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..ir.graph import Graph, Var
from ..ir.interpret import interpret
from ..passes.layers import net_inputs


@dataclass(frozen=True)
class StopReason:
    """kind, and where it happened; ``str()`` is a sentence with what to do.

    budget: all epochs were done. callback: a callback asked for it. interrupted: Ctrl-C.
    diverged: the loss or a parameter is no longer finite; `where` names the first equation.
    """

    kind: Literal["budget", "callback", "interrupted", "diverged"]
    epoch: int
    step: int
    where: str = ""
    layer: int | None = None
    advice: str = ""

    def __str__(self) -> str:
        place = f"epoch {self.epoch}, step {self.step}"
        if self.kind == "diverged":
            layer = f" (layer {self.layer})" if self.layer else ""
            return f"diverged at {place}: {self.where}{layer} is not finite. {self.advice}"
        words = {
            "budget": "all epochs done",
            "callback": "a callback asked to stop",
            "interrupted": "interrupted",
        }
        return f"{words[self.kind]} ({place})"


def diverged(graph: Graph, values: Sequence[Any], epoch: int, step: int, rate: float) -> StopReason:
    """Find the first equation whose result is not finite, with the values of the failing step."""
    vars_ = tuple(eqn.out for eqn in graph.equations)
    with np.errstate(all="ignore"):
        results = interpret(Graph(graph.inputs, graph.equations, vars_), *values)
    every = zip((*graph.inputs, *vars_), (*values, *results), strict=True)
    first = next((var for var, value in every if not np.all(np.isfinite(value))), None)
    layers = net_inputs(graph)
    advice = f"Try a smaller learning rate (it was {rate:g}), or scale the inputs."
    name = _name(graph, first) if first is not None else "the loss"
    return StopReason("diverged", epoch, step, name, _layer(graph, layers, first), advice)


def _name(graph: Graph, var: Var) -> str:
    """The Var's name, or that of the next named one it flows into."""
    reached = {var}
    if var.named:
        return var.name
    for eqn in graph.equations:
        if reached & set(eqn.inputs):
            reached.add(eqn.out)
            if eqn.out.named:
                return eqn.out.name
    return "the loss"


def _layer(graph: Graph, layers: dict[Var, int], var: Var | None) -> int | None:
    """The layer a Var belongs to: that of the last net input computed up to it."""
    number = None
    for eqn in graph.equations:
        number = layers.get(eqn.out, number)
        if eqn.out is var:
            return number
    return None
