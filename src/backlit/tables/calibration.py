"""Are the probabilities of classes what they say? Of rows answered with 80 %, are 80 % right?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..prove.statistics import Estimate, share

_BINS = 10


@dataclass(frozen=True)
class Bin:
    """Held-out rows whose answer has a probability in one range."""

    low: float
    high: float
    rows: int
    confidence: float  # the mean probability of the answer
    right: Estimate  # the share of right answers, with Wilson's interval


def bins(probabilities: Any, truth: Any) -> list[Bin]:
    """Ten ranges of equal width, those that have rows; (rows, classes) and class numbers.

    >>> [(b.rows, b.right.value) for b in bins([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]], [0, 1, 1])]
    [(1, 0.0), (1, 1.0), (1, 1.0)]
    """
    probabilities = np.asarray(probabilities, float)
    best, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    places = np.minimum((best * _BINS).astype(int), _BINS - 1)
    found = []
    for place in np.unique(places):
        there = places == place
        rows = int(np.count_nonzero(there))
        known = share(int(np.count_nonzero(right[there])), rows)
        confidence = float(np.mean(best[there]))
        found.append(Bin(place / _BINS, (place + 1) / _BINS, rows, confidence, known))
    return found


def expected_error(ranges: Sequence[Bin]) -> float:
    """Σ rows |right − confidence| / Σ rows (Naeini, Cooper and Hauskrecht 2015)."""
    total = sum(b.rows for b in ranges)
    return sum(b.rows * abs(b.right.value - b.confidence) for b in ranges) / total
