"""What an optimiser is: a NumPy function that writes update equations into the training graph."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import InputError
from .schedules import Schedule, number

Rate = float | Schedule

_BELOW_ONE = {  # settings that must be, as the user writes them
    "momentum": "momentum",
    "decay": "alpha",
    "beta1": "betas[0]",
    "beta2": "betas[1]",
}


@dataclass(frozen=True, repr=False)
class Optimizer:
    """An optimiser with its settings; made by `sgd`, `adam` and the others.

    ``update(w, grad, *state, alpha, **corrections, **settings)`` answers the new w and the new
    state, a tuple. It is traced: the update is equations of the same graph as forward and backward.
    """

    name: str
    lr: Rate
    update: Callable[..., tuple[Any, ...]]
    slots: tuple[str, ...] = ()  # state kept for each parameter; zeros at the start
    corrections: Mapping[str, float] = field(default_factory=dict[str, float])  # 1 − βᵗ: name → β
    settings: Mapping[str, float] = field(default_factory=dict[str, float])
    clip_norm: float | None = None  # the longest gradient, over all parameters, that is followed

    def __repr__(self) -> str:
        lr = f"{self.lr:g}" if not callable(self.lr) else "a schedule"
        words = [f"lr={lr}", *(f"{name}={value:g}" for name, value in self.settings.items())]
        clipped = "" if self.clip_norm is None else f".clipped({self.clip_norm:g})"
        return f"{self.name}({', '.join(words)}){clipped}"

    def clipped(self, norm: float) -> "Optimizer":
        """The same, with gradients longer than `norm` shortened to it: g min(1, norm / ‖g‖).

        ‖g‖ is taken over all parameters together. Source: Pascanu, Mikolov and Bengio 2013.
        """
        if number(norm, f"{self.name}: norm", "a number > 0") == 0:
            raise InputError(f"{self.name}: norm={norm!r}, expected a number > 0")
        return replace(self, clip_norm=float(norm))

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        if not callable(self.lr):
            return self.lr
        try:
            return number(self.lr(step), f"{self.name}: the schedule at step {step}")
        except OverflowError:
            raise InputError(f"{self.name}: the schedule overflows at step {step}") from None


def make(
    name: str, lr: Rate, update: Callable[..., Any], *, settings: Mapping[str, float], **facts: Any
) -> Optimizer:
    """Check the settings, then make the optimiser."""
    rate = lr if callable(lr) else number(lr, f"{name}: lr", "a number ≥ 0 or a schedule")
    checked = {
        key: number(value, f"{name}: {_BELOW_ONE[key]}", "a number in [0, 1)", below=1)
        if key in _BELOW_ONE
        else number(value, f"{name}: {key}")
        for key, value in settings.items()
    }
    return Optimizer(name, rate, update, settings=checked, **facts)


def decayed(grad: Any, w: Any, weight_decay: float) -> Any:
    """The gradient with the slope of ½ λ ‖w‖² added."""
    return grad + weight_decay * w if weight_decay else grad
