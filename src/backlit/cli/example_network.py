"""The network that ``backlit derive 2-3-1`` derives: dense, with random weights and data."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError

BOUNDED = {"sigmoid": nn.sigmoid, "tanh": nn.tanh}  # these also suit the last layer
DISTANCES = {"mse": nn.mse, "half_mse": nn.half_mse, "mae": nn.mae, "huber": nn.huber}
LOSSES = (*DISTANCES, "cross_entropy")
_MOST = 1_000_000  # weights; a larger network reads no differently


def example_network(
    widths: Sequence[int], *, activation: str, loss: str, rows: int, seed: int
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A loss of (params, X, targets), and an example of its arguments.

    The last layer has the activation, too, if it is bounded; with cross_entropy it has sigmoid
    (one output) or softmax (several). Raises InputError for more than a million weights.

    >>> settings = dict(activation="tanh", loss="mse", rows=4, seed=0)
    >>> loss, (params, X, Y) = example_network([2, 1], **settings)
    >>> X.shape, Y.shape, loss(params, X, Y) > 0
    ((4, 2), (4, 1), np.True_)
    """
    weights = sum(a * b for a, b in itertools.pairwise(widths))
    if weights > _MOST:
        raise InputError(
            f"{'-'.join(map(str, widths))} has {weights:,} weights. The derivation reads the same "
            f"with smaller widths: {_MOST:,} weights at most."
        )
    rng = np.random.default_rng(seed)
    params = [(W, rng.normal(0, 0.1, b.shape)) for W, b in nn.dense(widths, seed=seed)]
    X, outputs = rng.normal(size=(rows, widths[0])), widths[-1]
    hidden = nn.ACTIVATIONS[activation]

    def net_input(params, X):
        H = X
        for W, b in params[:-1]:
            Z = H @ W + b
            H = hidden(Z)
        W, b = params[-1]
        Z = H @ W + b
        return Z

    def distance(params, X, Y):
        Z = net_input(params, X)
        H = BOUNDED.get(activation, nn.identity)(Z)
        L = DISTANCES[loss](H, Y)
        return L

    def sigmoid_cross_entropy(params, X, Y):
        A = nn.sigmoid(net_input(params, X))
        L = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        return L

    def softmax_cross_entropy(params, X, y):
        P = nn.softmax(net_input(params, X))
        L = -np.mean(np.log(P[np.arange(len(y)), y]))
        return L

    if loss != "cross_entropy":
        return distance, (params, X, rng.uniform(size=(rows, outputs)))
    if outputs == 1:
        return sigmoid_cross_entropy, (params, X, rng.integers(2, size=(rows, 1)))
    return softmax_cross_entropy, (params, X, rng.integers(outputs, size=rows))
