"""What an optimiser is: a NumPy function that writes update equations into the training graph."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from .schedules import Schedule

Rate = float | Schedule


@dataclass(frozen=True)
class Optimizer:
    """An optimiser with its settings; made by `sgd`, `adam` and the others.

    ``update(w, grad, *state, alpha, *powers, **settings)`` answers the new w and the new state.
    It is traced, so the update is equations of the same graph as forward and backward.
    """

    name: str
    lr: Rate
    update: Callable[..., tuple[Any, ...]]
    slots: tuple[str, ...] = ()  # state kept for each parameter; zeros at the start
    powers: Mapping[str, float] = field(default_factory=dict[str, float])  # βᵗ: name → β
    settings: Mapping[str, float] = field(default_factory=dict[str, float])

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        return float(self.lr(step) if callable(self.lr) else self.lr)


def make(name: str, lr: Rate, update: Callable[..., Any], **facts: Any) -> Optimizer:
    """Check the settings, then make the optimiser."""
    if not callable(lr) and not 0 <= float(lr) < float("inf"):
        raise InputError(f"{name}: lr={lr}, expected a number ≥ 0 or a schedule")
    for key, value in facts.get("settings", {}).items():
        below_one = key in ("momentum", "decay", "beta1", "beta2")
        if not value >= 0 or (below_one and value >= 1):
            raise InputError(f"{name}: {key}={value}, expected {'[0, 1)' if below_one else '≥ 0'}")
    return Optimizer(name, lr, update, **facts)


def decayed(grad: Any, w: Any, weight_decay: float) -> Any:
    """The gradient with the slope of ½ λ ‖w‖² added."""
    return grad + weight_decay * w if weight_decay else grad
