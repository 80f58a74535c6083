"""Elementary functions, elementwise."""

import math

import numpy as np

from ..ir.op import implements, op
from . import special
from .activation import sigmoid


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


@op(
    numpy=np.exp2,
    latex="2^{{{x}}}",
    text="2^{x:atom}",
    level="power",
    kernel="exp2(x)",
)
def exp2(x):
    """Power of two 2^x."""
    return np.exp2(x)


@exp2.backward
def _(grad, out, x):
    return grad * (math.log(2) * out)


@op(
    numpy=np.log2,
    latex=r"\log_2({x})",
    text="log2({x})",
    kernel="log2(x)",
    domain=(0.5, 3.0),
)
def log2(x):
    """Binary logarithm log₂ x."""
    return np.log2(x)


@log2.backward
def _(grad, out, x):
    return grad * (1 / math.log(2)) / x


@op(
    numpy=np.log10,
    latex=r"\log_{{10}}({x})",
    text="log10({x})",
    kernel="log10(x)",
    domain=(0.5, 3.0),
)
def log10(x):
    """Decimal logarithm log₁₀ x."""
    return np.log10(x)


@log10.backward
def _(grad, out, x):
    return grad * (1 / math.log(10)) / x


@op(
    numpy=np.logaddexp,
    latex=r"\ln(\mathrm{{e}}^{{{x}}} + \mathrm{{e}}^{{{y}}})",
    text="ln(exp({x}) + exp({y}))",
    kernel="logaddexp(x, y)",
    commutative=True,
)
def logaddexp(x, y):
    """ln(e^x + e^y), without overflow; its slopes σ(x − y) and σ(y − x) add up to 1."""
    return np.logaddexp(x, y)


@logaddexp.backward
def _(grad, out, x, y):
    return grad * sigmoid(x - y), grad * sigmoid(y - x)


@implements(np.logaddexp2)
def logaddexp2(x, y):
    """log₂(2^x + 2^y)."""
    two = math.log(2)
    return np.logaddexp(two * x, two * y) / two


@op(latex=r"\operatorname{{erf}}({x})", kernel="erf(x)")
def erf(x):
    """Error function 2/√π ∫₀ˣ e^(−t²) dt."""
    return special.erf(x)


@erf.backward
def _(grad, out, x):
    return grad * (2 / math.sqrt(math.pi)) * gaussian(x)


@op(
    latex=r"\mathrm{{e}}^{{-{x:atom}^2}}",
    text="exp(−{x:atom}²)",
    level="power",
    kernel="gaussian(x)",
)
def gaussian(x):
    """Bell curve e^(−x²), exact in the tails."""
    return special.gaussian(x)


@gaussian.backward
def _(grad, out, x):
    return -2 * grad * x * out
