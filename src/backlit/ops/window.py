"""Sliding windows, the heart of a convolution, and the way back: what overlaps is added."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..ir.op import implements, op
from .axes import normal_axes


def _written(name, times, ends=0):
    """``windows(X, 3×3)``; axes that are not the last ones (before the windows' own) are named."""

    def write(x, *, sizes, axes):
        ndim = len(x.shape) - ends * len(sizes)
        last = tuple(range(ndim - len(sizes), ndim))
        where = "" if axes == last else f", axes {','.join(map(str, axes))}"
        return f"{name}({x}, {times.join(map(str, sizes))}{where})"

    return write


@op(
    holomorphic=True,
    text=_written("windows", "×"),
    latex=_written(r"\operatorname{windows}", r" \times "),
    cases=(
        ((5,), {"sizes": (2,), "axes": (0,)}),
        ((2, 4, 3), {"sizes": (2, 3), "axes": (1, 2)}),
        ((2, 4), {"sizes": (1,), "axes": (1,)}),
    ),
)
def windows(x, *, sizes, axes):
    """Every window of the given sizes along some axes, as new last axes."""
    return sliding_window_view(x, sizes, axes)


@windows.backward
def _(grad, out, x, *, sizes, axes):
    return overlap_add(grad, sizes=sizes, axes=axes)


@windows.shape
def _(x, *, sizes, axes):
    kept = list(x)
    for n, axis in zip(sizes, axes, strict=True):
        if not 0 < n <= x[axis]:
            raise ValueError(f"a window of {n} along an axis of {x[axis]}")
        kept[axis] -= n - 1
    return (*kept, *sizes)


@op(
    holomorphic=True,
    text=_written("overlap_add", "×", 1),
    latex=_written(r"\operatorname{overlap\_add}", r" \times ", 1),
    cases=(
        ((4, 2), {"sizes": (2,), "axes": (0,)}),
        ((2, 3, 1, 2, 3), {"sizes": (2, 3), "axes": (1, 2)}),
    ),
)
def overlap_add(x, *, sizes, axes):
    """Windows put back in their places and added where they overlap; the way back of windows."""
    out = np.zeros(_whole(x.shape, sizes, axes), x.dtype)
    seen = sliding_window_view(out, sizes, axes, writeable=True)
    for place in np.ndindex(*sizes):
        seen[(..., *place)] += x[(..., *place)]
    return out


@overlap_add.backward
def _(grad, out, x, *, sizes, axes):
    return windows(grad, sizes=sizes, axes=axes)


def _whole(shape, sizes, axes):
    whole = list(shape[: len(shape) - len(sizes)])
    for n, axis in zip(sizes, axes, strict=True):
        whole[axis] += n - 1
    return tuple(whole)


overlap_add.shape(lambda x, *, sizes, axes: _whole(x, sizes, axes))


@implements(sliding_window_view)
def _sliding_window_view(x, window_shape, axis=None):
    sizes = window_shape if isinstance(window_shape, (tuple, list)) else (window_shape,)
    axes = normal_axes(range(x.ndim) if axis is None else axis, x.ndim)
    if len(axes) != len(sizes):
        raise ValueError(f"{len(sizes)} window sizes for {len(axes)} axes")
    return windows(x, sizes=tuple(map(int, sizes)), axes=axes)
