"""How well predictions agree with what is known, and how sure that figure is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..prove.statistics import Estimate, share
from .values import counted

_RESAMPLES = 1000
_MOST_DRAWN = 200_000_000  # rows drawn for all resamples together: seconds, not minutes
_FEWEST = 100
_FEWEST_ROWS = 10  # of fewer a bootstrap interval is much too narrow: the figure stands alone


@dataclass(frozen=True)
class Accuracy:
    """Rows whose class is right."""

    right: int
    rows: int

    words, simplest, interval = "accuracy", "most frequent class", True

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.rows or self.rows == 0:
            raise ValueError("right must be 0 to rows, rows > 0")

    @property
    def estimate(self) -> Estimate:
        """The share of right rows, with Wilson's interval."""
        return share(self.right, self.rows)

    @property
    def figure(self) -> float:
        """To compare models by: the larger, the better."""
        return self.right / self.rows

    def better_than(self, other: "Accuracy") -> bool:
        """By more than the interval is wide."""
        return self.estimate.low > other.figure

    def __str__(self) -> str:
        found = self.estimate
        value, low, high = (100 * x for x in (found.value, found.low, found.high))
        return (
            f"{value:.1f} % [{low:.1f}, {high:.1f}]  {self.right:,} of {counted(self.rows, 'row')}"
        )


@dataclass(frozen=True)
class Error:
    """Errors of a quantity in its own units; r2 is unknown where all rows have the same value."""

    r2: Estimate | None  # 1 − Σ(y − ŷ)² / Σ(y − ȳ)²
    rmse: Estimate  # √ mean (y − ŷ)²
    mae: float  # mean |y − ŷ|
    rows: int

    words, simplest = "R² and root mean squared error (RMSE)", "mean"

    @property
    def figure(self) -> float:
        """To compare models by: the larger, the better."""
        return -self.rmse.value

    @property
    def interval(self) -> bool:
        """Are there rows enough for intervals?"""
        return self.rows >= _FEWEST_ROWS

    def better_than(self, other: "Error") -> bool:
        """By more than the interval of R² is wide."""
        return self.interval and bool(self.r2 and other.r2 and self.r2.low > other.r2.value)

    def __str__(self) -> str:
        r2 = f"R² {self.r2}" if self.r2 else "R² unknown"
        return f"{r2:<28}  RMSE {figures(self.rmse)}"


Score = Accuracy | Error


@dataclass(frozen=True)
class Below:
    """A quantile, and how many rows have a true value that is not above its prediction."""

    quantile: float
    below: int
    rows: int

    def __post_init__(self) -> None:
        if not 0 <= self.below <= self.rows or self.rows == 0:
            raise ValueError("below must be 0 to rows, rows > 0")

    @property
    def estimate(self) -> Estimate:
        """The share of these rows, with Wilson's interval."""
        return share(self.below, self.rows)


def coverage(quantiles: Sequence[float], truth: Any, answered: Any) -> tuple[Below, ...]:
    """Of each quantile; answered (rows, quantiles), or (rows) for one."""
    columns = np.reshape(answered, (len(truth), -1)).T
    pairs = zip(quantiles, columns, strict=True)
    return tuple(Below(q, int(np.sum(truth <= x)), len(truth)) for q, x in pairs)


def middle(quantiles: Sequence[float], answered: Any) -> Any:
    """Of several quantiles the one nearest the median; what is one answer a row, as it is."""
    if np.ndim(answered) == 1:
        return answered
    return answered[:, int(np.argmin(np.abs(np.array(quantiles) - 0.5)))]


def accuracy(truth: Any, predicted: Any) -> Accuracy:
    """Of class numbers."""
    return Accuracy(int(np.sum(truth == predicted)), len(truth))


def error(truth: Any, predicted: Any) -> Error:
    """Of quantities, with bootstrap intervals: what the same figures of resampled rows span."""
    truth, n = np.asarray(truth, float), len(truth)
    centre = np.mean(truth)
    unit = np.max(np.abs(truth - centre)) or 1.0  # in such units no square overflows
    y, e = (truth - centre) / unit, (truth - predicted) / unit
    rng = np.random.default_rng(0)
    whole = _r2_rmse(y, e)
    resamples = int(np.clip(_MOST_DRAWN // n, _FEWEST, _RESAMPLES)) if n >= _FEWEST_ROWS else 0
    drawn = (rng.integers(n, size=n) for _ in range(resamples))
    r2, rmse = np.transpose([whole, *(_r2_rmse(y[rows], e[rows]) for rows in drawn)])
    known = r2[np.isfinite(r2)]  # a few rows may all be drawn with the same value
    return Error(
        _estimate(whole[0], known) if np.isfinite(whole[0]) else None,
        _estimate(whole[1] * unit, rmse * unit),
        float(np.mean(np.abs(e)) * unit),
        n,
    )


def _r2_rmse(y: Any, e: Any) -> tuple[float, float]:
    squares, spread = np.sum(e * e), np.sum((y - np.mean(y)) ** 2)
    return 1 - squares / spread if spread > 0 else np.nan, np.sqrt(squares / len(e))


def _estimate(value: Any, resampled: Any) -> Estimate:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Estimate(float(value), float(low), float(high))


def figures(estimate: Estimate) -> str:
    """As many decimals as two digits of the interval's width have."""
    value, low, high = estimate.value, estimate.low, estimate.high
    if not high > low:
        return f"{value:.3g}"
    decimals = max(1 - math.floor(math.log10(high - low)), 0)
    return f"{value:,.{decimals}f} [{low:,.{decimals}f}, {high:,.{decimals}f}]"
