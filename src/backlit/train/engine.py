"""What moves the parameters: NumPy, or the native player. Both are asked in the same words."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..lower import Program, lower
from ..optim.optimizer import Optimizer
from .step import Step, step_graph

Values = list[Any]  # parameters, corrections, optimiser states: what a step moves
Snapshot = tuple[int, Sequence[Any]]  # steps done, and the values then


@dataclass
class Plan:
    """What is trained: the loss, an example of its parameters, the rows, how they are cut."""

    loss: Callable[..., Any]
    example: Any  # the parameters in the user's containers, in float64
    arrays: Sequence[Any]
    size: int  # rows of a batch
    optimizer: Optimizer
    dtype: Any
    seed: int = 0  # of what is drawn at random within a step
    _steps: dict[int, Step] = field(default_factory=dict[int, Step])
    _programs: dict[int, Program] = field(default_factory=dict[int, Program])

    @property
    def rows(self) -> int:
        """Of the data."""
        return len(self.arrays[0])

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return math.ceil(self.rows / self.size)

    def rows_of(self, step: int) -> slice:
        """Which places of an epoch's order a step takes."""
        return slice(step * self.size, min((step + 1) * self.size, self.rows))

    def weight(self, step: int) -> int:
        """How many rows a step takes: what its loss counts for in the mean of the epoch."""
        part = self.rows_of(step)
        return part.stop - part.start

    def batch(self, order: Any, step: int) -> list[Any]:
        """The rows of a step, floats in the dtype of the training: copies, or views."""
        part = self.rows_of(step)
        cut = [x[part] if order is None else x.take(order[part], axis=0) for x in self.arrays]
        return floats_in(self.dtype, cut)

    def rate(self, done: int) -> Any:
        """The learning rate of the step that comes after so many."""
        return self.dtype.type(self.optimizer.rate(done))

    def rates(self, done: int, count: int) -> Any:
        """Those of so many steps."""
        if not callable(self.optimizer.lr):
            return np.full(count, self.optimizer.lr, self.dtype)
        return np.array([self.optimizer.rate(done + i) for i in range(count)], self.dtype)

    def shares_graphs(self, other: "Plan") -> bool:
        """Was one made from the other, by `dataclasses.replace`?"""
        return self._steps is other._steps

    def graph(self, batch: Sequence[Any]) -> Step:
        """The graph of a step on so many rows: traced once, then kept."""
        rows = len(batch[0])
        if rows not in self._steps:
            exact = floats_in(float, batch)
            self._steps[rows] = step_graph(
                self.loss, self.example, exact, self.optimizer, self.dtype
            )
        return self._steps[rows]

    def program(self, order: Any, step: int) -> Program:
        """What the player plays in a step, or NumPyOnly with the reason why it cannot."""
        rows = self.weight(step)
        if rows not in self._programs:
            found = self.graph(self.batch(order, step))
            self._programs[rows] = lower(found.graph, found.parameters, found.data, self.dtype)
        return self._programs[rows]


class Engine(Protocol):
    """Plays steps of an epoch."""

    name: str  # for the user: what it is, and why
    seconds: float  # spent in steps

    @property
    def done(self) -> int:
        """Steps that were played."""
        ...

    @property
    def values(self) -> Values:
        """Parameters and all else now; they may change with the next step."""
        ...

    def finite(self) -> bool:
        """Are all values finite?"""
        ...

    def snapshot(self) -> Snapshot:
        """Where the training is; nothing that comes later changes it."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Go back there."""
        ...

    def stride(self, first: int) -> int:
        """How many steps from `first` on are best played in one go, so that Ctrl-C is heard."""
        ...

    def play(self, order: Any, first: int, count: int, total: float) -> tuple[float, int]:
        """Play steps of the epoch; stop behind one whose loss is not finite.

        Answers `total` with the losses added, each the loss before its step times its rows; and
        how many were finite.
        """
        ...


def floats_in(dtype: Any, arrays: Sequence[Any]) -> list[Any]:
    """Arrays of floats in a dtype; whole numbers and truth values stay what they are."""
    return [x.astype(dtype, copy=False) if x.dtype.kind == "f" else x for x in arrays]


def start(params: Sequence[Any], optimizer: Optimizer, dtype: Any) -> Values:
    """The values before the first step."""
    corrections = [np.zeros((), dtype) for _ in optimizer.corrections]
    return [*params, *corrections, *(np.zeros_like(p) for p in params for _ in optimizer.slots)]
