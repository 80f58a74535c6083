"""Compare the gradient of a graph with differences of its forward part.

Complex step f(w + ih)/h, exact to rounding, only where every op on the way says that it is
holomorphic (it is silently wrong for |x|, max and the like); 5-point differences elsewhere:
(f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h, error O(h⁴).
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DerivativeError, InputError
from ..ir.graph import Graph, Var
from ..ir.interpret import interpret
from ..ir.trace import trace
from ..passes import backpropagate, prune

_TOLERANCE = {"complex step": 1e-11, "5-point differences": 1e-5}
_FEW = 400  # weights that are all checked one by one; beyond, a sample and random directions
_SAMPLE = 60
_DIRECTIONS = 20
_NOISE = 4e-16  # rounding of one evaluation, relative to the loss


@dataclass(frozen=True)
class Check:
    """The answer of a gradient check. ``bool(check)`` is whether it passed."""

    passed: bool
    error: float  # largest |gradient − difference| relative to the largest slope
    worst: str  # the weight at which it is largest: W2[3,1]
    gradient: float
    difference: float
    method: str
    count: int  # weights and directions compared
    total: int  # weights there are
    kinks: tuple[str, ...]  # weights at which the loss has no derivative

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        verdict = "agrees with" if self.passed else "DISAGREES with"
        share = "every weight" if self.count == self.total else f"{self.count} comparisons"
        text = (
            f"The gradient {verdict} {self.method} ({share}, {self.total} weights): worst relative "
            f"error {self.error:.1e} at {self.worst}, {self.gradient:.9g} against "
            f"{self.difference:.9g}."
        )
        if self.kinks:
            text += f" No derivative exists at {', '.join(self.kinks[:5])}: left out."
        return text


def check_grad(f: Callable[..., Any], *args: Any, argnum: int = 0) -> Check:
    """Check ``bl.grad(f, argnum)(*args)`` against differences of f.

    >>> bool(check_grad(lambda w, x: np.sum(np.tanh(w * x)), np.ones(3), np.arange(3.0)))
    True
    """
    traced = trace(f, *args, wrt=(argnum,))
    wrt = [traced.graph.inputs[i] for i in traced.inputs_of(argnum)]
    return check_gradient(backpropagate(traced.graph, wrt), traced.values, wrt)


def check_gradient(graph: Graph, values: Sequence[Any], wrt: Sequence[Var]) -> Check:
    """Check a graph (L, ∂L/∂w …) at the given values of its inputs, in float64.

    Up to 400 weights each is compared; beyond, 60 of them drawn at random (with a fixed seed) and
    20 random directions, in each of which every weight moves.
    """
    if not wrt:
        raise InputError("there is nothing to check: no parameters were given")
    values = [_float64(v) for v in values]
    loss = prune(Graph(graph.inputs, graph.equations, graph.outputs[:1]))
    gradients = [np.asarray(g) for g in interpret(graph, *values)[1:]]
    places = [graph.inputs.index(w) for w in wrt]
    holomorphic = all(eqn.op.holomorphic for eqn in loss.equations)
    method = "complex step" if holomorphic else "5-point differences"
    slope = _complex_slope if holomorphic else _difference_slope

    def along(direction: list[Any]) -> tuple[float, float, bool]:
        moved = dict(zip(places, direction, strict=True))

        def f(t: Any) -> Any:
            return interpret(loss, *[_move(v, moved.get(i), t) for i, v in enumerate(values)])[0]

        return slope(f)

    rows, kinks = [], []
    scale = max((float(np.max(np.abs(g), initial=0.0)) for g in gradients), default=0.0)
    for name, direction in _directions(wrt, gradients):
        with np.errstate(all="ignore"):
            measured, noise, kink = along(direction)
        if kink:
            kinks.append(name)
            continue
        own = sum(float(np.sum(g * d)) for g, d in zip(gradients, direction, strict=True))
        size = max(scale, abs(own), abs(measured))
        error = abs(own - measured) / size if size else 0.0
        excused = abs(own - measured) <= noise  # no more than the rounding of the loss explains
        rows.append((not excused, error if np.isfinite(error) else np.inf, name, own, measured))
    if not rows:
        raise DerivativeError(f"the loss has no derivative at {', '.join(kinks[:5])}: a kink")
    blamed, error, worst, own, measured = max(rows, key=lambda row: row[:2])
    total = sum(int(np.prod(w.shape)) for w in wrt)
    passed = not blamed or error <= _TOLERANCE[method]
    return Check(passed, error, worst, own, measured, method, len(rows), total, tuple(kinks))


def _float64(value: Any) -> Any:
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind == "f" else array


def _move(value: Any, direction: Any, t: Any) -> Any:
    return value if direction is None else value + t * direction


def _directions(wrt: Sequence[Var], gradients: Sequence[Any]):
    """(name, one array per parameter): single weights, and random directions if there are many."""
    rng = np.random.default_rng(0)
    every = [(k, i) for k, w in enumerate(wrt) for i in np.ndindex(w.shape)]
    chosen = every
    if len(every) > _FEW:
        chosen = [every[j] for j in sorted(rng.choice(len(every), _SAMPLE, replace=False))]
    for k, place in chosen:
        direction = [np.zeros(w.shape) for w in wrt]
        direction[k][place] = 1.0
        name = wrt[k].name
        yield f"{name}[{','.join(map(str, place))}]" if place else name, direction
    for j in range(_DIRECTIONS if len(every) > _FEW else 0):
        direction = [rng.normal(size=w.shape) for w in wrt]
        length = np.sqrt(sum(float(np.sum(d * d)) for d in direction))
        yield f"random direction {j + 1}", [d / length for d in direction]


def _complex_slope(f: Callable[[Any], Any]) -> tuple[float, float, bool]:
    h = 1e-100
    return float(np.imag(f(1j * h)) / h), 0.0, False


def _difference_slope(f: Callable[[Any], Any]) -> tuple[float, float, bool]:
    """The best of a few step sizes (that whose neighbour agrees most), its noise, and a kink?"""
    middle = float(f(0.0))
    tries = []
    for h in (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5, 1e-6):
        left2, left, right, right2 = (float(f(k * h)) for k in (-2, -1, 1, 2))
        noise = _NOISE * max(map(abs, (left2, left, middle, right, right2))) / h
        tries.append(((left2 - 8 * left + 8 * right - right2) / (12 * h), noise, h, left, right))
    pairs = list(itertools.pairwise(tries))
    best = min(pairs, key=lambda pair: abs(pair[0][0] - pair[1][0]) + pair[0][1])[0]
    slope, noise, _, _, _ = best
    _, _, h, left, right = tries[-1]
    sides = (middle - left) / h, (right - middle) / h
    gap = abs(sides[1] - sides[0])
    coarse = tries[-2]
    before = abs((coarse[4] - middle) / coarse[2] - (middle - coarse[3]) / coarse[2])
    # a kink's gap stays as h shrinks; a curve's gap shrinks with h
    kink = gap > 1e-3 * max(map(abs, sides)) and gap > 0.7 * before and gap > 100 * noise
    return slope, 10 * noise, bool(kink)
