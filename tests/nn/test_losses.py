"""Losses against independent plain formulas, row by row."""

import math

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.errors import InputError, ShapeError

Z = np.array([[0.5, -1.2], [2.0, 0.0], [-0.3, 1.7], [4.0, -3.0]])
T = np.array([[1.0, 0.0], [0.25, 1.0], [1.0, 1.0], [0.0, 0.5]])  # in [0, 1], as some losses ask
WEIGHTS = np.array([0.5, 0.0, 2.0, 1.0])


def _huber(z, t, delta=1.0):
    e = abs(z - t)
    return 0.5 * e * e if e <= delta else delta * (e - 0.5 * delta)


def _mean_of(entry):
    return lambda z, t: sum(entry(a, b) for a, b in zip(z, t, strict=True)) / len(z)


def _cross_entropy(z, t):
    total = sum(math.exp(a) for a in z)
    return -sum(b * math.log(math.exp(a) / total) for a, b in zip(z, t, strict=True))


def _binary(z, t):
    p = 1 / (1 + math.exp(-z))
    return -t * math.log(p) - (1 - t) * math.log(1 - p)


ROWS = {  # the loss of one row
    "mse": _mean_of(lambda z, t: (z - t) ** 2),
    "half_mse": lambda z, t: sum((a - b) ** 2 for a, b in zip(z, t, strict=True)) / 2,
    "mae": _mean_of(lambda z, t: abs(z - t)),
    "huber": _mean_of(_huber),
    "bce_with_logits": _mean_of(_binary),
    "softmax_cross_entropy": _cross_entropy,
    "poisson": _mean_of(lambda z, t: math.exp(z) - t * z),
}
ELEMENTWISE = sorted(ROWS.keys() - {"softmax_cross_entropy"})


@pytest.mark.parametrize("name", ROWS)
def test_mean_over_rows(name):
    rows = [ROWS[name](z, t) for z, t in zip(Z, T, strict=True)]
    loss = getattr(nn, name)
    assert float(loss(Z, T)) == pytest.approx(sum(rows) / 4, rel=1e-12)
    weighted = sum(w * r for w, r in zip(WEIGHTS, rows, strict=True)) / sum(WEIGHTS)
    assert float(loss(Z, T, WEIGHTS)) == pytest.approx(weighted, rel=1e-12)
    assert float(loss(Z, T, sample_weight=7 * np.ones(4))) == pytest.approx(sum(rows) / 4)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_one_output_in_either_shape(name):
    loss = getattr(nn, name)
    expected = np.mean([ROWS[name]([z], [t]) for z, t in zip(Z[:, 0], T[:, 0], strict=True)])
    for z, t in [(Z[:, 0], T[:, 0]), (Z[:, :1], T[:, :1]), (Z[:, :1], T[:, 0])]:
        assert float(loss(z, t)) == pytest.approx(expected, rel=1e-12)
        assert float(loss(z, t, np.ones(4))) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(
    ("z", "t", "w"),
    [
        (Z[:, 0], T[:, :1], None),
        (Z, T[:, 0], None),
        (Z, T[:3], None),
        (Z, T.T, None),
        (Z, T, WEIGHTS[:3]),
        (Z, T, WEIGHTS[:, None]),
        (Z, T, 1.0),
    ],
)
def test_shapes_that_would_broadcast_are_refused(name, z, t, w):
    with pytest.raises((ShapeError, InputError)):
        getattr(nn, name)(z, t, w)


def test_zero_weights():
    """A row of weight 0 counts for nothing, and a batch of such rows has the loss 0."""
    for name in ROWS:
        loss = getattr(nn, name)
        assert float(loss(Z, T, WEIGHTS)) == pytest.approx(
            float(loss(Z[[0, 2, 3]], T[[0, 2, 3]], WEIGHTS[[0, 2, 3]])), rel=1e-14
        )
        value, slope = bl.value_and_grad(lambda z: loss(z, T, np.zeros(4)))(Z)
        assert value == 0
        assert not np.any(slope)


def test_huber_joins_smoothly():
    at = np.array([-2.5, -2.0, -1.0, 0.0, 2.0, 3.0])
    expected = [_huber(x, 0, 2.0) for x in at]
    assert [float(nn.huber(x[None], np.zeros(1), delta=2.0)) for x in at] == pytest.approx(expected)
    slopes = bl.grad(lambda z: nn.huber(z, np.zeros(6), delta=2.0))(at) * 6
    np.testing.assert_allclose(slopes, np.clip(at, -2, 2), atol=1e-15)


def test_mae_is_flat_at_zero():
    np.testing.assert_array_equal(
        bl.grad(lambda z: nn.mae(z, np.zeros(3)))(np.array([-1.0, 0, 2])), [-1 / 3, 0, 1 / 3]
    )


def test_class_numbers_are_one_hot_rows():
    labels = np.array([1, 0, 1, 1])
    rows = np.eye(2)[labels]
    expected = float(nn.softmax_cross_entropy(Z, rows))
    for target in (labels, labels.astype(np.uint8), labels.astype(bool), rows.astype(int)):
        assert float(nn.softmax_cross_entropy(Z, target)) == pytest.approx(expected, rel=1e-15)
    sequence = nn.softmax_cross_entropy(Z.reshape(2, 2, 2), labels.reshape(2, 2))
    assert float(sequence) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.softmax_cross_entropy(Z, [0, 1, 2, 1]), InputError, "0 … 1, found 0 … 2"),
        (lambda: nn.softmax_cross_entropy(Z, [0, 1, -1, 1]), InputError, "found -1 … 1"),
        (lambda: nn.softmax_cross_entropy(Z, [0.0, 1, 0.5, 1]), InputError, r"\.astype\(int\)"),
        (lambda: nn.softmax_cross_entropy(Z[:, :1], [0] * 4), ShapeError, "bce_with_logits"),
        (lambda: nn.softmax_cross_entropy(Z, np.ones((4, 1))), ShapeError, r"class numbers \(4,\)"),
        (lambda: nn.softmax_cross_entropy(Z, 2 * T), InputError, "probabilities must be in"),
        (lambda: nn.bce_with_logits(Z, 2 * T - 1), InputError, r"in \[0, 1\], found -1 … 1"),
        (lambda: nn.poisson(Z, -T), InputError, "targets must be ≥ 0, found -1"),
        (lambda: nn.mse(Z, T, -WEIGHTS), InputError, "sample_weight must be ≥ 0"),
        (lambda: nn.mse(Z, T, WEIGHTS * np.nan), InputError, "sample_weight must be ≥ 0"),
        (lambda: nn.huber(Z, T, delta=0), InputError, "delta=0, expected a number > 0"),
    ],
)
def test_targets_that_mean_nothing_are_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_logits(dtype):
    """Warnings are errors in these tests."""
    z = np.array([1e4, -1e4, 1e4, -1e4], dtype)
    t = np.array([1, 0, 0, 1])
    value, slope = bl.value_and_grad(lambda z: nn.bce_with_logits(z, t))(z)
    assert float(value) == float(nn.bce_with_logits(z, t)) == 5000
    np.testing.assert_array_equal(4 * slope, [0, 0, 1, -1])
    pairs = np.stack([z, -z], axis=1)
    value, slope = bl.value_and_grad(lambda z: nn.softmax_cross_entropy(z, 1 - t))(pairs)
    assert float(value) == float(nn.softmax_cross_entropy(pairs, 1 - t)) == 10000
    np.testing.assert_array_equal(4 * slope, [[0, 0], [0, 0], [1, -1], [-1, 1]])
    assert value.dtype == slope.dtype == dtype
    slope = bl.grad(lambda z: nn.huber(z, t))(z)
    np.testing.assert_array_equal(4 * slope, [1, -1, 1, -1])
    slope = bl.grad(lambda z: nn.poisson(z, t))(-np.abs(z))
    np.testing.assert_array_equal(-4 * slope, t)


@pytest.mark.parametrize("name", ["mse", "half_mse", "mae", "huber"])
def test_small_integers_do_not_wrap(name):
    loss = getattr(nn, name)
    expected = float(loss(np.array([100.0, 3.0]), np.array([0.0, 5.0])))
    for dtype in (np.int8, np.uint8, np.int64):
        assert float(loss(np.array([100, 3], dtype), np.array([0, 5], dtype))) == expected
    assert float(nn.mse([True, False], [False, False])) == 0.5
    assert float(loss([100.0, 3.0], [0, 5])) == expected


@pytest.mark.parametrize("name", ROWS)
def test_slopes(name):
    loss = getattr(nn, name)
    assert bl.check(lambda z: loss(z, T, WEIGHTS), Z)
