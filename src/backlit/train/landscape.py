"""A function of a few numbers with its first and second derivatives: where descents walk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..derivatives import grad
from ..errors import InputError
from ..ir.graph import Graph, Lit
from ..ir.interpret import interpret
from ..ir.trace import trace
from ..ir.trees import leaves, map_tree
from ..passes import backpropagate
from ..show.document import written
from ..show.notation import TEXT, number

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Landscape:
    """f, its slopes ∂f/∂x and its curvature ∂²f/∂x∂x; made by `landscape`.

    A point is an array of one number for each variable.
    """

    graph: Graph  # (f, ∂f/∂x …)
    second: tuple[Graph, ...]  # for each variable (∂f/∂x, ∂²f/∂x∂x …)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables, in the order in which a point holds them."""
        return tuple(var.name for var in self.graph.inputs)

    @property
    def quadratic(self) -> bool:
        """Are the second derivatives the same everywhere?"""
        return all(isinstance(out, Lit) for graph in self.second for out in graph.outputs[1:])

    def value_and_slope(self, point: Any) -> tuple[float, Array]:
        """f and ∂f/∂x at a point; inf and nan are left as they are."""
        with np.errstate(all="ignore"):
            value, *slope = interpret(self.graph, *point)
        return float(value), np.array(slope, float)

    def values(self, points: Any) -> Array:
        """f at many points: shape (many, variables) → (many,)."""
        points = np.asarray(points, float)
        with np.errstate(all="ignore"):
            if all(eqn.op.elementwise for eqn in self.graph.equations):
                value = interpret(self.graph, *points.T)[0]
                return np.broadcast_to(np.asarray(value, float), len(points))
            return np.array([interpret(self.graph, *point)[0] for point in points], float)

    def curvature(self, point: Any) -> Array:
        """The second derivatives at a point: shape (variables, variables)."""
        with np.errstate(all="ignore"):
            return np.array([interpret(graph, *point)[1:] for graph in self.second], float)

    def rate_limit(self, point: Any) -> float:
        """2 over the largest second derivative at a point; infinite where f nowhere bends up.

        Near a minimum each step with a rate below it comes closer, and none with a rate above it.
        """
        curvature = self.curvature(point)
        if not np.all(np.isfinite(curvature)):
            return np.inf
        top = float(np.linalg.eigvalsh(curvature)[-1])
        return 2 / top if top > 0 else np.inf

    def kinks(self, point: Any) -> list[str]:
        """The variables in which f has another slope on the left than on the right."""
        h = 1e-6 * (1 + np.abs(point))
        here = self.values([point])
        left = (here - self.values(point - np.diag(h))) / h
        right = (self.values(point + np.diag(h)) - here) / h
        noise = 1e-14 * (1 + np.abs(here)) / h + 100 * h * np.max(np.abs(self.curvature(point)))
        differ = np.abs(right - left) > 1e-3 * (np.abs(left) + np.abs(right)) + noise
        return [name for name, odd in zip(self.names, differ, strict=True) if odd]


def landscape(f: Callable[[Any], Any], start: Any) -> tuple[Landscape, Array]:
    """Trace f at `start`, twice differentiated; and the start as a point.

    f: a NumPy function of a number, or of a tuple, list or dict of numbers, that returns a number.
    Raises InputError, in the reader's words, where f or its slope is not a number at the start.
    """
    found = list(leaves(start))
    if not found or not all(np.ndim(x) == 0 and np.isfinite(x) for _, x in found):
        raise InputError(f"start={start!r}: expected finite numbers. For arrays there is bl.fit.")

    start = map_tree(lambda _, x: np.float64(x), start)  # 1/0 is inf, as in arrays

    def gradient(function: Callable[[Any], Any]) -> tuple[Graph, tuple[Any, ...]]:
        traced = trace(function, start)
        return backpropagate(traced.graph, traced.graph.inputs), traced.values

    with np.errstate(all="ignore"):
        graph, values = gradient(f)
        point = np.array(values, float)
        _check_defined(graph, point)
        second = [
            gradient(lambda x, i=i: list(leaves(grad(f)(x)))[i][1])[0] for i in range(len(point))
        ]
    return Landscape(graph, tuple(second)), point


def _check_defined(graph: Graph, point: Array) -> None:
    """Name the first operation that gives no finite number."""
    env: dict[Any, Any] = dict(zip(graph.inputs, point, strict=True))
    for eqn in graph.equations:
        values = [x.value if isinstance(x, Lit) else env[x] for x in eqn.inputs]
        env[eqn.out] = eqn.op(*values, **eqn.settings)
        if not np.all(np.isfinite(env[eqn.out])):
            place = zip(graph.inputs, point, strict=True)
            where = ", ".join(f"{var.name} = {number(x)}" for var, x in place)
            what = "the slope of f" if eqn.because else "f"
            kind = "not a real number" if np.any(np.isnan(env[eqn.out])) else "infinite"
            raise InputError(
                f"{what} is not defined at the start {where}: {written(graph, eqn.out, TEXT)} is "
                f"{kind} there. Start somewhere else."
            )
