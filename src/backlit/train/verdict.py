"""What a descent did, in sentences: where it ended, why, and what to try."""

from typing import Any

import numpy as np

from ..show.notation import plain
from .descent import Descent, walk

_SCAN = 4001  # points of f looked at for a lower value, in one variable; its square root in two


def verdict(path: Descent) -> str:
    """How it ended and what that means, in a few sentences."""
    return _sentences(_WORDS[path.end](path), lower_elsewhere(path))


def rate_rule(path: Descent) -> str:
    """The limit of the learning rate, from the second derivative.

    Near a minimum f is a parabola: each step multiplies the distance by 1 − α f″, and
    |1 − α f″| < 1 means 0 < α < 2/f″.
    """
    where = path.points[int(np.nanargmin(path.values))]
    if not path.landscape.quadratic:  # it holds at a minimum only, and one must be known
        _, tried = _working(path)
        if tried is None or tried.end != "minimum":
            return ""
        where = tried.points[-1]
    limit = path.landscape.rate_limit(where)
    if not np.isfinite(limit):
        return ""
    one = len(path.landscape.names) == 1
    bend, whose = ("f″", "and f″") if one else ("κ", "in its most curved direction; κ")
    place = "everywhere" if path.landscape.quadratic else f"at {point_text(path, where)}"
    near = "" if path.landscape.quadratic else " near there"
    return (
        f"Each step multiplies the distance to the minimum by 1 − α {bend}, {whose} is "
        f"{plain(2 / limit)} {place}: only 0 < α < 2/{bend} = {plain(limit)} converges{near}."
    )


def lower_elsewhere(path: Descent) -> str:
    """Whether a scan around the path knows a lower value than the minimum that was found."""
    if path.end != "minimum" or len(path.landscape.names) > 2:
        return ""
    low, high = path.points.min(0), path.points.max(0)
    margin = np.maximum(10.0, 3 * (high - low))
    count = _SCAN if len(path.landscape.names) == 1 else int(_SCAN**0.5)
    axes = [np.linspace(a, b, count) for a, b in zip(low - margin, high + margin, strict=True)]
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes)], axis=-1)
    values = np.where(np.isnan(found := path.landscape.values(grid)), np.inf, found)
    best, end = int(np.argmin(values)), path.values[-1]
    window = ", ".join(
        f"{plain(axis[0], 3)} ≤ {name} ≤ {plain(axis[-1], 3)}"
        for name, axis in zip(path.landscape.names, axes, strict=True)
    )
    if values[best] < end - 1e-6 * (1 + abs(end)):
        return (
            f"It is not the lowest point: a scan of {window} finds f = {plain(values[best], 4)} "
            f"at {point_text(path, grid[best], 4)}. Descent ends in the valley it starts in."
        )
    return f"A scan of {window} finds nothing lower."


def point_text(path: Descent, point: Any, digits: int = 6) -> str:
    """``x = −2`` or ``x = 1, y = 2``."""
    pairs = zip(path.landscape.names, point, strict=True)
    return ", ".join(f"{name} = {plain(value, digits)}" for name, value in pairs)


def _minimum(path: Descent) -> str:
    where, value = point_text(path, path.points[-1]), plain(path.values[-1])
    if path.steps == 0:
        return f"The start {where} is a minimum already (f = {value}): there is nothing to do."
    return f"It ends at {where}, where f = {value}: a minimum, the slope is 0 and f curves upwards."


def _stationary(path: Descent) -> str:
    bends = np.linalg.eigvalsh(path.landscape.curvature(path.points[-1]))
    kind = "a maximum" if bends[-1] < 0 else "a saddle"
    where = point_text(path, path.points[-1])
    verb = "It starts at" if path.steps == 0 else "It ends at"
    return (
        f"{verb} {where}, {kind}: the slope is 0 there, so no step leads away, although f "
        "falls beside it. Start a little beside."
    )


def _flat(path: Descent) -> str:
    return (
        f"f is flat at {point_text(path, path.points[-1])} (f = {plain(path.values[-1])}): slope "
        "and curvature are 0, so gradient descent gets no direction. Start somewhere else."
    )


def _kink(path: Descent) -> str:
    where = ", ".join(path.landscape.kinks(path.points[-1]))
    if where and path.steps == 0:
        return (
            f"f has a kink at the start {point_text(path, path.points[-1])}: it has no slope there "
            "(0 is taken), and the descent does not move. Start a little beside."
        )
    return (
        f"f has a kink near {point_text(path, path.points[-1], 4)}, where it has no slope: the "
        "descent jumps across it and cannot settle. A smaller rate jumps less far."
    )


def _cycle(path: Descent) -> str:
    one, two = (point_text(path, p) for p in path.points[-2:])
    return _sentences(f"It jumps between {one} and {two} for ever.", *_rates(path))


def _slow(path: Descent) -> str:
    moved = float(np.max(np.abs(path.points[-1] - path.points[0])))
    limit = path.landscape.rate_limit(path.points[-1])
    room = f" (near here any α below 2/f″ = {plain(limit, 3)} is safe)" if limit < np.inf else ""
    did = f"{_count(path)} with α = {plain(path.rate)} moved it by {plain(moved, 3)}"
    did = did if moved else f"a step of α = {plain(path.rate)} times that is lost in rounding"
    return (
        f"It has hardly moved: the slope is {_slope(path)} here, and {did}. Try a larger "
        f"rate{room} or another start."
    )


def _budget(path: Descent) -> str:
    rose = np.any(np.diff(path.values[-20:]) > 0)
    text = (
        f"It has not arrived: after {_count(path)} the slope is still {_slope(path)} at "
        f"{point_text(path, path.points[-1])}. "
    )
    late = path.slopes[-20:]
    overshoots = np.any(np.sum(late[:-1] * late[1:], axis=1) < 0)
    if rose or overshoots:
        return _sentences(f"{text}The steps overshoot.", *_rates(path))
    return text + "Give it more steps, or a larger rate."


def _diverged(path: Descent) -> str:
    text = "It diverges: the steps are too long, each lands where f is steeper than before."
    return _sentences(text, *_rates(path))


def _unbounded(path: Descent) -> str:
    return (
        f"f falls without bound: it is {plain(path.values[-1], 3)} after {_count(path)}, and there "
        "is no minimum on this way."
    )


def _undefined(path: Descent) -> str:
    return (
        f"Step {path.steps} led to {point_text(path, path.points[-1])}, where f or its slope is "
        f"not a real number. {_working_rate(path) or 'Start elsewhere, or take a smaller rate.'}"
    )


_WORDS = {
    "minimum": _minimum,
    "stationary": _stationary,
    "flat": _flat,
    "kink": _kink,
    "cycle": _cycle,
    "slow": _slow,
    "budget": _budget,
    "diverged": _diverged,
    "unbounded": _unbounded,
    "undefined": _undefined,
}


def _count(path: Descent) -> str:
    return f"{path.steps} step{'s' * (path.steps != 1)}"


def _slope(path: Descent) -> str:
    slope = path.slopes[-1]
    return plain(slope[0], 3) if len(slope) == 1 else f"({', '.join(plain(s, 3) for s in slope)})"


def _sentences(*words: str) -> str:
    return " ".join(filter(None, words))


def _rates(path: Descent) -> tuple[str, str]:
    return rate_rule(path), _working_rate(path)


def _working_rate(path: Descent) -> str:
    rate, tried = _working(path)
    return f"With α = {plain(rate)} f falls at every step." if tried else ""


def _working(path: Descent) -> tuple[float, Descent | None]:
    """A smaller rate that was tried and brings f down steadily, if halving finds one."""
    rate = path.rate
    for _ in range(20):
        rate = float(f"{rate / 2:.1g}")
        tried = walk(path.landscape, path.points[0], rate, 200)
        falls = np.all(np.diff(tried.values) <= 1e-12 * np.abs(tried.values[:-1]))
        if falls and tried.end in ("minimum", "budget"):
            return rate, tried
    return rate, None
