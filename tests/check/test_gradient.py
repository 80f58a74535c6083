"""The checker must pass what is right, and name the weight where it is wrong."""

from dataclasses import replace

import numpy as np
import pytest

import backlit as bl
from backlit.check import check_gradient
from backlit.errors import DerivativeError, InputError
from backlit.ir.graph import Graph, Lit
from backlit.ir.trace import trace
from backlit.ops.activation import relu, softmax
from backlit.ops.arithmetic import multiply
from backlit.ops.linear import matmul
from backlit.ops.trigonometry import tanh
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
    check = bl.check(network, W, X, Y)
    assert check
    assert check.count == check.total == 3 * 4 + 4 + 4 * 2 + 2
    assert check.method == "complex steps"
    assert check.error < 1e-14


def broken(graph, name, factor):
    """The graph with one equation's op multiplied by a constant."""
    equations = []
    for eqn in graph.equations:
        if eqn.out.name == name:
            inner = replace(eqn.out, name=f"{name}_inner")
            equations.append(replace(eqn, out=inner))
            equations.append(type(eqn)(eqn.out, multiply, (Lit(factor), inner)))
        else:
            equations.append(eqn)
    return Graph(graph.inputs, tuple(equations), graph.outputs)


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


@pytest.mark.parametrize("hidden", [np.tanh, relu], ids=["complex steps", "differences"])
def test_a_missing_slope_is_found(monkeypatch, hidden):
    def loss(params):
        (W1, b1), (W2, b2) = params
        return np.sum((hidden(np.tanh(X) @ W1 + b1) @ W2 + b2 - Y) ** 2)

    assert bl.check(loss, W)
    op = tanh if hidden is np.tanh else relu
    monkeypatch.setattr(op, "vjp", lambda grad, out, x: grad)
    check = bl.check(loss, W)
    assert not check
    assert check.worst.startswith(("W1", "b1"))


def test_a_missing_transpose_is_found(monkeypatch):
    A, B = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    monkeypatch.setattr(matmul, "vjp", lambda grad, out, x, y: (grad @ y, x.T @ grad))
    assert bl.check(lambda B: np.sum((A @ B) ** 2), B)
    assert not bl.check(lambda A: np.sum((A @ B) ** 2), A)


def test_a_wrong_jacobian_of_an_array_function_is_found(monkeypatch):
    assert bl.check(lambda W1: (np.tanh(X @ W1), X @ W1), W[0][0])
    monkeypatch.setattr(tanh, "vjp", lambda grad, out, x: grad * (1 - out))
    assert not bl.check(lambda W1: (np.tanh(X @ W1), X @ W1), W[0][0])


def test_a_wrong_jacobian_whose_columns_sum_to_zero_is_found(monkeypatch):
    assert bl.check(softmax, W[0][0])
    monkeypatch.setattr(softmax, "vjp", lambda grad, out, x, *, axis: 0 * grad)
    assert not bl.check(softmax, W[0][0])


@pytest.mark.parametrize("hidden", [np.tanh, relu], ids=["complex steps", "differences"])
def test_a_wrong_factor_beside_much_larger_slopes_is_found(hidden):
    def loss(params, X, Y):
        (W1, b1), (W2, b2) = params
        return np.mean((hidden(X @ W1 + b1) @ W2 + b2 - Y) ** 2)

    small = [W[0], (1e-6 * W[1][0], W[1][1])]  # ∂L/∂W1 is a millionth of ∂L/∂b2
    graph, values, wrt = graph_of(loss, small, X, Y)
    assert check_gradient(graph, values, wrt)
    wrong = check_gradient(broken(graph, "dW1", np.full((3, 4), 2.0)), values, wrt)
    assert not wrong
    assert wrong.worst.startswith("W1[")


def test_a_wrong_factor_in_a_large_network_is_found():
    big = [(rng.normal(size=(30, 40)) / 6, np.zeros(40)), (rng.normal(size=(40, 2)), np.zeros(2))]
    graph, values, wrt = graph_of(network, big, rng.normal(size=(8, 30)), rng.normal(size=(8, 2)))
    assert check_gradient(graph, values, wrt)
    for name in ("dW1", "db1", "dW2", "db2"):
        wrong = check_gradient(broken(graph, name, np.array(2.0)), values, wrt)
        assert not wrong
        assert wrong.worst.startswith(name[1:])
    one = np.ones((30, 40))
    one[-1, -1] = 2.0
    wrong = check_gradient(broken(graph, "dW1", one), values, wrt)
    assert not wrong
    assert "W1 (random direction" in str(wrong)


def test_a_kink_is_told_from_an_error():
    check = bl.check(lambda w: np.sum(np.abs(w)), np.array([1.0, 0.0, -2.0]))
    assert check
    assert check.kinks == ("w[1]",)
    assert check.method == "5-point differences"
    with pytest.raises(DerivativeError, match="kink"):
        bl.check(lambda w: np.abs(w), 0.0)


def test_a_kink_close_by_is_no_kink():
    check = bl.check(lambda w: np.sum(relu(w)), np.array([1e-4, -1e-4, 1e-7, 3.0]))
    assert check
    assert not check.kinks


def test_what_rounding_hides_is_said_and_not_judged():
    check = bl.check(lambda w: np.sum(np.abs(w)) + 1e12, np.array([1.0, 2.0]))
    assert check
    assert check.unsure == ("w[0]", "w[1]")
    assert "not judged: w[0], w[1]" in str(check)
    for scale in (10, 1e2, 1e3, 1e4):  # 1 − tanh² is rounding, then 0
        assert bl.check(network, [(scale * W[0][0], W[0][1]), W[1]], X, Y)


def test_slopes_lost_in_rounding_are_not_called_the_worst():
    check = bl.check(lambda p: np.abs(p["a"]) + 1e-20 * np.abs(p["b"]), {"a": 1.0, "b": 1.0})
    assert check.worst == "a"
    assert check.unsure == ("b",)
    assert check.error < 1e-9


def test_gradients_that_cancel_pass():
    """The slope Σ exp / Σ exp − 1 is zero; backpropagation and complex steps leave rounding."""
    Z = rng.normal(size=(50, 4))
    assert bl.check(lambda b: np.sum(np.log(np.sum(np.exp(Z + b), axis=1)) - b[:, 0]), Z[:, :1])


@pytest.mark.parametrize("kink", [0.0, 1.0], ids=["complex steps", "differences"])
def test_a_gradient_that_is_not_a_number_is_blamed(kink):
    """e^800 is ∞ and 2/∞ is 0, but backpropagation finds 0 · ∞."""
    loss = lambda w: np.sum(2 / (3 + np.exp(-w))) + kink * np.sum(np.abs(w))
    with np.errstate(all="ignore"):
        check = bl.check(loss, np.array([1.0, -800.0, 2.0]))
    assert not check
    assert (check.worst, check.error) == ("w[1]", np.inf)


def test_argnum_and_nothing_to_check():
    assert bl.check(lambda a, b: np.sum(a * np.sin(b)), np.ones(3), np.ones(3), argnum=1)
    with pytest.raises(InputError, match="nothing to check"):
        bl.check(lambda a, b: np.sum(b), None, np.ones(3))
    with pytest.raises(InputError, match="nothing to check"):
        bl.check(lambda a: np.sum(a), np.zeros((0, 3)))
    with pytest.raises(InputError, match="nan"), np.errstate(invalid="ignore"):
        bl.check(lambda w: np.sum(np.log(w)), np.array([-1.0, 2.0]))
