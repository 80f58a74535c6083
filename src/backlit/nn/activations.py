"""Activation functions: the ops themselves, and what is written with them."""

import difflib
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError
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
from ..ops.elementary import erf
from ..ops.reduce import logsumexp
from ..ops.trigonometry import tanh

__all__ = [
    "ACTIVATIONS",
    "activation",
    "elu",
    "erf",
    "gelu",
    "gelu_tanh",
    "identity",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
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


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {  # of hidden layers, by name
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "softplus": softplus,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "silu": silu,
    "identity": identity,
}


def activation(name: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The activation function of a name; a function is answered as it is.

    >>> activation("relu") is relu
    True
    """
    if callable(name):
        return name
    if name not in ACTIVATIONS:
        near = difflib.get_close_matches(str(name), ACTIVATIONS, n=1)
        advice = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(ACTIVATIONS)}."
        raise InputError(f"there is no activation {name!r}. {advice}")
    return ACTIVATIONS[name]
