"""`fit_many`: many trainings at once, each to the bit as `fit` does it alone."""

import _thread
import threading
import time

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.errors import InputError
from backlit.train import crowd, many
from backlit.train.player_engine import native
from backlit.train.progress import Progress

from .small import PARAMS, X, Y, flat, net

needs_player = pytest.mark.skipif(native() is None, reason="the native player was not built")
SMALL = {"batch_size": 4, "epochs": 3}


def parameters(seed):
    return nn.dense([3, 4, 1], seed=seed)


def rows(seed):
    x = np.random.default_rng(seed).normal(size=(10, 3))
    return x, np.sin(x[:, :1])


def train(seeds=range(3), loss=net, init=parameters, data=(X, Y), **settings):
    chosen = {"optimizer": bl.sgd(lr=0.1), **SMALL, **settings}
    return bl.fit_many(loss, init, data, seeds=seeds, **chosen)


def assert_same(found, expected):
    assert flat(found.params).tobytes() == flat(expected.params).tobytes()
    assert found.history == expected.history
    assert found.stop_reason == expected.stop_reason


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1, 3, 4, 5, 10, None])
@pytest.mark.parametrize("shuffle", [True, False])
def test_each_as_fit_does_it_alone(dtype, size, shuffle):
    settings = {"batch_size": size, "epochs": 4, "shuffle": shuffle, "dtype": dtype}
    grid = [bl.sgd(0.1), bl.sgd(bl.cosine_decay(0.5, steps=20)), bl.adam(0.01)]
    fits = iter(train(seeds=[5, 0, 2**40], init=PARAMS, data=rows, optimizer=grid, **settings))
    for one in grid:
        for seed in (5, 0, 2**40):
            expected = bl.fit(net, PARAMS, rows(seed), seed=seed, optimizer=one, **settings)
            assert_same(next(fits), expected)
    assert next(fits, None) is None


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_more_trainings_than_are_begun_together(monkeypatch, threads):
    monkeypatch.setattr(many, "_BLOCK", 2)
    monkeypatch.setattr(crowd, "_WINDOW", 7)  # two epochs
    fits = train(range(11), n_threads=threads, epochs=5)
    for seed, found in enumerate(fits):
        expected = bl.fit(
            net, parameters(seed), (X, Y), seed=seed, optimizer=bl.sgd(0.1), **SMALL | {"epochs": 5}
        )
        assert_same(found, expected)


@needs_player
def test_stopped_within_an_epoch_and_gone_on(monkeypatch):
    """The clock is looked at after each step, and always says that the time is up."""
    expected = train()
    monkeypatch.setattr(crowd, "HEARD", 1e-9)
    reports = []
    monkeypatch.setattr(Progress, "report", lambda *a: reports.append(a[1]))
    for found, one in zip(train(), expected, strict=True):
        assert_same(found, one)
    assert len(reports) > 9
    assert reports == sorted(reports)
    assert reports[-1] == pytest.approx(3)


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_one_that_diverges_says_where(bad):
    """The others go on; a rate grows from the second epoch on."""
    grid = [bl.sgd(0.1)] * 3
    grid[bad] = bl.sgd(lambda step: 1e200 if step > 4 else 0.1)
    fits = train([7], optimizer=grid)
    for one, found in zip(grid, fits, strict=True):
        expected = bl.fit(net, parameters(7), (X, Y), seed=7, optimizer=one, **SMALL)
        assert_same(found, expected)
    assert [f.stop_reason.kind for f in fits].index("diverged") == bad
    assert fits[bad].stop_reason.layer is not None


def test_one_whose_parameters_alone_are_not_finite():
    """The last step of the training is too large: no loss after it tells."""
    huge = bl.sgd(lambda step: 1e308 if step == 8 else 0.1)
    [found] = train([1], data=(X, 1e5 * Y), optimizer=huge)
    expected = bl.fit(net, parameters(1), (X, 1e5 * Y), seed=1, optimizer=huge, **SMALL)
    assert found.stop_reason.kind == "diverged"
    assert_same(found, expected)


def test_the_loss_is_traced_once_for_each_graph():
    calls = []

    def loss(params, X, Y):
        calls.append(len(X))
        return net(params, X, Y)

    train(range(5), loss, optimizer=[bl.sgd(0.1), bl.sgd(0.2), bl.sgd(1e200)], epochs=2)
    assert calls == [4, 4, 2, 2]  # once to trace, once to verify
    train(range(2), loss, optimizer=[bl.sgd(0.1), bl.sgd(0.1, weight_decay=0.1)])
    assert calls[4:] == [4, 4, 2, 2] * 2


@needs_player
def test_who_played():
    assert {f.engine for f in train(n_threads=2)} == {train([0])[0].engine}
    assert train([0])[0].engine.startswith("player (")
    assert train([0])[0].engine.endswith(", 1 thread)")
    assert all(0 < f.microseconds == pytest.approx(f.seconds / 9 * 1e6) for f in train())


@pytest.mark.parametrize("reason", ["the wish", "the data", "no player"])
def test_numpy_where_the_player_cannot(monkeypatch, reason):
    data, engine = (X, Y), "auto"
    if reason == "the wish":
        engine = "numpy"
    elif reason == "the data":
        data = X, np.where(Y > 0, 2**60, -(2**60))
    else:
        monkeypatch.setattr("backlit.train.player_engine.native", lambda: None)
        monkeypatch.setattr(crowd, "native", lambda: None)
    still = bl.sgd(lr=0.0)
    for seed, found in enumerate(train(data=data, engine=engine, optimizer=still)):
        expected = bl.fit(
            net, parameters(seed), data, seed=seed, optimizer=still, engine=engine, **SMALL
        )
        assert_same(found, expected)
        assert found.engine == expected.engine
        assert found.engine.startswith("NumPy")
        assert (reason == "the wish") == (found.engine == "NumPy")
    if reason != "the wish":
        with pytest.raises(InputError, match="the player cannot play this training"):
            train(data=data, engine="player")


def test_parameters_for_all():
    for seed, found in enumerate(train(init=PARAMS)):
        assert_same(found, bl.fit(net, PARAMS, (X, Y), seed=seed, optimizer=bl.sgd(0.1), **SMALL))
    a, b = train([0, 0], init=PARAMS)
    assert not np.shares_memory(a.params[0][0], b.params[0][0])
    assert a.params[0][0].flags.owndata


def test_nothing_to_do():
    assert train([]) == []
    assert train(optimizer=[]) == []
    for found in train(epochs=0):
        assert found.history == {"loss": []}
        assert found.stop_reason == bl.StopReason("budget", 0, 0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seeds": [0, -1]}, "seed=-1, expected a whole number"),
        ({"optimizer": [bl.sgd(), "adam"]}, "optimizer='adam', expected one such as"),
        ({"epochs": -1}, "epochs=-1, expected a whole number"),
        ({"n_threads": 0}, "n_threads=0"),
        ({"engine": "fast"}, "engine='fast'; known"),
        ({"init": lambda seed: nn.dense([3, 4 + seed, 1])}, r"init\(1\) differs from init\(0\)"),
        ({"data": lambda seed: (X[seed:], Y[seed:])}, r"data\(1\) differs from data\(0\)"),
        ({"data": lambda seed: (X, Y.astype("fi"[seed]))}, r"data\(1\) .* shapes or dtypes"),
        ({"data": lambda seed: (X, Y + [0, np.nan][seed])}, "NaN or infinite"),
        ({"data": X}, "the loss cannot be called"),
    ],
)
def test_mistakes(settings, words):
    with pytest.raises(InputError, match=words):
        train(**settings)


def test_a_class_number_that_is_too_large():
    def loss(params, X, y):
        return nn.softmax_cross_entropy(nn.mlp(params, X), y)

    labels = np.arange(10) % 2
    labels[7] = 9
    with pytest.raises(InputError) as alone:
        bl.fit(loss, nn.dense([3, 2]), (X, labels), optimizer=bl.sgd(0.1), **SMALL)
    with pytest.raises(InputError) as together:
        train(loss=loss, init=nn.dense([3, 2]), data=(X, labels))
    assert str(together.value) == str(alone.value)
    assert "0 … 1, found 0 … 9" in str(together.value)


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "epochs"), [("auto", 10_000), ("numpy", 100)])
def test_ctrl_c_keeps_what_is_finished(monkeypatch, engine, epochs):
    monkeypatch.setattr(many, "_BLOCK", 4)
    pressed = []

    def press():
        pressed.append(time.perf_counter())
        _thread.interrupt_main()

    def report(self, done, loss):
        if done > 10 and not keys:
            keys.append(threading.Timer(0.02, press))
            keys[0].start()

    keys = []
    monkeypatch.setattr(Progress, "report", report)
    fits = train(range(1000), n_threads=2, engine=engine, epochs=epochs)
    assert time.perf_counter() - pressed[0] < 0.2
    kinds = [f.stop_reason.kind for f in fits]
    assert 10 < len(fits) < 1000
    assert {*kinds[:-8]} <= {"budget"}  # of the last block, 4 a thread, any may end first
    assert kinds.count("budget") >= 8
    for seed in (0, len(fits) - 1):
        found = fits[seed]
        done = found.stop_reason.step // 3
        expected = bl.fit(
            net, parameters(seed), (X, Y), seed=seed, optimizer=bl.sgd(0.1), batch_size=4,
            epochs=done, engine=engine,
        )  # fmt: skip
        assert found.history == expected.history
