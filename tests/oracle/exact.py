"""Derivatives of a dense network to many digits: differences in 500-digit arithmetic.

Written apart from backlit and from PyTorch, to say which of two float64 answers has lost digits.
"""

import numpy as np
import pytest

mpmath = pytest.importorskip("mpmath", reason="mpmath comes with PyTorch; make oracle installs it")
mp, mpf = mpmath.mp, mpmath.mpf

DIGITS = 500  # products of many small slopes go down to 1e-300
H = mpf(10) ** -80  # of a difference: its error is of the order h²

ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": lambda z: max(z, mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else mpf(0.01) * z,
    "elu": lambda z: z if z > 0 else mp.expm1(z),
    "tanh": mp.tanh,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "softplus": lambda z: mp.log1p(mp.exp(z)),
    "gelu": lambda z: z * mp.erfc(-z / mp.sqrt(2)) / 2,
    "gelu_tanh": lambda z: z * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (z + mpf(0.044715) * z**3))) / 2,
    "silu": lambda z: z / (1 + mp.exp(-z)),
}
LOSSES = {  # (prediction, target) of one output; a row has their mean, or their sum where SUMS
    "mse": lambda z, y: (z - y) ** 2,
    "half_mse": lambda z, y: (z - y) ** 2 / 2,
    "mae": lambda z, y: abs(z - y),
    "huber": lambda z, y: (z - y) ** 2 / 2 if abs(z - y) <= 1 else abs(z - y) - mpf(0.5),
    "bce_with_logits": lambda z, y: mp.log1p(mp.exp(z)) - y * z,
    "poisson": lambda z, y: mp.exp(z) - y * z,
}
SUMS = ("half_mse",)


def loss(network, params):
    """The weighted mean loss; params are flat: W1, b1, W2, b2, …"""
    value = numbers(network.X)
    activation = np.frompyfunc(ACTIVATIONS[network.activation], 1, 1)
    for i in range(0, len(params), 2):
        value = (activation(value) if i else value) @ params[i] + params[i + 1]
    weight = numbers(network.weight)
    return (weight * row_losses(network, value)).sum() / weight.sum()


def row_losses(network, value):
    if network.loss == "softmax_cross_entropy":
        classes = value.shape[1]
        y = network.Y if network.Y.ndim == 2 else np.eye(classes)[network.Y]
        total = np.frompyfunc(mp.log, 1, 1)(np.frompyfunc(mp.exp, 1, 1)(value).sum(1))
        return (numbers(y) * (total[:, None] - value)).sum(1)
    each = np.frompyfunc(LOSSES[network.loss], 2, 1)(value, numbers(network.Y))
    return each.sum(1) if network.loss in SUMS else each.sum(1) / each.shape[1]


def numbers(array):
    """Exactly the same numbers, as mpf."""
    return np.frompyfunc(lambda x: mpf(float(x)), 1, 1)(array)


def derivative(network, number, place, *, along=False):
    """∂L/∂(one entry of one array); with `along`, how it changes in the network's direction."""
    with mpmath.workdps(DIGITS):
        params = [numbers(x) for x in flat(network.params)]
        direction = [numbers(v) for v in flat(network.direction)]

        def slope(shift):
            ends = []
            for step in (H, -H):
                moved = [p + shift * v for p, v in zip(params, direction, strict=True)]
                moved[number][place] += step
                ends.append(loss(network, moved))
            return (ends[0] - ends[1]) / (2 * H)

        return (slope(H) - slope(-H)) / (2 * H) if along else slope(0)


def flat(params):
    return [x for pair in params for x in pair]
