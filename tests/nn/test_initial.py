"""Initial weights: their law, by mean, variance and fourth moment of a large draw."""

import numpy as np
import pytest

from backlit import nn

FAN_IN, FAN_OUT = 400, 250
VARIANCES = {
    "standard": 1,
    "lecun_normal": 1 / FAN_IN,
    "glorot_normal": 2 / (FAN_IN + FAN_OUT),
    "glorot_uniform": 2 / (FAN_IN + FAN_OUT),  # a²/3
    "he_normal": 2 / FAN_IN,
    "he_uniform": 2 / FAN_IN,
}


@pytest.mark.parametrize("name", VARIANCES)
def test_law(name):
    W = getattr(nn, name)(np.random.default_rng(1), FAN_IN, FAN_OUT)
    assert W.shape == (FAN_IN, FAN_OUT)
    variance, uniform = VARIANCES[name], name.endswith("uniform")
    kurtosis = 1.8 if uniform else 3.0  # E x⁴ / (E x²)²
    # five standard errors of each estimate: one false alarm in a million
    assert abs(W.mean()) < 5 * (variance / W.size) ** 0.5
    assert abs(W.var() / variance - 1) < 5 * ((kurtosis - 1) / W.size) ** 0.5
    assert abs(np.mean(W**4) / variance**2 - kurtosis) < (0.05 if uniform else 0.2)
    if uniform:
        bound = (3 * variance) ** 0.5
        assert 0.999 * bound < np.abs(W).max() <= bound


@pytest.mark.parametrize("name", VARIANCES)
def test_the_generator_decides(name):
    draw = getattr(nn, name)
    one, same, other = (draw(np.random.default_rng(s), 3, 4) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.any(one == other)
