"""RMSprop: each weight's step is divided by the size of its recent slopes."""

import numpy as np

from .optimizer import Optimizer, Rate, decayed, make


def rmsprop(
    lr: Rate = 0.01, *, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0
) -> Optimizer:
    """s ← α s + (1 − α)(∂L/∂w)²,  w ← w − lr ∂L/∂w / (√s + ε) (as torch.optim.RMSprop).

    Raises InputError unless 0 ≤ alpha < 1. Source: Hinton, lecture 6e, 2012.
    """
    settings = {"decay": alpha, "eps": eps, "weight_decay": weight_decay}
    return make("rmsprop", lr, _update, slots=("s",), settings=settings)


def _update(w, grad, s, *, alpha, decay, eps, weight_decay):
    grad = decayed(grad, w, weight_decay)
    s = decay * s + (1 - decay) * grad**2
    return w - alpha * grad / (np.sqrt(s) + eps), s
