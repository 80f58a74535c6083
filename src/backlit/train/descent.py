"""Gradient descent on a function of a few numbers, x ← x − α ∂f/∂x, with every step kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ..errors import InputError
from .landscape import Array, Landscape, landscape

End = Literal[
    "minimum",  # the slope is 0 and f bends upwards
    "stationary",  # the slope is 0 at a maximum or a saddle
    "flat",  # slope and curvature are 0
    "kink",  # it arrived at, or jumps across, a point without a derivative
    "cycle",  # it jumps between two points for ever
    "slow",  # the steps moved x by next to nothing
    "budget",  # all steps were done
    "diverged",  # f grows without bound
    "unbounded",  # f falls without bound
    "undefined",  # it left the places where f is a number
]
_STILL = 1e-8  # a slope so much smaller than the largest one on the way counts as 0
_RISES = 10  # f rose and its slope grew so many times in a row: it diverges
_FAR = 1e12  # times its size at the start: so far away, nothing is going to end well


@dataclass(frozen=True, eq=False, repr=False)
class Descent:
    """A path of gradient descent and why it ended; made by `descend`.

    points and slopes have shape (steps + 1, variables), values has shape (steps + 1,).
    """

    landscape: Landscape
    rate: float
    points: Array
    values: Array
    slopes: Array
    end: End = "budget"

    def __str__(self) -> str:
        """How it ended and what that means, in a few sentences."""
        from .verdict import verdict

        return verdict(self)

    __repr__ = __str__  # at the prompt of Python, too

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.points) - 1


def descend(f: Callable[[Any], Any], start: Any, *, rate: float = 0.1, steps: int = 200) -> Descent:
    """Follow −∂f/∂x from `start`: x ← x − rate·∂f/∂x, at most `steps` times.

    f: a NumPy function of a number, or of a tuple, list or dict of numbers, that returns a number.
    Raises InputError where f or its slope is not a finite number at the start.

    >>> path = descend(lambda x: (x + 2) ** 2, 0.0)
    >>> path.slopes[0], path.points[-1].round(6), path.end
    (array([4.]), array([-2.]), 'minimum')
    >>> print(descend(lambda x: (x + 2) ** 2, 0.0, rate=1.0))
    It jumps between x = −4 and x = 0 for ever. Each step multiplies the distance to the minimum by
    1 − α f″, and f″ is 2 everywhere: only 0 < α < 2/f″ = 1 converges. With α = 0.5 f falls at
    every step.
    """
    if not (np.isfinite(rate) and rate > 0):
        raise InputError(f"rate={rate:g}: a learning rate is a positive number.")
    if steps < 1:
        raise InputError(f"steps={steps}: at least one step is needed.")
    return walk(*landscape(f, start), rate, steps)


def walk(land: Landscape, point: Array, rate: float, steps: int) -> Descent:
    """The loop of `descend`, on a function that is traced already."""
    points, values, slopes = [], [], []
    rises, steepest = 0, 0.0
    end: End | None = None
    for _ in range(steps + 1):
        value, slope = land.value_and_slope(point)
        rises = rises + 1 if values and value > values[-1] and _grew(slope, slopes[-1]) else 0
        points.append(point)
        values.append(value)
        slopes.append(slope)
        end = "diverged" if rises >= _RISES else _lost(points, values, slope)
        if end:
            break
        steepest = max(steepest, _size(slope))
        with np.errstate(over="ignore"):  # so far away f says what is wrong
            point = point - rate * slope
        if _size(slope) <= _STILL * steepest or np.array_equal(point, points[-1]):
            break
    path = Descent(land, rate, np.array(points), np.array(values), np.array(slopes))
    return replace(path, end=end or _arrival(path))


def _lost(points: list[Array], values: list[float], slope: Array) -> End | None:
    """Is the last point one from which there is no going on?"""
    if values[-1] < -_FAR * (1 + abs(values[0])):
        return "unbounded"
    if np.all(np.isfinite([values[-1], *slope])):
        return None
    far = _size(points[-1]) > _FAR * (1 + _size(points[0]))
    return "diverged" if values[-1] == np.inf or far else "undefined"


def _arrival(path: Descent) -> End:
    """What kind of place the last point is."""
    land, point, slope = path.landscape, path.points[-1], path.slopes[-1]
    near = 0.01 * (1 + _size(point))
    still = _size(slope) <= _STILL * np.max(np.abs(path.slopes))
    curvature = land.curvature(point)
    if land.kinks(point) or not np.all(np.isfinite(curvature)):
        return "kink"
    bends = np.linalg.eigvalsh(curvature)
    if bends[0] > 0:
        to_go = _size(np.linalg.solve(curvature, slope))  # Newton's step to the minimum
        if to_go <= (near if still else 1e-4 * near):
            return "minimum"
    if still:
        return "stationary" if bends[0] < -_STILL * _size(bends) else "flat"
    return _bounce(path) or ("slow" if _size(point - path.points[0]) < near else "budget")


def _bounce(path: Descent) -> End | None:
    """Does it jump to and fro between two points, and is there a kink between them?"""
    if path.steps < 2:
        return None
    before, last, now = path.points[-3:]
    jump = now - last
    if _size(now - before) > 1e-6 * _size(jump):
        return None
    turn = (path.slopes[-1] - path.slopes[-2]) @ jump
    bend = max(jump @ path.landscape.curvature(point) @ jump for point in (last, now))
    return "kink" if turn > 2 * bend else "cycle"


def _size(x: Any) -> float:
    return float(np.max(np.abs(x)))


def _grew(slope: Array, before: Array) -> bool:
    return _size(slope) > _size(before)
