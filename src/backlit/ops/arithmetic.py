"""Elementwise arithmetic, with broadcasting (undone in the backward pass by `reverse`)."""

import math

import numpy as np

from ..ir.op import implements, op, traced
from .compare import equal, greater, less, where


@op(
    numpy=np.add,
    latex="{x:sum} + {y:sum}",
    text="{x:sum} + {y:sum}",
    level="sum",
    kernel="x + y",
    holomorphic=True,
    commutative=True,
)
def add(x, y):
    """Sum x + y."""
    return x + y


@add.backward
def _(grad, out, x, y):
    return grad, grad


@op(
    numpy=np.subtract,
    latex="{x:sum} - {y:product}",
    text="{x:sum} − {y:product}",
    level="sum",
    kernel="x - y",
    holomorphic=True,
)
def subtract(x, y):
    """Difference x − y."""
    return x - y


@subtract.backward
def _(grad, out, x, y):
    return grad, -grad


def _product(sign, space, dot):
    """⊙ between arrays; nothing between a number and an array, unless a quotient would take it."""

    def write(x, y):
        gap = dot if " / " in x.text else space
        return f"{x:product} {sign if x.shape and y.shape else gap}{y:unary}"

    return write


@op(
    numpy=np.multiply,
    latex=_product(r"\odot ", r"\, ", r"\, "),
    text=_product("⊙ ", "", "· "),
    level="product",
    kernel="x * y",
    holomorphic=True,
    commutative=True,
)
def multiply(x, y):
    """Elementwise product x ⊙ y."""
    return x * y


@multiply.backward
def _(grad, out, x, y):
    return grad * y, grad * x


@op(
    numpy=np.divide,
    latex=r"\frac{{{x}}}{{{y}}}",
    text="{x:product} / {y:power}",
    level="product",
    kernel="x / y",
    domain=(0.5, 2.0),
    holomorphic=True,
)
def divide(x, y):
    """Quotient x / y."""
    return x / y


@divide.backward
def _(grad, out, x, y):
    return grad / y, -grad * out / y


@op(
    numpy=np.negative,
    latex="-{x:product}",
    text="−{x:product}",
    level="sum",
    kernel="-x",
    holomorphic=True,
)
def negative(x):
    """Negation −x."""
    return -x


@negative.backward
def _(grad, out, x):
    return -grad


@op(
    numpy=np.power,
    latex="{x:atom}^{{{y}}}",
    text="{x:atom}^{y:atom}",
    level="power",
    kernel="pow(x, y)",
    domain=(0.5, 2.0),
    holomorphic=True,
)
def power(x, y):
    """Power x^y."""
    return np.power(x, y)


@power.backward
def _(grad, out, x, y):
    if not traced(y) and np.ndim(y) == 0:  # a constant exponent
        return grad * (y * x ** (y - 1 if y else 1)), None
    if not traced(x) and np.ndim(x) == 0:  # a constant base: its logarithm is a plain number
        return None, grad * out * (math.log(x) if x > 0 else 0.0)
    # at y = 0 the slope in x is 0, not 0·∞; ln x is asked for only where x > 0
    slope = y * x ** where(equal(y, 0), 1, y - 1)
    return grad * slope, grad * out * np.log(where(greater(x, 0), x, 1))


@op(
    numpy=np.square,
    latex="{x:atom}^{{2}}",
    text="{x:atom}²",
    level="power",
    kernel="x * x",
    holomorphic=True,
)
def square(x):
    """Square x²."""
    return x * x


@square.backward
def _(grad, out, x):
    return 2 * grad * x


@op(
    numpy=np.sqrt,
    latex=r"\sqrt{{{x}}}",
    text="√{x:atom}",
    level="power",
    kernel="sqrt(x)",
    domain=(0.5, 2.0),
    holomorphic=True,
)
def sqrt(x):
    """Square root √x."""
    return np.sqrt(x)


@sqrt.backward
def _(grad, out, x):
    return grad / (2 * out)


@op(numpy=np.abs, latex=r"\lvert {x} \rvert", text="|{x}|", kernel="abs(x)", avoid=(0.0,))
def abs_(x):
    """Absolute value |x|; the slope at 0 is taken as 0."""
    return np.abs(x)


@abs_.backward
def _(grad, out, x):
    return grad * np.sign(x)


@op(numpy=np.sign, latex=r"\operatorname{{sign}}({x})", kernel="sign(x)", avoid=(0.0,))
def sign(x):
    """Sign of x: −1, 0 or 1; flat."""
    return np.sign(x)


sign.constant()


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


@implements(np.clip)
def clip(a, a_min=None, a_max=None, *, min=None, max=None):
    """a cut to [a_min, a_max]; NumPy also calls them min and max."""
    least, largest = (a_min if min is None else min), (a_max if max is None else max)
    low = a if least is None else np.maximum(a, least)
    return low if largest is None else np.minimum(low, largest)


@implements(np.fabs)
def fabs(x):
    """|x|, of integers as floats."""
    return np.abs(x if x.dtype.kind == "f" else x.astype(float))


@implements(np.positive)
def positive(x):
    """x itself."""
    return x
