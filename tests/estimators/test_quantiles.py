"""Quantiles: as many rows below each as it says, and none above a higher one."""

import numpy as np
import pytest
from sklearn.linear_model import QuantileRegressor
from sklearn.metrics import d2_pinball_score

import backlit as bl

from .small import fitted, quantities


def noisy(rows, seed=0):
    """y whose spread grows with x: its quantiles are known, and no parallels."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 2, size=(rows, 1))
    return x, np.sin(2 * x[:, 0]) + (0.2 + x[:, 0]) * rng.normal(size=rows)


QUANTILES = [0.05, 0.25, 0.5, 0.9]


@pytest.fixture(scope="module")
def several():
    est = bl.MLPRegressor(
        "pinball", (32,), "tanh", quantiles=QUANTILES, max_iter=60, batch_size=100,
        learning_rate=bl.cosine_decay(0.01, steps=60 * 40), random_state=0,
    )  # fmt: skip
    return fitted(est, *noisy(4000))


def test_as_many_rows_lie_below_as_the_quantile_says(several):
    x, y = noisy(4000, seed=1)  # not those of the training
    below = np.mean(y[:, None] <= several.predict(x), axis=0)
    np.testing.assert_allclose(below, QUANTILES, atol=0.03)
    upper = x[:, 0] > 1  # the spread is learnt, not only its mean
    np.testing.assert_allclose(
        np.mean(y[upper, None] <= several.predict(x[upper]), axis=0), QUANTILES, atol=0.04
    )


def test_quantiles_never_cross(several):
    far = np.concatenate([np.linspace(-1e6, 1e6, 2001), [0, 1e12, -1e12, 1e300]])
    assert np.all(np.diff(several.predict(far[:, None]), axis=1) >= 0)
    rng = np.random.default_rng(0)
    for _ in range(20):  # whatever the weights are
        several.coefs_[-1][...] = rng.normal(scale=10, size=several.coefs_[-1].shape)
        assert np.all(np.diff(several.predict(far[:, None]), axis=1) >= 0)


def test_the_score_of_quantiles_is_d2():
    x, y = noisy(300)
    est = fitted(bl.MLPRegressor("pinball", quantiles=[0.2, 0.7], max_iter=10), x, y)
    predicted = est.predict(x)
    each = [d2_pinball_score(y, p, alpha=q) for p, q in zip(predicted.T, (0.2, 0.7), strict=True)]
    assert est.score(x, y) == pytest.approx(np.mean(each), rel=1e-12)
    weight = np.random.default_rng(0).integers(0, 3, size=300)  # rows left out, rows repeated
    repeated = est.score(np.repeat(x, weight, axis=0), np.repeat(y, weight))
    assert est.score(x, y, weight) == pytest.approx(repeated, rel=1e-9)


def test_a_linear_quantile_is_that_of_linear_programming():
    x, y = noisy(300)
    theirs = QuantileRegressor(quantile=0.8, alpha=0).fit(x, y)
    ours = fitted(
        bl.MLPRegressor(
            "pinball", (), quantiles=[0.8], alpha=0, max_iter=2000, n_iter_no_change=np.inf,
            batch_size=300, optimizer=bl.adam(bl.cosine_decay(0.1, steps=2000)),
        ),
        x, y,
    )  # fmt: skip
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), atol=0.02)


def test_several_quantiles_keep_float32_and_refuse_other_outputs():
    X, y = quantities(dtype=np.float32)
    est = bl.MLPRegressor("pinball", quantiles=[0.1, 0.9], max_iter=2)
    assert fitted(est, X, y.astype(np.float32)).predict(X).dtype == np.float32
    with pytest.raises(ValueError, match="rise by themselves"):
        est.set_params(output_activation="sigmoid").fit(X, y)
