"""Whole training steps: the player against `interpret`, which is what a graph means."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backlit as bl
from backlit import nn, optim
from backlit.optim import Optimizer

from .native import assert_agrees, native_only

pytestmark = native_only
LOSSES = {
    "mse": "numbers",
    "half_mse": "numbers",
    "mae": "numbers",
    "huber": "numbers",
    "bce_with_logits": "numbers",
    "poisson": "numbers",
    "softmax_cross_entropy": "classes",
}
OPTIMIZERS = [
    make(**more)
    for make in (bl.sgd, bl.momentum, bl.nesterov, bl.rmsprop, bl.adagrad, bl.adam, bl.adamw)
    for more in ({}, {"weight_decay": 0.1})
]
SHAPES = [(1, 1, 1), (1, 7, 2), (5, 17, 33), (33, 33, 3), (40, 7, 17), (513, 3, 5)]
RNG = np.random.default_rng(3)
normal = RNG.normal


def perceptron(sizes):
    return [(normal(0, 0.5, W.shape), normal(0, 0.5, b.shape)) for W, b in nn.dense(sizes)]


def test_every_loss_and_optimizer_is_here():
    found = {name: getattr(nn, name) for name in nn.__all__ if callable(getattr(nn, name))}
    assert set(LOSSES) == {k for k, f in found.items() if f.__module__ == nn.mse.__module__}
    makers = {getattr(optim, name) for name in optim.__all__}
    schedules = {f for f in makers if f.__module__ == optim.warmup.__module__}
    made = {getattr(optim, optimizer.name) for optimizer in OPTIMIZERS}
    assert made == makers - schedules - {Optimizer}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("activation", nn.ACTIVATIONS)
def test_every_activation_with_every_loss(activation, name):
    number = [*nn.ACTIVATIONS].index(activation) * len(LOSSES) + [*LOSSES].index(name)
    rows, ins, outs = SHAPES[number % len(SHAPES)]
    optimizer = OPTIMIZERS[number % len(OPTIMIZERS)]
    loss = getattr(nn, name)
    outs = max(2, outs) if LOSSES[name] == "classes" else outs
    y = RNG.integers(0, outs, rows) if LOSSES[name] == "classes" else RNG.uniform(size=(rows, outs))
    batch = [normal(size=(rows, ins)), y, RNG.uniform(size=rows)]
    params = perceptron([ins, 7, number % 9 + 1, outs])

    def plain(p, X, y):
        return loss(nn.mlp(p, X, activation=activation), y)

    def weighted(p, X, y, weights):
        return loss(nn.mlp(p, X, activation=activation), y, weights)

    assert_agrees(plain, params, batch[:2], optimizer)
    assert_agrees(weighted, params, batch, optimizer)


@pytest.mark.parametrize("number", range(len(OPTIMIZERS)))
@pytest.mark.parametrize("threads", [1, 3])
def test_every_optimizer(number, threads):
    params = {
        "layers": perceptron([5, 17, 3]),
        "scale": np.array(0.7),
        "spare": normal(size=(2, 2)),
    }

    def loss(p, X, y):
        return nn.mse(p["scale"] * nn.mlp(p["layers"], X), y)

    batch = [normal(size=(9, 5)), normal(size=(9, 3))]
    assert_agrees(loss, params, batch, OPTIMIZERS[number], threads=threads)
    assert_agrees(loss, params, batch, OPTIMIZERS[number], dtype=np.float32, within=1e-6)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(("dtype", "within"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_a_training_of_many_epochs(dtype, within, threads):
    """Shuffled, with a last batch of 3 rows and a rate that falls."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(43, 4)), rng.integers(0, 3, 43)
    fits = [
        bl.fit(
            lambda p, X, y: nn.softmax_cross_entropy(nn.mlp(p, X, activation="gelu"), y),
            nn.dense([4, 9, 3], seed=1, dtype=dtype),
            (X, y),
            optimizer=bl.adam(lr=bl.optim.cosine_decay(3e-3, steps=200)),
            batch_size=8,
            epochs=40,
            n_threads=threads,
            engine=engine,
        )
        for engine in ("player", "numpy")
    ]
    played, numpy = (fit.history["loss"] for fit in fits)
    assert len(played) == 40
    assert played[-1] < 0.95 * played[0]
    np.testing.assert_allclose(played, numpy, rtol=within)
    for (W, b), (V, c) in zip(*(fit.params for fit in fits), strict=True):
        np.testing.assert_allclose(W, V, rtol=0, atol=within)
        np.testing.assert_allclose(b, c, rtol=0, atol=within)


sizes = st.integers(1, 40)


@given(rows=sizes, widths=st.lists(sizes, min_size=2, max_size=5), threads=st.integers(1, 4))
@settings(max_examples=25)
def test_dense_networks_of_any_size(rows, widths, threads):
    rng = np.random.default_rng(rows)
    params = [(rng.normal(size=(a, b)), rng.normal(size=b)) for a, b in itertools.pairwise(widths)]
    batch = [rng.normal(size=(rows, widths[0])), rng.normal(size=(rows, widths[-1]))]
    assert_agrees(lambda p, X, y: nn.mse(nn.mlp(p, X), y), params, batch, threads=threads)


# ---- updates that take what is there as it is ---------------------------------------------------

UPDATES = {
    "swap": lambda w, g, s, t, *, alpha: (s, w, t),
    "turn": lambda w, g, s, t, *, alpha: (t, w, s),
    "swap, one moved": lambda w, g, s, t, *, alpha: (s, w - alpha * g, t),
    "each from another": lambda w, g, s, t, *, alpha: (w + t, w + s, s - g),
    "kept": lambda w, g, s, t, *, alpha: (w, s + g, w - alpha * g),
    "the gradient twice": lambda w, g, s, t, *, alpha: (w - alpha * g, g, g),
    "one value thrice": lambda w, g, s, t, *, alpha: (w - g, w - g, w - g),
    "zeros": lambda w, g, s, t, *, alpha: (w - alpha * g, 0 * w, np.ones_like(w)),
    "transposed": lambda w, g, s, t, *, alpha: (np.transpose(w), np.transpose(s - g), s + t),
    "transposed and read": lambda w, g, s, t, *, alpha: (np.transpose(s), w - np.transpose(s), w),
    "normalised": lambda w, g, s, t, *, alpha: (w - g / np.sqrt(np.sum(g**2)), s + np.mean(w), t),
}


@pytest.mark.parametrize("name", UPDATES)
@pytest.mark.parametrize("threads", [1, 3])
def test_updates_of_any_kind(name, threads):
    optimizer = Optimizer(name, 0.1, UPDATES[name], slots=("s", "t"))
    params = {"W": normal(size=(5, 5)), "b": normal(size=5), "c": np.array(0.3)}

    def loss(p, X):
        return np.mean(np.tanh(X @ p["W"] + p["b"]) ** 2) * p["c"]

    assert_agrees(loss, params, [normal(size=(9, 5))], optimizer, threads=threads)
