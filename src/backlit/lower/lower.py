"""From the graph of a training step to a program for the player."""

import math
from dataclasses import replace
from typing import Any

from ..ir.graph import Graph, Var
from .barriers import place_barriers
from .expand import ask_the_result, by_reciprocals, expand
from .lowering import Lowering, NumPyOnly, constant_in_a_step, step_constants_first
from .match import compound
from .order import reordered
from .plan import in_a_row, lives, plan
from .program import Buffer, Place, Program
from .settle import copy_of, in_place, registers, settle_state
from .views import View, dense

_ROOMY = 1 << 18  # numbers that fit the L2 cache: sharing memory would only make threads wait


def lower(graph: Graph, parameters: int, data: int, dtype: Any) -> Program:
    """Forward, backward and update as one flat list of instructions.

    Inputs of the graph: parameters, data, the learning rate, what else is kept from step to step;
    outputs: the loss, then the new value of all that is kept. Raises NumPyOnly, with the reason,
    for what the player cannot play.
    """
    graph = expand(graph)
    equations = ask_the_result(graph.equations)
    constants = constant_in_a_step(graph, equations)
    graph = replace(graph, equations=tuple(by_reciprocals(equations, constants)))
    to = Lowering(dtype)
    arrays = graph.inputs[parameters : parameters + data]
    rate, *rest = graph.inputs[parameters + data :]
    kept = [*graph.inputs[:parameters], *rest]
    states = [_state(to, var) for var in kept]
    used = {x for eqn in graph.equations for x in eqn.inputs}
    for number, var in enumerate(arrays):
        if var in used:
            _gather(to, var, number)
    if rate in used:
        to.views[rate] = _rate(to, rate.name)
    for eqn in step_constants_first(graph, compound(graph)):
        to.play(eqn)
    loss = to.place(to.view(graph.outputs[0]))
    keep_states(to, states, [to.view(x) for x in graph.outputs[1:]])
    return _finish(to, states, loss, [v.name for v in arrays], graph)


def _state(to: Lowering, var: Var) -> Buffer:
    to.views[var] = dense(Buffer(var.name, _size(var), "state"), var.shape)
    return to.views[var].buffer


def _size(var: Var) -> int:
    size = math.prod(var.shape)
    if not size:
        raise NumPyOnly(f"{var.name} has no entries")
    return size


def _gather(to: Lowering, var: Var, number: int) -> None:
    m = var.shape[0]
    made = to.emit("GATHER", m, _size(var) // m, var.name, numbers=(number,), note="batch")
    to.views[var] = dense(made.buffer, var.shape)


def _rate(to: Lowering, name: str) -> View:
    made = to.emit("GATHER", 1, 1, name, numbers=(-1,), note="this step's")
    return dense(made.buffer, ())


def keep_states(to: Lowering, states: list[Buffer], new: list[View]) -> None:
    """The new values, written over the old ones; copied at the end where that cannot be."""
    new = [_apart(to, old, view) for old, view in zip(states, new, strict=True)]
    claimed: set[Buffer] = set()
    copies = []
    for old, view in zip(states, new, strict=True):
        if view.buffer is old:
            continue
        fresh = view.buffer.segment == "scratch" and view.buffer not in claimed
        whole = view.dense and view.size == view.buffer.size
        if fresh and whole and settle_state(to.code, old, view.buffer):
            claimed.add(view.buffer)
            view.buffer.home = old
        else:
            copies.append(copy_of(to.place(view), old))
    to.code += copies


def _apart(to: Lowering, old: Buffer, view: View) -> View:
    """A new value that is another old one is copied before that is written over."""
    stays = view.buffer is old and view.dense
    return view if stays or view.buffer.segment != "state" else to.copied(view)


def _finish(
    to: Lowering, states: list[Buffer], loss: Place, data: list[str], graph: Graph
) -> Program:
    tails = [step for x in to.code for step in x.tail]
    kept = {loss.buffer, *(step.out.buffer for step in tails if step.out.buffer.home)}
    registers(to.code, kept)
    in_a_row(states)
    in_a_row([buffer for buffer, _ in to.constants])
    in_place(to.code, kept)
    scratch = in_a_row(lives(to.code, loss.buffer))
    code = reordered(to.code)
    if scratch > _ROOMY:
        scratch = plan(lives(code, loss.buffer))
    place_barriers(code)
    return Program(code, states, to.constants, loss, to.dtype.name, scratch, data, graph)
