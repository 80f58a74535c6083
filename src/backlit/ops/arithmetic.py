"""Elementwise arithmetic, with broadcasting (undone in the backward pass by `reverse`)."""

import math

import numpy as np

from ..ir.op import array, implements, op, traced
from .compare import equal, logical_and, where
from .shape import floats


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
    latex=r"\frac{{{x}}}{{{y}}}",
    text="{x:product} / {y:power}",
    level="product",
    kernel="0 if y == 0 else x / y",
    domain=(0.5, 2.0),
    note="0 where the divisor is 0",
)
def safe_divide(x, y):
    """Quotient x / y, and 0 where y is 0: the slope that is chosen there."""
    return np.where(np.equal(y, 0), 0, x / np.where(np.equal(y, 0), 1, y))[()]


@safe_divide.backward
def _(grad, out, x, y):
    return safe_divide(grad, y), -safe_divide(grad * out, y)


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
        return None, grad * out * (math.log(x) if x > 0 else 0.0 if x == 0 else math.nan)
    # at x = y = 0 the slope in x is 0, not 0·∞, and so is the slope of 0^y in y
    never = logical_and(equal(x, 0), equal(y, 0)) if traced(y) else equal(y, 0)
    slope = y * x ** where(never, 1, y - 1)
    return grad * slope, grad * out * np.log(where(equal(x, 0), 1, x))


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
    return np.square(x)


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


@op(
    numpy=np.cbrt,
    latex=r"\sqrt[3]{{{x}}}",
    text="∛{x:atom}",
    level="power",
    kernel="cbrt(x)",
    domain=(0.5, 2.0),
)
def cbrt(x):
    """Cube root ∛x, of negative numbers, too; its slope is infinite at 0."""
    return np.cbrt(x)


@cbrt.backward
def _(grad, out, x):
    return grad / (3 * out * out)


@op(
    numpy=np.reciprocal,
    latex=r"\frac{{1}}{{{x}}}",
    text="1 / {x:power}",
    level="product",
    kernel="1 / x",
    domain=(0.5, 2.0),
    holomorphic=True,
)
def reciprocal(x):
    """1 / x."""
    return np.reciprocal(x)


@reciprocal.backward
def _(grad, out, x):
    return -grad * out * out


@implements(np.float_power)
def _float_power(x, y):
    return np.power(*(v if np.ndim(v) == 0 and not traced(v) else _float(v) for v in (x, y)))


def _float(x):
    """An array in float64 at least."""
    x = array(x)
    return x if x.dtype == float else x.astype(float)


@implements(np.fabs)
def fabs(x):
    """|x|, of integers as floats."""
    return np.abs(floats(x))


@implements(np.positive)
def positive(x):
    """x itself."""
    return x
