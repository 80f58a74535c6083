"""Fits that begin where another ended are one long fit, bit for bit."""

import math
import signal

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.errors import InputError
from backlit.train import Position

from .small import PARAMS, X, Y, flat, net, train

OPTIMIZERS = {
    "sgd": bl.sgd(lr=0.1),
    "falling": bl.momentum(lr=bl.cosine_decay(0.05, steps=40)),
    "adam": bl.adam(lr=0.01),
    "adamw": bl.adamw(bl.warmup(bl.step_decay(0.02, every=7, factor=0.5), steps=5)),
}


def dropping(params, X, Y):
    (W1, b1), (W2, b2) = params
    return nn.mse(nn.dropout(nn.tanh(X @ W1 + b1), 0.5) @ W2 + b2, Y)


def same(one, other):
    """The same numbers in every respect."""
    assert flat(one.params).tobytes() == flat(other.params).tobytes()
    assert one.history == other.history
    assert one.stop_reason == other.stop_reason
    for a, b in zip(one.position.values, other.position.values, strict=True):
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    assert (one.position.epoch, one.position.step) == (other.position.epoch, other.position.step)


def in_parts(parts, **settings):
    """One fit after the other, each in arrays that a file could have held."""
    position = None
    for epochs in parts:
        done = train(epochs=epochs, start=position, **settings)
        values = [
            np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape) for x in done.position.values
        ]
        position = Position(done.position.epoch, done.position.step, values, done.position.history)
    return done


@pytest.mark.parametrize("engine", ["player", "numpy"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", [net, dropping])
def test_parts_are_the_whole(engine, optimizer, loss):
    settings = {
        "loss": loss, "engine": engine, "optimizer": OPTIMIZERS[optimizer], "batch_size": 4,
        "validation": (X[:5], Y[:5]) if loss is net else None, "seed": 3,
    }  # fmt: skip
    for dtype in (np.float32, np.float64):
        whole = train(epochs=6, dtype=dtype, **settings)
        assert whole.position.epoch == 6
        assert whole.position.step == 18
        for parts in ([3, 3], [1, 0, 1, 4]):
            same(in_parts(parts, dtype=dtype, **settings), whole)


def test_the_layout_of_the_first_parameters_changes_nothing():
    """NumPy multiplies with a transposed array in another way, which rounds otherwise."""
    rng = np.random.default_rng(0)
    settings = {
        "params": [(np.asfortranarray(W), b) for W, b in nn.dense([40, 50, 30], seed=1)],
        "data": (rng.normal(size=(200, 40)), rng.normal(size=(200, 30))),
        "engine": "numpy",
        "batch_size": 50,
    }
    same(in_parts([0, 3, 3], **settings), train(epochs=6, **settings))


def test_a_callback_finds_the_position_when_it_asks():
    states = []

    def stop(state):
        states.append((state.position, state))
        return state.epoch == 3

    settings = {"batch_size": 4, "optimizer": bl.adam(lr=0.01), "seed": 1}
    whole = train(epochs=9, **settings)
    stopped = train(epochs=9, callbacks=[stop], **settings)
    assert stopped.position.epoch == 3
    same(train(epochs=6, start=stopped.position, **settings), whole)
    for position, _ in states:
        same(train(epochs=9 - position.epoch, start=position, **settings), whole)
    with pytest.raises(InputError, match="the end of epoch 1 is gone: ask within the callback"):
        states[0][1].position


def test_callbacks_count_on():
    seen = []
    first = train(epochs=2, batch_size=4)
    done = train(
        epochs=3,
        batch_size=4,
        start=first.position,
        callbacks=[lambda s: seen.append((s.epoch, s.epochs, s.step, len(s.history["loss"])))],
    )
    assert seen == [(3, 5, 9, 3), (4, 5, 12, 4), (5, 5, 15, 5)]
    assert done.stop_reason == bl.StopReason("budget", 5, 15)
    assert len(first.history["loss"]) == 2  # the fit before keeps its own
    assert len(first.position.history["loss"]) == 2


@pytest.mark.parametrize("where", ["step", "callback"])
def test_an_interrupted_fit_goes_on_from_its_last_whole_epoch(where):
    def rate(step):
        if where == "step" and step == 7:
            signal.raise_signal(signal.SIGINT)
        return 0.1

    def callback(state):
        if where == "callback" and state.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    settings = {"batch_size": 4, "validation": (X, Y), "engine": "numpy"}
    cut = train(epochs=9, optimizer=bl.sgd(rate), callbacks=[callback], **settings)
    assert cut.stop_reason.kind == "interrupted"
    assert (cut.position.epoch, cut.position.step) == (2, 6)
    settings["optimizer"] = bl.sgd(lr=0.1)
    same(train(epochs=7, start=cut.position, **settings), train(epochs=9, **settings))


@pytest.mark.parametrize("engine", ["player", "numpy"])
def test_a_fit_that_diverged_goes_back_to_its_last_whole_epoch(engine):
    wild = bl.sgd(lambda step: 0.1 if step < 7 else 1e200)
    settings = {"optimizer": wild, "batch_size": 4, "engine": engine}
    whole = train(epochs=9, **settings)
    assert whole.stop_reason.kind == "diverged"
    assert (whole.position.epoch, whole.position.step) == (2, 6)
    with np.errstate(over="ignore"):
        again = train(epochs=7, start=whole.position, **settings)
    assert again.stop_reason == whole.stop_reason
    assert flat(again.params).tobytes() == flat(whole.params).tobytes()


def test_the_seconds_of_a_part_are_its_own():
    first = train(epochs=400, batch_size=1)
    done = train(epochs=1, batch_size=1, start=first.position)
    assert math.isfinite(done.microseconds)
    assert done.microseconds > first.microseconds / 20


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"optimizer": bl.adam(lr=0.1)}, "start holds 4 arrays .* this training needs 14 arrays"),
        ({"params": nn.dense([3, 5, 1], seed=1)}, r"needs 4 arrays \(3, 5\)"),
        ({"dtype": np.float32}, "of float64; .* of float32"),
        ({"validation": (X, Y)}, "give validation to all parts of a training, or to none"),
        ({"start": 3}, "start=3, expected the position of a Fit or a State"),
    ],
)
def test_what_does_not_fit_is_refused(settings, sentence):
    start = train(params=PARAMS).position
    with pytest.raises(InputError, match=sentence):
        train(**{"start": start, **settings})
