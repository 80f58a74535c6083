"""How ops are lowered that move entries about, or work along a line of them."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.graph import Eqn, Lit
from .lowering import Lowering, NumPyOnly, rule, ways
from .program import Place
from .views import View, dense, dense_strides

CLEAR, ADD = 1, 2  # what COPY does besides


def _copy(to: Lowering, name: str, size: int, source: View, target: View, note: str) -> View:
    """A COPY of a view into a buffer of `size`, cleared first; `target` lies in that buffer."""
    forwards = tuple(slice(None, None, -1 if step < 0 else 1) for step in target.strides)
    source, target = source.part(forwards), target.part(forwards)
    return to.emit(
        "COPY", 1, size, name, a=Place(source.buffer, source.offset), note=note, split="none",
        numbers=(CLEAR + ADD * (note == "add"), target.offset),
        lists=ways(source, target.strides),
    )  # fmt: skip


@rule("getitem")
def _getitem(to: Lowering, eqn: Eqn) -> View:
    x, *indices = eqn.inputs
    if not indices:
        return to.view(x).part(eqn.settings["key"])
    key, axes, at = _without_arrays(eqn.settings["key"], len(x.shape))
    part = to.view(x).part(key)
    part = to.compact(part.transposed(_first(axes, part.shape)))
    shape, places = _places(to, indices)
    count, result = len(axes), (*shape, *part.shape[len(axes) :])
    made = to.emit(
        "TAKE", math.prod(shape), math.prod(part.shape[count:]), eqn.out.name,
        a=Place(part.buffer, part.offset), indices=places,
        lists=(*part.shape[:count], *part.strides[:count]),
    )  # fmt: skip
    order = _first(range(at, at + len(shape)), result)
    return dense(made.buffer, result).transposed(_inverse(order))


@rule("scatter")
def _scatter(to: Lowering, eqn: Eqn) -> View:
    x, *indices = eqn.inputs
    shape, key, source = eqn.out.shape, eqn.settings["key"], to.view(x)
    size = math.prod(shape)
    if not indices:
        whole = dense(source.buffer, shape).part(key)
        return dense(_copy(to, eqn.out.name, size, source, whole, "put").buffer, shape)
    key, axes, at = _without_arrays(key, len(shape))
    whole = dense(source.buffer, shape).part(key)  # what the arrays choose from
    order, count = _first(axes, whole.shape), len(axes)
    rows = tuple(whole.shape[i] for i in order)
    chosen, places = _places(to, indices)
    source = source.transposed(_first(range(at, at + len(chosen)), source.shape))
    made = to.emit(
        "PUT", math.prod(chosen), math.prod(rows[count:]), eqn.out.name, a=to.place(source),
        indices=places, numbers=(math.prod(rows),), split="none",
        lists=(*rows[:count], *dense_strides(rows)[:count]),
    )  # fmt: skip
    made.buffer.size = math.prod(rows)
    put = dense(made.buffer, rows).transposed(_inverse(order))
    if whole.dense and whole.size == size:
        return to.reshaped(put, shape)
    return dense(_copy(to, eqn.out.name, size, put, whole, "put").buffer, shape)


def _without_arrays(key: tuple[Any, ...], ndim: int) -> tuple[tuple[Any, ...], list[int], int]:
    """The key with ``:`` for arrays, the axes that these are of then, and where theirs will stand.

    That is in place of the first; but in front, if arrays and integers are not side by side.
    """
    spanned = ndim - sum(k is not None and k is not ... for k in key)
    axes: list[int] = []
    axis = 0
    for k in key:
        axes += [axis] if isinstance(k, str) else []
        axis += spanned if k is ... else not isinstance(k, int)
    chosen = [i for i, k in enumerate(key) if isinstance(k, (str, int))]
    together = chosen == [*range(chosen[0], chosen[-1] + 1)]
    plain = tuple(slice(None) if isinstance(k, str) else k for k in key)
    return plain, axes, axes[0] if together else 0


def _places(to: Lowering, indices: Any) -> tuple[tuple[int, ...], tuple[Place, ...]]:
    """The shape of index arrays, and where they lie."""
    shape = np.broadcast_shapes(*(x.shape for x in indices))
    return shape, tuple(to.place(to.view(x).stretched(shape)) for x in indices)


def _first(axes: Sequence[int], shape: tuple[int, ...]) -> tuple[int, ...]:
    """An order of axes: these, then the others."""
    return (*axes, *(i for i in range(len(shape)) if i not in axes))


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort(order))


@rule("overlap_add")
def _overlap_add(to: Lowering, eqn: Eqn) -> View:
    axes, shape = eqn.settings["axes"], eqn.out.shape
    steps = dense_strides(shape)
    x = to.view(eqn.inputs[0])
    seen = View(x.buffer, x.shape, (*steps, *(steps[axis] for axis in axes)))
    # the window's own axes first: each place of a window is added in turn, as NumPy does
    order = (*range(len(shape), len(x.shape)), *range(len(shape)))
    x, seen = x.transposed(order), seen.transposed(order)
    made = _copy(to, eqn.out.name, math.prod(shape), x, seen, "add")
    return dense(made.buffer, shape)


@rule("put_diagonal")
def _put_diagonal(to: Lowering, eqn: Eqn) -> View:
    shape, offset = eqn.out.shape, eqn.settings["offset"]
    *rest, down, across = dense_strides(shape)
    x = to.view(eqn.inputs[0])
    start = offset * across if offset > 0 else -offset * down
    line = View(x.buffer, x.shape, (*rest, down + across), start)
    made = _copy(to, eqn.out.name, math.prod(shape), x, line, "put")
    return dense(made.buffer, shape)


@rule("concatenate")
def _concatenate(to: Lowering, eqn: Eqn) -> View:
    shape, axis = eqn.out.shape, eqn.settings["axis"]
    steps = dense_strides(shape)
    first, *others = (to.view(x) for x in eqn.inputs if 0 not in x.shape)
    target = View(first.buffer, first.shape, steps)
    made = _copy(to, eqn.out.name, math.prod(shape), first, target, "put")
    start = first.shape[axis]
    for x in others:
        part = replace(
            to.code[-1],
            a=Place(x.buffer, x.offset),
            numbers=(0, start * steps[axis]),
            lists=ways(x, steps),
            tail=[],
        )
        to.code.append(part)
        to.made[made.buffer] = part
        start += x.shape[axis]
    return dense(made.buffer, shape)


@rule("one_hot")
def _one_hot(to: Lowering, eqn: Eqn) -> View:
    labels, classes = to.view(eqn.inputs[0]), eqn.settings["classes"]
    made = to.emit("ONE_HOT", labels.size, classes, eqn.out.name, a=to.place(labels))
    return dense(made.buffer, eqn.out.shape)


# ---- along one axis, which goes to the end ------------------------------------------------------


def _to_the_end(view: View, axis: int) -> View:
    kept = [i for i in range(len(view.shape)) if i != axis]
    return view.transposed((*kept, axis))


def _back(view: View, axis: int) -> View:
    """The last axis, back to its place."""
    order = list(range(len(view.shape) - 1))
    order.insert(axis, len(view.shape) - 1)
    return view.transposed(tuple(order))


@rule("cumsum", "sort", "argsort", "argmax", "argmin")
def _line(to: Lowering, eqn: Eqn) -> View:
    axis, x = eqn.settings["axis"], to.view(eqn.inputs[0])
    if eqn.op.name == "argsort" and eqn.settings["kind"] not in (None, "stable"):
        raise NumPyOnly("argsort by a kind of its own")
    x = _to_the_end(x, axis)
    k = x.shape[-1]
    n = 1 if eqn.op.name.startswith("argm") else k
    made = to.emit("LINE", x.size // k, n, eqn.out.name, k=k, a=to.place(x), note=eqn.op.name)
    if n == 1:
        return dense(made.buffer, eqn.out.shape)
    return _back(dense(made.buffer, x.shape), axis)


@rule("take_along_axis")
def _take_along_axis(to: Lowering, eqn: Eqn) -> View:
    axis = eqn.settings["axis"]
    x, where = (_to_the_end(to.view(v), axis) for v in eqn.inputs)
    rows = np.broadcast_shapes(x.shape[:-1], where.shape[:-1])
    x, where = (v.stretched((*rows, v.shape[-1])) for v in (x, where))
    m, k, n = math.prod(rows), x.shape[-1], where.shape[-1]
    made = to.emit("TAKE_LINE", m, n, eqn.out.name, k=k, a=to.place(x), indices=(to.place(where),))
    return _back(dense(made.buffer, (*rows, n)), axis)


@rule("put_along_axis")
def _put_along_axis(to: Lowering, eqn: Eqn) -> View:
    axis, k = eqn.settings["axis"], eqn.settings["length"]
    x, where = (_to_the_end(to.view(v), axis) for v in eqn.inputs)
    where = where.stretched(x.shape)
    *rows, n = x.shape
    made = to.emit(
        "PUT_LINE", math.prod(rows), k, eqn.out.name, k=n, a=to.place(x),
        indices=(to.place(where),),
    )  # fmt: skip
    return _back(dense(made.buffer, (*rows, k)), axis)


@rule("drop")
def _drop(to: Lowering, eqn: Eqn) -> View:
    """As ops/dropout.py: an entry is kept where its 32 random bits reach the threshold."""
    rate, x = eqn.settings["rate"], to.view(eqn.inputs[0])
    m = x.shape[0] if x.shape else 1
    scale = to.place(to.view(Lit(1 / (1 - rate))))
    made = to.emit(
        "DROP", m, x.size // m, eqn.out.name, a=to.place(x), b=scale,
        numbers=(math.ceil(rate * 2**32), eqn.settings["stream"]),
    )  # fmt: skip
    return dense(made.buffer, eqn.out.shape)
