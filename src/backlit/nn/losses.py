"""Losses: (prediction, target, sample_weight=None) → mean over rows.

Each row has one loss; a row with several outputs has the mean over them, except where the formula
says a sum. With `sample_weight` w (one number a row) the result is Σ w l / Σ w.
"""

import numpy as np

from ..errors import ShapeError
from ..ops.activation import log_softmax, softplus
from ..ops.index import one_hot


def mse(prediction, target, sample_weight=None):
    """Mean squared error, (prediction − target)².

    >>> float(mse(np.array([1.0, 2.0]), np.array([0.0, 0.0])))
    2.5
    """
    return _mean((prediction - _like(prediction, target)) ** 2, sample_weight)


def half_mse(prediction, target, sample_weight=None):
    """Half the squared distance, ½ Σ (prediction − target)², summed over a row's outputs.

    The cost of Nielsen's book and of the usual worked examples.
    """
    squares = (prediction - _like(prediction, target)) ** 2
    rows = squares if np.ndim(squares) < 2 else np.sum(squares, axis=_inner(squares))
    return 0.5 * _mean(rows, sample_weight)


def mae(prediction, target, sample_weight=None):
    """Mean absolute error, |prediction − target|; its slope at 0 is taken as 0."""
    return _mean(np.abs(prediction - _like(prediction, target)), sample_weight)


def huber(prediction, target, sample_weight=None, *, delta=1.0):
    """½ e² where |e| ≤ delta, delta (|e| − ½ delta) beyond (Huber 1964)."""
    error = prediction - _like(prediction, target)
    near = np.clip(error, -delta, delta)
    return _mean(near * (error - 0.5 * near), sample_weight)


def bce_with_logits(prediction, target, sample_weight=None):
    """Binary cross-entropy of σ(prediction), ln(1 + e^z) − y z; targets lie in [0, 1]."""
    return _mean(softplus(prediction) - _like(prediction, target) * prediction, sample_weight)


def softmax_cross_entropy(prediction, target, sample_weight=None):
    """−Σ y ln softmax(prediction) over a row; targets are class numbers or rows of probabilities.

    Raises InputError for a class number outside 0 … classes − 1.
    """
    if np.ndim(target) == np.ndim(prediction) - 1:
        target = one_hot(target, classes=np.shape(prediction)[-1])
    _same_shape(prediction, target)
    return _mean(-np.sum(target * log_softmax(prediction), axis=-1), sample_weight)


def poisson(prediction, target, sample_weight=None):
    """Poisson deviance up to a constant, e^z − y z; the prediction z is the log of the rate."""
    return _mean(np.exp(prediction) - _like(prediction, target) * prediction, sample_weight)


def _mean(losses, sample_weight):
    if sample_weight is None:
        return np.mean(losses)
    rows = losses if np.ndim(losses) < 2 else np.mean(losses, axis=_inner(losses))
    _same_shape(rows, sample_weight)
    return np.sum(sample_weight * rows) / np.sum(sample_weight)


def _inner(x):
    return tuple(range(1, np.ndim(x)))


def _like(prediction, target):
    """The target, (n,) as (n, 1) if the prediction is; silent broadcasting to (n, n) is refused."""
    if np.shape(prediction) == (*np.shape(target), 1):
        return np.reshape(target, np.shape(prediction))
    _same_shape(prediction, target)
    return target


def _same_shape(prediction, target):
    if np.shape(prediction) != np.shape(target):
        raise ShapeError(
            f"a loss of {np.shape(prediction)} against {np.shape(target)}: expected the same shape"
        )
