"""The ONNX form of each op that is not elementwise: products, reductions, shapes, places."""

import numpy as np

from ..errors import InputError
from .rows import Size

_LAST = np.iinfo(np.int64).max


def _reduction(kind):
    def build(w, x, *, axis, keepdims):
        if not axis:  # to ONNX, no axes are all of them
            return x
        return w.node(kind, x, np.array(axis, np.int64), keepdims=int(keepdims))

    return build


def _truth(kind):
    """Any is the largest of 0 and 1, all the smallest."""

    def build(w, x, *, axis, keepdims):
        whole = w.cast(w.cast(x, bool), np.int32)
        return w.cast(_reduction(kind)(w, whole, axis=axis, keepdims=keepdims), bool)

    return build


def _place(kind):
    return lambda w, x, *, axis: w.node(kind, x, axis=axis, keepdims=0)


def _ordered(result):
    """Entries, or places, in ascending order: those of the n smallest."""

    def build(w, x, *, axis, kind=None):
        n = w.sizes([w.shapes[0][axis]])
        return w.nodes_of("TopK", 2, x, n, axis=axis, largest=0, sorted=1)[result]

    return build


def _take_along_axis(w, x, indices, *, axis):
    shape, wanted = (list(s) for s in w.shapes)
    shape[axis] = wanted[axis]
    if shape != wanted:
        _refuse("take_along_axis with places for other rows than the array has")
    return w.GatherElements(x, indices, axis=axis)


def _reshape(w, x, *, shape):
    free = [isinstance(n, Size) for n in shape]
    if sum(free) == 1:  # ONNX works out what −1 stands for
        shape = [-1 if f else n for f, n in zip(free, shape, strict=True)]
    return w.Reshape(x, w.sizes(shape))


def _broadcast_to(w, x, *, shape):
    own = (1,) * (len(shape) - len(w.shapes[0])) + tuple(w.shapes[0])
    return w.Expand(x, w.sizes(1 if a == b else b for a, b in zip(own, shape, strict=True)))


def _one_hot(w, labels, *, classes):
    column = w.Unsqueeze(w.cast(labels, np.int64), np.array([-1]))
    return w.Equal(column, np.arange(classes))


def _windows(w, x, *, sizes, axes):
    """The places of all windows, gathered; their own axes moved to the end."""
    if len(set(axes)) < len(axes) or any(isinstance(w.shapes[0][axis], Size) for axis in axes):
        _refuse("windows over rows, or twice over an axis")
    for size, axis in sorted(zip(sizes, axes, strict=True), key=lambda pair: -pair[1]):
        starts = np.arange(w.shapes[0][axis] - size + 1)
        x = w.Gather(x, starts[:, None] + np.arange(size), axis=axis)
    place = {axis: axis + sum(other < axis for other in axes) for axis in range(len(w.shapes[0]))}
    return w.Transpose(x, perm=[*place.values(), *(place[axis] + 1 for axis in axes)])


def _scatter(w, x, *indices, key, shape):
    """Zeros around: the constant padding of an array."""
    plain = all(isinstance(k, slice) and k.step is None for k in key) and len(key) == len(shape)
    starts = [k.start for k in key] if plain else []
    sizes = list(zip(w.shapes[0], starts, shape, strict=False))
    after = [_difference(whole, n) for n, _, whole in sizes]
    if not plain or None in after:
        _refuse("scatter other than as padding")
    after = [n - start for n, (_, start, _) in zip(after, sizes, strict=True)]
    return w.Pad(x, np.array([*starts, *after]))


def _difference(whole, part):
    """How much larger a size is, if that does not grow with the rows."""
    if isinstance(whole, Size) and isinstance(part, Size):
        return whole.plus - part.plus if whole.times == part.times else None
    return None if isinstance(whole, Size) or isinstance(part, Size) else whole - part


def _getitem(w, x, *indices, key):
    key = _spelled_out(key, len(w.shapes[0]))
    chosen = [k for k in key if k is not None]
    if len(indices) + any(isinstance(k, int) for k in key) * bool(indices) > 1:
        _refuse("getitem by several arrays of places, or by an array and a number")
    x = _sliced(w, x, [(axis, k) for axis, k in enumerate(chosen) if isinstance(k, slice)])
    for axis, k in reversed([*enumerate(chosen)]):
        if not isinstance(k, slice):
            x = w.Gather(x, indices[0] if k == "array" else np.array(k), axis=axis)
    new, place = [], 0
    for k in key:
        new += [place] if k is None else []
        place += len(w.shapes[1]) if k == "array" else not isinstance(k, int)
    return w.Unsqueeze(x, np.array(new)) if new else x


def _spelled_out(key, axes):
    """The key with a slice for every axis that it leaves alone."""
    key = key if Ellipsis in key else (*key, Ellipsis)
    rest = axes - sum(k is not None and k is not Ellipsis for k in key)
    at = key.index(Ellipsis)
    return (*key[:at], *[slice(None)] * rest, *key[at + 1 :])


def _sliced(w, x, slices):
    cut = [(axis, k) for axis, k in slices if k != slice(None)]
    if not cut:
        return x
    steps = [1 if k.step is None else k.step for _, k in cut]
    starts = [
        (0 if step > 0 else _LAST) if k.start is None else k.start
        for (_, k), step in zip(cut, steps, strict=True)
    ]
    stops = [
        (_LAST if step > 0 else -_LAST) if k.stop is None else k.stop
        for (_, k), step in zip(cut, steps, strict=True)
    ]
    axes = np.array([axis for axis, _ in cut])
    return w.Slice(x, w.sizes(starts), w.sizes(stops), axes, np.array(steps))


def _refuse(what):
    raise InputError(f"{what} has no form in ONNX that is known here.")


STRUCTURED = {
    "all": _truth("ReduceMin"),
    "any": _truth("ReduceMax"),
    "argmax": _place("ArgMax"),
    "argmin": _place("ArgMin"),
    "argsort": _ordered(1),
    "astype": lambda w, x, *, dtype: w.cast(x, dtype),
    "broadcast_to": _broadcast_to,
    "concatenate": lambda w, *xs, axis: w.Concat(*xs, axis=axis),
    "cumsum": lambda w, x, *, axis: w.CumSum(x, np.array(axis)),
    "einsum": lambda w, *xs, subscripts: w.Einsum(*xs, equation=subscripts),
    "getitem": _getitem,
    "log_softmax": lambda w, x, *, axis: w.LogSoftmax(x, axis=axis),
    "matmul": lambda w, x, y: w.MatMul(x, y),
    "max": _reduction("ReduceMax"),
    "mean": _reduction("ReduceMean"),
    "min": _reduction("ReduceMin"),
    "one_hot": _one_hot,
    "prod": _reduction("ReduceProd"),
    "reshape": _reshape,
    "scatter": _scatter,
    "softmax": lambda w, x, *, axis: w.Softmax(x, axis=axis),
    "sort": _ordered(0),
    "sum": _reduction("ReduceSum"),
    "take_along_axis": _take_along_axis,
    "transpose": lambda w, x, *, axes: w.Transpose(x, perm=axes) if axes else x,
    "windows": _windows,
}
