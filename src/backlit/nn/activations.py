"""Activation functions: the ops themselves, and what is written with them."""

import numpy as np

from ..ops.activation import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
)
from ..ops.trigonometry import tanh

__all__ = [
    "elu",
    "gelu",
    "gelu_tanh",
    "identity",
    "leaky_relu",
    "log_softmax",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def identity(x):
    """x itself: a layer without an activation."""
    return x


def gelu_tanh(x):
    """The usual approximation of gelu, ½ x (1 + tanh u) with u = √(2/π) (x + 0.044715 x³).

    Written as x σ(2u), the same without the cancellation in the left tail.

    >>> round(float(gelu_tanh(np.float64(1.0))), 6)
    0.841192
    """
    return x * sigmoid(2 * (2 / np.pi) ** 0.5 * (x + 0.044715 * x * x * x))
