"""L-BFGS through SciPy: the loss and its gradient over all rows at once, by the player."""

from collections.abc import Callable
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


def minimize(
    gradient: Gradient, params: list[Any], *, max_iter: int, max_fun: int, tol: float,
    each: Callable[[float, list[Any]], bool],
) -> tuple[list[Any], Any]:  # fmt: skip
    """The parameters where L-BFGS ends, and SciPy's account of it.

    each: called after an iteration with the loss and the parameters; True stops.
    """
    from scipy.optimize import minimize as scipy_minimize

    def callback(intermediate_result: Any) -> None:
        if each(float(intermediate_result.fun), gradient.cut(intermediate_result.x)):
            raise StopIteration

    found = scipy_minimize(
        gradient.flat,
        pack(params),
        method="L-BFGS-B",
        jac=True,
        callback=callback,
        options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
    )
    pairs = zip(gradient.cut(found.x), params, strict=True)
    return [x.astype(p.dtype) for x, p in pairs], found
