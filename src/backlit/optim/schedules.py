"""Learning rates that change with the step: each is a function step → rate, steps from 0."""

import math
from collections.abc import Callable

from ..errors import InputError

Schedule = Callable[[int], float]


def step_decay(lr: float, *, every: int, factor: float = 0.1) -> Schedule:
    """lr · factor^⌊step / every⌋.

    >>> [step_decay(1.0, every=10)(step) for step in (0, 9, 10)]
    [1.0, 1.0, 0.1]
    """
    _positive("every", every)
    return lambda step: lr * factor ** (step // every)


def exponential_decay(lr: float, *, factor: float) -> Schedule:
    """lr · factor^step."""
    return lambda step: lr * factor**step


def inverse_decay(lr: float, *, steps: float) -> Schedule:
    """lr / (1 + step / steps): the rate has halved after `steps` steps."""
    _positive("steps", steps)
    return lambda step: lr / (1 + step / steps)


def cosine_decay(lr: float, *, steps: int, final: float = 0.0) -> Schedule:
    """From lr down to `final` along half a cosine, in `steps` steps; `final` after that."""
    _positive("steps", steps)

    def rate(step: int) -> float:
        return final + (lr - final) * (1 + math.cos(math.pi * min(step / steps, 1))) / 2

    return rate


def warmup(schedule: float | Schedule, *, steps: int) -> Schedule:
    """The schedule, its first `steps` steps scaled up linearly from 1/steps."""
    _positive("steps", steps)
    after = schedule if callable(schedule) else lambda _: schedule
    return lambda step: after(step) * min((step + 1) / steps, 1)


def _positive(name: str, value: float) -> None:
    if value <= 0:
        raise InputError(f"a schedule's {name}={value}, expected a number > 0")
