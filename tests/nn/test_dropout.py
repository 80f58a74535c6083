"""Dropout drops in a training only, the same entries with either engine."""

import math

import numpy as np
import pytest

import backlit as bl
from backlit.errors import InputError
from backlit.ops.dropout import drawing, drop, kept

rng = np.random.default_rng(0)
X, LABELS = rng.normal(size=(37, 5)), rng.integers(0, 3, 37)


def loss(params, X, y):
    (W1, b1), (W2, b2), (W3, b3) = params
    H = bl.nn.dropout(np.tanh(X @ W1 + b1), 0.5)
    H = bl.nn.dropout(np.tanh(H @ W2 + b2), 0.2)
    return bl.nn.softmax_cross_entropy(H @ W3 + b3, y)


def trained(**settings):
    start = bl.nn.dense([5, 7, 7, 3], seed=0)
    settings = {"optimizer": bl.adam(0.01), "batch_size": 8, "epochs": 3, **settings}
    done = bl.fit(loss, start, (X, LABELS), **settings)
    return np.concatenate([x.ravel() for layer in done.params for x in layer])


def test_both_engines_drop_the_same_entries():
    by_numpy = trained(engine="numpy")
    for threads in (1, 2, 3):
        np.testing.assert_allclose(
            trained(engine="player", n_threads=threads), by_numpy, rtol=1e-9, atol=1e-12
        )


def test_the_seed_chooses_them():
    settings = {"shuffle": False, "engine": "numpy"}
    assert not np.allclose(trained(seed=1, **settings), trained(seed=2, **settings))
    assert np.array_equal(trained(seed=1), trained(seed=1))


def test_nothing_is_dropped_elsewhere():
    x = rng.normal(size=(3, 4))
    assert np.array_equal(bl.nn.dropout(x, 0.5), x)
    assert bl.nn.dropout(x, 0) is x


def test_the_share_and_the_mean():
    """4 standard deviations of a binomial count."""
    for rate in (0.1, 0.5, 0.9):
        mask = kept((1000, 1000), rate, 1, seed=5, step=7)
        share = np.mean(mask == 0)
        assert abs(share - rate) < 4 * math.sqrt(rate * (1 - rate) / mask.size)
        assert np.unique(mask).tolist() == [0, 1 / (1 - rate)]


def test_steps_and_places_have_masks_of_their_own():
    masks = [kept((64,), 0.5, *at) for at in ((1, 0, 0), (2, 0, 0), (1, 1, 0), (1, 0, 1))]
    assert len({m.tobytes() for m in masks}) == 4


def test_the_gradient_passes_where_the_entry_was_kept():
    with drawing(0, 0):
        mask = drop(np.ones(50), rate=0.5, stream=3)
        slope = bl.grad(lambda x: np.sum(drop(x, rate=0.5, stream=3) * 2))(np.ones(50))
    assert np.array_equal(slope, 2 * mask)


def test_a_rate_that_is_none():
    with pytest.raises(InputError, match="rate=1"):
        bl.nn.dropout(X, 1)
