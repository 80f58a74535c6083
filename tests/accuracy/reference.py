"""What the ops should give: value and slopes in mpmath, and how far off backlit may be.

`most` are bounds in ulp: of the value in float64 and float32, then of the slopes. They were set
from what `make accuracy` measured, at the next of 1, 2, 4 … with room for the last digits of
another machine's exp or sin; 0 and ½ are exact and correctly rounded, and need no room. An ulp is
that of the true result, or of the number in `beside` (value, slope) where that is larger: there,
a result near 0 has fewer right digits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpmath import mp, mpf


@dataclass(frozen=True)
class Row:
    """The truth about one op, and the bounds of its errors."""

    value: Callable[..., Any]
    slopes: tuple[Callable[..., Any] | None, ...]
    most: tuple[float, ...]
    beside: tuple[float, float] = (0, 0)


def one(value, slope, *most, beside=(0, 0)):
    """A function of one number."""
    return Row(value, (slope,), most, beside)


def two(value, x, y, *most, beside=(0, 0)):
    """A function of two numbers, with its slopes in x and y."""
    return Row(value, (x, y), most, beside)


def flat(value, *most):
    """A function whose slope is 0 wherever it has one."""
    return Row(value, (), most or (0, 0))


def sigma(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def bell(x):
    return mp.exp(-x * x)


def wins(x, y):
    return mpf(x > y) + mpf(x == y) / 2


def loses(x, y):
    return wins(y, x)


def power_slope(x, y):
    return y * x ** (y - 1) if x > 0 else None


def copysign(x, y):
    return abs(x) if y >= 0 else -abs(x)


def trunc(x):
    return mp.sign(x) * mp.floor(abs(x))


def remainder(x, y):
    if not y:
        raise ZeroDivisionError
    return x % y


def floor_divide(x, y):
    return (x - remainder(x, y)) / y


def fmod(x, y):
    return mp.sign(x) * remainder(abs(x), abs(y))


def sinc(x):
    return mp.sin(mp.pi * x) / (mp.pi * x) if x else mpf(1)


def sinc_slope(x):
    return -(mp.pi**2) * x / 3 * mp.hyp0f1(2.5, -((mp.pi * x) ** 2) / 4)


EXACT = (0, 0, 0, 0)

ELEMENTWISE = {
    "add": two(lambda x, y: x + y, lambda x, y: 1, lambda x, y: 1, 0.5, 0.5, 0, 0),
    "subtract": two(lambda x, y: x - y, lambda x, y: 1, lambda x, y: -1, 0.5, 0.5, 0, 0),
    "multiply": two(lambda x, y: x * y, lambda x, y: y, lambda x, y: x, 0.5, 0.5, 0, 0),
    "safe_divide": two(
        lambda x, y: x / y if y else 0, lambda x, y: 1 / y if y else 0,
        lambda x, y: -x / y**2 if y else 0, 0.5, 0.5, 2, 2,
    ),
    "divide": two(lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / y**2, 0.5, 0.5, 2, 2),
    "negative": one(lambda x: -x, lambda x: -1, *EXACT),
    "abs": one(abs, mp.sign, *EXACT),
    "square": one(lambda x: x * x, lambda x: 2 * x, 0.5, 0.5, 0, 0),
    "reciprocal": one(lambda x: 1 / x, lambda x: -1 / x**2, 0.5, 0.5, 2, 2),
    "sqrt": one(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), 0.5, 0.5, 2, 2),
    "cbrt": one(
        lambda x: mp.sign(x) * mp.cbrt(abs(x)), lambda x: mp.cbrt(abs(x)) ** -2 / 3, 1, 4, 4, 8
    ),
    "power": two(mp.power, power_slope, lambda x, y: x**y * mp.log(x), 1, 2, 128, 128),
    "exp": one(mp.exp, mp.exp, 1, 4, 1, 4),
    "expm1": one(mp.expm1, mp.exp, 1, 4, 1, 4),
    "exp2": one(lambda x: mpf(2) ** x, lambda x: mpf(2) ** x * mp.ln2, 1, 2, 2, 4),
    "log": one(mp.log, lambda x: 1 / x, 1, 4, 0.5, 0.5),
    "log1p": one(mp.log1p, lambda x: 1 / (1 + x), 1, 4, 2, 2),
    "log2": one(lambda x: mp.log(x) / mp.ln2, lambda x: 1 / (x * mp.ln2), 1, 2, 2, 2),
    "log10": one(lambda x: mp.log(x) / mp.ln10, lambda x: 1 / (x * mp.ln10), 1, 4, 2, 2),
    "logaddexp": two(
        lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
        lambda x, y: sigma(x - y), lambda x, y: sigma(y - x), 1, 2, 2, 2, beside=(1, 1),
    ),
    "sin": one(mp.sin, mp.cos, 1, 2, 1, 2),
    "cos": one(mp.cos, lambda x: -mp.sin(x), 1, 2, 1, 2),
    "tan": one(mp.tan, lambda x: mp.sec(x) ** 2, 1, 2, 4, 4),
    "arcsin": one(mp.asin, lambda x: 1 / mp.sqrt((1 - x) * (1 + x)), 1, 4, 2, 2),
    "arccos": one(mp.acos, lambda x: -1 / mp.sqrt((1 - x) * (1 + x)), 1, 2, 2, 2),
    "arctan": one(mp.atan, lambda x: 1 / (1 + x * x), 1, 2, 2, 2),
    "arctan2": two(
        mp.atan2, lambda x, y: y / (x * x + y * y), lambda x, y: -x / (x * x + y * y), 1, 4, 4, 4
    ),
    "hypot": two(
        mp.hypot, lambda x, y: x / mp.hypot(x, y), lambda x, y: y / mp.hypot(x, y), 1, 1, 2, 2
    ),
    "sinc": one(sinc, sinc_slope, 2, 2, 32, 32, beside=(1, 1)),
    "sinh": one(mp.sinh, mp.cosh, 1, 2, 1, 2),
    "cosh": one(mp.cosh, mp.sinh, 1, 2, 1, 2),
    "tanh": one(mp.tanh, lambda x: mp.sech(x) ** 2, 2, 2, 2, 2, beside=(0, 1)),
    "arcsinh": one(mp.asinh, lambda x: 1 / mp.hypot(1, x), 1, 2, 2, 2),
    "arccosh": one(mp.acosh, lambda x: 1 / mp.sqrt((x - 1) * (x + 1)), 1, 2, 4, 4),
    "arctanh": one(mp.atanh, lambda x: 1 / ((1 - x) * (1 + x)), 1, 2, 2, 2),
    "sigmoid": one(sigma, lambda x: sigma(x) * sigma(-x), 2, 4, 2, 2, beside=(0, 1)),
    "softplus": one(softplus, sigma, 2, 4, 2, 4),
    "relu": one(lambda x: max(x, mpf(0)), lambda x: x > 0, *EXACT),
    "leaky_relu": one(
        lambda x: x if x > 0 else 0.01 * x, lambda x: 1 if x > 0 else 0.01, 0.5, 2, 0, 0.5
    ),
    "elu": one(lambda x: x if x > 0 else mp.expm1(x), lambda x: mp.exp(min(x, 0)), 1, 4, 1, 4),
    "silu": one(
        lambda x: x * sigma(x), lambda x: sigma(x) * (1 + x * sigma(-x)), 2, 4, 2, 2, beside=(0, 1)
    ),
    "gelu": one(
        lambda x: x * mp.ncdf(x), lambda x: mp.ncdf(x) + x * mp.npdf(x), 4, 1, 2, 2, beside=(0, 1)
    ),
    "normal_cdf": one(mp.ncdf, mp.npdf, 4, 1, 4, 1),
    "normal_density": one(mp.npdf, lambda x: -x * mp.npdf(x), 4, 1, 4, 2),
    "erf": one(mp.erf, lambda x: 2 / mp.sqrt(mp.pi) * bell(x), 4, 1, 4, 2),
    "gaussian": one(bell, lambda x: -2 * x * bell(x), 2, 1, 4, 2),
    "maximum": two(max, wins, loses, *EXACT),
    "minimum": two(min, loses, wins, *EXACT),
    "fmax": two(max, wins, loses, *EXACT),
    "fmin": two(min, loses, wins, *EXACT),
    "where": Row(
        lambda c, x, y: x if c else y, (None, lambda c, x, y: c, lambda c, x, y: not c), EXACT
    ),
    "remainder": two(
        remainder, lambda x, y: 1, lambda x, y: -floor_divide(x, y), 0.5, 0.5, 1, 1
    ),
    "fmod": two(fmod, lambda x, y: 1, lambda x, y: -(x - fmod(x, y)) / y, 0, 0, 0.5, 0.5),
    "copysign": two(copysign, lambda x, y: mp.sign(x) * copysign(1, y), None, *EXACT),
    "heaviside": two(lambda x, y: (x > 0) + (x == 0) * y, None, lambda x, y: x == 0, *EXACT),
    "floor_divide": flat(floor_divide, 1, 1),
    "sign": flat(mp.sign),
    "floor": flat(mp.floor),
    "ceil": flat(mp.ceil),
    "trunc": flat(trunc),
    "rint": flat(mp.nint),
    "greater": flat(lambda x, y: x > y),
    "greater_equal": flat(lambda x, y: x >= y),
    "less": flat(lambda x, y: x < y),
    "less_equal": flat(lambda x, y: x <= y),
    "equal": flat(lambda x, y: x == y),
    "not_equal": flat(lambda x, y: x != y),
    "logical_and": flat(lambda x, y: x and y),
    "logical_or": flat(lambda x, y: x or y),
    "logical_xor": flat(lambda x, y: x != y),
    "logical_not": flat(lambda x: not x),
    "isnan": flat(lambda x: False),
    "isinf": flat(lambda x: False),
    "isfinite": flat(lambda x: True),
    "signbit": flat(lambda x: x < 0),
}  # fmt: skip

KNOWN = {  # slopes that are outside of their bounds, and why
    "arctan": "x² in the slope 1/(1 + x²) overflows beyond 1e154 (float32: 1e19). NumPy warns; the "
    "slope is 0, which is right to 1e−38.",
}
