"""Statistics over axes: variance and its root, weighted and nan-blind means, medians, quantiles."""

import math

import numpy as np

from ..ir.op import implements, op, traced
from ..ir.tracer import refuse
from .arithmetic import safe_divide
from .axes import all_axes, count, normal_axes
from .compare import isnan, where
from .reduce import mean, of_one, reduced, spread
from .shape import floats

_CASES = (
    ((4,), {"axis": (0,), "keepdims": False}),
    ((3, 4), {"axis": (0, 1), "keepdims": False, "ddof": 1}),
    ((2, 3, 4), {"axis": (0, 2), "keepdims": True}),
)


@op(latex=r"\operatorname{{var}}{axis}({x}{more})", text="var({x}{axis}{more})", cases=_CASES)
def var(x, *, axis, keepdims, ddof=0):
    """Variance over axes: the sum of (x − mean)² over n − ddof."""
    return np.var(x, axis=axis, keepdims=keepdims, ddof=ddof)


@var.expand
def _(x, *, axis, keepdims, ddof):
    apart = x - mean(x, axis=axis, keepdims=True)
    return np.sum(np.square(apart), axis=axis, keepdims=keepdims) / _freedom(x, axis, ddof)


@var.backward
def _(grad, out, x, *, axis, keepdims, ddof):
    apart = x - mean(x, axis=axis, keepdims=True)
    return spread(grad * (2 / _freedom(x, axis, ddof)), x, axis) * apart


@op(latex=r"\operatorname{{std}}{axis}({x}{more})", text="std({x}{axis}{more})", cases=_CASES)
def std(x, *, axis, keepdims, ddof=0):
    """Standard deviation over axes; the slope where all entries are equal is taken as 0."""
    out = np.std(x, axis=axis, keepdims=keepdims, ddof=ddof)
    if not np.size(x):
        return out
    equal_ones = np.ptp(x, axis=axis, keepdims=keepdims) == 0  # of them the mean may round
    return np.where(equal_ones, 0 * out, out)[()]


@std.expand
def _(x, *, axis, keepdims, ddof):
    ends = {"axis": axis, "keepdims": keepdims}
    equal_ones = np.equal(np.max(x, **ends), np.min(x, **ends))
    return np.where(equal_ones, 0, np.sqrt(var(x, ddof=ddof, **ends)))


@std.backward
def _(grad, out, x, *, axis, keepdims, ddof):
    apart = x - mean(x, axis=axis, keepdims=True)
    return spread(safe_divide(grad, out * _freedom(x, axis, ddof)), x, axis) * apart


for entry, function in ((var, np.var), (std, np.std)):
    entry.shape(lambda x, *, axis, keepdims, ddof: reduced(x, axis=axis, keepdims=keepdims))
    entry.dtype = of_one(function)


def _freedom(x, axis, ddof):
    """n − ddof; nan, as the variance itself, where nothing is left."""
    free = count(np.shape(x), axis) - ddof
    return float(free) if free > 0 else math.nan


@implements(np.var)
def _var(a, axis=None, *, ddof=0, keepdims=False):
    return var(a, axis=all_axes(axis, a.ndim), keepdims=bool(keepdims), ddof=ddof)


@implements(np.std)
def _std(a, axis=None, *, ddof=0, keepdims=False):
    return std(a, axis=all_axes(axis, a.ndim), keepdims=bool(keepdims), ddof=ddof)


@implements(np.average)
def _average(a, axis=None, weights=None, *, keepdims=False):
    if weights is None:
        return np.mean(a, axis, keepdims=keepdims)
    if np.shape(weights) != np.shape(a):
        along = () if axis is None else normal_axes(axis, np.ndim(a))
        if np.shape(weights) != tuple(np.shape(a)[i] for i in along):
            raise ValueError(f"weights of shape {np.shape(weights)} for {np.shape(a)}: give axis")
        lengths = [n if i in along else 1 for i, n in enumerate(np.shape(a))]
        weights = np.reshape(np.transpose(weights, np.argsort(along)), lengths)
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis, keepdims=keepdims)
    return np.sum(a * weights, axis, keepdims=keepdims) / total


def _blind(function, filling):
    """A reduction that passes over nan: it sees `filling` instead."""

    def reduction(a, axis=None, *, keepdims=False):
        if a.dtype.kind == "f":
            a = where(isnan(a), filling, a)
        return function(a, axis, keepdims=keepdims)

    return reduction


for name, function, filling in (
    (np.nansum, np.sum, 0),
    (np.nanprod, np.prod, 1),
    (np.nanmax, np.max, -np.inf),
    (np.nanmin, np.min, np.inf),
):
    implements(name)(_blind(function, filling))


@implements(np.nanmean)
def _nanmean(a, axis=None, *, keepdims=False):
    seen = np.sum(where(isnan(a), 0, 1).astype(a.dtype), axis, keepdims=keepdims)
    return np.nansum(a, axis, keepdims=keepdims) / seen


@implements(np.quantile)
def _quantile(a, q, axis=None, *, method="linear", keepdims=False):
    if method != "linear":
        refuse(f"np.quantile by the method {method!r}", "Use the method 'linear'.")
    if traced(q) or np.ndim(q):
        refuse("np.quantile for several q, or a traced one", "Call it for one plain number each.")
    if not 0 <= q <= 1:
        raise ValueError(f"q = {q} is not between 0 and 1")
    a = floats(a)
    dtype = np.result_type(a.dtype, q)
    axes = all_axes(axis, a.ndim)
    kept = [i for i in range(a.ndim) if i not in axes]
    n = count(a.shape, axes)
    rows = np.reshape(np.transpose(a, (*kept, *axes)), (*(a.shape[i] for i in kept), n))
    place = q * (n - 1)
    low, part = int(place), place - int(place)
    ordered = np.sort(rows, axis=-1)
    value = ordered[..., low]
    if part:  # from the nearer end, as NumPy does
        high = ordered[..., low + 1]
        rise = high - value
        value = value + part * rise if part < 0.5 else high - (1 - part) * rise
    value = value if value.dtype == dtype else value.astype(dtype)
    return np.reshape(value, reduced(a.shape, axis=axes, keepdims=keepdims))


@implements(np.percentile)
def _percentile(a, q, axis=None, *, method="linear", keepdims=False):
    q = q if traced(q) or np.ndim(q) else q / 100
    return _quantile(a, q, axis, method=method, keepdims=keepdims)


@implements(np.median)
def _median(a, axis=None, *, keepdims=False):
    return np.quantile(a, 0.5, axis, keepdims=keepdims)
