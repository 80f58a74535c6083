"""Rows for training and rows held out, every class in both by its share."""

import numpy as np


def split(groups: np.ndarray, share: float, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """(the rows that stay, about `share` of the rows), drawn group by group, each in order.

    Of n rows of a group, n·share are drawn, rounded up or down at random; one always stays.

    >>> stay, drawn = split(np.repeat([0, 1], [80, 20]), 0.25, np.random.default_rng(0))
    >>> len(stay), len(drawn), np.sum(drawn >= 80)
    (75, 25, np.int64(5))
    """
    drawn = np.zeros(len(groups), bool)
    for group in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == group))
        count = int(len(rows) * share + rng.uniform())
        drawn[rows[: min(count, len(rows) - 1)]] = True
    return np.flatnonzero(~drawn), np.flatnonzero(drawn)
