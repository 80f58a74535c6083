"""The chart of a descent: the path on the curve, on a map of the surface, or f step by step."""

import numpy as np

from ..show.contour import level_lines
from ..show.plot import Chart, Series
from .descent import Descent

_SAMPLES = 601
_GRID, _LEVELS = 81, 7  # points across a map, and heights drawn on it
_DOTS = 400  # steps drawn, evenly chosen, the first and the last among them
_EARLY = 5  # points shown of a descent that ran away: the rest would flatten the curve to a line


def picture(path: Descent, title: str = "") -> Chart:
    """One variable: the curve; two: a map with level lines; more: f at each step."""
    ran_away = path.end in ("diverged", "unbounded")
    kept = min(_EARLY if ran_away else len(path.points), len(path.points))
    shown = np.unique(np.linspace(0, kept - 1, _DOTS).astype(int))
    points, values = path.points[shown], path.values[shown]
    kinds = {1: _curve, 2: _map}
    if points.shape[1] in kinds:
        return kinds[points.shape[1]](path, points, values, title)
    log = bool(np.all(values > 0) and np.max(values) > 100 * np.min(values))
    return Chart((Series(shown, values, "path", "descent"),), title, "step", "f", log_y=log)


def _curve(path: Descent, points: np.ndarray, values: np.ndarray, title: str) -> Chart:
    x = points[:, 0]
    across = np.linspace(*_window(x, 0.6), _SAMPLES)
    curve = path.landscape.values(across[:, None])
    low, high = np.nanmin(values), np.nanmax(values)
    known = curve[np.isfinite(curve)]
    rise = (high - low) or float(np.ptp(known) if known.size else 0) or 1.0
    with np.errstate(invalid="ignore"):  # near a pole the curve is left out, not the picture
        curve = np.where((curve < low - 2 * rise) | (curve > high + 2 * rise), np.nan, curve)
    (name,) = path.landscape.names
    series = Series(across, curve, "line", "f"), Series(x, values, "path", "descent")
    return Chart(series, title, name, f"f({name})")


def _map(path: Descent, points: np.ndarray, values: np.ndarray, title: str) -> Chart:
    spread = float(np.max(np.ptp(points, axis=0)))
    x, y = (np.linspace(*_window(column, 0.4, spread / 2), _GRID) for column in points.T)
    grid = np.stack([axis.ravel() for axis in np.meshgrid(x, y)], axis=-1)
    heights = path.landscape.values(grid).reshape(_GRID, _GRID)
    known = heights[np.isfinite(heights)]
    low, high = (known.min(), np.quantile(known, 0.9)) if known.size else (0.0, 1.0)
    levels = low + (high - low) * np.linspace(0, 1, _LEVELS + 1)[1:] ** 2  # denser in the valley
    lines = Series(*level_lines(x, y, heights, levels), "line", "heights of f")
    return Chart((lines, Series(*points.T, "path", "descent")), title, *path.landscape.names)


def _window(x: np.ndarray, margin: float, least: float = 0.0) -> tuple[float, float]:
    """The range of x with a margin, never of no width."""
    span = max(float(np.ptp(x)), least, 0.05 * (1 + float(np.max(np.abs(x)))))
    middle = (x.min() + x.max()) / 2
    half = max(float(np.ptp(x)) / 2 + margin * span, span / 2)
    return middle - half, middle + half
