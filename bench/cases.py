"""The cases as plain data, and what every contestant is given: rows, first weights, their order."""

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Case:
    """One training: a dense network on random rows with something to learn in them."""

    name: str
    title: str
    widths: tuple[int, ...]
    activation: str  # of the hidden layers
    loss: str  # "mse"; "half_mse" of sigmoid outputs, Nielsen's; "softmax": its cross-entropy
    batch: int
    optimizer: str
    rate: float
    rows: int
    copies: int = 1  # networks trained at the same time, each with a seed of its own
    only: tuple[str, ...] | None = None  # the peers that can do it; all, if None

    @property
    def steps(self) -> int:
        """Steps of an epoch, of all copies; the last of an epoch may be smaller."""
        return self.copies * math.ceil(self.rows / self.batch)

    @property
    def flops(self) -> int:
        """Operations of the matrix products of a step; the others do not count."""
        products = [fan_in * fan_out for fan_in, fan_out in itertools.pairwise(self.widths)]
        return 2 * self.batch * (3 * sum(products) - products[0])  # nothing goes back to the rows

    def grown(self, *, rows: int = 1, width: int = 1) -> "Case":
        """With so many times the rows, and the hidden layers so many times as wide.

        The rate is as many times smaller: rounding has no more time to part the peers' losses.
        """
        first, *hidden, last = self.widths
        widths = (first, *(width * n for n in hidden), last)
        rate = self.rate / (rows * width)
        return replace(self, rows=rows * self.rows, widths=widths, rate=rate)


CASES = {
    case.name: case
    for case in (
        Case("A", "tiny", (10, 16, 16, 1), "tanh", "mse", 16, "sgd", 0.05, 10_000),
        Case("B", "small", (20, 64, 64, 1), "relu", "mse", 32, "adam", 1e-3, 20_000),
        Case("C", "table", (54, 128, 128, 7), "relu", "softmax", 256, "adam", 1e-3, 100_000),
        Case("D", "Nielsen", (784, 30, 10), "sigmoid", "half_mse", 10, "sgd", 0.1, 60_000),
        Case("E", "digits", (784, 128, 10), "relu", "softmax", 128, "adam", 1e-3, 60_000),
        Case("F", "wide", (784, 1024, 1024, 10), "relu", "softmax", 256, "adam", 3e-4, 12_800),
    )
}
CASES["G"] = replace(CASES["A"], name="G", title="many", copies=64, only=("jax",))
START = replace(CASES["A"], title="cold start", rows=160)  # ten steps, in a fresh process
BETAS, EPS = (0.9, 0.999), 1e-8  # Adam's, in backlit and the peers


def data(case: Case):
    """X (rows, inputs) in float32, and y: class numbers, or rows of targets in float32."""
    rng = np.random.default_rng(1)
    teacher = rng.normal(0, case.widths[0] ** -0.5, (case.widths[0], case.widths[-1]))
    X = rng.standard_normal((case.rows, case.widths[0]), np.float32)
    Z = X @ teacher.astype(np.float32)
    if case.loss == "mse":
        return X, np.sin(Z)
    classes = np.argmax(Z, axis=1)
    if case.loss == "half_mse":
        return X, np.eye(case.widths[-1], dtype=np.float32)[classes]
    return X, classes


def weights(case: Case, seed: int = 0):
    """The first W and b of every layer, in float32."""
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0, m**-0.5, (m, n)).astype(np.float32), np.zeros(n, np.float32))
        for m, n in itertools.pairwise(case.widths)
    ]


def order(case: Case, epoch: int, seed: int = 0):
    """The rows in the order in which `backlit.fit` visits them in an epoch, counted from 1."""
    key = np.array([seed, epoch], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).permutation(case.rows)


def batches(case: Case, epoch: int):
    """The rows of each step of an epoch."""
    rows = order(case, epoch)
    return (rows[i : i + case.batch] for i in range(0, case.rows, case.batch))
