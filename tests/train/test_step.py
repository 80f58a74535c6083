"""One step is one graph: forward, backward and update, in one precision."""

import re

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.errors import DerivativeError, InputError, ShapeError
from backlit.ir.interpret import interpret
from backlit.ir.trees import leaves
from backlit.ir.typecheck import typecheck
from backlit.train.step import loss_graph, step_graph

X = np.random.default_rng(0).normal(size=(5, 3))
Y = np.random.default_rng(1).normal(size=(5, 1))
LABELS = np.array([0, 1, 1, 0, 1])


def line(params, X, Y):
    W, b = params
    return nn.half_mse(X @ W + b, Y)


def step_of(loss, params, batch, optimizer=None, dtype=np.float64):
    return step_graph(loss, params, batch, optimizer or bl.sgd(lr=0.1), dtype)


def text(graph):
    """As printed, with the nameless numbered in the order in which they appear."""
    numbers = {}
    return re.sub(
        r"\b_\d+", lambda found: f"_{numbers.setdefault(found[0], len(numbers) + 1)}", str(graph)
    )


def test_the_text_of_a_step():
    step = step_of(line, (np.ones((3, 1)), np.zeros(1)), (X, Y))
    assert (step.parameters, step.data) == (2, 2)
    assert text(step.graph) == TEXT


TEXT = """\
inputs   W:float64[3,1], b:float64[1], X:float64[5,3], Y:float64[5,1], alpha:float64[]
  _1:float64[5,1] = matmul(X:float64[5,3], W:float64[3,1])
  Z1:float64[5,1] = add(_1:float64[5,1], b:float64[1])
  _2:float64[5,1] = subtract(Z1:float64[5,1], Y:float64[5,1])
  _3:float64[5,1] = square(_2:float64[5,1])
  _4:float64[5] = sum(_3:float64[5,1], axis=(1,), keepdims=False)
  _5:float64[] = mean(_4:float64[5], axis=(0,), keepdims=False)
  L:float64[] = multiply(0.5, _5:float64[])
  delta1:float64[5,1] = multiply(0.2, _2:float64[5,1])
  db:float64[1] = sum_to(delta1:float64[5,1], shape=(1,))
  _6:float64[3,5] = transpose(X:float64[5,3], axes=(1, 0))
  dW:float64[3,1] = matmul(_6:float64[3,5], delta1:float64[5,1])
  _7:float64[3,1] = multiply(alpha:float64[], dW:float64[3,1])
  W_new:float64[3,1] = subtract(W:float64[3,1], _7:float64[3,1])
  _8:float64[1] = multiply(alpha:float64[], db:float64[1])
  b_new:float64[1] = subtract(b:float64[1], _8:float64[1])
outputs  L:float64[], W_new:float64[3,1], b_new:float64[1]"""


def test_inputs_and_outputs_come_in_the_same_order():
    graph = step_of(line, (np.ones((3, 1)), np.zeros(1)), (X, Y), bl.adam(lr=0.1)).graph
    moved = ["W", "b", "c1", "c2", "m_W", "v_W", "m_b", "v_b"]
    names = [v.name for v in graph.inputs]
    assert names == [*moved[:2], "X", "Y", "alpha", *moved[2:]]
    assert [v.name for v in graph.outputs] == ["L", *[f"{name}_new" for name in moved]]
    assert {v.role for v in graph.outputs[1:]} == {"update"}


def test_the_values_of_a_step():
    """One step by hand: the gradient of ½ mean (X W + b − Y)² is Xᵀ(X W + b − Y)/n."""
    W, b = np.full((3, 1), 0.5), np.array([-0.2])
    step = step_of(line, (W, b), (X, Y))
    loss, W_new, b_new = interpret(step.graph, W, b, X, Y, 0.1)
    error = X @ W + b - Y
    assert float(loss) == pytest.approx(np.mean(error**2) / 2, rel=1e-14)
    np.testing.assert_allclose(W_new, W - 0.1 * X.T @ error / 5, rtol=1e-13)
    np.testing.assert_allclose(b_new, b - 0.1 * error.mean(0), rtol=1e-13)


LOSSES = {
    "dense": (lambda p, X, y: nn.softmax_cross_entropy(nn.mlp(p, X), y), LABELS),
    "gelu": (lambda p, X, y: nn.bce_with_logits(nn.mlp(p, X, activation=nn.gelu)[:, 0], y), LABELS),
    "by hand": (
        lambda p, X, Y: np.mean((1 / (1 + np.exp(-nn.mlp(p, X / np.max(Y)))) - Y) ** 2.5),
        np.abs(Y),
    ),
    "counts": (
        lambda p, X, y: nn.poisson(
            nn.mlp(p, X) / (1 + y[:, None]), y[:, None] * y[:, None] * np.ones((1, 2), int)
        ),
        LABELS,
    ),
    "regularised": (
        lambda p, X, Y: nn.huber(nn.mlp(p, X)[:, :1], Y) + 1e-3 * np.max(np.abs(p[0][0])),
        Y,
    ),
}
OPTIMIZERS = [bl.sgd, bl.momentum, bl.nesterov, bl.rmsprop, bl.adagrad, bl.adam, bl.adamw]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.__name__)
@pytest.mark.parametrize("name", LOSSES)
def test_float32_all_the_way(name, optimizer):
    """No equation computes in float64, and no constant brings it in; integers stay."""
    loss, target = LOSSES[name]
    params = nn.dense([3, 4, 2], seed=1)
    schedule = bl.warmup(0.01, steps=3)
    graph = step_of(loss, params, (X, target), optimizer(schedule), np.float32).graph
    typecheck(graph)
    assert not [eqn for eqn in graph.equations if eqn.out.dtype == np.float64]
    values = [np.ones(v.shape, v.dtype)[()] * v.dtype.type(0.5) for v in graph.inputs]
    with np.errstate(all="ignore"):
        for value in interpret(graph, *values):
            assert value.dtype == np.float32
    labels = next(v for v in graph.inputs if v.name.lower() == "y")
    assert labels.dtype == (np.float32 if target.dtype.kind == "f" else target.dtype)


def test_the_forward_graph_alone():
    loss, target = LOSSES["dense"]
    params = nn.dense([3, 4, 2], seed=1)
    graph = loss_graph(loss, params, (X, target), np.float64)
    assert not any(eqn.because for eqn in graph.equations)
    flat = [leaf for _, leaf in leaves(params)]
    (value,) = interpret(graph, *flat, X, target)
    assert float(value) == pytest.approx(float(loss(params, X, target)), rel=1e-14)


W = np.ones((3, 1))


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda p, X, Y: X @ p - Y, r"the loss returns an array of shape \(5, 1\): it must"),
        (lambda p, X, Y: np.mean(X @ p - Y, keepdims=True), r"an array of shape \(1, 1\)"),
        (lambda p, X, Y: (np.mean(X @ p), 1.0), "the loss returns a tuple"),
        (lambda p, X, Y: [np.mean(X @ p)], "the loss returns a list"),
        (lambda p, X, Y: {"loss": np.mean(X @ p)}, "the loss returns a dict"),
        (lambda p, X, Y: None, "the loss returns a NoneType"),
        (lambda p, X, Y: 3.0, "does not depend on the parameters"),
        (lambda p, X, Y: np.mean(X * Y), "does not depend on the parameters"),
        (lambda p, X, Y: np.mean((X @ p > 0) == (Y > 0)), "only by comparisons"),
        (lambda p, X, Y: np.sum(X @ p > 0), "has no gradient"),
    ],
)
def test_a_loss_that_is_none(loss, words):
    with pytest.raises(DerivativeError, match=words):
        step_of(loss, W, (X, Y))


def test_rows_are_not_paired_with_every_other_row():
    """(n, 1) − (n,) is (n, n) in NumPy, and trains something else in silence."""
    with pytest.raises(ShapeError, match=r"subtract of shapes \(5, 1\) and \(5,\) would pair"):
        step_of(lambda p, X, y: np.mean((X @ p - y) ** 2), W, (X, Y[:, 0]))
    with pytest.raises(ShapeError, match="would pair"):
        step_of(lambda p, X, y: np.mean(np.where(y[:, 0] > 0, X @ p, 1.0)), W, (X, Y))


@pytest.mark.parametrize(
    "loss",
    [
        lambda p, X, y: np.mean((X @ p - y[:, None]) ** 2),
        lambda p, X, y: np.mean((X @ p - y[None, :]) ** 2),  # the pairs, on purpose
        lambda p, X, y: np.mean((X @ p * np.arange(5.0) - 1) ** 2),
        lambda p, X, y: np.mean((X[:, :1] * np.sum(p) * np.ones(5)) ** 2),
    ],
)
def test_pairs_on_purpose_are_left_alone(loss):
    step_of(loss, W, (X, Y[:, 0]))


def test_one_row_cannot_be_paired_wrongly():
    step_of(lambda p, X, y: np.mean((X @ p - y) ** 2), W, (X[:1], Y[:1, 0]))


def test_an_update_of_another_shape_is_refused():
    broken = bl.Optimizer("mine", 0.1, lambda w, grad, *, alpha: (np.sum(w),))
    with pytest.raises(InputError, match="the update of mine for W gives"):
        step_of(line, (W, np.zeros(1)), (X, Y), broken)
