"""Pictures of a training: its losses, and how the answers for held-out rows compare with them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..prove.statistics import Estimate
from ..show.plot import Chart, Series
from .calibration import Bin
from .learn import Training
from .score import Below, middle

_MOST_POINTS = 2000  # of held-out rows that are drawn, evenly chosen
_WIDE = 10  # times as large as the smallest is the largest loss of a logarithmic axis


def curves(training: Training) -> Chart:
    """Training and validation loss by epoch, and the epoch that is kept."""
    history, best = training.learnt.fit.history, training.learnt.best
    titles = {"loss": "training", "validation_loss": "validation"}
    epochs = np.arange(1, len(history["loss"]) + 1)
    series = [Series(epochs, losses, "line", titles[key]) for key, losses in history.items()]
    if "validation_loss" in history:
        kept = history["validation_loss"][best - 1]
        series.append(Series([best], [kept], "points", f"kept: epoch {best:,}"))
    every = np.concatenate([[*losses] for losses in history.values()])
    log = bool(np.all(every > 0) and every.max() > _WIDE * every.min())
    return Chart(tuple(series), "Loss", "epoch", "mean loss of a row", log_y=log)


def predicted_against_true(training: Training) -> Chart:
    """A point for each held-out row; a right answer lies on the line."""
    truth, answer = _drawn(training)
    ends = [min(truth.min(), answer.min()), max(truth.max(), answer.max())]
    return Chart(
        (Series(truth, answer, "points", "held-out rows"), Series(ends, ends, "line", "as true")),
        "Predicted against true", "true", "predicted",
    )  # fmt: skip


def residuals(training: Training) -> Chart:
    """True less predicted, by what was predicted."""
    truth, answer = _drawn(training)
    ends = [answer.min(), answer.max()]
    zero = Series(ends, [0, 0], "line", "no error")
    points = Series(answer, truth - answer, "points", "held-out rows")
    return Chart((points, zero), "Residuals", "predicted", "true − predicted")


def reliability(ranges: Sequence[Bin]) -> Chart:
    """The share of right answers by their probability; on the line they agree."""
    found = _with_intervals([b.confidence for b in ranges], [b.right for b in ranges])
    agreed = Series([0, 1], [0, 1], "line", "as they say")
    return Chart(
        (*found, agreed), "Calibration", "probability of the answer", "share that is right"
    )


def covering(quantiles: Sequence[Below]) -> Chart:
    """The share of true values at or below each quantile."""
    found = _with_intervals([b.quantile for b in quantiles], [b.estimate for b in quantiles])
    agreed = Series([0, 1], [0, 1], "line", "as asked")
    return Chart((*found, agreed), "Coverage", "quantile", "share at or below it")


def _with_intervals(x: Sequence[float], shares: Sequence[Estimate]) -> tuple[Series, Series]:
    """Upright lines from the low to the high end of intervals, and points on them."""
    points = Series(x, [share.value for share in shares], "points", "held-out rows")
    across = [place for at in x for place in (at, at, np.nan)]
    up = [end for share in shares for end in (share.low, share.high, np.nan)]
    return Series(across, up, "line", "95 % interval"), points


def _drawn(training: Training) -> tuple[Any, Any]:
    """True values and answers of the rows that are drawn; of quantiles the middle one."""
    quantiles = training.model.about.settings.quantiles
    truth, answer = training.truth, middle(quantiles, training.answered)
    some = np.unique(np.linspace(0, len(truth) - 1, _MOST_POINTS).astype(int))
    return truth[some], answer[some]
