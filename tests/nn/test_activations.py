"""Activations against independent plain formulas, also far out, without a warning."""

import math

import numpy as np
import pytest

import backlit as bl
from backlit import nn

FORMULAS = {  # of one number, by the math module
    "identity": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "elu": lambda x: x if x > 0 else math.expm1(x),
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x),
    "softplus": lambda x: x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x)),
    "gelu": lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2)),
    "gelu_tanh": lambda x: 0.5 * x * (1 + math.tanh((2 / math.pi) ** 0.5 * (x + 0.044715 * x**3))),
    "silu": lambda x: x * FORMULAS["sigmoid"](x),
}  # fmt: skip
NEAR = np.array([-5.0, -1.3, -1e-3, 0.0, 1e-9, 0.4, 1.0, 6.0])
FAR = np.array([-1e4, -300.0, 300.0, 1e4])


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    expected = [FORMULAS[name](x) for x in NEAR]
    np.testing.assert_allclose(getattr(nn, name)(NEAR), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FORMULAS)
def test_far_out(name, dtype):
    """Warnings are errors in these tests: nothing overflows."""
    function = getattr(nn, name)
    value = function(FAR.astype(dtype))
    assert value.dtype == dtype
    np.testing.assert_allclose(value, [FORMULAS[name](x) for x in FAR], rtol=1e-6, atol=1e-38)
    slope = bl.grad(lambda x: np.sum(function(x)))(FAR.astype(dtype))
    left = {"identity": 1, "leaky_relu": 0.01}.get(name, 0)
    right = 0 if name in ("tanh", "sigmoid") else 1
    np.testing.assert_allclose(slope, [left, left, right, right], rtol=1e-6, atol=1e-38)


@pytest.mark.parametrize("name", FORMULAS)
def test_of_one_number(name):
    assert float(getattr(nn, name)(np.float64(0.7))) == pytest.approx(FORMULAS[name](0.7))


def test_settings():
    x = np.array([-2.0, 3.0])
    np.testing.assert_allclose(nn.leaky_relu(x, slope=0.2), [-0.4, 3])
    np.testing.assert_allclose(nn.elu(x, alpha=2.0), [2 * math.expm1(-2), 3])


def test_softmax():
    z = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]])
    e = [math.exp(x) for x in (1, 2, 4)]
    expected = [[x / sum(e) for x in e], [1 / 3] * 3]
    np.testing.assert_allclose(nn.softmax(z), expected, rtol=1e-14)
    np.testing.assert_allclose(nn.log_softmax(z), np.log(expected), rtol=1e-14)
    np.testing.assert_allclose(nn.softmax(z, axis=0).sum(axis=0), 1, rtol=1e-14)


def test_softmax_far_out():
    z = np.array([1e4, 0.0, -1e4], np.float32)
    np.testing.assert_array_equal(nn.softmax(z), [1, 0, 0])
    np.testing.assert_array_equal(nn.log_softmax(z), [0, -1e4, -2e4])
    np.testing.assert_array_equal(nn.softmax(z + np.float32(1e6)), nn.softmax(z))
