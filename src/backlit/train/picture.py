"""The chart of a descent: the curve with the steps on it, or f from step to step."""

import numpy as np

from ..show.plot import Chart, Series
from .descent import Descent

_SAMPLES = 601
_EARLY = 5  # points shown of a descent that ran away: the rest would flatten the curve to a line


def picture(path: Descent, title: str = "") -> Chart:
    """One variable: f around the path, and the path on it; more variables: f at each step."""
    kept = _EARLY if path.end in ("diverged", "unbounded") else len(path.points)
    points, values = path.points[:kept], path.values[:kept]
    if points.shape[1] > 1:
        log = bool(np.all(values > 0) and np.max(values) > 100 * np.min(values))
        steps = Series(np.arange(len(values)), values, "path", "descent")
        return Chart((steps,), title, "step", "f", log_y=log)
    x = points[:, 0]
    span = max(float(np.ptp(x)), 0.05 * (1 + float(np.max(np.abs(x)))))
    across = np.linspace(x.min() - 0.6 * span, x.max() + 0.6 * span, _SAMPLES)
    curve = path.landscape.values(across[:, None])
    low, high = np.nanmin(values), np.nanmax(values)
    rise = (high - low) or max(float(np.ptp(curve[np.isfinite(curve)])), 1e-9)
    with np.errstate(invalid="ignore"):  # near a pole the curve is left out, not the picture
        curve = np.where((curve < low - 2 * rise) | (curve > high + 2 * rise), np.nan, curve)
    name = path.landscape.names[0]
    return Chart(
        (Series(across, curve, "line", "f"), Series(x, values, "path", "descent")),
        title,
        name,
        f"f({name})",
    )
