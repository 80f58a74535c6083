"""Learning rates that change with the step: each is a function step → rate, steps from 0.

They are parts of functions of this file, so that they can be pickled.
"""

import math
from collections.abc import Callable
from functools import partial
from numbers import Real
from typing import Any

from ..errors import InputError

Schedule = Callable[[int], float]


def step_decay(lr: float, *, every: int, factor: float = 0.1) -> Schedule:
    """lr · factor^⌊step / every⌋.

    >>> [step_decay(1.0, every=10)(step) for step in (0, 9, 10)]
    [1.0, 1.0, 0.1]
    """
    _check(lr, factor=factor, every=every)
    return partial(_step_decay, lr, every, factor)


def exponential_decay(lr: float, *, factor: float) -> Schedule:
    """lr · factor^step."""
    _check(lr, factor=factor)
    return partial(_step_decay, lr, 1, factor)


def inverse_decay(lr: float, *, steps: float) -> Schedule:
    """lr / (1 + step / steps): the rate has halved after `steps` steps."""
    _check(lr, steps=steps)
    return partial(_inverse_decay, lr, steps)


def cosine_decay(lr: float, *, steps: int, final: float = 0.0) -> Schedule:
    """From lr down to `final` along half a cosine, in `steps` steps; `final` after that."""
    _check(lr, steps=steps, final=final)
    return partial(_cosine_decay, lr, steps, final)


def warmup(schedule: float | Schedule, *, steps: int) -> Schedule:
    """The schedule, its first `steps` steps scaled up linearly from 1/steps."""
    _check(0 if callable(schedule) else schedule, steps=steps)
    return partial(_warmup, schedule, steps)


def _step_decay(lr: float, every: int, factor: float, step: int) -> float:
    return lr * factor ** (step // every)


def _inverse_decay(lr: float, steps: float, step: int) -> float:
    return lr / (1 + step / steps)


def _cosine_decay(lr: float, steps: int, final: float, step: int) -> float:
    return final + (lr - final) * (1 + math.cos(math.pi * min(step / steps, 1))) / 2


def _warmup(schedule: float | Schedule, steps: int, step: int) -> float:
    after = schedule(step) if callable(schedule) else schedule
    return after * min((step + 1) / steps, 1)


def number(
    value: Any, what: str, expected: str = "a number ≥ 0", *, below: float = math.inf
) -> float:
    """The value as a float in [0, below), or an InputError."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= value < below:
        raise InputError(f"{what}={value!r}, expected {expected}")
    return float(value)


def _check(lr: float, **settings: float) -> None:
    number(lr, "a schedule's lr")
    for name, value in settings.items():
        found = number(value, f"a schedule's {name}")
        if found == 0 and name in ("every", "steps"):
            raise InputError(f"a schedule's {name}={value!r}, expected a number > 0")
