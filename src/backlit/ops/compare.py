"""Comparisons and choices: flat almost everywhere, so nothing flows back through the condition."""

import numpy as np

from ..ir.op import array, implements, op
from ..ir.tracer import refuse


def _comparison(symbol, command):
    return {
        "latex": f"[{{x:sum}} {command} {{y:sum}}]", "text": f"[{{x:sum}} {symbol} {{y:sum}}]",
        "avoid": (0.0,), "note": "[…] is 1 where it holds, else 0",
    }  # fmt: skip


@op(numpy=np.greater, kernel="x > y", **_comparison(">", ">"))
def greater(x, y):
    """Is x > y?"""
    return np.greater(x, y)


@op(numpy=np.greater_equal, kernel="x >= y", **_comparison("≥", r"\ge"))
def greater_equal(x, y):
    """Is x ≥ y?"""
    return np.greater_equal(x, y)


@op(numpy=np.less, kernel="x < y", **_comparison("<", "<"))
def less(x, y):
    """Is x < y?"""
    return np.less(x, y)


@op(numpy=np.less_equal, kernel="x <= y", **_comparison("≤", r"\le"))
def less_equal(x, y):
    """Is x ≤ y?"""
    return np.less_equal(x, y)


@op(numpy=np.equal, kernel="x == y", **_comparison("=", "="))
def equal(x, y):
    """Is x = y?"""
    return np.equal(x, y)


@op(numpy=np.not_equal, kernel="x != y", **_comparison("≠", r"\ne"))
def not_equal(x, y):
    """Is x ≠ y?"""
    return np.not_equal(x, y)


_BOTH = {"masks": ("x", "y")}


@op(numpy=np.logical_and, latex=r"({x} \wedge {y})", text="({x} ∧ {y})", kernel="x and y", **_BOTH)
def logical_and(x, y):
    """Both x and y."""
    return np.logical_and(x, y)


@op(numpy=np.logical_or, latex=r"({x} \vee {y})", text="({x} ∨ {y})", kernel="x or y", **_BOTH)
def logical_or(x, y):
    """x or y or both."""
    return np.logical_or(x, y)


@op(
    numpy=np.logical_xor,
    latex=r"({x} \oplus {y})",
    text="({x} ⊕ {y})",
    kernel="(not x) != (not y)",
    **_BOTH,
)
def logical_xor(x, y):
    """Either x or y, not both."""
    return np.logical_xor(x, y)


@op(
    numpy=np.logical_not,
    latex=r"\neg {x:unary}",
    text="¬{x:unary}",
    level="unary",
    kernel="not x",
    masks=("x",),
)
def logical_not(x):
    """Not x."""
    return np.logical_not(x)


@op(numpy=np.isnan, kernel="x != x")
def isnan(x):
    """Is x not a number?"""
    return np.isnan(x)


@op(numpy=np.isinf, kernel="x == x and x - x != 0")
def isinf(x):
    """Is x infinite?"""
    return np.isinf(x)


@op(numpy=np.isfinite, kernel="x - x == 0")
def isfinite(x):
    """Is x a finite number?"""
    return np.isfinite(x)


@op(numpy=np.signbit, kernel="copysign(1, x) < 0", avoid=(0.0,))
def signbit(x):
    """Has x a minus sign?"""
    return np.signbit(x)


for entry in (
    *(greater, greater_equal, less, less_equal, equal, not_equal),
    *(logical_and, logical_or, logical_xor, logical_not),
    *(isnan, isinf, isfinite, signbit),
):
    entry.constant()


@op(
    numpy=np.where,
    latex=r"\left({x} \text{{ if }} {condition} \text{{ else }} {y}\right)",
    text="({x} if {condition} else {y})",
    kernel="x if condition else y",
    masks=("condition",),
)
def where(condition, x, y):
    """x where the condition holds, y elsewhere."""
    return np.where(condition, x, y)


@where.backward
def _(grad, out, condition, x, y):
    return None, where(condition, grad, 0), where(condition, 0, grad)


def _mask(x, use="&, |, ^ and ~ of"):
    if array(x).dtype.kind != "b":
        refuse(f"{use} numbers", "Only masks (booleans) are known here: write x != 0.")
    return x


@implements(np.bitwise_and)
def _and(x, y):
    return logical_and(_mask(x), _mask(y))


@implements(np.bitwise_or)
def _or(x, y):
    return logical_or(_mask(x), _mask(y))


@implements(np.invert)
def _not(x):
    return logical_not(_mask(x))


@implements(np.bitwise_xor)
def _xor(x, y):
    return logical_xor(_mask(x), _mask(y))


@implements(np.isposinf)
def _isposinf(x):
    return equal(x, np.inf)


@implements(np.isneginf)
def _isneginf(x):
    return equal(x, -np.inf)


@implements(np.isclose)
def _isclose(a, b, rtol=1e-05, atol=1e-08):
    within = less_equal(np.abs(a - b), atol + rtol * np.abs(b))
    return logical_or(equal(a, b), logical_and(within, isfinite(b)))


@implements(np.select)
def _select(condlist, choicelist, default=0):
    if len(condlist) != len(choicelist):
        raise ValueError(f"{len(condlist)} conditions for {len(choicelist)} choices")
    dtype = np.result_type(*choicelist, default)
    choicelist = [array(x, dtype) for x in choicelist]
    chosen = array(default, dtype)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        chosen = where(_mask(condition, "np.select with conditions that are"), choice, chosen)
    return chosen
