"""A training that diverges says where: layer, step, and what to do; its parameters stay finite."""

import math

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.ir.trees import leaves
from backlit.train.stop import StopReason

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
Y = X @ np.ones((3, 1))


def fit(loss, params, data=(X, Y), lr=0.1, optimizer=bl.sgd, **settings):
    done = bl.fit(loss, params, data, optimizer=optimizer(lr), **{"epochs": 9, **settings})
    assert all(np.all(np.isfinite(x)) for _, x in leaves(done.params))
    assert all(np.all(np.isfinite(values)) for values in done.history.values())
    return done


def net(params, X, Y):
    return nn.mse(nn.mlp(params, X, activation=nn.relu), Y)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (StopReason("budget", 3, 30), "all epochs done (epoch 3, step 30)"),
        (StopReason("callback", 3, 30), "a callback asked to stop (epoch 3, step 30)"),
        (StopReason("interrupted", 3, 25), "interrupted (epoch 3, step 25)"),
        (
            StopReason("diverged", 3, 25, "dW2", 2, "Rest."),
            "diverged at epoch 3, step 25: dW2 (layer 2) is not finite. Rest.",
        ),
        (
            StopReason("diverged", 3, 25, "L", None, "Rest."),
            "diverged at epoch 3, step 25: L is not finite. Rest.",
        ),
    ],
)
def test_sentences(reason, words):
    assert str(reason) == words


def test_a_huge_rate():
    """The step and the parameters are those that a loop of one's own finds."""
    w, x, y, rate = 1.0, np.array([1.0, 2.0]), np.array([2.0, 4.0]), 1e40
    found = fit(lambda w, x, y: np.mean((w * x - y) ** 2), w, (x, y), lr=rate)
    steps, path = 0, [w]
    with np.errstate(over="ignore"):
        while math.isfinite(np.mean((path[-1] * x - y) ** 2)):
            path.append(path[-1] - rate * np.mean(2 * (path[-1] * x - y) * x))
            steps += 1
    reason = found.stop_reason
    assert (reason.kind, reason.step, reason.epoch) == ("diverged", steps + 1, steps + 1)
    assert reason.advice == "Try a smaller learning rate (it was 1e+40), or scale the inputs."
    assert len(found.history["loss"]) == steps
    assert float(found.params) == pytest.approx(path[-2])  # the last with a finite loss


def test_the_rate_that_is_named_is_that_of_the_step():
    done = fit(
        lambda w, x: np.mean((w * x) ** 2),
        1.0,
        np.full(4, 1e3),
        lr=lambda step: 0 if step < 2 else 1e300,
    )
    assert done.stop_reason.step == 4
    assert "it was 1e+300" in str(done.stop_reason)
    assert float(done.params) == 1


def layers(*scales):
    sizes = [3, 4, 4, 1]
    pairs = zip(nn.dense(sizes, seed=2), scales, strict=True)
    return [(scale * W, b) for (W, b), scale in pairs]


@pytest.mark.parametrize(
    ("params", "where", "layer"),
    [
        (layers(1e200, 1e200, 1), "Z2", 2),  # the product itself overflows
        (layers(1e200, 1, 1e200), "Z3", 3),
        (layers(1e100, 1e60, 1), "L", 3),  # Z3 is finite, its square is not
    ],
)
def test_the_layer_where_forward_overflows(params, where, layer):
    reason = fit(net, params).stop_reason
    assert (reason.kind, reason.where, reason.layer, reason.step) == ("diverged", where, layer, 1)
    assert reason.advice.startswith("The initial parameters give that already")


def product(params, X, Y):
    A, B = params
    return 1e150 * np.mean(np.tanh(X @ A) @ B)


@pytest.mark.parametrize(
    ("loss", "params", "X", "where", "layer"),
    [
        (product, [1e-200 * X.T[:, :4], np.ones((4, 1))], 1e200 * X, "dA", 1),
        (
            lambda p, X, Y: 1e200 * np.mean(np.tanh(X @ p[0]) @ p[1]),
            [1e-200 * np.ones((3, 4)), 1e200 * np.ones((4, 1))],
            np.abs(X),
            "dH1",
            1,
        ),
        (
            lambda p, X, Y: 1e200 * np.mean((X @ p[0]) @ p[1]),
            [1e200 * np.ones((3, 4)), 1e-200 * np.ones((4, 1))],
            np.abs(X),
            "dp2",
            2,
        ),
        (
            lambda p, X, Y: 1e200 * np.mean((X @ p[0]) @ p[1]),
            [1e-200 * np.ones((3, 4)), 1e200 * np.ones((4, 1))],
            np.abs(X),
            "delta1",
            1,
        ),
    ],
)
def test_the_layer_where_backward_overflows(loss, params, X, where, layer):
    """The loss is finite, a gradient is not."""
    reason = fit(loss, params, (X, Y)).stop_reason
    assert (reason.kind, reason.step, reason.layer) == ("diverged", 1, layer)
    assert reason.where == where
    assert reason.advice.startswith("The initial parameters")


@pytest.mark.parametrize("optimizer", [bl.sgd, bl.adam])
def test_the_layer_whose_update_overflows(optimizer):
    params = [(1e-3 * W, b) for W, b in nn.dense([3, 4, 1], seed=2)]
    params[1] = (params[1][0], np.array([1e3]))  # the largest slope is that of the last bias
    rate, name, layer = {
        bl.sgd: (3e305, "b2_new", 2),
        bl.adam: (1e308 * 1.7, "W1_new", 1),  # ± the rate, in each of them
    }[optimizer]
    loss = lambda params, X, Y: nn.mse(nn.mlp(params, X), Y)
    reason = fit(loss, params, lr=rate, optimizer=optimizer).stop_reason
    assert (reason.where, reason.layer, reason.step) == (name, layer, 1)
    assert "smaller learning rate" in reason.advice


def test_a_recurrent_net_has_one_layer():
    def loss(p, X, Y):
        h = np.zeros((len(X), 2))
        for t in range(3):
            h = X[:, t, None] * p["x"] + h @ p["W"]
        return np.mean((h @ p["out"] - Y) ** 2)

    params = {"x": np.full(2, 1e200), "W": 1e200 * np.eye(2), "out": np.ones((2, 1))}
    reason = fit(loss, params).stop_reason
    assert reason.kind == "diverged"
    assert reason.layer in (1, 2, 3)  # of the three products with W, one after the other


def test_a_parameter_lost_behind_a_finite_loss_is_found():
    """tanh of an infinite weight is finite: only the weight shows it, when the epoch is over."""
    rates = [1e-3, 1e308, 0.1, 0.1, 0.1]
    done = fit(
        lambda w, x: np.mean(np.tanh(w * x)),
        0.01,
        np.full(5, 10.0),
        lr=lambda step: rates[step],
        batch_size=1,
        epochs=1,
    )
    assert (done.stop_reason.where, done.stop_reason.step) == ("w_new", 2)
    assert done.history == {"loss": []}
    assert float(done.params) == pytest.approx(0.01 - 1e-2 * (1 - math.tanh(0.1) ** 2))


def test_the_state_of_the_optimiser_is_looked_at_too():
    """An infinite mean square stops a weight in silence."""
    slope = np.full(4, 1e160)
    done = fit(lambda w, x: np.mean(w * x), 0.0, slope, optimizer=bl.rmsprop)
    assert (done.stop_reason.kind, done.stop_reason.where) == ("diverged", "s_w_new")
    assert done.stop_reason.advice.startswith("Try a smaller learning rate")


def test_a_later_epoch_keeps_what_was_good():
    seen = []
    done = bl.fit(
        lambda w, x: np.mean((w * x - 1) ** 2),
        0.0,
        np.arange(1.0, 5),
        optimizer=bl.sgd(lr=lambda step: 0.01 if step < 7 else 1e200),
        batch_size=2,
        epochs=9,
        callbacks=[lambda state: seen.append(float(state.params))],
    )
    assert (done.stop_reason.epoch, done.stop_reason.step) == (5, 9)
    assert len(done.history["loss"]) == len(seen) == 4


def test_undefined_from_the_start():
    reason = fit(lambda w, x: np.mean(np.log(w * x)), 0.0, np.ones(3)).stop_reason
    assert (reason.step, reason.where, reason.layer) == (1, "L", None)
    assert "ln 0 or 0/0" in str(reason)
    reason = fit(lambda w, x: np.mean(np.sqrt(w * x)), 0.0, np.ones(3)).stop_reason
    assert reason.where == "dw"


def test_float32_overflows_earlier():
    params = [np.full((3, 1), 1e25, np.float32)]

    def loss(p, X, Y):
        return np.mean((X @ p[0] - Y) ** 2)

    assert fit(loss, params).stop_reason.kind == "diverged"
    assert fit(loss, params, dtype=np.float64, lr=1e-3).stop_reason.kind == "budget"
