"""The largest error of each op: backlit's numbers against mpmath's, at points that are hard."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf

from backlit.derivatives import gradient_graph, value_and_grad
from backlit.ir.graph import Graph
from backlit.ir.interpret import interpret
from backlit.ir.op import REGISTRY, Op
from backlit.ir.trace import trace
from backlit.passes import prune

from .reference import ELEMENTWISE, Row
from .rows import ROWS, RowOp, rows

DTYPES = (np.float64, np.float32)
DIGITS = 50
SEED = 0
_NEAR_UNDERFLOW = 1024  # times the smallest normal number: below, numbers have fewer digits

# zeros, kinks and poles; where functions saturate, underflow and overflow in the two dtypes
_HARD = (
    *(1e-30, 1e-8, 1e-5, 1e-3, 0.0099, 0.1, 0.25, 0.46875, 0.5, 1, 1.5, np.pi / 2, 2, np.pi),
    *(4, 10, 16.6, 18.7, 30, 37, 38, 50, 88, 103, 200, 300, 700, 709, 745, 1e4, 1e6, 1e15, 1e30),
)
_PAIRED = (1e-30, 1e-3, 0.3, 1, 2.5, 37, 88, 700, 1e4, 1e30)


@dataclass(frozen=True)
class Worst:
    """The largest error of one kind, in ulp, and where it is."""

    ulps: float
    point: tuple[float, ...]
    points: int
    warned: str  # what NumPy said on the way, although the true results are ordinary numbers


def ulp(truth: Any, dtype: Any, beside: float) -> Any:
    """The distance between neighbouring numbers of a dtype at the truth, or at `beside`."""
    limits = np.finfo(dtype)
    size = max(abs(truth), beside, _NEAR_UNDERFLOW * mpf(float(limits.tiny)))
    return mpf(2) ** (mp.frexp(size)[1] - limits.nmant - 1)


def points(dtype: Any) -> Any:
    """Numbers of all sizes: the hard ones and their neighbours, dense ordinary ones, any."""
    rng, limits = np.random.default_rng(SEED), np.finfo(dtype)
    named = np.array([limits.smallest_subnormal, limits.tiny, *_HARD], dtype)
    decades = np.log10(np.array([limits.smallest_subnormal, limits.max], float))
    drawn = (
        rng.uniform(0, 1, 60),
        rng.uniform(0, 8, 120),
        rng.uniform(8, -decades[0] * 2.3, 60),
        10 ** rng.uniform(*decades, 60),
    )
    neighbours = [np.nextafter(named, dtype(end)) for end in (0, np.inf)]
    positive = np.concatenate([named, *neighbours, *drawn]).astype(dtype)
    positive = positive[positive > 0]  # (a drawn number may underflow)
    return np.concatenate([positive, [dtype(0)], -positive])


def pairs(dtype: Any) -> list[Any]:
    """Every two of the hard numbers, and pairs at random: alike, and of different size."""
    rng = np.random.default_rng(SEED)
    named = [0.0, *_PAIRED, *(-x for x in _PAIRED)]
    drawn = rng.uniform(-1, 1, (300, 2)) * np.repeat([[1], [8], [100]], 100, axis=0)
    return list(np.array([[x, y] for x in named for y in named] + drawn.tolist(), dtype).T)


def arguments(op: Op, dtype: Any) -> list[Any]:
    """Points for each input; where truth values are taken, the signs of the points."""
    x, *rest = [points(dtype)] if len(op.inputs) == 1 else pairs(dtype)
    every = [x, *rest, *([x[::-1]] if len(op.inputs) == 3 else [])]
    return [a > 0 if name in op.masks else a for name, a in zip(op.inputs, every, strict=True)]


def truth(f: Callable[..., Any], *xs: Any) -> Any:
    """f in many digits; None where it is no real number."""
    try:
        value = f(*[bool(x) if isinstance(x, np.bool_) else mpf(float(x)) for x in xs])
    except (ZeroDivisionError, ValueError, OverflowError):  # a pole; mpmath gives up
        return None
    value = mpf(value) if isinstance(value, (bool, int, float)) else value
    return value if isinstance(value, mpf) and mp.isfinite(value) else None


def compare(found: Any, truths: Sequence[Any], places: Sequence[Any], dtype: Any, beside: float):
    """(error in ulp, place) of the worst."""
    errors = [
        abs(mpf(float(y)) - t) / ulp(t, dtype, beside) if np.isfinite(y) else mp.inf
        for y, t in zip(found, truths, strict=True)
    ]
    worst = max(range(len(errors)), key=errors.__getitem__)
    return float(errors[worst]), places[worst]


def quietly(f: Callable[..., Any], *args: Any) -> tuple[Any, str]:
    """The result, and what NumPy would warn of."""
    try:
        with np.errstate(all="raise", under="ignore"):
            return f(*args), ""
    except FloatingPointError as error:
        with np.errstate(all="ignore"):
            return f(*args), str(error)


def study(f: Any, ask: Any, row: Row, args: Sequence[Any], dtype: Any, beside: float) -> Worst:
    """The worst of a NumPy function f at all points where op and truth are ordinary numbers."""
    largest = float(np.finfo(dtype).max) / 2
    every = [(xs, truth(ask, *xs), truth(row.value, *xs)) for xs in zip(*args, strict=True)]
    kept = [(xs, t) for xs, t, v in every if None not in (t, v) and abs(t) <= largest]
    places, truths = zip(*kept, strict=True)
    found, warned = quietly(f, *map(np.array, zip(*places, strict=True)))
    ulps, place = compare(found, truths, places, dtype, beside)
    return Worst(ulps, tuple(map(float, place)), len(kept), warned)


def slope(op: Op, i: int, dtype: Any) -> Callable[..., Any]:
    """∂op/∂(input i), entry by entry: the equations that `bl.grad` makes of Σ op."""

    def function(*xs: Any) -> Any:
        low, high = op.domain
        tame = [np.full(x.shape, low + (high - low) * (k + 2) / 6, dtype) for k, x in enumerate(xs)]
        tame = [x if x.dtype == bool else t for x, t in zip(xs, tame, strict=True)]
        inputs = ", ".join(op.inputs)
        total = eval(f"lambda {inputs}: np.sum(op({inputs}))", {"np": np, "op": op})
        graph, _ = gradient_graph(trace(total, *tame, wrt=(i,)), i)
        only = prune(Graph(graph.inputs, graph.equations, graph.outputs[1:]))
        return np.broadcast_to(interpret(only, *xs)[0], xs[0].shape)

    return function


def elementwise(name: str) -> Iterator[Worst]:
    """The four figures of an op: value in both dtypes, slope in both (two, if it has none)."""
    op, row = REGISTRY[name], ELEMENTWISE[name]
    for dtype in DTYPES:
        args = arguments(op, dtype)
        yield study(op.forward, row.value, row, args, dtype, row.beside[0])
    for dtype in DTYPES if row.slopes else ():
        args = arguments(op, dtype)
        every = [
            study(slope(op, i, dtype), ask, row, args, dtype, row.beside[1])
            for i, ask in enumerate(row.slopes)
            if ask
        ]
        yield max(every, key=lambda worst: (bool(worst.warned), worst.ulps))


def over_rows(name: str) -> Iterator[Worst]:
    """The same for a function of a row; the place of its worst is the row's number."""
    op = ROWS[name]
    every = [list(of_row(op, rows(name), dtype)) for dtype in DTYPES]
    for kind in (0, 1):
        for found in every:
            ulps, place = max((row[kind], i) for i, row in enumerate(found))
            yield Worst(ulps, (place,), len(found), next((row[2] for row in found if row[2]), ""))


def of_row(op: RowOp, xs: Any, dtype: Any) -> Iterator[tuple[float, float, str]]:
    """Errors of value and slopes on rows with ordinary results, and what NumPy said."""
    largest = float(np.finfo(dtype).max) / 2
    for x in (x.astype(dtype) for x in xs):
        exact = [mpf(t) for t in x.tolist()]
        value, slopes = op.value(exact), [mpf(t) for t in op.slopes(exact)]
        if max(map(abs, (value, *slopes))) > largest:
            continue
        found, said = quietly(value_and_grad(op.function), x)
        one, many = (b(exact) if callable(b) else b for b in op.beside)
        yield (
            compare([found[0]], [value], [0], dtype, one)[0],
            compare(found[1], slopes, x, dtype, many)[0],
            said,
        )


def measure(name: str) -> list[Worst]:
    """Value in float64 and float32, then slope, if the op has one."""
    with mp.workdps(DIGITS):
        return list(elementwise(name) if name in ELEMENTWISE else over_rows(name))
