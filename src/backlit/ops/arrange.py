"""NumPy's ways of joining, cutting, turning and repeating arrays, written with few ops."""

import numpy as np

from ..ir.op import implements, traced
from ..ir.tracer import refuse
from .axes import lying_along, normal_axes, one_axis, part
from .index import scatter


@implements(np.moveaxis)
def _moveaxis(a, source, destination):
    moved, places = normal_axes(source, a.ndim), normal_axes(destination, a.ndim)
    if len(moved) != len(places):
        raise ValueError(f"{len(moved)} axes and {len(places)} places for them")
    order = [i for i in range(a.ndim) if i not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return np.transpose(a, order)


@implements(np.rollaxis)
def _rollaxis(a, axis, start=0):
    (axis,) = normal_axes(axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - (start > axis))


@implements(np.atleast_1d)
def _atleast_1d(*arrays):
    return _each(lambda a: a if np.ndim(a) else np.reshape(a, (1,)), arrays)


@implements(np.atleast_2d)
def _atleast_2d(*arrays):
    return _each(lambda a: a if np.ndim(a) > 1 else np.reshape(a, (1, -1)), arrays)


@implements(np.atleast_3d)
def _atleast_3d(*arrays):
    return _each(
        lambda a: np.expand_dims(a, -1) if np.ndim(a) == 2
        else a if np.ndim(a) > 2 else np.reshape(a, (1, -1, 1)),
        arrays,
    )  # fmt: skip


def _each(function, arrays):
    return function(arrays[0]) if len(arrays) == 1 else tuple(map(function, arrays))


@implements(np.broadcast_arrays)
def _broadcast_arrays(*arrays):
    shape = np.broadcast_shapes(*map(np.shape, arrays))
    return tuple(np.broadcast_to(a, shape) for a in arrays)


@implements(np.meshgrid)
def _meshgrid(*xi, indexing="xy", sparse=False):
    n = len(xi)
    places = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else range(n)
    shaped = [lying_along(x, place, n) for x, place in zip(xi, places, strict=True)]
    return tuple(shaped) if sparse else np.broadcast_arrays(*shaped)


# joining


@implements(np.vstack)
def _vstack(tup):
    return np.concatenate([np.atleast_2d(a) for a in tup], axis=0)


@implements(np.hstack)
def _hstack(tup):
    parts = [np.atleast_1d(a) for a in tup]
    return np.concatenate(parts, axis=0 if np.ndim(parts[0]) == 1 else 1)


@implements(np.dstack)
def _dstack(tup):
    return np.concatenate([np.atleast_3d(a) for a in tup], axis=2)


@implements(np.column_stack)
def _column_stack(tup):
    return np.concatenate([a if np.ndim(a) > 1 else np.reshape(a, (-1, 1)) for a in tup], axis=1)


@implements(np.append)
def _append(arr, values, axis=None):
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return np.concatenate([arr, values], axis=axis)


@implements(np.block)
def _block(arrays):
    def join(part, depth):
        if not isinstance(part, list):
            return part
        return np.concatenate([join(p, depth - 1) for p in part], axis=-depth)

    def depth_of(part):
        return 1 + depth_of(part[0]) if isinstance(part, list) else 0

    def widen(part):
        if isinstance(part, list):
            return [widen(p) for p in part]
        return np.reshape(part, (1,) * (depth - np.ndim(part)) + np.shape(part))

    depth = depth_of(arrays)
    return join(widen(arrays), depth)


# cutting


@implements(np.array_split)
def _array_split(ary, indices_or_sections, axis=0):
    (axis,) = normal_axes(axis, ary.ndim)
    _plain(indices_or_sections)
    parts = np.array_split(np.arange(ary.shape[axis]), indices_or_sections)
    ends = [(int(p[0]), int(p[-1]) + 1) if p.size else (0, 0) for p in parts]
    return [part(ary, axis, slice(*pair)) for pair in ends]


def _plain(places):
    """Refuse places that are computed: shapes would depend on them."""
    if traced(places):
        refuse("a cut at a traced place", "The shapes depend on it: use plain numbers.")


@implements(np.split)
def _split(ary, indices_or_sections, axis=0):
    (axis,) = normal_axes(axis, ary.ndim)
    n = ary.shape[axis]
    _plain(indices_or_sections)
    if np.ndim(indices_or_sections) == 0 and n % indices_or_sections:
        raise ValueError(f"{n} entries cannot be cut into {indices_or_sections} equal parts")
    return np.array_split(ary, indices_or_sections, axis)


@implements(np.hsplit)
def _hsplit(ary, indices_or_sections):
    return np.split(ary, indices_or_sections, axis=0 if ary.ndim == 1 else 1)


@implements(np.vsplit)
def _vsplit(ary, indices_or_sections):
    return np.split(ary, indices_or_sections, axis=0)


@implements(np.dsplit)
def _dsplit(ary, indices_or_sections):
    return np.split(ary, indices_or_sections, axis=2)


@implements(np.delete)
def _delete(arr, obj, axis=None):
    arr, axis = one_axis(arr, axis)
    _plain(obj)
    return np.take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis=axis)


# turning and repeating


@implements(np.flip)
def _flip(m, axis=None):
    axes = normal_axes(range(m.ndim) if axis is None else axis, m.ndim)
    return m[tuple(slice(None, None, -1 if i in axes else None) for i in range(m.ndim))]


@implements(np.flipud)
def _flipud(m):
    return np.flip(m, 0)


@implements(np.fliplr)
def _fliplr(m):
    return np.flip(m, 1)


@implements(np.rot90)
def _rot90(m, k=1, axes=(0, 1)):
    first, second = normal_axes(axes, m.ndim)
    for _ in range(k % 4):
        m = np.flip(np.swapaxes(m, first, second), first)
    return m


@implements(np.roll)
def _roll(a, shift, axis=None):
    if axis is None:
        return np.reshape(np.roll(np.ravel(a), shift, 0), a.shape)
    for by, along in zip(*np.broadcast_arrays(np.atleast_1d(shift), axis), strict=True):
        (along,) = normal_axes(along, a.ndim)
        cut = -int(by) % max(a.shape[along], 1)
        if cut:
            ends = part(a, along, slice(cut, None)), part(a, along, slice(None, cut))
            a = np.concatenate(ends, axis=along)
    return a


@implements(np.repeat)
def _repeat(a, repeats, axis=None):
    a, axis = one_axis(a, axis)
    if np.ndim(repeats):
        return np.take(a, np.repeat(np.arange(a.shape[axis]), repeats), axis=axis)
    before, after = a.shape[: axis + 1], a.shape[axis + 1 :]
    copies = np.broadcast_to(np.expand_dims(a, axis + 1), (*before, repeats, *after))
    return np.reshape(copies, (*a.shape[:axis], a.shape[axis] * repeats, *after))


@implements(np.tile)
def _tile(A, reps):
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    ndim = max(len(reps), A.ndim)
    reps = (1,) * (ndim - len(reps)) + reps
    shape = (1,) * (ndim - A.ndim) + A.shape
    pairs = [size for pair in zip(reps, shape, strict=True) for size in pair]
    thin = [size for n in shape for size in (1, n)]
    copies = np.broadcast_to(np.reshape(A, thin), pairs)
    return np.reshape(copies, [r * s for r, s in zip(reps, shape, strict=True)])


_BY_PLACE = ("edge", "reflect", "symmetric", "wrap")


@implements(np.pad)
def _pad(array, pad_width, mode="constant", *, constant_values=0):
    widths = np.broadcast_to(np.asarray(pad_width, int), (array.ndim, 2))
    if mode == "constant":
        if traced(constant_values) or np.ndim(constant_values):
            raise ValueError("constant_values must be one plain number")
        key = tuple(
            slice(int(a), int(a) + n) for (a, _), n in zip(widths, array.shape, strict=True)
        )
        shape = tuple(n + int(a + b) for (a, b), n in zip(widths, array.shape, strict=True))
        inside = scatter(array, key=key, shape=shape)
        if not constant_values:
            return inside
        around = np.pad(np.zeros(array.shape, array.dtype), widths, constant_values=constant_values)
        return inside + around
    if mode not in _BY_PLACE:
        raise ValueError(f"mode {mode!r} is not known: constant, {', '.join(_BY_PLACE)} are")
    for axis, (width, n) in enumerate(zip(widths, array.shape, strict=True)):
        if any(width):
            array = np.take(array, np.pad(np.arange(n), width, mode=mode), axis=axis)
    return array


# plain facts, and arrays that are made


@implements(np.linspace)
def _linspace(start, stop, num=50, endpoint=True, *, axis=0):
    whole = stop - start
    places = np.reshape(np.arange(num), (-1,) + (1,) * np.ndim(whole))
    dtype = np.result_type(start, stop, 1.0)
    entries = places.astype(dtype) * (whole / max(num - 1 if endpoint else num, 1)) + start
    if endpoint and num > 1:  # exactly there
        last = np.expand_dims(np.broadcast_to(stop, np.shape(whole)), 0).astype(dtype)
        entries = np.concatenate([entries[:-1], last])
    return np.moveaxis(entries, 0, axis)


@implements(np.full_like)
def _full_like(a, fill_value, dtype=None):
    return np.broadcast_to(fill_value, np.shape(a)).astype(dtype or a.dtype)


@implements(np.copy, np.real, np.conjugate, np.real_if_close)
def _itself(a):
    return a


@implements(np.imag)
def _imag(val):
    return np.zeros_like(val)


@implements(np.result_type)
def _result_type(*things):
    return np.result_type(*[t.dtype if traced(t) else t for t in things])
