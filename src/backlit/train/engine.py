"""What moves the parameters: NumPy, or the native player. Both are asked in the same words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..optim.optimizer import Optimizer
from .step import Step, step_graph

Values = list[Any]  # parameters, corrections, optimiser states: what a step moves
Snapshot = tuple[int, Values]  # steps done, and the values then


@dataclass
class Plan:
    """What is trained: the loss, an example of its parameters, the rows, how they are cut."""

    loss: Callable[..., Any]
    example: Any  # the parameters in the user's containers, in float64
    arrays: Sequence[Any]
    size: int  # rows of a batch
    optimizer: Optimizer
    dtype: Any
    _steps: dict[int, Step] = field(default_factory=dict[int, Step])

    @property
    def rows(self) -> int:
        """Of the data."""
        return len(self.arrays[0])

    def rows_of(self, step: int) -> slice:
        """Which places of an epoch's order a step takes."""
        return slice(step * self.size, min((step + 1) * self.size, self.rows))

    def batch(self, order: Any, step: int) -> list[Any]:
        """The rows of a step, floats in the dtype of the training: copies, or views."""
        part = self.rows_of(step)
        cut = [x[part] if order is None else x.take(order[part], axis=0) for x in self.arrays]
        return [x.astype(self.dtype, copy=False) if x.dtype.kind == "f" else x for x in cut]

    def rate(self, done: int) -> Any:
        """The learning rate of the step that comes after so many."""
        return self.dtype.type(self.optimizer.rate(done))

    def graph(self, batch: Sequence[Any]) -> Step:
        """The graph of a step on so many rows: traced once, then kept."""
        rows = len(batch[0])
        if rows not in self._steps:
            exact = [x.astype(float) if x.dtype.kind == "f" else x for x in batch]
            self._steps[rows] = step_graph(
                self.loss, self.example, exact, self.optimizer, self.dtype
            )
        return self._steps[rows]


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

    def snapshot(self) -> Snapshot:
        """Where the training is; nothing that comes later changes it."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Go back there."""
        ...

    def stride(self, first: int) -> int:
        """How many steps from `first` on are best played in one go, so that Ctrl-C is heard."""
        ...

    def play(self, order: Any, first: int, count: int) -> tuple[float, int]:
        """Play steps of the epoch; stop behind one whose loss is not finite.

        Answers the sum of the losses, each the loss before its step, and how many were finite.
        """
        ...


def start(params: Sequence[Any], optimizer: Optimizer, dtype: Any) -> Values:
    """The values before the first step."""
    corrections = [np.zeros((), dtype) for _ in optimizer.corrections]
    return [*params, *corrections, *(np.zeros_like(p) for p in params for _ in optimizer.slots)]
