"""The engine computes what a graph means: bit by bit what `interpret` gives."""

import tracemalloc

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.ir.graph import Graph, Lit
from backlit.ir.interpret import interpret
from backlit.ir.trace import trace
from backlit.train.numpy_engine import prepare
from backlit.train.step import loss_graph, step_graph

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(7, 4)), RNG.integers(0, 3, 7)


def recurrent(p, X, y):
    h = np.zeros((len(X), 3))
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t, None] * p["x"] + h @ p["h"])
    return nn.softmax_cross_entropy(h, y)


CASES = {
    "dense": (
        lambda p, X, y: nn.softmax_cross_entropy(nn.mlp(p, X), y),
        nn.dense([4, 5, 3], seed=1),
    ),
    "recurrent": (recurrent, {"x": RNG.normal(size=3), "h": RNG.normal(size=(3, 3))}),
    "one number": (lambda w, X, y: np.mean((w * X[:, 0] - y) ** 2), np.array(0.3)),
    "the loss is a parameter": (lambda w, X, y: w, np.array(0.3)),
}


def values_for(graph):
    """Positive numbers: some of the inputs are averages of squares."""
    return [
        LABELS if v.dtype.kind == "i" else np.asarray(RNG.uniform(0.1, 1, v.shape), v.dtype)[()]
        for v in graph.inputs
    ]


def assert_same_bits(found, expected):
    assert len(found) == len(expected)
    for x, y in zip(found, expected, strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [bl.sgd(), bl.nesterov(), bl.adamw()], ids=lambda o: o.name)
@pytest.mark.parametrize("name", CASES)
def test_steps(name, optimizer, dtype):
    graph = step_graph(*CASES[name], (X, LABELS), optimizer, dtype).graph
    values = values_for(graph)
    before = [np.copy(v) for v in values]
    run = prepare(graph)
    for _ in range(2):  # the second run starts afresh
        assert_same_bits(run(values), interpret(graph, *values))
    assert_same_bits(values, before)


@pytest.mark.parametrize("name", CASES)
def test_losses(name):
    graph = loss_graph(*CASES[name], (X, LABELS), np.float64)
    values = values_for(graph)
    assert_same_bits(prepare(graph)(values), interpret(graph, *values))


def test_odd_graphs():
    """An input and a constant as outputs, an output twice, one read again after it is an output."""
    traced = trace(lambda x, y: np.exp(x) * x + np.exp(x), np.arange(3.0), np.arange(3.0))
    graph = traced.graph
    x, y = graph.inputs
    middle = graph.equations[0].out
    odd = Graph((x, y), graph.equations, (middle, x, *graph.outputs, middle, Lit(3.0)))
    a, b = np.arange(3.0), np.ones(3)
    for one, other in zip(prepare(odd)([a, b]), interpret(odd, a, b), strict=True):
        np.testing.assert_array_equal(one, other)
    assert prepare(Graph((), (), (Lit(2.0),)))([]) == [2.0]


def test_what_is_not_read_again_is_dropped():
    """Twenty results of 1 MB need the memory of two."""

    def chain(x):
        for _ in range(20):
            x = np.exp(-x)
        return x

    x = np.ones(2**17)
    run = prepare(trace(chain, x).graph)
    tracemalloc.start()
    run([x])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * x.nbytes
