"""Adagrad: each weight's step is divided by the size of all its slopes so far."""

import numpy as np

from .optimizer import Optimizer, Rate, decayed, make


def adagrad(lr: Rate = 0.01, *, eps: float = 1e-10, weight_decay: float = 0.0) -> Optimizer:
    """s ← s + (∂L/∂w)²,  w ← w − α ∂L/∂w / (√s + ε) (as torch.optim.Adagrad).

    Raises InputError for a negative setting. Source: Duchi, Hazan and Singer 2011.
    """
    settings = {"eps": eps, "weight_decay": weight_decay}
    return make("adagrad", lr, _update, slots=("s",), settings=settings)


def _update(w, grad, s, *, alpha, eps, weight_decay):
    grad = decayed(grad, w, weight_decay)
    s = s + grad**2
    return w - alpha * grad / (np.sqrt(s) + eps), s
