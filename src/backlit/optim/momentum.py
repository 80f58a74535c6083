"""Gradient descent with a memory of its direction: Polyak's momentum, and Nesterov's."""

from .optimizer import Optimizer, Rate, decayed, make


def momentum(lr: Rate = 0.1, *, momentum: float = 0.9, weight_decay: float = 0.0) -> Optimizer:
    """v ← μ v + ∂L/∂w,  w ← w − α v (the form of torch.optim.SGD).

    Raises InputError unless 0 ≤ μ < 1.
    """
    settings = {"momentum": momentum, "weight_decay": weight_decay}
    return make("momentum", lr, _momentum, slots=("v",), settings=settings)


def nesterov(lr: Rate = 0.1, *, momentum: float = 0.9, weight_decay: float = 0.0) -> Optimizer:
    """v ← μ v + ∂L/∂w,  w ← w − α (∂L/∂w + μ v) (the form of torch.optim.SGD).

    Raises InputError unless 0 ≤ μ < 1.
    """
    settings = {"momentum": momentum, "weight_decay": weight_decay}
    return make("nesterov", lr, _nesterov, slots=("v",), settings=settings)


def _momentum(w, grad, v, *, alpha, momentum, weight_decay):
    v = momentum * v + decayed(grad, w, weight_decay)
    return w - alpha * v, v


def _nesterov(w, grad, v, *, alpha, momentum, weight_decay):
    grad = decayed(grad, w, weight_decay)
    v = momentum * v + grad
    return w - alpha * (grad + momentum * v), v
