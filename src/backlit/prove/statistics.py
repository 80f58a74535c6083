"""How sure a figure from a few trials is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

_RESAMPLES = 10_000


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = max(2, 1 - math.floor(math.log10(self.high - self.low))) if self.known else 4
        value, low, high = (f"{x:z.{digits}f}" for x in (self.value, self.low, self.high))
        return f"{value} [{low}, {high}]" if self.known else value

    @property
    def known(self) -> bool:
        """Is there an interval of some width? Not from one trial, nor from equal ones."""
        return self.high > self.low


def mean(values: Sequence[float]) -> Estimate:
    """The mean, with the bootstrap interval: what the means of resampled trials span.

    No normal distribution is assumed: R² ends at 1, and its trials are skewed. The interval of
    fewer than ten trials is too narrow. Source: Efron 1979.

    >>> print(mean([0.0, 1.0, 2.0, 3.0]))
    1.50 [0.50, 2.50]
    """
    trials = np.asarray(values, float)
    rows = np.random.default_rng(0).integers(len(trials), size=(_RESAMPLES, len(trials)))
    low, high = np.quantile(np.mean(trials[rows], axis=1), [0.025, 0.975])
    return Estimate(float(np.mean(trials)), float(low), float(high))


def share(successes: int, trials: int) -> Estimate:
    """successes/trials with Wilson's interval, which is right near 0 and 1, too.

    (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.96. Source: Wilson 1927.

    >>> print(share(18, 20))
    0.90 [0.70, 0.97]
    """
    z, n, p = NormalDist().inv_cdf(0.975), trials, successes / trials
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Estimate(p, max(middle - half, 0.0), min(middle + half, 1.0))
