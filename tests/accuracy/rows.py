"""Ops and losses of a whole row of numbers: what they should give in mpmath, as in reference.py."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf

from backlit import nn
from backlit.ops.reduce import logsumexp

from .reference import sigma, softplus

SEED = 0
LOGITS = (  # large, equal, tiny, and with one that takes nearly all
    *([0, 1e4, -1e4], [1e4, -1e4, 0], [-1e4, 1e4, 0], [700, -700, 0], [-88, 88, 1], [1e30, 0]),
    *([12, 0], [0, 12], [40, 0], [0, 40], [37, 0, -37], [0, 0, 0], [1e-30, -1e-30], [0, 1e30]),
)


@dataclass(frozen=True)
class RowOp:
    """A number made of a row x, and its slopes; `most` and `beside` as in `Row`.

    `beside` may be a function of the row: the size of what is added up.
    """

    function: Any  # of NumPy
    value: Any
    slopes: Any
    most: tuple[float, ...]
    beside: tuple[Any, Any] = (0, 0)


def log_total(x):
    largest = max(x)
    return largest + mp.log(mp.fsum(mp.exp(t - largest) for t in x))


def chances(x):
    total = log_total(x)
    return [mp.exp(t - total) for t in x]


def first_chance_slopes(x):
    p, *others = chances(x)
    return [p * mp.fsum(others), *(-p * q for q in others)]


def first_log_chance_slopes(x):
    _, *others = chances(x)
    return [mp.fsum(others), *(-q for q in others)]


def mean(x):
    return mp.fsum(x) / len(x)


def apart(x):
    middle = mean(x)
    return [t - middle for t in x]


def var(x):
    return mp.fsum(t * t for t in apart(x)) / len(x)


def std(x):
    return mp.sqrt(var(x))


def std_slopes(x):
    scale = len(x) * std(x)
    return [t / scale if scale else mpf(0) for t in apart(x)]


def others(x):
    """The product of all other entries, for each."""
    before, after = [mpf(1)], [mpf(1)]
    for a, b in zip(x, reversed(x), strict=True):
        before.append(before[-1] * a)
        after.append(after[-1] * b)
    return [a * b for a, b in zip(before[:-1], reversed(after[:-1]), strict=True)]


def bits(n):
    return [i % 2 for i in range(n)]


def cross_entropy_of_bits(z):
    return mean([softplus(-t if y else t) for t, y in zip(z, bits(len(z)), strict=True)])


def largest(x):
    """the largest"""
    return max(map(abs, x))


def largest_std(x):
    """the largest · std"""
    return largest(x) * std(x)


def largest_per_std(x):
    """the largest / std"""
    return largest(x) / std(x) if std(x) else mpf(1)


def bce(z):
    return nn.bce_with_logits(z, np.array(bits(z.shape[0]), z.dtype))


def bce_slopes(z):
    sides = zip(z, bits(len(z)), strict=True)
    return [(-sigma(-t) if y else sigma(t)) / len(z) for t, y in sides]


def cross_entropy(z):
    return nn.softmax_cross_entropy(np.reshape(z, (1, -1)), np.array([0]))


ROWS = {
    "softmax": RowOp(
        lambda x: nn.softmax(x)[0], lambda x: chances(x)[0], first_chance_slopes,
        (1, 1, 1, 1), (1, 1),
    ),
    "log_softmax": RowOp(
        lambda x: nn.log_softmax(x)[0], lambda x: x[0] - log_total(x), first_log_chance_slopes,
        (2, 2, 1, 1), (1, 1),
    ),
    "logsumexp": RowOp(logsumexp, log_total, chances, (1, 2, 1, 1), (1, 1)),
    "softmax_cross_entropy": RowOp(
        cross_entropy, lambda x: log_total(x) - x[0],
        lambda x: [-t for t in first_log_chance_slopes(x)], (2, 2, 1, 1), (1, 1),
    ),
    "bce_with_logits": RowOp(bce, cross_entropy_of_bits, bce_slopes, (2, 2, 1, 1), (largest, 1)),
    "sum": RowOp(np.sum, mp.fsum, lambda x: [1] * len(x), (8, 8, 0, 0), (largest, 0)),
    "mean": RowOp(
        np.mean, mean, lambda x: [1 / mpf(len(x))] * len(x), (2, 2, 0.5, 0.5), (largest, 0)
    ),
    "prod": RowOp(np.prod, mp.fprod, others, (4, 4, 32, 32)),
    "var": RowOp(
        np.var, var, lambda x: [2 * t / len(x) for t in apart(x)],
        (4, 4, 2, 2), (largest_std, largest),
    ),
    "std": RowOp(np.std, std, std_slopes, (2, 2, 2, 2), (largest, largest_per_std)),
}  # fmt: skip
ON_LOGITS = tuple(ROWS)[:5]


def rows(name: str) -> list[Any]:
    """Rows at random, 2 to 1000 numbers, close together or not, near 0 or far off; and logits."""
    rng = np.random.default_rng(SEED)
    drawn = [
        rng.normal(middle, width, size)
        for size in (2, 10, 1000)
        for width in (1e-3, 1, 30)
        for middle in (0, 1e4)
    ]
    return [*drawn, *map(np.array, LOGITS if name in ON_LOGITS else ())]
