"""Rounding, remainders and signs: steps, flat between their jumps."""

import numpy as np

from ..ir.op import implements, op
from .compare import equal, greater, isnan, where
from .shape import floats

_STEPS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
_HALVES = (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5)


@op(
    numpy=np.sign,
    latex=r"\operatorname{{sign}}({x})",
    kernel="1 if x > 0 else -1 if x < 0 else 0 if x == 0 else x",
    avoid=(0.0,),
)
def sign(x):
    """Sign of x: −1, 0 or 1; flat."""
    return np.sign(x)


@op(numpy=np.floor, latex=r"\lfloor {x} \rfloor", text="⌊{x}⌋", kernel="floor(x)", avoid=_STEPS)
def floor(x):
    """The largest integer that is not above x; flat."""
    return np.floor(x)


@op(numpy=np.ceil, latex=r"\lceil {x} \rceil", text="⌈{x}⌉", kernel="ceil(x)", avoid=_STEPS)
def ceil(x):
    """The smallest integer that is not below x; flat."""
    return np.ceil(x)


@op(numpy=np.trunc, kernel="trunc(x)", avoid=_STEPS)
def trunc(x):
    """The integer part of x, towards 0; flat."""
    return np.trunc(x)


@op(
    numpy=np.rint,
    latex=r"\operatorname{{round}}({x})",
    text="round({x})",
    kernel="rint(x)",
    avoid=_HALVES,
)
def rint(x):
    """The nearest integer, and of two the even one; flat."""
    return np.rint(x)


@op(
    numpy=np.floor_divide,
    latex=r"\left\lfloor \frac{{{x}}}{{{y}}} \right\rfloor",
    text="⌊{x:product} / {y:power}⌋",
    kernel="floor_divide(x, y)",
    domain=(0.5, 2.0),
    avoid=(0.0,),
)
def floor_divide(x, y):
    """The integer below x / y; flat."""
    return np.floor_divide(x, y)


for entry in (sign, floor, ceil, trunc, rint, floor_divide):
    entry.constant()


@op(
    numpy=np.remainder,
    latex=r"{x:product} \bmod {y:unary}",
    text="{x:product} mod {y:unary}",
    kernel="remainder(x, y)",
    level="sum",  # −x mod 2 would read as (−x) mod 2
    domain=(0.5, 2.0),
    avoid=(0.0,),
)
def remainder(x, y):
    """x − ⌊x / y⌋ y, with the sign of y."""
    return np.remainder(x, y)


@remainder.backward
def _(grad, out, x, y):
    return grad, -grad * np.floor_divide(x, y)


@op(numpy=np.fmod, kernel="fmod(x, y)", domain=(0.5, 2.0), avoid=(0.0,))
def fmod(x, y):
    """x minus the integer part of x / y times y, with the sign of x."""
    return np.fmod(x, y)


@fmod.backward
def _(grad, out, x, y):
    return grad, -grad * np.rint((x - out) / y)  # x / y may round up to the next integer


@op(
    numpy=np.heaviside,
    latex=r"\operatorname{{heaviside}}({x}, {y})",
    kernel="0 if x < 0 else 1 if x > 0 else y if x == 0 else x",
    cases=(((np.array([0, 2, -1]), (3,)), {}), (((3, 1), (4,)), {}), (((), ()), {})),
)
def heaviside(x, y):
    """0 where x < 0, 1 where x > 0, and y where x is 0."""
    return np.heaviside(x, y)


@heaviside.backward
def _(grad, out, x, y):
    return None, grad * equal(x, 0)


@op(
    numpy=np.copysign,
    kernel="copysign(x, y)",
    domain=(0.5, 2.0),
    cases=((((3, 1), (4,)), {}), ((np.array([0.7, -0.8, -1.1]), np.array([-1.5, 0.6, -0.9])), {})),
)
def copysign(x, y):
    """The size of x with the sign of y; the slope at x = 0 is taken as 0."""
    return np.copysign(x, y)


@copysign.backward
def _(grad, out, x, y):
    kept = equal(greater(x, 0), greater(out, 0))
    return where(equal(x, 0), 0, where(kept, grad, -grad)), None


@implements(np.divmod)
def _divmod(x, y):
    return np.floor_divide(x, y), np.remainder(x, y)


@implements(np.modf)
def _modf(x):
    x = floats(x)
    whole = np.trunc(x)
    return where(np.isinf(x), 0, x - whole), whole


@implements(np.fix)
def _fix(x):
    return np.trunc(x)


@implements(np.round, np.around)
def _round(a, decimals=0):
    if a.dtype.kind in "iu":
        return a if decimals >= 0 else _round(a.astype(float), decimals).astype(a.dtype)
    scale = 10.0 ** abs(decimals)
    if decimals < 0:
        return np.rint(a / scale) * scale
    return np.rint(a * scale) / scale if decimals else np.rint(a)


@implements(np.nan_to_num)
def _nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    if x.dtype.kind != "f":
        return x
    limits = np.finfo(x.dtype)
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    x = where(isnan(x), nan, x)
    return where(np.isposinf(x), float(high), where(np.isneginf(x), float(low), x))
