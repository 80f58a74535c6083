"""How ops that are not elementwise are lowered: to a view of what is there, or an instruction."""

import math
from dataclasses import replace

import numpy as np

from ..ir.graph import Eqn, Lit
from .lowering import Lowering, rule
from .program import Place
from .views import View, dense, dense_strides

# ---- views: nothing is computed -----------------------------------------------------------------


@rule("reshape")
def _reshape(to: Lowering, eqn: Eqn) -> View:
    return to.reshaped(to.view(eqn.inputs[0]), eqn.out.shape)


@rule("transpose")
def _transpose(to: Lowering, eqn: Eqn) -> View:
    return to.view(eqn.inputs[0]).transposed(eqn.settings["axes"])


@rule("broadcast_to")
def _broadcast_to(to: Lowering, eqn: Eqn) -> View:
    return to.view(eqn.inputs[0]).stretched(eqn.out.shape)


@rule("ones_like")
def _ones_like(to: Lowering, eqn: Eqn) -> View:
    return to.view(Lit(1.0)).stretched(eqn.out.shape)


@rule("astype")
def _astype(to: Lowering, eqn: Eqn) -> View:
    (x,) = eqn.inputs
    kinds = x.dtype.kind + eqn.out.dtype.kind
    if kinds[1] == "f" or kinds in ("bb", "bi", "bu", "ii", "iu", "ui", "uu"):
        return to.view(x)
    to.pointwise(eqn, "to_bool" if kinds[1] == "b" else "to_int")
    return to.views[eqn.out]


@rule("windows")
def _windows(to: Lowering, eqn: Eqn) -> View:
    x = to.view(eqn.inputs[0])
    strides = (*x.strides, *(x.strides[axis] for axis in eqn.settings["axes"]))
    return replace(x, shape=eqn.out.shape, strides=strides)


@rule("diagonal")
def _diagonal(to: Lowering, eqn: Eqn) -> View:
    x, offset = to.view(eqn.inputs[0]), eqn.settings["offset"]
    down, across = x.strides[-2:]
    start = offset * across if offset > 0 else -offset * down
    return replace(
        x, shape=eqn.out.shape, strides=(*x.strides[:-2], down + across), offset=x.offset + start
    )


_IN_L2 = 1 << 16  # numbers of b beyond which csrc/matmul.hpp packs it


# ---- products and reductions --------------------------------------------------------------------


@rule("matmul")
def _matmul(to: Lowering, eqn: Eqn) -> View:
    a, b = (to.view(x) for x in eqn.inputs)
    if len(a.shape) == 1:
        a = replace(a, shape=(1, *a.shape), strides=(1, *a.strides))
    if len(b.shape) == 1:
        b = replace(b, shape=(*b.shape, 1), strides=(*b.strides, 1))
    if len(b.shape) == 2 and len(a.shape) > 2:  # a stack of rows, all times the same matrix
        a = to.reshaped(a, (math.prod(a.shape[:-1]), a.shape[-1]))
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    (m, k), n = a.shape[-2:], b.shape[-1]
    count = math.prod(stack)
    a, b = (_stacked(to, x, stack) for x in (a, b))
    made = to.emit(
        "MATMUL", m, n, eqn.out.name, k=k, a=Place(a.buffer, a.offset), b=Place(b.buffer, b.offset),
        numbers=(count, *a.strides[1:], a.strides[0], *b.strides[1:], b.strides[0]),
        note=_product_note(a, b, count), split="columns" if _is_wide(m, n, k, count) else "rows",
    )  # fmt: skip
    made.buffer.size = count * m * n
    return dense(made.buffer, eqn.out.shape)


def _stacked(to: Lowering, x: View, stack: tuple[int, ...]) -> View:
    """As count × rows × columns, with a step of 1 along rows or columns."""
    x = x.stretched((*stack, *x.shape[-2:]))
    rows, columns = x.strides[-2:]
    unit = columns == 1 or rows == 1 or x.shape[-1] == 1 or x.shape[-2] == 1
    flat = x.reshaped((math.prod(stack), *x.shape[-2:])) if unit and rows and columns else None
    if flat is None or min(flat.strides) < 0:
        lying = to.compact(x)
        flat = replace(
            lying,
            shape=(math.prod(stack), *x.shape[-2:]),
            strides=dense_strides((math.prod(stack), *x.shape[-2:])),
        )
    alone = [size == 1 for size in flat.shape[1:]]  # no step is taken there: it may be 1
    steps = (1 if one else s for one, s in zip(alone, flat.strides[1:], strict=True))
    return replace(flat, strides=(flat.strides[0], *steps))


def _is_wide(m: int, n: int, k: int, count: int) -> bool:
    """Is b so large that each thread had better pack columns of its own?"""
    return count == 1 and n * k > _IN_L2 and n > m


def _product_note(a: View, b: View, count: int) -> str:
    words = [f"{count} of them"] if count > 1 else []
    for name, x in (("aᵀ", a), ("bᵀ", b)):
        if x.strides[-1] != 1 and x.shape[-1] != 1:
            words.append(name)
    return ", ".join(words)


@rule("sum", "max", "min", "prod")
def _reduce(to: Lowering, eqn: Eqn) -> View:
    axes, x = eqn.settings["axis"], to.view(eqn.inputs[0])
    axes = tuple(i for i in axes if x.shape[i] != 1)
    kept = [i for i in range(len(x.shape)) if i not in axes]
    if not axes:
        return to.reshaped(x, eqn.out.shape)
    if list(axes) != [*range(axes[0], axes[-1] + 1)]:  # not side by side: to the end with them
        x = x.transposed((*kept, *axes))
        axes = tuple(range(len(kept), len(x.shape)))
    m, k = math.prod(x.shape[: axes[0]]), math.prod(x.shape[i] for i in axes)
    n = x.size // (m * k)
    made = to.emit(
        "REDUCE", m, n, eqn.out.name, k=k, a=to.place(x), note=eqn.op.name,
        split="columns" if m == 1 and n > 1 else "rows",
    )  # fmt: skip
    return dense(made.buffer, eqn.out.shape)
