"""scikit-learn's solvers "sgd" and "adam", as optimisers of backlit: the same steps.

They differ from `bl.nesterov` and `bl.adam` in where the learning rate and ε stand.
"""

import numpy as np

from ..optim import Optimizer


def sgd(lr: float, *, momentum: float, nesterov: bool) -> Optimizer:
    """v ← μ v − α g,  w ← w + v; with Nesterov w ← w + μ v − α g, of the new v."""
    update = _nesterov if nesterov and momentum else _momentum
    return Optimizer("sgd", lr, update, slots=("v",), settings={"momentum": momentum})


def adam(lr: float, *, beta_1: float, beta_2: float, epsilon: float) -> Optimizer:
    """m ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) g²,  w ← w − α √c₂/c₁ m / (√v + ε).

    c = 1 − βᵗ. Source: Kingma and Ba 2015, end of section 2.
    """
    return Optimizer(
        "adam",
        lr,
        _adam,
        slots=("m", "v"),
        corrections={"c1": beta_1, "c2": beta_2},
        settings={"beta1": beta_1, "beta2": beta_2, "epsilon": epsilon},
    )


def gradients() -> Optimizer:
    """No step at all: the gradients are kept, for those who take them elsewhere."""
    return Optimizer("gradients", 0.0, _keep, slots=("g",))


def _momentum(w, grad, v, *, alpha, momentum):
    v = momentum * v - alpha * grad
    return w + v, v


def _nesterov(w, grad, v, *, alpha, momentum):
    v = momentum * v - alpha * grad
    return w + (momentum * v - alpha * grad), v


def _adam(w, grad, m, v, *, alpha, c1, c2, beta1, beta2, epsilon):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    return w - alpha * np.sqrt(c2) / c1 * m / (np.sqrt(v) + epsilon), m, v


def _keep(w, grad, g, *, alpha):
    return w, grad
