"""Activation functions: stable formulas, no overflow and no cancellation."""

import numpy as np

from ..ir.op import op
from . import special
from .compare import greater, where


def _real(x):
    """Integers and booleans as float64; float32 stays."""
    x = np.asarray(x)
    return x if x.dtype.kind in "fc" else x.astype(float)


@op(latex=r"\sigma({x})", text="σ({x})", kernel="sigmoid(x)")
def sigmoid(x):
    """Logistic sigmoid σ(x) = 1 / (1 + e^−x). Its slope σ(1 − σ) lies in (0, 1/4].

    The slope is as exact as σ is beside 1: where σ rounds to 1 (x > 37), it rounds to 0.
    """
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@sigmoid.backward
def _(grad, out, x):
    return grad * out * (1 - out)


@op(latex=r"\max(0, {x})", text="relu({x})", kernel="0 if x < 0 else x", avoid=(0.0,))
def relu(x):
    """Rectifier max(0, x); the slope at 0 is taken as 0."""
    return np.maximum(x, 0)


@relu.backward
def _(grad, out, x):
    return grad * greater(x, 0)


@op(kernel="x if x > 0 else slope * x", avoid=(0.0,))
def leaky_relu(x, *, slope=0.01):
    """x where x > 0, slope·x elsewhere."""
    return np.where(x > 0, x, slope * x)


@leaky_relu.backward
def _(grad, out, x, *, slope):
    return where(greater(x, 0), grad, slope * grad)


@op(kernel="x if x > 0 else alpha * expm1(x)", avoid=(0.0,))
def elu(x, *, alpha=1.0):
    """x where x > 0, alpha·(e^x − 1) elsewhere."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@elu.backward
def _(grad, out, x, *, alpha):
    return where(greater(x, 0), grad, alpha * grad * np.exp(np.minimum(x, 0)))


@op(latex=r"\ln(1 + \mathrm{{e}}^{{{x}}})", text="softplus({x})", kernel="softplus(x)")
def softplus(x):
    """Smooth rectifier ln(1 + e^x); its slope is σ(x)."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@softplus.backward
def _(grad, out, x):
    return grad * sigmoid(x)


@op(latex=r"{x:unary} \odot \Phi({x})", text="gelu({x})", level="product", kernel="gelu(x)")
def gelu(x):
    """Gaussian error linear unit x·Φ(x), Φ(x) = ½ erfc(−x/√2), exact in the left tail."""
    return special.gelu(x)


@gelu.backward
def _(grad, out, x):
    return grad * (normal_cdf(x) + x * normal_density(x))


@op(latex=r"\Phi({x})", text="Φ({x})", kernel="normal_cdf(x)")
def normal_cdf(x):
    """Distribution function of the normal law, Φ(x) = ½ erfc(−x/√2)."""
    return special.normal_cdf(x)


@normal_cdf.backward
def _(grad, out, x):
    return grad * normal_density(x)


@op(latex=r"\varphi({x})", text="φ({x})", kernel="normal_density(x)")
def normal_density(x):
    """Density of the normal law, φ(x) = e^(−x²/2)/√(2π)."""
    return special.normal_density(x)


@normal_density.backward
def _(grad, out, x):
    return -grad * x * out


@op(latex=r"{x:unary} \odot \sigma({x})", text="silu({x})", level="product", kernel="silu(x)")
def silu(x):
    """Sigmoid linear unit x·σ(x), also called swish."""
    x = _real(x)
    return np.maximum(x, np.finfo(x.dtype).min) * sigmoid(x)  # −∞ · 0 has the limit 0


@silu.backward
def _(grad, out, x):
    return grad * sigmoid(x) * (1 + x * sigmoid(-x))


_ROWS = (
    ((5,), {}),
    ((3, 4), {}),
    ((2, 3), {"axis": 0}),
    ((2, 3, 4), {"axis": 1}),
    ((0, 3), {}),
    ((0, 3), {"axis": 0}),
)


@op(latex=r"\operatorname{{softmax}}({x}{more})", text="softmax({x}{more})", cases=_ROWS)
def softmax(x, *, axis=-1):
    """e^x / Σ e^x along an axis: probabilities."""
    x = _real(x)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
    return e / np.sum(e, axis=axis, keepdims=True)


@softmax.expand
def _(x, *, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


@softmax.backward
def _(grad, out, x, *, axis):
    return out * (grad - np.sum(grad * out, axis=axis, keepdims=True))


@op(latex=r"\ln \operatorname{{softmax}}({x}{more})", text="log_softmax({x}{more})", cases=_ROWS)
def log_softmax(x, *, axis=-1):
    """x − ln Σ e^x along an axis: log-probabilities, without overflow."""
    x = _real(x)
    x = x - np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    total = np.sum(np.exp(x), axis=axis, keepdims=True)  # at least 1, unless the axis is empty
    return x - np.log(np.maximum(total, 1))


@log_softmax.expand
def _(x, *, axis):
    x = x - np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


@log_softmax.backward
def _(grad, out, x, *, axis):
    return grad - softmax(x, axis=axis) * np.sum(grad, axis=axis, keepdims=True)


def _rows(x, *, axis):
    if not -len(x) <= axis < len(x):
        raise ValueError(f"there is no axis {axis}")
    return x


for entry in (softmax, log_softmax):
    entry.shape(_rows)
    entry.dtype = lambda x, *, axis: x.dtype if x.dtype.kind == "f" else float
