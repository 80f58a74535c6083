"""The losses of estimators: (head, values, targets, weight) → mean over rows, weighted if asked.

Each of a row's outputs counts: a row's loss is their sum. `OF_OUTPUTS` are computed from the raw
outputs of the network, so that nothing overflows; `OF_ANSWERS` from what the output activation
makes of them. All are plain NumPy functions, and traced.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import nn
from ..nn.losses import weighted_mean
from ..ops.index import one_hot


def squared_error(head, prediction, y, weight):
    """½ Σ (prediction − y)²."""
    return nn.half_mse(prediction, y, weight)


def absolute_error(head, prediction, y, weight):
    """Σ |prediction − y|."""
    return weighted_mean(np.sum(np.abs(prediction - y), axis=1), weight)


def huber(head, prediction, y, weight):
    """Σ ½ e² where |e| ≤ 1, |e| − ½ beyond (Huber 1964)."""
    error = prediction - y
    near = np.clip(error, -1, 1)
    return weighted_mean(np.sum(near * (error - 0.5 * near), axis=1), weight)


def pinball(head, prediction, y, weight):
    """Σ max(q e, (q − 1) e), e = y − prediction: least at the quantile q (Koenker 1978)."""
    error = y - prediction  # with several quantiles the one target is compared with each
    q = np.array(head.quantiles or (0.5,))
    return weighted_mean(np.sum(np.maximum(q * error, (q - 1) * error), axis=1), weight)


def poisson(head, prediction, y, weight):
    """Half the Poisson deviance, Σ prediction − y ln prediction + y ln y − y."""
    rows = np.sum(prediction - y * np.log(prediction) + _constant(y), axis=1)
    return weighted_mean(rows, weight)


def poisson_of_log(head, Z, y, weight):
    """The same of the logarithm Z of the prediction."""
    return weighted_mean(np.sum(np.exp(Z) - y * Z + _constant(y), axis=1), weight)


def _constant(y):
    return y * np.log(np.where(y > 0, y, 1.0)) - y


def log_loss(head, Z, y, weight):
    """−ln of the probability of the class; of all labels, where there may be several."""
    if head.kind == "classes":
        return nn.softmax_cross_entropy(Z, y, weight)
    return head.outputs * nn.bce_with_logits(Z, y, weight)


def log_loss_each(head, Z, y, weight):
    """The same where each class has a yes or no of its own."""
    if head.kind == "classes":
        y = one_hot(y, classes=head.outputs)
    return head.outputs * nn.bce_with_logits(Z, y, weight)


def hinge(head, Z, y, weight):
    """Σ max(0, 1 − (2y − 1) Z); of classes max(0, 1 + max over others of Z − own Z).

    Source: Crammer and Singer 2001.
    """
    if head.kind != "classes":
        return weighted_mean(np.sum(np.maximum(0.0, 1 - (2 * y - 1) * Z), axis=1), weight)
    chosen = one_hot(y, classes=head.outputs)
    return weighted_mean(np.max(Z + 1 - chosen, axis=1) - np.sum(Z * chosen, axis=1), weight)


Loss = Callable[..., Any]
OF_OUTPUTS: dict[tuple[str, str], Loss] = {  # (loss, output activation)
    ("poisson", "exp"): poisson_of_log,
    ("log_loss", "softmax"): log_loss,
    ("log_loss", "logistic"): log_loss_each,
    ("hinge", "identity"): hinge,
}
OF_ANSWERS: dict[str, Loss] = {
    "squared_error": squared_error,
    "absolute_error": absolute_error,
    "huber": huber,
    "pinball": pinball,
    "poisson": poisson,
}
OF_QUANTITIES = tuple(OF_ANSWERS)
OF_CLASSES = ("log_loss", "hinge")
