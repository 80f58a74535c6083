"""The loss and its gradient over all rows at once, by the player."""

from typing import Any

import numpy as np

from ..train.choose import choose_engine
from ..train.engine import Plan, start
from ..train.training import reading


class Gradient:
    """The loss of a plan over all its rows and its gradient; the plan's optimiser keeps it.

    See `solvers.gradients`: a step moves nothing, and writes the gradient beside the parameters.
    """

    def __init__(self, plan: Plan, params: list[Any], engine: str, threads: int | None) -> None:
        values = start(params, plan.optimizer, plan.dtype)
        self._count, self._shapes = len(params), [x.shape for x in params]
        self._rows = plan.rows
        with reading(lambda: 0):
            self._engine = choose_engine(engine, plan, values, None, threads)
        self.engine = self._engine.name

    def at(self, params: list[Any]) -> tuple[float, list[Any]]:
        """The loss, and a gradient for each parameter: views that the next call overwrites."""
        self._engine.restore((0, [*params, *self._engine.values[self._count :]]))
        with np.errstate(all="ignore"):
            total, played = self._engine.play(None, 0, 1, 0.0)
        loss = total / self._rows if played else np.inf
        return loss, self._engine.values[self._count :]

    def flat(self, x: Any) -> tuple[float, Any]:
        """The same of one vector, in float64."""
        loss, gradient = self.at(self.cut(x))
        return loss, pack(gradient)

    def cut(self, x: Any) -> list[Any]:
        """A vector as parameters."""
        ends = np.cumsum([int(np.prod(shape)) for shape in self._shapes])
        parts = np.split(x, ends[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, self._shapes, strict=True)]


def pack(arrays: list[Any]) -> Any:
    """One vector of all numbers, in float64."""
    return np.concatenate([np.ravel(x) for x in arrays]).astype(float)
