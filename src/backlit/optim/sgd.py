"""Gradient descent, the article's: one step against the slope."""

from .optimizer import Optimizer, Rate, decayed, make


def sgd(lr: Rate = 0.1, *, weight_decay: float = 0.0) -> Optimizer:
    """w ← w − α (∂L/∂w + λ w), λ = weight_decay.

    Raises InputError for a negative setting.
    """
    return make("sgd", lr, _update, settings={"weight_decay": weight_decay})


def _update(w, grad, *, alpha, weight_decay):
    return (w - alpha * decayed(grad, w, weight_decay),)
