"""Elementary functions, elementwise."""

import math

import numpy as np

from ..ir.op import op


@op(
    numpy=np.exp,
    latex=r"\mathrm{{e}}^{{{x}}}",
    text="exp({x})",
    level="power",
    kernel="exp(x)",
    holomorphic=True,
)
def exp(x):
    """Exponential e^x, its own slope."""
    return np.exp(x)


@exp.backward
def _(grad, out, x):
    return grad * out


@op(
    numpy=np.expm1,
    latex=r"\mathrm{{e}}^{{{x}}} - 1",
    text="exp({x}) − 1",
    level="sum",
    kernel="expm1(x)",
)
def expm1(x):
    """e^x − 1, exact for small x."""
    return np.expm1(x)


@expm1.backward
def _(grad, out, x):
    return grad * np.exp(x)


@op(
    numpy=np.log,
    latex=r"\ln({x})",
    text="ln({x})",
    kernel="log(x)",
    domain=(0.5, 3.0),
    holomorphic=True,
)
def log(x):
    """Natural logarithm ln x."""
    return np.log(x)


@log.backward
def _(grad, out, x):
    return grad / x


@op(
    numpy=np.log1p,
    latex=r"\ln(1 + {x:sum})",
    text="ln(1 + {x:sum})",
    kernel="log1p(x)",
    domain=(-0.5, 3.0),
)
def log1p(x):
    """ln(1 + x), exact for small x."""
    return np.log1p(x)


@log1p.backward
def _(grad, out, x):
    return grad / (1 + x)


@op(numpy=np.tanh, latex=r"\tanh({x})", kernel="tanh(x)", holomorphic=True)
def tanh(x):
    """Hyperbolic tangent; its slope 1 − tanh² lies in (0, 1].

    The slope is as exact as tanh is beside 1: where tanh rounds to ±1 (|x| > 19), it rounds to 0.
    """
    return np.tanh(x)


@tanh.backward
def _(grad, out, x):
    return grad * (1 - out * out)


@op(numpy=np.sin, latex=r"\sin({x})", kernel="sin(x)", holomorphic=True)
def sin(x):
    """Sine, x in radians."""
    return np.sin(x)


@sin.backward
def _(grad, out, x):
    return grad * np.cos(x)


@op(numpy=np.cos, latex=r"\cos({x})", kernel="cos(x)", holomorphic=True)
def cos(x):
    """Cosine, x in radians."""
    return np.cos(x)


@cos.backward
def _(grad, out, x):
    return -grad * np.sin(x)


_erf = np.vectorize(math.erf, otypes=[float])  # NumPy has no erf; libm's is good to an ulp


@op(latex=r"\operatorname{{erf}}({x})", kernel="erf(x)")
def erf(x):
    """Error function 2/√π ∫₀ˣ e^(−t²) dt."""
    x = np.asarray(x)
    return _erf(x).astype(x.dtype if x.dtype.kind == "f" else float)[()]


@erf.backward
def _(grad, out, x):
    return grad * (2 / math.sqrt(math.pi)) * np.exp(-(x * x))
