"""The ONNX form of each elementwise op: its node, or a few of them.

A builder takes the writer, the names of the inputs and the op's settings, and answers the name of
its result. The inputs are of one dtype, ``w.dtype``, but for masks. The formulas are those of the
ops, without overflow and, where single precision would lose all of a small result, exact there.
"""

import math

ONE_NODE = {
    "abs": "Abs", "add": "Add", "ceil": "Ceil", "cos": "Cos", "divide": "Div", "equal": "Equal",
    "exp": "Exp", "floor": "Floor", "greater": "Greater", "greater_equal": "GreaterOrEqual",
    "isinf": "IsInf", "isnan": "IsNaN", "less": "Less", "less_equal": "LessOrEqual", "log": "Log",
    "logical_and": "And", "logical_not": "Not", "logical_or": "Or", "logical_xor": "Xor",
    "maximum": "Max", "minimum": "Min", "multiply": "Mul", "negative": "Neg", "power": "Pow",
    "reciprocal": "Reciprocal", "relu": "Relu", "rint": "Round", "sigmoid": "Sigmoid",
    "sign": "Sign", "sin": "Sin", "sqrt": "Sqrt", "subtract": "Sub", "tanh": "Tanh",
    "where": "Where",
}  # fmt: skip
SINGLE = {  # onnxruntime has them in single precision alone
    "arccos": "Acos", "arccosh": "Acosh", "arcsin": "Asin", "arcsinh": "Asinh", "arctan": "Atan",
    "arctanh": "Atanh", "cosh": "Cosh", "erf": "Erf", "sinh": "Sinh", "tan": "Tan",
}  # fmt: skip
_FLAT = 30.0  # beyond, softplus(x) = x in every precision


def _one_node(kind):
    return lambda w, *inputs: w.node(kind, *inputs)


def _single(kind):
    return lambda w, x: w.single(kind, x)


def _expm1(w, x):
    """tanh(x/2) · (e^x + 1)"""
    return w.Mul(w.Tanh(w.Mul(x, 0.5)), w.Add(w.Exp(x), 1.0))


def _log1p(w, x):
    """x · ln u / (u − 1) with u = 1 + x as it was rounded (Kahan)."""
    u = w.Add(x, 1.0)
    same = w.Equal(u, 1.0)
    step = w.Where(same, 1.0, w.Sub(u, 1.0))
    return w.Where(same, x, w.Mul(x, w.Div(w.Log(u), step)))


def _softplus(w, x):
    """The node alone overflows for large x in some runtimes."""
    return w.Add(w.Softplus(w.Min(x, _FLAT)), w.Relu(w.Sub(x, _FLAT)))


def _logaddexp(w, x, y):
    return w.Add(w.Max(x, y), w.Softplus(w.Neg(w.Abs(w.Sub(x, y)))))


def _normal_cdf(w, x):
    return w.Mul(w.Add(w.single("Erf", w.Mul(x, math.sqrt(0.5))), 1.0), 0.5)


def _gaussian(w, x):
    return w.Exp(w.Neg(w.Mul(x, x)))


def _normal_density(w, x):
    return w.Mul(_gaussian(w, w.Mul(x, math.sqrt(0.5))), 1 / math.sqrt(2 * math.pi))


def _safe_divide(w, x, y):
    zero = w.Equal(y, 0.0)
    return w.Where(zero, 0.0, w.Div(x, w.Where(zero, 1.0, y)))


def _remainder(w, x, y):
    """Of the sign of the divisor."""
    rest = w.Mod(x, y, fmod=1)
    return w.Where(w.Less(w.Mul(rest, y), 0.0), w.Add(rest, y), rest)


def _other_than_nan(kind):
    def build(w, x, y):
        return w.Where(w.IsNaN(x), y, w.Where(w.IsNaN(y), x, w.node(kind, x, y)))

    return build


ELEMENTWISE = {
    **{name: _one_node(kind) for name, kind in ONE_NODE.items()},
    **{name: _single(kind) for name, kind in SINGLE.items()},
    "cbrt": lambda w, x: w.Mul(w.Sign(x), w.Pow(w.Abs(x), 1 / 3)),
    "drop": lambda w, x, **_: x,
    "elu": lambda w, x, *, alpha: w.Elu(x, alpha=alpha),
    "exp2": lambda w, x: w.Pow(2.0, x),
    "expm1": _expm1,
    "fmax": _other_than_nan("Max"),
    "fmin": _other_than_nan("Min"),
    "fmod": lambda w, x, y: w.Mod(x, y, fmod=1),
    "gaussian": _gaussian,
    "gelu": lambda w, x: w.Mul(x, _normal_cdf(w, x)),
    "heaviside": lambda w, x, y: w.Where(w.Equal(x, 0.0), y, w.cast(w.Less(0.0, x), w.dtype)),
    "hypot": lambda w, x, y: w.Sqrt(w.Add(w.Mul(x, x), w.Mul(y, y))),
    "isfinite": lambda w, x: w.Not(w.Or(w.IsNaN(x), w.IsInf(x))),
    "leaky_relu": lambda w, x, *, slope: w.LeakyRelu(x, alpha=slope),
    "log10": lambda w, x: w.Mul(w.Log(x), 1 / math.log(10)),
    "log1p": _log1p,
    "log2": lambda w, x: w.Mul(w.Log(x), 1 / math.log(2)),
    "logaddexp": _logaddexp,
    "normal_cdf": _normal_cdf,
    "normal_density": _normal_density,
    "not_equal": lambda w, x, y: w.Not(w.Equal(x, y)),
    "remainder": _remainder,
    "safe_divide": _safe_divide,
    "silu": lambda w, x: w.Mul(x, w.Sigmoid(x)),
    "softplus": _softplus,
    "square": lambda w, x: w.Mul(x, x),
    "trunc": lambda w, x: w.Mul(w.Sign(x), w.Floor(w.Abs(x))),
}
