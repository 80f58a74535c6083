"""Trigonometric and hyperbolic functions and their inverses, elementwise; angles in radians."""

import math

import numpy as np

from ..ir.op import implements, op
from .arithmetic import safe_divide
from .compare import less, where


@op(numpy=np.sin, latex=r"\sin({x})", kernel="sin(x)", holomorphic=True)
def sin(x):
    """Sine."""
    return np.sin(x)


@sin.backward
def _(grad, out, x):
    return grad * np.cos(x)


@op(numpy=np.cos, latex=r"\cos({x})", kernel="cos(x)", holomorphic=True)
def cos(x):
    """Cosine."""
    return np.cos(x)


@cos.backward
def _(grad, out, x):
    return -grad * np.sin(x)


@op(numpy=np.tan, latex=r"\tan({x})", kernel="tan(x)", domain=(-1.2, 1.2), holomorphic=True)
def tan(x):
    """Tangent; its slope is 1 + tan²."""
    return np.tan(x)


@tan.backward
def _(grad, out, x):
    return grad * (1 + out * out)


@op(numpy=np.arcsin, latex=r"\arcsin({x})", kernel="asin(x)", domain=(-0.9, 0.9))
def arcsin(x):
    """Inverse sine, in [−π/2, π/2]; its slope is infinite at ±1."""
    return np.arcsin(x)


@arcsin.backward
def _(grad, out, x):
    return grad / np.sqrt((1 - x) * (1 + x))


@op(numpy=np.arccos, latex=r"\arccos({x})", kernel="acos(x)", domain=(-0.9, 0.9))
def arccos(x):
    """Inverse cosine, in [0, π]; its slope is infinite at ±1."""
    return np.arccos(x)


@arccos.backward
def _(grad, out, x):
    return -grad / np.sqrt((1 - x) * (1 + x))


@op(numpy=np.arctan, latex=r"\arctan({x})", kernel="atan(x)")
def arctan(x):
    """Inverse tangent, in (−π/2, π/2)."""
    return np.arctan(x)


@arctan.backward
def _(grad, out, x):
    return grad / (1 + x * x)


@op(
    numpy=np.arctan2,
    latex=r"\operatorname{{atan2}}({x}, {y})",
    text="atan2({x}, {y})",
    kernel="atan2(x, y)",
    domain=(0.5, 2.0),
)
def arctan2(x, y):
    """Angle of the point (y, x), in [−π, π], as NumPy counts: the height x comes first."""
    return np.arctan2(x, y)


@arctan2.backward
def _(grad, out, x, y):
    length = np.hypot(x, y)
    return grad * (y / length) / length, -grad * (x / length) / length


@op(
    numpy=np.hypot,
    latex=r"\sqrt{{{x:atom}^2 + {y:atom}^2}}",
    text="√({x:atom}² + {y:atom}²)",
    level="power",
    kernel="hypot(x, y)",
    domain=(0.5, 2.0),
    commutative=True,
)
def hypot(x, y):
    """Length √(x² + y²), without overflow; the slope at the origin is taken as 0."""
    return np.hypot(x, y)


@hypot.backward
def _(grad, out, x, y):
    per_length = safe_divide(grad, out)
    return per_length * x, per_length * y


@op(
    numpy=np.sinc,
    latex=r"\operatorname{{sinc}}({x})",
    kernel="1 if x == 0 else sin(3.141592653589793 * x) / (3.141592653589793 * x)",
    cases=(((), {}), ((3, 1), {}), ((0, 3), {}), (np.array([0.0, 0.004, -0.0071, 0.3]), {})),
)
def sinc(x):
    """sin(πx) / (πx), and 1 at 0."""
    return np.sinc(x)


@sinc.backward
def _(grad, out, x):
    near = less(np.abs(x), 0.01)  # there cos(πx) − sinc(x) cancels
    far = (np.cos(math.pi * x) - out) / where(near, 1, x)
    return grad * where(near, _sinc_slope_near_0(where(near, x, 0)), far)


def _sinc_slope_near_0(x):
    """Its series, −π²x/3 (1 − u/10 (1 − u/28)) with u = (πx)²; tests/accuracy holds its terms."""
    u = (math.pi * x) ** 2
    return -(math.pi**2) / 3 * x * (1 - u / 10 * (1 - u / 28))


@op(numpy=np.sinh, latex=r"\sinh({x})", kernel="sinh(x)", holomorphic=True)
def sinh(x):
    """Hyperbolic sine."""
    return np.sinh(x)


@sinh.backward
def _(grad, out, x):
    return grad * np.cosh(x)


@op(numpy=np.cosh, latex=r"\cosh({x})", kernel="cosh(x)", holomorphic=True)
def cosh(x):
    """Hyperbolic cosine."""
    return np.cosh(x)


@cosh.backward
def _(grad, out, x):
    return grad * np.sinh(x)


@op(numpy=np.tanh, latex=r"\tanh({x})", kernel="tanh(x)", holomorphic=True)
def tanh(x):
    """Hyperbolic tangent; its slope 1 − tanh² lies in (0, 1].

    The slope is as exact as tanh is beside 1: where tanh rounds to ±1 (|x| > 19), it rounds to 0.
    """
    return np.tanh(x)


@tanh.backward
def _(grad, out, x):
    return grad * (1 - out * out)


@op(numpy=np.arcsinh, latex=r"\operatorname{{arsinh}}({x})", kernel="asinh(x)")
def arcsinh(x):
    """Inverse hyperbolic sine."""
    return np.arcsinh(x)


@arcsinh.backward
def _(grad, out, x):
    return grad / np.hypot(1, x)


@op(numpy=np.arccosh, latex=r"\operatorname{{arcosh}}({x})", kernel="acosh(x)", domain=(1.2, 4.0))
def arccosh(x):
    """Inverse hyperbolic cosine of x ≥ 1; its slope is infinite at 1."""
    return np.arccosh(x)


@arccosh.backward
def _(grad, out, x):
    return grad / (np.sqrt(x - 1) * np.sqrt(x + 1))


@op(numpy=np.arctanh, latex=r"\operatorname{{artanh}}({x})", kernel="atanh(x)", domain=(-0.9, 0.9))
def arctanh(x):
    """Inverse hyperbolic tangent of −1 < x < 1."""
    return np.arctanh(x)


@arctanh.backward
def _(grad, out, x):
    return grad / ((1 - x) * (1 + x))


@implements(np.deg2rad, np.radians)
def _radians(x):
    return x * (math.pi / 180)


@implements(np.rad2deg, np.degrees)
def _degrees(x):
    return x * (180 / math.pi)
