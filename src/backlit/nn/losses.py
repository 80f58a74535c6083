"""Losses: (prediction, target, sample_weight=None) → mean over rows.

Each row has one loss; a row with several outputs has the mean over them, except where the formula
says a sum. With `sample_weight` w (one number ≥ 0 a row) the result is Σ w l / Σ w, and 0 for a
batch in which all weights are 0. Targets of shape (n,) fit predictions of shape (n, 1).

Raises ShapeError for other shapes that differ, InputError for targets that the formula does not
mean; in a traced function the numbers are looked at when the trace is verified.
"""

import numpy as np

from ..errors import InputError, ShapeError
from ..ir.op import traced
from ..ops.activation import log_softmax, softplus
from ..ops.index import one_hot


def mse(prediction, target, sample_weight=None):
    """Mean squared error, (prediction − target)².

    >>> float(mse(np.array([1.0, 2.0]), np.array([0.0, 0.0])))
    2.5
    """
    prediction, target = _pair(prediction, target)
    return weighted_mean((prediction - target) ** 2, sample_weight)


def half_mse(prediction, target, sample_weight=None):
    """Half the squared distance, ½ Σ (prediction − target)², summed over a row's outputs.

    The cost of Nielsen's book and of the usual worked examples.
    """
    prediction, target = _pair(prediction, target)
    squares = (prediction - target) ** 2
    rows = squares if np.ndim(squares) < 2 else np.sum(squares, axis=_inner(squares))
    return 0.5 * weighted_mean(rows, sample_weight)


def mae(prediction, target, sample_weight=None):
    """Mean absolute error, |prediction − target|; its slope at 0 is taken as 0."""
    prediction, target = _pair(prediction, target)
    return weighted_mean(np.abs(prediction - target), sample_weight)


def huber(prediction, target, sample_weight=None, *, delta=1.0):
    """½ e² where |e| ≤ delta, delta (|e| − ½ delta) beyond (Huber 1964)."""
    if not 0 < delta < np.inf:
        raise InputError(f"huber: delta={delta}, expected a number > 0")
    prediction, target = _pair(prediction, target)
    error = prediction - target
    near = np.clip(error, -delta, delta)
    return weighted_mean(near * (error - 0.5 * near), sample_weight)


def bce_with_logits(prediction, target, sample_weight=None):
    """Binary cross-entropy of σ(prediction), ln(1 + e^z) − y z; targets lie in [0, 1]."""
    prediction, target = _pair(prediction, target)
    _within("bce_with_logits: targets", target, 0, 1)
    return weighted_mean(softplus(prediction) - target * prediction, sample_weight)


def softmax_cross_entropy(prediction, target, sample_weight=None):
    """−Σ y ln softmax(prediction) over a row; targets are class numbers or rows of probabilities.

    Class numbers are integers 0 … classes − 1.
    """
    prediction, target = _array(prediction), _array(target)
    classes = np.shape(prediction)[-1:]
    if classes in ((), (1,)):
        raise ShapeError(
            f"softmax_cross_entropy: predictions of shape {np.shape(prediction)}, expected one "
            "output a class, (n, classes). For two classes by one output take bce_with_logits"
        )
    if np.shape(target) == np.shape(prediction)[:-1]:
        if target.dtype.kind not in "biu":
            raise InputError(
                f"softmax_cross_entropy: class numbers of dtype {target.dtype}, expected integers. "
                "Convert them with .astype(int)"
            )
        target = one_hot(target, classes=classes[0])
    elif np.shape(target) != np.shape(prediction):
        raise ShapeError(
            f"softmax_cross_entropy: targets of shape {np.shape(target)} for predictions of shape "
            f"{np.shape(prediction)}; expected class numbers {np.shape(prediction)[:-1]} or rows "
            f"of probabilities {np.shape(prediction)}"
        )
    else:
        _within("softmax_cross_entropy: probabilities", target, 0, 1)
    return weighted_mean(-np.sum(target * log_softmax(prediction), axis=-1), sample_weight)


def poisson(prediction, target, sample_weight=None):
    """Poisson deviance up to a constant, e^z − y z; the prediction z is the log of the rate."""
    prediction, target = _pair(prediction, target)
    _within("poisson: targets", target, 0, np.inf)
    return weighted_mean(np.exp(prediction) - target * prediction, sample_weight)


def weighted_mean(losses, sample_weight):
    """Σ w l / Σ w over rows, or the mean; 0 if all weights are 0."""
    if sample_weight is None:
        return np.mean(losses)
    rows = losses if np.ndim(losses) < 2 else np.mean(losses, axis=_inner(losses))
    weight = _array(sample_weight)
    _same_shape(rows, weight)
    _within("sample_weight", weight, 0, np.inf)
    total = np.sum(weight)
    return np.sum(weight * rows) / np.where(total > 0, total, 1)


def _inner(x):
    return tuple(range(1, np.ndim(x)))


def _array(x):
    return x if traced(x) else np.asarray(x)


def _pair(prediction, target):
    """Both in the same shape, (n,) as (n, 1) if the prediction is; the prediction in floats.

    Silent broadcasting to (n, n) is refused, and so is the arithmetic of small integers.
    """
    prediction, target = _array(prediction), _array(target)
    if np.shape(prediction) == (*np.shape(target), 1):
        target = np.reshape(target, np.shape(prediction))
    _same_shape(prediction, target)
    return prediction if prediction.dtype.kind == "f" else prediction.astype(float), target


def _same_shape(one, other):
    if np.shape(one) != np.shape(other):
        raise ShapeError(
            f"a loss of {np.shape(one)} against {np.shape(other)}: expected the same shape"
        )


def _within(what, values, low, high):
    """Refuse numbers outside of [low, high]; a tracer has none yet."""
    if traced(values) or not values.size:
        return
    if not (np.min(values) >= low and np.max(values) <= high):
        words = f"in [{low}, {high}]" if high < np.inf else f"≥ {low}"
        raise InputError(f"{what} must be {words}, found {np.min(values):g} … {np.max(values):g}")
