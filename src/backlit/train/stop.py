"""Why a training stopped, as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..ir.graph import Eqn, Graph, Var
from ..ir.interpret import interpret
from ..passes.layers import layers, net_inputs
from .step import Step


@dataclass(frozen=True)
class StopReason:
    """kind, and where it happened; ``str()`` is a sentence with what to do.

    budget: all epochs were done. converged: the training loss no longer falls. patience: the
    validation score no longer rises. callback: a callback asked for it. interrupted: Ctrl-C.
    diverged: the loss or a parameter is no longer finite; `where` names the first equation, and
    `layer` its layer, counted from 1, where it has one.
    """

    kind: Literal["budget", "converged", "patience", "callback", "interrupted", "diverged"]
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
            "converged": "the loss no longer falls",
            "patience": "the validation score no longer rises",
            "callback": "a callback asked to stop",
            "interrupted": "interrupted",
        }
        return f"{words[self.kind]} ({place})"


def diverged(step: Step, values: Sequence[Any], epoch: int, number: int, rate: float) -> StopReason:
    """Find the first equation whose result is not finite, with the values of the failing step."""
    graph = step.graph
    vars_ = tuple(eqn.out for eqn in graph.equations)
    with np.errstate(all="ignore"):
        results = interpret(Graph(graph.inputs, graph.equations, vars_), *values)
    every = zip(graph.equations, results, strict=True)
    first = next(eqn for eqn, result in every if not np.all(np.isfinite(result)))
    advice = f"Try a smaller learning rate (it was {rate:g}), or scale the inputs."
    if number == 1 and (first.because or first in _forward(graph)):
        advice = (
            "The initial parameters give that already: look at them, at the scale of the data, "
            "and for ln 0 or 0/0 in the loss."
        )
    named = _next(graph, first.out, lambda var: var.named)
    where = named.name if named else "the loss"
    return StopReason("diverged", epoch, number, where, _layer(step, first), advice)


def _forward(graph: Graph) -> tuple[Eqn, ...]:
    """The equations up to the loss; backward follows, then the optimiser's."""
    every = enumerate(graph.equations, 1)
    return graph.equations[: next((i for i, eqn in every if eqn.out is graph.outputs[0]), 0)]


def _next(graph: Graph, var: Var, wanted: Callable[[Var], bool]) -> Var | None:
    """The first Var of a kind among `var` and what is computed from it."""
    reached = {var}
    if wanted(var):
        return var
    for eqn in graph.equations:
        if reached & set(eqn.inputs):
            reached.add(eqn.out)
            if wanted(eqn.out):
                return eqn.out
    return None


def _layer(step: Step, eqn: Eqn) -> int | None:
    """The layer of an equation: its own, that of what it differentiates, or of what it updates."""
    numbers, graph = _layers(step.graph), step.graph
    if eqn.out.name in numbers:
        return numbers[eqn.out.name]
    if eqn.because:
        near = [x.name for x in (eqn.because.out, *eqn.because.inputs) if isinstance(x, Var)]
        return max((numbers.get(name) or 0 for name in near if name[0] != "_"), default=0) or None
    new = graph.outputs[1 : 1 + step.parameters]
    end = _next(graph, eqn.out, lambda var: var in new)
    return numbers.get(graph.inputs[new.index(end)].name) if end else None


def _layers(graph: Graph) -> dict[str, int | None]:
    """The layer of each forward Var, of each parameter and of their cotangents, by name.

    A product belongs to the net input that comes next, all else to the one that came last.
    """
    nets, products, forward = net_inputs(graph), layers(graph), _forward(graph)
    found: dict[str, int | None] = {}
    number = None
    for eqn in reversed(forward):
        number = nets.get(eqn.out, number)
        if eqn in products:
            found[eqn.out.name] = number
    number = None
    for eqn in forward:
        number = nets.get(eqn.out, number)
        own = found.setdefault(eqn.out.name, number)
        for x in eqn.inputs:
            if isinstance(x, Var) and x.role == "parameter":
                found.setdefault(x.name, own)
    cotangents = {f"d{name}": number for name, number in found.items()}
    return {f"delta{number}": number for number in nets.values()} | cotangents | found
