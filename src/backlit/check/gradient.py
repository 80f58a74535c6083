"""Compare the gradient of a graph with what its forward part alone says.

Complex steps only where every op on the way says that it is holomorphic (they are silently wrong
for |x|, max and the like); 5-point differences elsewhere. A weight is blamed only if its gradient
lies further from the measured slope than the measurement's own uncertainty explains.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DerivativeError, InputError
from ..ir.build import Builder
from ..ir.graph import Graph, Var
from ..ir.interpret import interpret
from ..ir.names import entry_name
from ..ir.trace import trace
from ..passes import backpropagate, prune
from .slope import Slope, complex_step, five_points

_TOLERANCE = {"complex steps": 1e-11, "5-point differences": 1e-6}
_FEW = 400  # weights that are all checked one by one; beyond, a sample and random directions
_SAMPLE = 60
_DIRECTIONS = 5  # of each parameter, if there are many weights
_CLEAR = 1e-3  # a slope less sure than this part of the parameter's largest one is not judged


@dataclass(frozen=True, repr=False)
class Check:
    """The answer of a gradient check. ``bool(check)`` is whether it passed."""

    passed: bool
    error: float  # |gradient − measured| relative to the parameter's largest slope, at `worst`
    worst: str  # the weight at which they differ most: W2[3,1]
    gradient: float
    measured: float
    method: str
    count: int  # weights and directions compared
    total: int  # weights there are
    kinks: tuple[str, ...]  # weights at which the loss has no derivative
    unsure: tuple[str, ...]  # weights whose slope is lost in the rounding of the loss

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        verdict = "agrees with" if self.passed else "DISAGREES with"
        weights = "1 weight" if self.total == 1 else f"{self.total} weights"
        share = "each compared"
        if self.count + len(self.kinks) != self.total:
            share = f"{self.count} samples and random directions compared"
        text = (
            f"The gradient {verdict} {self.method} ({weights}, {share}): worst "
            f"relative error {self.error:.1e} at {self.worst}, {self.gradient:.9g} against "
            f"{self.measured:.9g}."
        )
        if self.kinks:
            text += f" No derivative exists at {_some(self.kinks)}: left out."
        if self.unsure:
            text += f" Lost in the rounding of the loss, so not judged: {_some(self.unsure)}."
        return text

    __repr__ = __str__  # at the prompt of Python, too


@dataclass(frozen=True)
class _Row:
    """One comparison."""

    name: str
    gradient: float
    slope: Slope
    size: float  # the largest slope of this parameter
    noise: float  # how far rounding alone moves the gradient

    @property
    def error(self) -> float:
        difference = abs(self.gradient - self.slope.value)
        size = max(self.size, abs(self.slope.value))
        if not np.isfinite(difference):
            return np.inf
        return difference / size if difference else 0.0

    def blamed(self, tolerance: float) -> bool:
        allowed = self.slope.unsure + self.noise + tolerance * self.size
        return not abs(self.gradient - self.slope.value) <= allowed  # NaN is blamed, too

    @property
    def clear(self) -> bool:
        return self.slope.unsure + self.noise <= _CLEAR * self.size


def check(f: Callable[..., Any], *args: Any, argnum: int = 0) -> Check:
    """Check ``bl.grad(f, argnum)(*args)`` against slopes measured from values of f.

    If f returns arrays, v is drawn at random and ⟨v, f⟩ is checked: ⟨v, J u⟩ measured against
    ⟨Jᵀ v, u⟩ backpropagated (the adjoint identity), for unit vectors u. Raises InputError if there
    is nothing to check or f is not finite, DerivativeError if every weight lies at a kink.

    >>> bool(check(lambda w, x: np.sum(np.tanh(w * x)), np.ones(3), np.arange(3.0)))
    True
    >>> bool(check(lambda w, x: x @ w, np.ones((3, 2)), np.eye(3)))
    True
    """
    traced = trace(f, *args, wrt=(argnum,))
    wrt = [traced.graph.inputs[i] for i in traced.inputs_of(argnum)]
    return check_gradient(backpropagate(_scalar(traced.graph), wrt), traced.values, wrt)


def check_gradient(graph: Graph, values: Sequence[Any], wrt: Sequence[Var]) -> Check:
    """Check a graph (L, ∂L/∂w …) at the given values of its inputs, in float64.

    Up to 400 weights each is compared; beyond, 60 of them drawn at random (with a fixed seed) and
    random directions in each parameter, in which all its weights move. Raises as `check` does.
    """
    total = sum(int(np.prod(w.shape)) for w in wrt)
    if not total:
        raise InputError("there is nothing to check: no parameters were given, or all are empty")
    values = [_float64(v) for v in values]
    loss = prune(Graph(graph.inputs, graph.equations, graph.outputs[:1]))
    method = "5-point differences"
    if all(eqn.op.holomorphic for eqn in loss.equations):
        method = "complex steps"
    with np.errstate(all="ignore"):
        rows = list(_compare(graph, loss, values, wrt, method))
    kinks = tuple(row.name for row in rows if row.slope.kink)
    rows = [row for row in rows if not row.slope.kink]
    if not rows:
        raise DerivativeError(f"the loss has no derivative at {_some(kinks)}: a kink")
    tolerance = _TOLERANCE[method]
    blamed = [row for row in rows if row.blamed(tolerance)]
    clear = [row for row in rows if row.clear]
    unsure = [row for row in rows if row.size and not (row.clear or row in blamed)]
    worst = max(blamed or clear or rows, key=lambda row: row.error)
    return Check(
        not blamed,
        worst.error,
        worst.name,
        worst.gradient,
        worst.slope.value,
        method,
        len(rows),
        total,
        kinks,
        tuple(row.name for row in unsure),
    )


def _compare(
    graph: Graph, loss: Graph, values: Sequence[Any], wrt: Sequence[Var], method: str
) -> Iterator[_Row]:
    value, *gradients = interpret(graph, *values)
    if not np.isfinite(value):
        raise InputError(f"the loss is {value:g} here: there is no slope to measure")
    noise = _rounding(graph, values, gradients) if method == "complex steps" else [0.0] * len(wrt)
    for k, (w, gradient) in enumerate(zip(wrt, gradients, strict=True)):
        place = graph.inputs.index(w)
        largest = _largest(gradient)
        for name, direction in _directions(wrt, k):

            def f(t: Any, place: int = place, direction: Any = direction) -> Any:
                point = [*values]
                point[place] = values[place] + t * direction
                return interpret(loss, *point)[0]

            own = float(np.sum((gradient * direction)[direction != 0]))
            if method == "complex steps":
                slope = complex_step(f)
            else:
                slope = five_points(f, _size(values[place], direction))
            yield _Row(name, own, slope, largest, noise[k])


def _rounding(graph: Graph, values: Sequence[Any], gradients: Sequence[Any]) -> list[float]:
    """What rounding may do to each gradient.

    How far it moves with the last bit of the inputs; and at least a few roundings of the largest
    slope, because a saturated unit's own slope, 1 − tanh², is only as exact as its 1 is.
    """
    rng = np.random.default_rng(0)

    def near(value: Any) -> Any:
        if value.dtype.kind != "f":
            return value
        return value * (1 + 2.0**-52 * rng.choice([-1, 0, 1], size=value.shape))

    points = [interpret(graph, *map(near, values))[1:] for _ in range(5)]
    moved = [
        [_largest(g - own) for g in column] for own, *column in zip(gradients, *points, strict=True)
    ]
    least = 100 * 2.0**-52 * max(map(_largest, gradients))
    return [10 * max(distances) + least for distances in moved]


def _largest(array: Any) -> float:
    return float(np.max(np.abs(array), initial=0.0, where=np.isfinite(array)))


def _directions(wrt: Sequence[Var], k: int) -> Iterator[tuple[str, Any]]:
    """Single weights of parameter k; if there are many in all, a sample, and random directions."""
    w, rng = wrt[k], np.random.default_rng(k)
    places = list(np.ndindex(w.shape))
    many = sum(int(np.prod(v.shape)) for v in wrt) > _FEW
    if many:
        count = min(len(places), -(-_SAMPLE // len(wrt)))
        places = [places[i] for i in sorted(rng.choice(len(places), count, replace=False))]
    for place in places:
        direction = np.zeros(w.shape)
        direction[place] = 1.0
        yield entry_name(w.name, place), direction
    for i in range(_DIRECTIONS if many and w.shape else 0):
        direction = rng.normal(size=w.shape)
        yield f"{w.name} (random direction {i + 1})", direction / np.linalg.norm(direction)


def _size(value: Any, direction: Any) -> float:
    """The size of what moves: the weight's own, else that of its parameter, else 1."""
    own = float(np.linalg.norm(value[direction != 0]))
    return own or float(np.sqrt(np.mean(value**2))) or 1.0


def _scalar(graph: Graph) -> Graph:
    """The graph itself if it gives one number, else ⟨v, outputs⟩ with random v."""
    if len(graph.outputs) == 1 and graph.outputs[0].shape == ():
        return graph
    rng = np.random.default_rng(0)
    builder = Builder(graph)
    with builder.active():
        terms = [
            np.sum(rng.normal(size=y.shape) * builder.value(y))
            for y in graph.outputs
            if y.dtype.kind == "f"
        ]
        return builder.finish([sum(terms)])


def _float64(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind == "f" else array


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
