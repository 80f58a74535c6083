"""The player against `interpret`, for every entry of the registry: its value, its backward rule."""

import numpy as np
import pytest

from backlit.check.op import examples
from backlit.ir.graph import Graph
from backlit.ir.interpret import interpret
from backlit.ir.op import REGISTRY, Op
from backlit.ir.trace import trace
from backlit.lower import NumPyOnly
from backlit.ops.dropout import drawing
from backlit.passes import reverse

from .native import assert_close, native_only, play, program_of

pytestmark = native_only
PRECISIONS = [np.float64, pytest.param(np.float32, marks=pytest.mark.slow)]


def graphs(op: Op, example):
    """The op, then its gradient where it has one, each with the values of its inputs."""
    arrays = [x for x in example.inputs if isinstance(x, np.ndarray)]
    yield trace(lambda *x: op(*x, **example.settings), *example.inputs, wrt=()).graph, arrays
    if example.moved and op.vjp:

        def loss(*values):
            out = example.apply(op, values)
            return np.sum((1 + np.arange(np.size(out)).reshape(np.shape(out)) / 7) * out)

        graph = trace(loss, *example.values, wrt=range(len(example.values))).graph
        yield reverse(graph, graph.inputs), example.values


def rounded(values, dtype):
    return [x.astype(dtype) if x.dtype.kind == "f" else x for x in map(np.asarray, values)]


def may_be_left_to_numpy(op: Op, graph: Graph, reason: str) -> bool:
    """The op says so, or there are arrays without entries."""
    everything = (*graph.inputs, *(eqn.out for eqn in graph.equations))
    if any(0 in x.shape for x in everything):
        return reason.endswith((" has no entries", " without entries"))
    return bool(op.only_numpy) and reason == f"{op.name}: {op.only_numpy}"


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("op", REGISTRY.values(), ids=lambda op: op.name)
def test_value_and_gradient(op, dtype):
    for example in examples(op):
        for graph, values in graphs(op, example):
            inputs = rounded(values, dtype)
            try:
                found = play(graph, *inputs, dtype=dtype)
            except NumPyOnly as reason:
                if may_be_left_to_numpy(op, graph, str(reason)):
                    continue
                raise
            with drawing(0, 0):  # the player drops entries, too
                expected = interpret(graph, *rounded(inputs, np.float64))
            for a, b in zip(found, expected, strict=True):
                assert_close(a, b, dtype, f"{example.label}\n{graph}")


# ---- what the player leaves to NumPy, in words for the user -------------------------------------

WHOLE = np.arange(6).reshape(2, 3)
REASONS = {
    "add of whole numbers": lambda x: np.sum(x * (WHOLE[0] + np.argmax(x))),
    "sum of whole numbers": lambda x: np.mean(x) * np.sum(np.argsort(x, axis=1)),
    "prod of whole numbers": lambda x: x * np.prod(np.argsort(x, axis=1), axis=1)[:, None],
    "argsort by a kind of its own": lambda x: np.take_along_axis(
        x, np.argsort(x, axis=1, kind="heapsort"), axis=1
    ),
    "sum of an array without entries": lambda x: np.sum(x[:0]) + np.sum(x),
    "an array of 9 axes that must be rearranged": lambda x: np.transpose(
        np.broadcast_to(x, (2, 1, 2, 1, 2, 1, 2, 2, 3)), (8, 0, 7, 1, 6, 2, 5, 3, 4)
    ),
    "inv: LAPACK does it": lambda x: np.linalg.inv(x @ x.T),
}


@pytest.mark.parametrize("reason", REASONS)
def test_what_it_does_not_play_it_says(reason):
    graph = trace(REASONS[reason], 1.0 * WHOLE).graph
    with pytest.raises(NumPyOnly) as error:
        program_of(graph)
    assert str(error.value) == reason


def test_truth_values_may_be_counted():
    x = np.arange(12.0).reshape(3, 4)
    graph = trace(lambda x: (np.sum(x > 4), np.sum(x > 4, axis=0)), x).graph
    for found, expected in zip(play(graph, x), (7, [1, 2, 2, 2]), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_graph_without_equations():
    x = np.arange(3.0)
    for found in play(trace(lambda x: (x, x, x[::-1], np.float64(2)), x).graph, x)[:2]:
        np.testing.assert_array_equal(found, x)
