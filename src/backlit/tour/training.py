"""What the chapters that train have in common."""

from typing import Any

import numpy as np

from ..show.plot import Chart, Series
from ..train import Fit


def whole(trained: Any) -> Any:
    """A finished training; Ctrl-C, which `fit` turns into a reason to stop, stops the tour."""
    if trained.stop_reason.kind == "interrupted":
        raise KeyboardInterrupt
    return trained


def history(found: Fit, names: dict[str, str], each: str = "epoch") -> Chart:
    """The losses of a training; `names` says what each is called, `each` where it was taken."""
    curves = (found.history[key] for key in names)
    series = (
        Series(np.arange(1, len(curve) + 1), curve, "line", name)
        for curve, name in zip(curves, names.values(), strict=True)
    )
    return Chart(tuple(series), "", each, "loss", log_y=True)
