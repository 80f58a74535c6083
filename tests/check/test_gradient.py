"""The checker must pass what is right, and name the weight where it is wrong."""

from dataclasses import replace

import numpy as np
import pytest

import backlit as bl
from backlit.check import check_gradient
from backlit.derivatives import grad
from backlit.errors import DerivativeError, InputError
from backlit.ir.graph import Graph
from backlit.ir.trace import trace
from backlit.ops.arithmetic import multiply
from backlit.passes import backpropagate

rng = np.random.default_rng(0)
W = [(rng.normal(size=(3, 4)), rng.normal(size=4)), (rng.normal(size=(4, 2)), rng.normal(size=2))]
X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))


def network(params, X, Y):
    (W1, b1), (W2, b2) = params
    return np.mean((np.tanh(X @ W1 + b1) @ W2 + b2 - Y) ** 2)


def graph_of(f, *args):
    traced = trace(f, *args)
    wrt = [traced.graph.inputs[i] for i in traced.inputs_of(0)]
    return backpropagate(traced.graph, wrt), traced.values, wrt


def test_a_right_gradient_passes():
    check = bl.check_grad(network, W, X, Y)
    assert check
    assert check.count == check.total == 3 * 4 + 4 + 4 * 2 + 2
    assert check.method == "complex step"
    assert check.error < 1e-14


def broken(graph, name, factor):
    """The graph with one equation's op multiplied by a constant."""
    equations = []
    for eqn in graph.equations:
        if eqn.out.name == name:
            inner = replace(eqn.out, name=f"{name}_inner")
            equations.append(replace(eqn, out=inner))
            equations.append(type(eqn)(eqn.out, multiply, (lit(factor), inner)))
        else:
            equations.append(eqn)
    return Graph(graph.inputs, tuple(equations), graph.outputs)


def lit(array):
    from backlit.ir.graph import Lit

    return Lit(array)


@pytest.mark.parametrize("name", ["dW1", "db1", "dW2", "db2"])
def test_one_wrong_entry_is_found_and_named(name):
    graph, values, wrt = graph_of(network, W, X, Y)
    shape = next(w.shape for w in wrt if f"d{w.name}" == name)
    factor = np.ones(shape)
    place = tuple(n - 1 for n in shape)
    factor[place] = 1.01
    check = check_gradient(broken(graph, name, factor), values, wrt)
    assert not check
    assert check.worst == f"{name[1:]}[{','.join(map(str, place))}]"
    assert "DISAGREES" in str(check)


def test_a_wrong_factor_in_a_large_network_is_found():
    big = [(rng.normal(size=(30, 40)) / 6, np.zeros(40)), (rng.normal(size=(40, 2)), np.zeros(2))]
    graph, values, wrt = graph_of(network, big, rng.normal(size=(8, 30)), rng.normal(size=(8, 2)))
    assert check_gradient(graph, values, wrt)
    wrong = broken(graph, "dW1", np.full((30, 40), 2.0))
    assert not check_gradient(wrong, values, wrt)


def test_a_kink_is_told_from_an_error():
    check = bl.check_grad(lambda w: np.sum(np.abs(w)), np.array([1.0, 0.0, -2.0]))
    assert check
    assert check.kinks == ("w[1]",)
    assert check.method == "5-point differences"
    with pytest.raises(DerivativeError, match="kink"):
        bl.check_grad(lambda w: np.abs(w), 0.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda w: np.sum(np.maximum(w, 0) ** 2),
        lambda w: np.sum(w**3) + 1e6,
        lambda w: np.tanh(np.sum(w) * 1e3),
        lambda w: 1e-9 * np.sum(np.exp(w)),
        lambda w: np.sum(np.log1p(np.exp(-50 * w))),
    ],
)
def test_cancelling_saturated_and_tiny_losses_pass(f):
    assert bl.check_grad(f, np.array([1.0, 0.0, -2.0]))


def test_argnum_and_nothing_to_check():
    assert bl.check_grad(lambda a, b: np.sum(a * np.sin(b)), np.ones(3), np.ones(3), argnum=1)
    with pytest.raises(InputError, match="nothing to check"):
        bl.check_grad(lambda a, b: np.sum(b), None, np.ones(3))


def test_adjoint_identity_of_a_jacobian():
    """⟨v, J u⟩ by differences equals ⟨Jᵀ v, u⟩ by backpropagation."""
    w, u, v = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
    h = 1e-5
    forward = np.sum(v * (np.tanh(X @ (w + h * u)) - np.tanh(X @ (w - h * u)))) / (2 * h)
    backward = np.sum(u * grad(lambda w: np.sum(v * np.tanh(X @ w)))(w))
    np.testing.assert_allclose(forward, backward, rtol=1e-8)
