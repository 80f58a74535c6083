"""How an array lies in a buffer: the place of its first entry, and a step for each axis."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .program import Buffer, Kind

Shape = tuple[int, ...]


@dataclass(frozen=True)
class View:
    """Entries of a buffer, seen as an array: entry i, j, … lies at offset + Σ strides · index."""

    buffer: Buffer
    shape: Shape
    strides: Shape
    offset: int = 0

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def dense(self) -> bool:
        """Do the entries lie one after the other, without gaps?"""
        expected = dense_strides(self.shape)
        return all(
            s == e for s, e, n in zip(self.strides, expected, self.shape, strict=True) if n != 1
        )

    def reshaped(self, shape: Shape) -> "View | None":
        """The same entries in another shape, if no copy is needed."""
        if self.size == 0:
            return replace(self, shape=shape, strides=dense_strides(shape))
        strides = _restride(self, shape)
        return None if strides is None else replace(self, shape=shape, strides=strides)

    def transposed(self, axes: Shape) -> "View":
        """The axes in another order."""
        shape, strides = (tuple(x[i] for i in axes) for x in (self.shape, self.strides))
        return replace(self, shape=shape, strides=strides)

    def stretched(self, shape: Shape) -> "View":
        """Broadcast to a shape: steps of 0 along the axes that are new or stretched."""
        lead = len(shape) - len(self.shape)
        old = zip(self.shape, self.strides, shape[lead:], strict=True)
        strides = (0,) * lead + tuple(0 if n == 1 and n != to else s for n, s, to in old)
        return replace(self, shape=shape, strides=strides)

    def part(self, key: tuple[Any, ...]) -> "View":
        """``view[key]`` for a key of integers, slices, None and …"""
        ghost = _ghost(self)[key]
        offset = self.offset + _first(self, key)
        return replace(self, shape=ghost.shape, strides=ghost.strides, offset=offset)


def dense_strides(shape: Shape) -> Shape:
    """The strides of an array that lies row by row without gaps."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def dense(buffer: Buffer, shape: Shape) -> View:
    """A whole buffer as an array."""
    return View(buffer, shape, dense_strides(shape))


def merged(shape: Shape, strides: Shape) -> int | None:
    """The one step by which all these axes can be walked, or None; 0 for a number."""
    step = expected = None
    for n, s in reversed([(n, s) for n, s in zip(shape, strides, strict=True) if n != 1]):
        if step is not None and s != expected:
            return None
        step = s if step is None else step
        expected = s * n
    return 0 if step is None else step


def kind_in(view: View, shape: Shape, split: int) -> Kind | None:
    """How a block of rows (axes before `split`) × columns (the others) reads a view of `shape`.

    None if it cannot: then the view must be copied.
    """
    rows, columns = shape[:split], shape[split:]
    down, across = merged(rows, view.strides[:split]), merged(columns, view.strides[split:])
    if down is None or across is None:
        return None
    m, n = math.prod(rows), math.prod(columns)
    steps = (down if m > 1 else None, across if n > 1 else None)
    kinds: dict[tuple[int | None, int | None], Kind] = {
        (n, 1): "full", (None, 1): "full", (1, None): "full", (None, None): "full",
        (0, 1): "row", (1, 0): "column", (0, 0): "scalar", (None, 0): "scalar",
        (0, None): "scalar",
    }  # fmt: skip
    return kinds.get(steps)


def _first(view: View, key: tuple[Any, ...]) -> int:
    """How far the first entry of ``view[key]`` lies behind that of the view."""
    axis, offset = 0, 0
    given = sum(k is not None and k is not Ellipsis for k in key)
    for k in key:
        if k is Ellipsis:
            axis += len(view.shape) - given
        elif isinstance(k, slice):
            offset += k.indices(view.shape[axis])[0] * view.strides[axis]
            axis += 1
        elif k is not None:
            offset += (k % view.shape[axis]) * view.strides[axis]
            axis += 1
    return offset


def _restride(view: View, shape: Shape) -> Shape | None:
    """The steps of the same entries in another shape, if they exist: NumPy's own attempt."""
    try:
        return np.reshape(_ghost(view), shape, copy=False).strides
    except ValueError:
        return None


def _ghost(view: View) -> Any:
    """An array with the view's shape and strides, never read: NumPy knows the rules."""
    return np.lib.stride_tricks.as_strided(np.zeros(1, np.int8), view.shape, view.strides)
