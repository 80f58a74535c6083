"""Slopes of f(t) at t = 0 measured from values of f alone, each with its uncertainty."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_STEPS = [0.1 / 8**k for k in range(8)]  # 0.1 … 5e-8, in units of the size of what moves
_ROUNDING = 2.0**-52


@dataclass(frozen=True)
class Slope:
    """A measured slope: the true one lies within `unsure` of `value`, unless there is a kink."""

    value: float
    unsure: float
    kink: bool = False  # the slopes to the left and to the right differ: there is no derivative


def complex_step(f: Callable[[Any], Any]) -> Slope:
    """Im f(ih)/h: no subtraction, so h can be tiny; exact to rounding where f is analytic.

    Source: Squire and Trapp 1998.
    """
    h = 1e-30  # h² is far below rounding, and h times a tiny slope does not underflow
    return Slope(float(np.imag(f(1j * h))) / h, 0.0)


def five_points(f: Callable[[Any], Any], size: float = 1.0) -> Slope:
    """(f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h at the best of a ladder of steps h.

    size: the size of what t moves; the steps are parts of it. The uncertainty of a step is twice
    its distance from the next one (truncation, O(h⁴)) plus the fourth difference of the five values
    over h, which shows the rounding of f that the formula divides by h, and every kink.

    >>> slope = five_points(lambda t: (3.0 + t) ** 2)
    >>> round(slope.value, 9), slope.unsure < 1e-9, slope.kink
    (6.0, True, False)
    >>> five_points(lambda t: abs(t)).kink
    True
    """
    steps = [size * h for h in _STEPS]
    values = np.array([[float(f(k * h)) for k in (-2, -1, 1, 2)] for h in steps])
    middle, (left2, left, right, right2) = float(f(0.0)), values.T
    with np.errstate(all="ignore"):
        slopes = (left2 - 8 * left + 8 * right - right2) / (12 * np.array(steps))
        fourth = np.abs(left2 - 4 * left + 6 * middle - 4 * right + right2)
        rounding = _ROUNDING * np.max(np.abs([left2, left, right, right2]), axis=0) / steps
        unsure = 2 * np.abs(np.diff(slopes)) + (fourth / steps + rounding)[:-1]
        gaps = np.abs(left - 2 * middle + right) / steps
    unsure = np.where(np.isfinite(unsure), unsure, np.inf)
    best = int(np.argmin(unsure))
    largest = abs(middle - left[best]) / steps[best] + abs(right[best] - middle) / steps[best]
    kink = unsure[best] > 1e-3 * largest and _stays(gaps, 100 * rounding)
    return Slope(float(slopes[best]), float(unsure[best]), bool(kink))


def _stays(gaps: Any, noise: Any) -> bool:
    """Does the gap between the one-sided slopes stay as h shrinks? A curve's shrinks with h."""
    clear = [gap if gap > low else np.nan for gap, low in zip(gaps, noise, strict=True)]
    triples = zip(clear, clear[1:], clear[2:], strict=False)
    return any(max(t) < 1.3 * min(t) for t in triples if all(np.isfinite(t)))
