"""`fit` trains what it is given, exactly, and gives it back in the containers it came in."""

import collections
import dataclasses

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.train.data import order

from .small import PARAMS, X, Y, flat, net, train


def by_hand(batches, dtype=np.float64, lr=0.1):
    """Epochs of batches of row numbers → parameters and mean losses, backpropagation by hand."""
    (W1, b1), (W2, b2) = [(W.astype(dtype), b.astype(dtype)) for W, b in PARAMS]
    losses = []
    for epoch in batches:
        total = 0.0
        for rows in epoch:
            x, y = X[rows].astype(dtype), Y[rows].astype(dtype)
            H = np.tanh(x @ W1 + b1)
            error = H @ W2 + b2 - y
            total += np.mean(error**2) * len(rows)
            d2 = 2 * error / error.size
            d1 = d2 @ W2.T * (1 - H**2)
            W2, b2 = W2 - lr * H.T @ d2, b2 - lr * d2.sum(0)
            W1, b1 = W1 - lr * x.T @ d1, b1 - lr * d1.sum(0)
        losses.append(total / len(X))
    return [(W1, b1), (W2, b2)], losses


@pytest.mark.parametrize("size", [1, 3, 4, 10, 99, None])
@pytest.mark.parametrize("shuffle", [True, False])
def test_against_a_loop_by_hand(size, shuffle):
    """Also where the batch size does not divide the rows, or is larger."""
    n = size or 10
    rows = [order(10, 5, epoch) if shuffle else np.arange(10) for epoch in (1, 2, 3)]
    batches = [[r[i : i + n] for i in range(0, 10, n)] for r in rows]
    params, losses = by_hand(batches)
    done = train(batch_size=size, shuffle=shuffle, seed=5)
    np.testing.assert_allclose(flat(done.params), flat(params), rtol=1e-11)
    assert done.history["loss"] == pytest.approx(losses, rel=1e-12)
    steps = 3 * len(batches[0])
    assert done.stop_reason == bl.StopReason("budget", 3, steps)
    assert done.seconds > 0


def test_float32():
    batches = [[np.arange(10)[i : i + 4] for i in range(0, 10, 4)]] * 20
    params, losses = by_hand(batches, np.float32)
    settings = {"batch_size": 4, "shuffle": False, "epochs": 20}
    done = train(params=nn.dense([3, 4, 1], seed=1, dtype=np.float32), **settings)
    assert {x.dtype for layer in done.params for x in layer} == {np.dtype(np.float32)}
    np.testing.assert_allclose(flat(done.params), flat(params), rtol=2e-5, atol=1e-7)
    assert done.history["loss"] == pytest.approx(losses, rel=2e-6)
    also = train(dtype=np.float32, **settings)
    np.testing.assert_array_equal(flat(also.params), flat(done.params))
    exact = train(**settings)
    assert exact.history["loss"] != done.history["loss"]


def test_the_same_seed_gives_the_same_bits():
    def bits(**settings):
        return flat(train(batch_size=3, optimizer=bl.adam(), **settings).params).tobytes()

    assert bits(seed=4) == bits(seed=4)
    assert bits(seed=4) != bits(seed=5)
    assert bits(seed=4, shuffle=False) == bits(seed=5, shuffle=False)


def test_nothing_of_the_users_is_changed_or_shared():
    x, y, params = X.copy(), Y.copy(), [(W.copy(), b.copy()) for W, b in PARAMS]
    seen = []
    for epochs in (0, 1):
        done = train(
            params=params, data=(x, y), epochs=epochs, validation=(x, y), callbacks=[seen.append]
        )
        for layer in done.params:
            for array in layer:
                assert array.flags.owndata
                assert array.flags.writeable
                assert array.flags.c_contiguous
                assert not any(np.shares_memory(array, p) for pair in params for p in pair)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    np.testing.assert_array_equal(flat(params), flat(PARAMS))
    assert not np.shares_memory(seen[0].params[0][0], done.params[0][0])
    seen[0].params[0][0][:] = np.nan
    assert np.all(np.isfinite(flat(done.params)))


def test_a_callback_cannot_reach_into_the_training():
    def vandal(state):
        for W, b in state.params:
            W[:], b[:] = np.nan, np.nan

    assert flat(train(callbacks=[vandal]).params).tobytes() == flat(train().params).tobytes()


Pair = collections.namedtuple("Pair", "W b")


@dataclasses.dataclass(frozen=True)
class Net:
    first: Pair
    rest: dict
    scale: float = 1.0


def test_nested_containers():
    (W1, b1), (W2, b2) = PARAMS

    def loss(p, X, Y):
        H = np.tanh(X @ p.first.W + p.first.b)
        return nn.mse(p.scale * (H @ p.rest["W"][0] + p.rest["b"]), Y)

    done = train(loss, Net(Pair(W1, b1), {"W": [W2], "b": b2}), epochs=1)
    (A1, c1), (A2, c2) = train(epochs=1).params
    assert isinstance(done.params, Net)
    assert isinstance(done.params.first, Pair)
    np.testing.assert_allclose(done.params.first.W, A1, rtol=1e-13)
    np.testing.assert_allclose(done.params.first.b, c1, rtol=1e-13)
    np.testing.assert_allclose(done.params.rest["W"][0], A2, rtol=1e-13)
    np.testing.assert_allclose(done.params.rest["b"], c2, rtol=1e-13)
    assert done.params.scale != 1


@pytest.mark.parametrize(
    ("start", "dtype"),
    [(0.0, "f8"), (0, "f8"), (np.float32(0), "f4"), (np.zeros(()), "f8"), (np.int8(0), "f8")],
)
def test_one_number_is_a_parameter_too(start, dtype):
    x = np.arange(4.0)
    done = train(lambda w, x, y: np.mean((w * x - y) ** 2), start, (x, 3 * x), epochs=60)
    assert isinstance(done.params, np.floating)
    assert done.params.dtype == dtype
    assert float(done.params) == pytest.approx(3, abs=1e-4)


def test_an_unused_parameter_stays():
    for optimizer in (bl.sgd(), bl.momentum(), bl.rmsprop(), bl.adagrad(), bl.adam()):
        done = train(
            lambda p, X, Y: net(p["used"], X, Y),
            {"used": PARAMS, "spare": np.full(2, 0.1)},
            optimizer=optimizer,
        )
        np.testing.assert_array_equal(done.params["spare"], np.full(2, 0.1))
        assert not np.array_equal(done.params["used"][0][0], PARAMS[0][0])


def test_integer_targets_are_those_numbers():
    """For regression and as class numbers, in any dtype of integers."""
    counts = np.arange(10).reshape(10, 1)
    expected = train(data=(X, counts.astype(float)))
    for dtype in (np.uint8, np.int64):
        done = train(data=(X, counts.astype(dtype)))
        assert flat(done.params).tobytes() == flat(expected.params).tobytes()

    def classes(params, X, y):
        return nn.softmax_cross_entropy(nn.mlp(params, X), y)

    params, labels = nn.dense([3, 4, 3]), np.arange(10) % 3
    expected = train(classes, params, (X, np.eye(3)[labels]), batch_size=4)
    done = train(classes, params, (X, labels), batch_size=4)
    np.testing.assert_allclose(flat(done.params), flat(expected.params), rtol=1e-12)


def test_rows_of_weight_zero_count_for_nothing():
    def loss(params, X, Y, w):
        return nn.mse(nn.mlp(params, X), Y, w)

    weights = np.r_[np.ones(5), np.zeros(5)]
    done = train(loss, data=(X, Y, weights), batch_size=5, shuffle=False)
    assert done.stop_reason == bl.StopReason("budget", 3, 6)  # a batch of zeros is no divergence
    half = train(data=(X[:5], Y[:5]), batch_size=5, shuffle=False)
    np.testing.assert_allclose(flat(done.params), flat(half.params), rtol=1e-12)


def test_one_row():
    done = train(data=(X[:1], Y[:1]), epochs=200)
    assert done.history["loss"][-1] < 1e-6


def test_no_epochs():
    done = train(epochs=0, validation=(X, Y))
    assert done.history == {"loss": [], "validation_loss": []}
    assert done.stop_reason == bl.StopReason("budget", 0, 0)
    np.testing.assert_array_equal(flat(done.params), flat(PARAMS))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_validation(dtype):
    held_out = X[:4] + 1, Y[:4]
    seen = []
    done = train(validation=held_out, dtype=dtype, callbacks=[seen.append])
    expected = [net(state.params, *(v.astype(dtype) for v in held_out)) for state in seen]
    assert done.history["validation_loss"] == pytest.approx([*map(float, expected)], rel=1e-6)
    assert done.history["loss"] == train(dtype=dtype).history["loss"]
    one = train(lambda w, x: np.mean((w * x - 1) ** 2), 0.0, X[:, 0], validation=X[:2, 0])
    assert len(one.history["validation_loss"]) == 3


def test_validation_in_the_stable_form_too():
    """Written by hand ln(1 + e^z) overflows at 1000; in both losses it is recognised."""
    x, still = np.array([1000.0, -3.0]), bl.sgd(lr=0)
    loss = lambda w, x: np.mean(np.log(1 + np.exp(w * x)))
    history = train(loss, 1.0, x, validation=x, optimizer=still, epochs=1).history
    assert history["loss"] == pytest.approx([(1000 + np.log1p(np.exp(-3))) / 2])
    assert history["validation_loss"] == history["loss"]


def test_validation_in_the_same_precision():
    """Integers among the data do not lift it to float64."""

    def loss(params, X, y):
        return nn.bce_with_logits(nn.mlp(params, X), y)

    data = X, np.arange(10) % 2
    settings = {"optimizer": bl.sgd(lr=0), "dtype": np.float32, "epochs": 1}
    history = train(loss, data=data, validation=data, **settings).history
    assert history["validation_loss"] == history["loss"]


def test_the_loss_is_traced_once_for_each_size_of_batch():
    calls = []

    def loss(params, X, Y):
        calls.append(len(X))
        return net(params, X, Y)

    train(loss, batch_size=4, epochs=5)
    assert calls == [4, 4, 2, 2]  # once to trace, once to verify


def test_a_fit_prints_in_a_line():
    done = train()
    first, *_, last = done.history["loss"]
    assert repr(done) == str(done)
    assert repr(done).startswith(f"loss {first:.4g} → {last:.4g}, ")
    assert repr(done).endswith(" s; all epochs done (epoch 3, step 3).")
    assert done == done
    assert done != train()
