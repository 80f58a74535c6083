"""What holds for every pass: meaning is kept, odd graphs are allowed, long ones take no longer."""

import time

import numpy as np
import pytest

from backlit import grad
from backlit.errors import GraphError
from backlit.ir.graph import Eqn, Graph, Lit, Var
from backlit.ir.interpret import interpret
from backlit.ir.op import REGISTRY
from backlit.ir.trace import trace
from backlit.ops.activation import softplus
from backlit.passes import backpropagate, canonical, prune, reverse, share, simplify
from backlit.passes.cast import cast
from backlit.passes.layers import name_layers

X = np.array([0.5, -1.5, 2.0])
PASSES = [canonical, simplify, share, prune, name_layers, lambda g: cast(g, "float64")]
a, b, c, d = (Var(name, (), np.dtype(float)) for name in "abcd")
EXP, ADD = REGISTRY["exp"], REGISTRY["add"]
ODD = [
    Graph((), (), ()),
    Graph((a,), (), (Lit(2.0),)),
    Graph((a,), (), (a, a)),
    Graph((a, b), (Eqn(c, EXP, (a,)),), (c, b)),
    Graph((a,), (Eqn(c, ADD, (Lit(1.0), Lit(np.float64(2.0)))), Eqn(d, ADD, (c, a))), (d,)),
    Graph((a,), (Eqn(c, EXP, (a,)), Eqn(d, ADD, (a, a))), (d,)),
    Graph((a,), (Eqn(c, ADD, (a, Lit(np.inf))),), (c, Lit(np.ones(3)))),
]


@pytest.mark.parametrize("step", PASSES)
@pytest.mark.parametrize("graph", ODD)
def test_odd_graphs_keep_their_meaning(step, graph):
    values = [1.5, -0.5][: len(graph.inputs)]
    pairs = zip(interpret(step(graph), *values), interpret(graph, *values), strict=True)
    assert all(np.array_equal(new, old) for new, old in pairs)


def test_gradients_are_taken_by_inputs():
    """An equation in between may be rewritten away; its slope would be 0 in silence."""
    traced = trace(lambda x: np.sum((x * 1 + 0) ** 2), X)
    between = traced.graph.equations[0].out
    with pytest.raises(GraphError, match="not all inputs"):
        backpropagate(traced.graph, [between])
    _, slope = interpret(reverse(traced.graph, [between]), X)
    assert np.array_equal(slope, 2 * X)


def test_casting_takes_no_detour_through_another_precision():
    single = trace(lambda x: np.sum(np.exp(x.astype(np.float32)) * 1e60), X).graph
    (value,) = interpret(cast(single, "float64"), X)
    assert value == pytest.approx(np.sum(np.exp(X) * 1e60), rel=1e-15)
    counts = trace(lambda x, n: np.sum(x * n.astype(np.float32)), X, np.arange(3)).graph
    assert {e.out.dtype for e in cast(counts, "float64").equations} == {np.dtype(float)}


def deep(count):
    def f(x):
        for _ in range(count):
            z = 0.999 * x + 0.1
            x = np.tanh(z) + softplus(-z) * 0.1
        return np.sum(x)

    return f


def wide(count):
    return lambda x: np.sum(sum((np.sin(x * (1 + 1 / (1 + i))) for i in range(count)), 0.0))


def seconds(f):
    """Of the processor, to differentiate f."""
    graph = trace(f, X).graph
    begin = time.process_time()
    backpropagate(graph, graph.inputs)
    return time.process_time() - begin


@pytest.mark.slow
@pytest.mark.parametrize("f", [deep, wide])
def test_long_graphs(f):
    """No recursion, and no time that grows with the square (16 times, for 4 times the length)."""
    long, short = (min(seconds(f(n)) for _ in range(3)) for n in (320, 80))
    assert long < 10 * short
    h, v = 1e-3, np.array([0.3, -0.2, 0.5])
    values = [f(320)(X + t * h * v) for t in (-2, -1, 1, 2)]
    measured = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)
    assert np.sum(grad(f(320))(X) * v) == pytest.approx(measured, rel=1e-6)
