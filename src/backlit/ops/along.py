"""Along one axis: running sums, differences, order, and entries chosen by their places."""

from functools import partial

import numpy as np

from ..ir.op import array, implements, op, traced
from .axes import lying_along, normal_axes, one_axis, part

_CASES = (((4,), {"axis": 0}), ((3, 4), {"axis": 0}), ((2, 3, 4), {"axis": 2}))


def _same(x, *, axis):
    return x if axis in range(len(x)) else _no_axis(axis)


def _no_axis(axis):
    raise ValueError(f"there is no axis {axis}")


@op(holomorphic=True, cases=_CASES)
def cumsum(x, *, axis):
    """Running sum along an axis."""
    return np.cumsum(x, axis=axis)


@cumsum.backward
def _(grad, out, x, *, axis):
    return np.flip(cumsum(np.flip(grad, axis), axis=axis), axis)


cumsum.shape(_same)
cumsum.dtype = lambda x, *, axis: np.cumsum(np.ones(1, x.dtype)).dtype


@op(cases=_CASES)
def sort(x, *, axis):
    """The entries along an axis in ascending order."""
    return np.sort(x, axis=axis, stable=True)


@sort.backward
def _(grad, out, x, *, axis):
    order = argsort(x, axis=axis, kind="stable")
    return put_along_axis(grad, order, axis=axis, length=np.shape(x)[axis])


sort.shape(_same)


@op(cases=_CASES, dtype="int64")
def argsort(x, *, axis, kind=None):
    """The places of the entries in ascending order, by one of NumPy's kinds of sorting."""
    return np.argsort(x, axis=axis, kind=kind)


argsort.constant()
argsort.shape(lambda x, *, axis, kind: _same(x, axis=axis))


@op(cases=_CASES, dtype="int64")
def argmax(x, *, axis):
    """The place of the largest entry along an axis."""
    return np.argmax(x, axis=axis)


@op(cases=_CASES, dtype="int64")
def argmin(x, *, axis):
    """The place of the smallest entry along an axis."""
    return np.argmin(x, axis=axis)


for entry in (argmax, argmin):
    entry.constant()
    entry.shape(lambda x, *, axis: x[:axis] + x[axis + 1 :])


_PLACES = np.array([[2, 0], [1, 1]])


@op(
    holomorphic=True,
    latex=r"\operatorname{{take}}({x}, {indices}{more})",
    text="take({x}, {indices}{more})",
    cases=((((2, 3), _PLACES), {"axis": 1}), (((3, 2), _PLACES), {"axis": 0})),
)
def take_along_axis(x, indices, *, axis):
    """The entries at places of their own in each row along an axis."""
    return np.take_along_axis(x, indices, axis)


@take_along_axis.backward
def _(grad, out, x, indices, *, axis):
    return put_along_axis(grad, indices, axis=axis, length=np.shape(x)[axis]), None


@take_along_axis.shape
def _(x, indices, *, axis):
    rows = np.broadcast_shapes(_without(x, axis), _without(indices, axis))
    return (*rows[:axis], indices[axis], *rows[axis:])


@op(
    holomorphic=True,
    latex=r"\operatorname{{put}}({x}, {indices}{more})",
    text="put({x}, {indices}{more})",
    cases=(
        (((2, 2), _PLACES), {"axis": 1, "length": 3}),
        (((2, 2), _PLACES), {"axis": 0, "length": 4}),
    ),
)
def put_along_axis(x, indices, *, axis, length):
    """Zeros, with the entries of x added at places of their own in each row along an axis."""
    out = np.zeros(_resized(x.shape, axis, length), x.dtype)
    where = list(np.indices(x.shape, sparse=True))
    where[axis] = indices
    np.add.at(out, tuple(where), x)
    return out


@put_along_axis.backward
def _(grad, out, x, indices, *, axis, length):
    return take_along_axis(grad, indices, axis=axis), None


put_along_axis.shape(lambda x, indices, *, axis, length: _resized(x, axis, length))
for entry in (take_along_axis, put_along_axis):
    entry.dtype = lambda x, indices, **_: x.dtype


def _without(shape, axis):
    return (*shape[:axis], *shape[axis + 1 :])


def _resized(shape, axis, length):
    return (*shape[:axis], length, *shape[axis + 1 :])


# NumPy's names


def _along(entry):
    """An op as NumPy calls it: without an axis, of all entries one after the other."""

    def function(a, axis=None):
        a, axis = one_axis(a, axis)
        return entry(a, axis=axis)

    return function


implements(np.cumsum)(_along(cumsum))


def _place_of(entry):
    def function(a, axis=None, *, keepdims=False):
        place = _along(entry)(a, axis)
        if not keepdims:
            return place
        return np.expand_dims(place, tuple(range(a.ndim)) if axis is None else axis)

    return function


for function, entry in ((np.argmax, argmax), (np.argmin, argmin)):
    implements(function)(_place_of(entry))


@implements(np.cumprod)
def _cumprod(a, axis=None):
    """By doubling: after k rounds each entry is the product of the last 2ᵏ. Right at zeros."""
    a, axis = one_axis(a, axis)
    a = a if a.dtype.kind == "f" else a.astype(np.cumprod(np.ones(1, a.dtype)).dtype)
    step = 1
    while step < a.shape[axis]:
        before = part(a, axis, slice(None, -step))
        widths = [(step if i == axis else 0, 0) for i in range(a.ndim)]
        a = a * np.pad(before, widths, constant_values=1)
        step *= 2
    return a


@implements(np.sort)
def _sort(a, axis=-1, kind=None, *, stable=None):
    return _along(sort)(a, axis)


@implements(np.argsort)
def _argsort(a, axis=-1, kind=None, *, stable=None):
    return _along(partial(argsort, kind="stable" if stable else kind))(a, axis)


@implements(np.take_along_axis)
def _take_along_axis(arr, indices, axis=-1):
    arr, axis = one_axis(arr, axis)
    return take_along_axis(arr, indices, axis=axis)


@implements(np.take)
def _take(a, indices, axis=None):
    a, axis = one_axis(a, axis)
    return part(a, axis, array(indices))


def _neighbours(a, axis):
    """All entries but the first along an axis, and all but the last."""
    (axis,) = normal_axes(axis, a.ndim)
    return part(a, axis, slice(1, None)), part(a, axis, slice(None, -1))


@implements(np.diff)
def _diff(a, n=1, axis=-1):
    for _ in range(n):
        after, before = _neighbours(a, axis)
        a = after - before
    return a


@implements(np.trapezoid)
def _trapezoid(y, x=None, dx=1.0, axis=-1):
    y = array(y)
    after, before = _neighbours(y, axis)
    if x is None:
        return np.sum(0.5 * dx * (after + before), axis=axis)
    widths = np.diff(x, axis=axis if np.ndim(x) > 1 else -1)
    if np.ndim(widths) == 1:
        widths = lying_along(widths, axis % y.ndim, y.ndim)
    return np.sum(0.5 * widths * (after + before), axis=axis)


@implements(np.gradient)
def _gradient(f, *spacings, axis=None):
    f = array(f)
    axes = normal_axes(range(f.ndim) if axis is None else axis, f.ndim)
    steps = spacings if len(spacings) > 1 else (spacings or (1.0,)) * len(axes)
    if len(steps) != len(axes) or any(np.ndim(h) for h in steps):
        raise ValueError(f"expected one number, or one for each of the {len(axes)} axes")
    answers = []
    for along, h in zip(axes, steps, strict=True):
        n = f.shape[along]
        if n < 2:
            raise ValueError(f"axis {along} has {n} entries: at least 2 are needed")
        before, after = np.arange(n) - 1, np.arange(n) + 1
        before[0], after[-1] = 0, n - 1
        width = (after - before).astype(f.dtype if f.dtype.kind == "f" else float)
        width = lying_along(width, along, f.ndim)
        rise = part(f, along, after) - part(f, along, before)
        answers.append(rise / (width * (h if traced(h) else float(h))))
    return answers[0] if len(answers) == 1 else tuple(answers)
