"""Reductions over axes: sum, mean, product, largest, smallest, log-sum-exp, any, all."""

import numpy as np

from ..ir.op import implements, op
from .activation import softmax
from .axes import all_axes, count, normal_axes
from .shape import astype, broadcast_to, reshape


def reduced(x, *, axis, keepdims):
    """The shape that is left of a shape."""
    if keepdims:
        return tuple(1 if i in axis else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in axis)


def spread(small, x, axis):
    """A reduced array, back over the axes it lost."""
    kept = tuple(1 if i in axis else n for i, n in enumerate(np.shape(x)))
    return broadcast_to(reshape(small, shape=kept), shape=np.shape(x))


_CASES = (
    ((), {"axis": (), "keepdims": False}),
    ((4,), {"axis": (0,), "keepdims": False}),
    ((3, 4), {"axis": (0, 1), "keepdims": False}),
    ((3, 4), {"axis": (0,), "keepdims": True}),
    ((2, 3, 4), {"axis": (0, 2), "keepdims": False}),
)
_EMPTY = (((0, 3), {"axis": (0,), "keepdims": False}),)


@op(
    holomorphic=True,
    latex=r"\sum{axis}({x})",
    text="sum({x}{axis})",
    level="power",  # Σ(x)² would read as Σ(x²)
    cases=_CASES + _EMPTY,
)
def sum_(x, *, axis, keepdims):
    """Sum over axes."""
    return np.sum(x, axis=axis, keepdims=keepdims)


@sum_.backward
def _(grad, out, x, *, axis, keepdims):
    return spread(grad, x, axis)


@op(
    holomorphic=True,
    latex=r"\operatorname{{mean}}{axis}({x})",
    text="mean({x}{axis})",
    cases=_CASES,
)
def mean(x, *, axis, keepdims):
    """Mean over axes."""
    return np.mean(x, axis=axis, keepdims=keepdims)


@mean.expand
def _(x, *, axis, keepdims):
    return np.sum(x, axis=axis, keepdims=keepdims) / count(np.shape(x), axis)


@mean.backward
def _(grad, out, x, *, axis, keepdims):
    return spread(grad / count(np.shape(x), axis), x, axis)


@op(latex=r"\max{axis}({x})", text="max({x}{axis})", avoid=(0.0,), cases=_CASES)
def max_(x, *, axis, keepdims):
    """Largest entry over axes; equal largest entries share the slope."""
    return np.max(x, axis=axis, keepdims=keepdims)


@op(latex=r"\min{axis}({x})", text="min({x}{axis})", avoid=(0.0,), cases=_CASES)
def min_(x, *, axis, keepdims):
    """Smallest entry over axes; equal smallest entries share the slope."""
    return np.min(x, axis=axis, keepdims=keepdims)


@max_.backward
@min_.backward
def _(grad, out, x, *, axis, keepdims):
    chosen = astype(np.equal(x, spread(out, x, axis)), dtype=str(grad.dtype))
    ties = np.sum(chosen, axis=axis, keepdims=True)
    return chosen * (spread(grad, x, axis) / ties)


@op(
    latex=r"\prod{axis}({x})",
    text="prod({x}{axis})",
    level="power",  # as Σ
    note="times the product of all others, by halves: right where entries are 0, too",
    cases=(
        *_CASES,
        *_EMPTY,
        (np.array([2.0, 0.0, 3.0, 0.5, -1.0]), {"axis": (0,), "keepdims": False}),
        (np.array([2.0, 0.0, 3.0, 0.0]), {"axis": (0,), "keepdims": False}),
    ),
)
def prod(x, *, axis, keepdims):
    """Product over axes."""
    return np.prod(x, axis=axis, keepdims=keepdims)


@prod.backward
def _(grad, out, x, *, axis, keepdims):
    shape = np.shape(x)
    order = (*(i for i in range(len(shape)) if i not in axis), *axis)
    moved = np.transpose(x, order)
    rows = (count(shape, order[: len(shape) - len(axis)]), count(shape, axis))
    others = np.reshape(_others(np.reshape(moved, rows)), moved.shape)
    return spread(grad, x, axis) * np.transpose(others, np.argsort(order))


def _others(x):
    """For each entry of a row, the product of the row's other entries."""
    half = x.shape[-1] // 2
    if not half:
        return np.ones(x.shape, x.dtype)
    left, right, rest = x[:, :half], x[:, half : 2 * half], x[:, 2 * half :]
    outside = _others(np.concatenate([left * right, rest], axis=1))
    pairs = outside[:, :half]
    return np.concatenate([pairs * right, pairs * left, outside[:, half:]], axis=1)


@op(
    latex=r"\operatorname{{logsumexp}}({x}{more})",
    text="logsumexp({x}{more})",
    cases=tuple(
        (shape, {"axis": axis, "keepdims": keepdims})
        for shape, axis in (((4,), 0), ((3, 4), 0), ((2, 3, 4), -1), ((0, 3), -1))
        for keepdims in (False, True)
    ),
)
def logsumexp(x, *, axis=-1, keepdims=False):
    """ln Σ e^x along an axis, without overflow; its slope is softmax(x)."""
    largest = np.max(x, axis=axis, keepdims=True)
    base = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):  # ln 0, where all are −∞
        out = np.log(np.sum(np.exp(x - base), axis=axis, keepdims=True)) + base
    return out if keepdims else np.squeeze(out, axis=axis)


@logsumexp.expand
def _(x, *, axis, keepdims):
    largest = np.max(x, axis=axis, keepdims=True)
    base = np.where(np.isfinite(largest), largest, 0)
    out = np.log(np.sum(np.exp(x - base), axis=axis, keepdims=True)) + base
    return out if keepdims else np.squeeze(out, axis=axis)


@logsumexp.backward
def _(grad, out, x, *, axis, keepdims):
    return softmax(x, axis=axis) * (grad if keepdims else np.expand_dims(grad, axis))


@op(text="any({x}{axis})", latex=r"\operatorname{{any}}{axis}({x})", cases=_CASES, dtype="bool")
def any_(x, *, axis, keepdims):
    """Is any entry not 0?"""
    return np.any(x, axis=axis, keepdims=keepdims)


@op(text="all({x}{axis})", latex=r"\operatorname{{all}}{axis}({x})", cases=_CASES, dtype="bool")
def all_(x, *, axis, keepdims):
    """Are all entries not 0?"""
    return np.all(x, axis=axis, keepdims=keepdims)


any_.expand(lambda x, **axes: np.max(np.not_equal(x, 0), **axes))
all_.expand(lambda x, **axes: np.min(np.not_equal(x, 0), **axes))
for entry in (any_, all_):
    entry.constant()
for entry in (sum_, mean, prod, any_, all_):
    entry.shape(reduced)


@max_.shape
@min_.shape
def _(x, *, axis, keepdims):
    if not count(x, axis):
        raise ValueError("of no entries none is the largest or smallest")
    return reduced(x, axis=axis, keepdims=keepdims)


logsumexp.shape(
    lambda x, *, axis, keepdims: reduced(x, axis=normal_axes(axis, len(x)), keepdims=keepdims)
)


def of_one(function):
    """The dtype that a NumPy function gives: found on a single number."""
    return lambda x, **_: function(np.ones((1,), x.dtype)).dtype


sum_.dtype, prod.dtype, mean.dtype = of_one(np.sum), of_one(np.prod), of_one(np.mean)
logsumexp.dtype = of_one(np.exp)


def _named(entry):
    """An op as NumPy calls it, with its axes spelled out."""

    def function(a, axis=None, *, keepdims=False):
        return entry(a, axis=all_axes(axis, a.ndim), keepdims=bool(keepdims))

    return function


for functions, entry in (
    ((np.sum,), sum_),
    ((np.mean,), mean),
    ((np.max, np.amax), max_),
    ((np.min, np.amin), min_),
    ((np.prod,), prod),
    ((np.any,), any_),
    ((np.all,), all_),
):
    implements(*functions)(_named(entry))


@implements(np.ptp)
def _ptp(a, axis=None, *, keepdims=False):
    return np.max(a, axis, keepdims=keepdims) - np.min(a, axis, keepdims=keepdims)


@implements(np.count_nonzero)
def _count_nonzero(a, axis=None, *, keepdims=False):
    return np.sum(np.not_equal(a, 0), axis, keepdims=keepdims)
