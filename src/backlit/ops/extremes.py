"""The larger and the smaller of two, elementwise: equal ones share the slope."""

import numpy as np

from ..ir.op import implements, op
from .compare import equal, greater, isnan, less, logical_or


@op(
    numpy=np.maximum,
    latex=r"\max({x}, {y})",
    text="max({x}, {y})",
    kernel="max(x, y)",
    avoid=(0.0,),
    commutative=True,
)
def maximum(x, y):
    """The larger of x and y; where they are equal, each takes half of the slope."""
    return np.maximum(x, y)


@maximum.backward
def _(grad, out, x, y):
    tie = 0.5 * grad * equal(x, y)
    return grad * greater(x, y) + tie, grad * less(x, y) + tie


@op(
    numpy=np.minimum,
    latex=r"\min({x}, {y})",
    text="min({x}, {y})",
    kernel="min(x, y)",
    avoid=(0.0,),
    commutative=True,
)
def minimum(x, y):
    """The smaller of x and y; where they are equal, each takes half of the slope."""
    return np.minimum(x, y)


@minimum.backward
def _(grad, out, x, y):
    tie = 0.5 * grad * equal(x, y)
    return grad * less(x, y) + tie, grad * greater(x, y) + tie


@op(numpy=np.fmax, kernel="fmax(x, y)", avoid=(0.0,), commutative=True)
def fmax(x, y):
    """The larger of x and y, and the number where one of them is nan."""
    return np.fmax(x, y)


@fmax.backward
def _(grad, out, x, y):
    tie = 0.5 * grad * equal(x, y)
    return (
        grad * logical_or(greater(x, y), isnan(y)) + tie,
        grad * logical_or(greater(y, x), isnan(x)) + tie,
    )


@op(numpy=np.fmin, kernel="fmin(x, y)", avoid=(0.0,), commutative=True)
def fmin(x, y):
    """The smaller of x and y, and the number where one of them is nan."""
    return np.fmin(x, y)


@fmin.backward
def _(grad, out, x, y):
    tie = 0.5 * grad * equal(x, y)
    return (
        grad * logical_or(less(x, y), isnan(y)) + tie,
        grad * logical_or(less(y, x), isnan(x)) + tie,
    )


@implements(np.clip)
def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    """a cut to [a_min, a_max]; NumPy also calls them min and max."""
    least, largest = (a_min if min is None else min), (a_max if max is None else max)
    low = a if least is None else np.maximum(a, least)
    return low if largest is None else np.minimum(low, largest)
