"""Reductions: sum, mean and max over axes."""

import numpy as np

from ..errors import TraceError
from ..ir.op import implements, op
from .shape import astype, broadcast_to, normal_axes, reshape


def _axes(axis, ndim):
    """None, an int or a tuple → a sorted tuple of non-negative axes."""
    return tuple(range(ndim)) if axis is None else tuple(sorted(normal_axes(axis, ndim)))


def _reduced(x, *, axis, keepdims):
    if keepdims:
        return tuple(1 if i in axis else n for i, n in enumerate(x))
    return tuple(n for i, n in enumerate(x) if i not in axis)


def _spread(small, x, axis):
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
    return _spread(grad, x, axis)


@op(
    holomorphic=True,
    latex=r"\operatorname{{mean}}{axis}({x})",
    text="mean({x}{axis})",
    cases=_CASES,
)
def mean(x, *, axis, keepdims):
    """Mean over axes."""
    return np.mean(x, axis=axis, keepdims=keepdims)


@mean.backward
def _(grad, out, x, *, axis, keepdims):
    count = int(np.prod([np.shape(x)[i] for i in axis], dtype=np.int64))
    return _spread(grad / count, x, axis)


@op(latex=r"\max{axis}({x})", text="max({x}{axis})", avoid=(0.0,), cases=_CASES)
def max_(x, *, axis, keepdims):
    """Largest entry over axes; equal largest entries share the slope."""
    return np.max(x, axis=axis, keepdims=keepdims)


@max_.backward
def _(grad, out, x, *, axis, keepdims):
    largest = astype(np.equal(x, _spread(out, x, axis)), dtype=str(grad.dtype))
    ties = np.sum(largest, axis=axis, keepdims=True)
    return largest * (_spread(grad, x, axis) / ties)


for entry in (sum_, mean, max_):
    entry.shape(_reduced)


def _dtype(x, *, axis, keepdims):
    return np.sum(np.ones((), x.dtype)).dtype


sum_.dtype = _dtype
mean.dtype = lambda x, *, axis, keepdims: np.mean(np.ones((), x.dtype)).dtype


@implements(np.sum)
def _sum(a, axis=None, *, keepdims=False):
    return sum_(a, axis=_axes(axis, a.ndim), keepdims=bool(keepdims))


@implements(np.mean)
def _mean(a, axis=None, *, keepdims=False):
    return mean(a, axis=_axes(axis, a.ndim), keepdims=bool(keepdims))


@implements(np.max, np.amax)
def _max(a, axis=None, *, keepdims=False):
    return max_(a, axis=_axes(axis, a.ndim), keepdims=bool(keepdims))


@implements(np.min, np.amin)
def _min(a, axis=None, *, keepdims=False):
    if a.dtype.kind not in "fi":
        raise TraceError(f"np.min of {a.dtype} is not known, for it has no −x: use .astype(float)")
    return -max_(-a, axis=_axes(axis, a.ndim), keepdims=bool(keepdims))
