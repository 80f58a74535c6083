"""The identities that make a derivation short: one row each, with the reason that is printed."""

from typing import Any

import numpy as np

from ..ir.graph import Atom, Eqn, Graph, Var
from ..ir.op import traced
from ..ops.arithmetic import negative, square, subtract
from ..ops.linear import matmul
from ..ops.shape import broadcast_to, reshape, transpose
from .rewrite import Rewriter, Rule, identity, number, rewrite, table


def definition(rewriter: Rewriter, x: Atom, op: str) -> Eqn | None:
    eqn = rewriter.known.get(x) if isinstance(x, Var) else None
    return eqn if eqn is not None and eqn.op.name == op else None


def _one(rewriter: Rewriter, eqn: Eqn) -> Any:
    return eqn.out.dtype.type(1) if eqn.out.shape == () else None


def _double_transpose(rewriter: Rewriter, eqn: Eqn) -> Any:
    (x,), axes = eqn.inputs, eqn.settings["axes"]
    if axes == tuple(range(len(axes))):
        return rewriter.value(x)
    inner = definition(rewriter, x, "transpose")
    if inner is None:
        return None
    both = tuple(inner.settings["axes"][i] for i in axes)
    return transpose(rewriter.value(inner.inputs[0]), axes=both)


def _transposed_product(rewriter: Rewriter, eqn: Eqn) -> Any:
    """(Aᵀ B)ᵀ = Bᵀ A, of matrices or of stacks of them, unless Aᵀ B has a name."""
    axes, product = eqn.settings["axes"], definition(rewriter, eqn.inputs[0], "matmul")
    n = len(axes)
    if product is None or axes != (*range(n - 2), n - 1, n - 2) or rewriter.name_of(product.out):
        return None
    turned = [definition(rewriter, x, "transpose") for x in product.inputs]
    if not any(inner and inner.settings["axes"] == axes for inner in turned):
        return None
    x, y = map(rewriter.value, product.inputs)
    return matmul(_turned(y), _turned(x)) if np.ndim(x) == np.ndim(y) else None


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _same_shape(rewriter: Rewriter, eqn: Eqn) -> Any:
    return rewriter.value(eqn.inputs[0]) if eqn.inputs[0].shape == eqn.out.shape else None


def _double_reshape(rewriter: Rewriter, eqn: Eqn) -> Any:
    inner = definition(rewriter, eqn.inputs[0], "reshape")
    return inner and reshape(rewriter.value(inner.inputs[0]), shape=eqn.out.shape)


def _spread_of_number(rewriter: Rewriter, eqn: Eqn) -> Any:
    """A number spread, reshaped and spread again is a number spread once."""
    if eqn.op is reshape and eqn.inputs[0].shape == ():
        return rewriter.emit(broadcast_to, eqn.inputs, {"shape": eqn.out.shape})
    for op in ("reshape", "broadcast_to"):
        inner = definition(rewriter, eqn.inputs[0], op)
        if inner is not None and inner.inputs[0].shape == ():
            return rewriter.emit(broadcast_to, inner.inputs, {"shape": eqn.out.shape})
    return None


def _needless_spread(rewriter: Rewriter, eqn: Eqn) -> Any:
    """x ⊙ broadcast(y) = x ⊙ y where x has the full shape already."""
    for i, x in enumerate(eqn.inputs):
        inner = definition(rewriter, x, "broadcast_to")
        if inner is None:
            continue
        inputs = (*eqn.inputs[:i], *inner.inputs, *eqn.inputs[i + 1 :])
        if np.broadcast_shapes(*[x.shape for x in inputs]) == eqn.out.shape:
            return rewriter.emit(eqn.op, inputs, dict(eqn.settings))
    return None


def _of_spread_numbers(rewriter: Rewriter, eqn: Eqn) -> Any:
    """−broadcast(x) = broadcast(−x) where x has no axes."""
    inner = [definition(rewriter, x, "broadcast_to") for x in eqn.inputs]
    inputs = [i.inputs[0] if i else x for i, x in zip(inner, eqn.inputs, strict=True)]
    if not any(inner) or any(x.shape for x in inputs):
        return None
    result = rewriter.emit(eqn.op, inputs, dict(eqn.settings))
    return rewriter.emit(broadcast_to, [result], {"shape": eqn.out.shape})


def _fold(rewriter: Rewriter, eqn: Eqn) -> Any:
    """An operation on numbers is done now."""
    numbers = [number(x, eqn.out.dtype) for x in eqn.inputs]
    return None if None in numbers else eqn.op.forward(*numbers, **eqn.settings)


def _factor_out_of_sum(rewriter: Rewriter, eqn: Eqn) -> Any:
    inner = definition(rewriter, eqn.inputs[0], "multiply")
    if inner is None or inner.inputs[1].dtype not in (eqn.out.dtype, bool):  # a narrower sum
        return None
    factor = number(inner.inputs[0], eqn.out.dtype)
    if factor is None:
        return None
    return factor * rewriter.emit(eqn.op, inner.inputs[1:], dict(eqn.settings))


def _one_hot_sum(rewriter: Rewriter, eqn: Eqn) -> Any:
    """Σ c y = c where y is one-hot."""
    x, factor = eqn.inputs[0], eqn.out.dtype.type(1)
    inner = definition(rewriter, x, "multiply")
    if inner and number(inner.inputs[0]) is not None:
        x, factor = inner.inputs[1], number(inner.inputs[0], eqn.out.dtype)
    if definition(rewriter, x, "one_hot") and eqn.settings["axis"] == (len(x.shape) - 1,):
        return rewriter.emit(broadcast_to, [factor], {"shape": eqn.out.shape})
    return None


def _number_first(rewriter: Rewriter, eqn: Eqn) -> Any:
    x, y = eqn.inputs
    if number(y) is not None and number(x) is None:
        return number(y, eqn.out.dtype) * rewriter.value(x)
    return None


def _positive_factor(rewriter: Rewriter, eqn: Eqn) -> Any:
    """c (x − y) = −c (y − x) where c < 0."""
    c, x = eqn.inputs
    inner = definition(rewriter, x, "subtract")
    factor = number(c, eqn.out.dtype)
    if inner is None or factor is None or factor >= 0:
        return None
    first, second = map(rewriter.value, inner.inputs)
    return -factor * subtract(second, first)


def _opposite_factors(rewriter: Rewriter, eqn: Eqn) -> Any:
    """c x + (−c) y = c (x − y) where c > 0."""
    parts = [definition(rewriter, x, "multiply") for x in eqn.inputs]
    dtype = eqn.out.dtype
    pairs = [(number(p.inputs[0], dtype), rewriter.value(p.inputs[1])) for p in parts if p]
    if len(pairs) != 2 or None in (pairs[0][0], pairs[1][0]):
        return None
    (c, x), (d, y) = pairs
    if c != -d:
        return None
    return c * subtract(x, y) if c > 0 else d * subtract(y, x)


_ELEMENTWISE = ("add", "subtract", "multiply", "divide", "where", "maximum", "minimum")
_NUMBERS = ("add", "subtract", "multiply", "divide", "negative", "power", "square", "sqrt")

TABLE = table(
    *[Rule(op, _fold, "arithmetic on numbers") for op in _NUMBERS],
    Rule("negative", _of_spread_numbers, "a number has no axes"),
    Rule("multiply", _of_spread_numbers, "a number has no axes"),
    *[Rule(op, _needless_spread, "broadcasting does it") for op in _ELEMENTWISE],
    Rule("ones_like", _one, "∂L/∂L = 1"),
    Rule("transpose", _double_transpose, "(Aᵀ)ᵀ = A"),
    Rule("transpose", _transposed_product, "(Aᵀ B)ᵀ = Bᵀ A"),
    Rule("reshape", _same_shape, "already of that shape"),
    Rule("reshape", _double_reshape, "only the last shape counts"),
    Rule("broadcast_to", _same_shape, "already of that shape"),
    Rule("reshape", _spread_of_number, "a number has no axes"),
    Rule("broadcast_to", _spread_of_number, "a number has no axes"),
    Rule("sum", _one_hot_sum, "one-hot rows sum to 1"),
    Rule("sum", _factor_out_of_sum, "a factor leaves the sum"),
    identity(lambda x: x * 1, lambda x: x, "1 is neutral"),
    identity(lambda x: x / 1, lambda x: x, "1 is neutral"),
    identity(lambda x: x**1, lambda x: x, "x¹ = x"),
    identity(lambda x: x**2, lambda x: square(x), "x² = x·x"),
    identity(lambda x: x * x, lambda x: square(x), "x·x = x²"),
    identity(lambda x: x + 0, lambda x: x, "0 is neutral"),
    identity(lambda x: x - 0, lambda x: x, "0 is neutral"),
    identity(lambda x: 0 - x, lambda x: negative(x), "0 − x = −x"),
    identity(lambda x: -(-x), lambda x: x, "−(−x) = x"),
    identity(lambda x, y: -(x - y), lambda x, y: y - x, "−(x − y) = y − x"),
    identity(lambda x, y: x - (-y), lambda x, y: x + y, "x − (−y) = x + y"),
    identity(lambda x, y: x + (-y), lambda x, y: x - y, "x + (−y) = x − y"),
    Rule("multiply", _number_first, "numbers stand first"),
    Rule("multiply", _positive_factor, "c (x − y) = −c (y − x)"),
    identity(lambda x, y: (-x) * y, lambda x, y: -(x * y), "(−x) y = −(x y)"),
    identity(lambda x, y: (-x) / y, lambda x, y: -(x / y), "(−x)/y = −(x/y)"),
    identity(lambda c, x: -(c * x), lambda c, x: (-c) * x, "−(c x) = (−c) x"),
    identity(lambda c, d, x: c * (d * x), lambda c, d, x: (c * d) * x, "c (d x) = (c d) x"),
    identity(
        lambda c, x, y: (c * x) * y,
        lambda c, x, y: c * (x * y) if traced(y) or np.ndim(y) else None,
        "(c x) y = c (x y)",
        keep_names=True,
    ),
    identity(lambda c, d, x: c * (x / d), lambda c, d, x: (c / d) * x, "c (x/d) = (c/d) x"),
    identity(lambda c, d, x: (c * x) / d, lambda c, d, x: (c / d) * x, "(c x)/d = (c/d) x"),
    identity(
        lambda c, x, y: (c * x) / y,
        lambda c, x, y: c * (x / y),
        "(c x)/y = c (x/y)",
        keep_names=True,
    ),
    Rule("add", _opposite_factors, "c x + (−c) y = c (x − y)"),
    identity(lambda x: -1 * x, lambda x: -x, "(−1) x = −x"),
    identity(lambda c, x: c / x, lambda c, x: -(-c / x) if c < 0 else None, "(−c)/x = −(c/x)"),
    identity(lambda c, x: x + c, lambda c, x: x - -c if c < 0 else None, "x + (−c) = x − c"),
    identity(lambda c, x: x - c, lambda c, x: x + -c if c < 0 else None, "x − (−c) = x + c"),
    identity(
        lambda c, x, y: x + c * y,
        lambda c, x, y: x - -c * y if c < 0 else None,
        "x + (−c) y = x − c y",
    ),
    identity(
        lambda c, x, y: x - c * y,
        lambda c, x, y: x + -c * y if c < 0 else None,
        "x − (−c) y = x + c y",
    ),
    identity(lambda c, x, y: c * x - c * y, lambda c, x, y: c * (x - y), "common factor"),
)


def simplify(graph: Graph) -> Graph:
    """Rewrite by `TABLE`; the value may change in the last bit, never more."""
    return rewrite(graph, TABLE)
