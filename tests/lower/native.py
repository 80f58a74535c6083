"""Any graph, played once by the native player."""

from dataclasses import replace

import numpy as np
import pytest

from backlit.ir.graph import Graph, Lit, Var
from backlit.ir.interpret import interpret
from backlit.ir.trees import leaves
from backlit.lower import Program, lower
from backlit.optim import adam
from backlit.passes.cast import cast
from backlit.train.player_engine import State, native, player, table
from backlit.train.step import step_graph

native_only = pytest.mark.skipif(native() is None, reason="the player was not built")


def step_of(graph: Graph) -> Graph:
    """A training step whose parameters are the graph's results, then its inputs, which stay."""
    results = tuple(
        Var(f"result_{i}", x.shape, x.dtype, "parameter") for i, x in enumerate(graph.outputs)
    )
    alpha = Var("alpha", (), np.dtype(float), "state")
    return replace(
        graph,
        inputs=(*results, *graph.inputs, alpha),
        outputs=(Lit(0.0), *graph.outputs, *graph.inputs),
    )


def program_of(graph: Graph, dtype=np.float64) -> Program:
    """The program that computes the graph's outputs once."""
    step = step_of(graph)
    step = step if dtype == np.float64 else cast(step, dtype)
    return lower(step, len(step.inputs) - 1, 0, dtype)


def step_program(loss, params, batch, optimizer=None) -> Program:
    """The program of a training step in float64."""
    step = step_graph(loss, params, batch, optimizer or adam(), np.dtype(float))
    return lower(step.graph, step.parameters, step.data, np.dtype(float))


def play(graph: Graph, *inputs, dtype=np.float64, threads=1, lanes=""):
    """The graph's outputs, as the player computes them; whole numbers and masks as floats."""
    program = program_of(graph, dtype)
    values = [np.full(x.shape, np.nan) for x in graph.outputs]
    state = State([*values, *inputs], program, np.dtype(dtype))
    played = player(program, state, [], threads, lanes)
    assert played.play(None, 1, 0, 1, np.zeros(1, dtype)) == (0.0, 1)
    for before, after in zip(inputs, state.views[len(values) :], strict=True):
        np.testing.assert_array_equal(np.asarray(before, dtype), after)
    return [x.copy() for x in state.views[: len(values)]]


def step_both_ways(loss, params, batch, optimizer, *, dtype=np.float64, threads=1, seed=0):
    """(before, by the player, by `interpret`) of a step: the loss, parameters, all that is kept.

    The optimiser's state is drawn at random, as in the middle of a training.
    """
    dtype, rng = np.dtype(dtype), np.random.default_rng(seed)
    step = step_graph(loss, params, batch, optimizer, dtype)
    count = step.parameters + step.data + 1
    drawn = [np.asarray(rng.uniform(0.1, 0.9, x.shape)) for x in step.graph.inputs[count:]]
    values = [np.asarray(x, dtype) for x in (*(x for _, x in leaves(params)), *drawn)]
    batch = [x.astype(dtype) if x.dtype.kind == "f" else x for x in batch]
    rate = dtype.type(optimizer.rate(0))
    expected = interpret(step.graph, *step.inputs(values, batch, rate))
    program = lower(step.graph, step.parameters, step.data, dtype)
    state = State(values, program, dtype)
    played = player(program, state, [table(x) for x in batch], threads)
    total, _ = played.play(None, len(batch[0]), 0, len(batch[0]), np.array([rate]))
    return [np.zeros(()), *values], [np.asarray(total / len(batch[0])), *state.views], expected


def assert_agrees(loss, params, batch, optimizer=None, within=1e-14, **facts):
    """One step gives the same, relative to the largest entry of what moves and how far it does."""
    ways = step_both_ways(loss, params, batch, optimizer or adam(), **facts)
    for before, found, expected in zip(*ways, strict=True):
        assert found.shape == np.shape(expected)
        size = np.max(np.abs(expected)) + np.max(np.abs(expected - before))
        assert np.all(np.abs(found - expected) <= within * size)


ALLOWED = {np.float64: 1e-13, np.float32: 1e-5}  # of an entry and the largest one together


def assert_close(found, expected, dtype, what):
    """Equal up to rounding; what is not finite is equal."""
    expected = np.asarray(expected, float)
    assert found.shape == expected.shape
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[~finite], expected[~finite], err_msg=what)
    size = np.abs(expected[finite])
    wrong = np.abs(found[finite] - expected[finite])
    assert np.all(wrong <= ALLOWED[dtype] * (size + np.max(size, initial=0))), what
