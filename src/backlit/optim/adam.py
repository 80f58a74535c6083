"""Adam and AdamW: momentum, divided by the size of recent slopes, both without start-up bias."""

import numpy as np

from ..errors import InputError
from .optimizer import Optimizer, Rate, decayed, make


def adam(
    lr: Rate = 1e-3,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> Optimizer:
    """m ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) g²,  w ← w − α m̂ / (√v̂ + ε).

    m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ), g = ∂L/∂w + λ w (as torch.optim.Adam). 1 − βᵗ is kept as the
    average of ones, c ← β c + (1−β), so that it fits m and v to the last bits in float32 too.
    Raises InputError unless 0 ≤ β < 1. Source: Kingma and Ba 2015.
    """
    return _make("adam", lr, _adam, betas, eps, weight_decay)


def adamw(
    lr: Rate = 1e-3,
    *,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> Optimizer:
    """Adam with the weights decayed directly: w ← (1 − α λ) w first (as torch.optim.AdamW).

    Raises InputError unless 0 ≤ β < 1. Source: Loshchilov and Hutter 2019.
    """
    return _make("adamw", lr, _adamw, betas, eps, weight_decay)


def _make(name, lr, update, betas, eps, weight_decay):
    try:
        beta1, beta2 = betas
    except (TypeError, ValueError):
        raise InputError(f"{name}: betas={betas!r}, expected two numbers in [0, 1)") from None
    return make(
        name,
        lr,
        update,
        slots=("m", "v"),
        corrections={"c1": beta1, "c2": beta2},
        settings={"beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay},
    )


def _adam(w, grad, m, v, *, alpha, c1, c2, beta1, beta2, eps, weight_decay):
    grad = decayed(grad, w, weight_decay)
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    return w - alpha / c1 * m / (np.sqrt(v) / np.sqrt(c2) + eps), m, v


def _adamw(w, grad, m, v, *, alpha, weight_decay, **settings):
    return _adam(
        (1 - alpha * weight_decay) * w, grad, m, v, alpha=alpha, weight_decay=0, **settings
    )
