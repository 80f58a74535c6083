"""Reading entries by position, and writing them back."""

import operator
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.op import Traced, implements, op, traced
from ..ir.tracer import refuse

_KEYS = (
    (((3, 4),), {"key": (1,)}),
    (((3, 4),), {"key": (slice(None), slice(3, 0, -2))}),
    (((3, 4),), {"key": (None, Ellipsis, -1)}),
    (((3, 4), np.array([0, 2, 2])), {"key": ("array",)}),
    (((3, 4), np.array([0, 1]), np.array([3, 3])), {"key": ("array", "array")}),
)


def _filled(key, indices):
    """The key with arrays in the places marked for them."""
    arrays = iter(indices)
    return tuple(next(arrays) if isinstance(k, str) else k for k in key)


def _positions(key):
    """The key with lists as arrays, and constant masks as the positions where they hold."""
    for k in key:
        if isinstance(k, (list, tuple, range)):
            k = np.asarray(k) if len(k) else np.zeros(0, int)
        mask = not traced(k) and np.asarray(k).dtype == bool
        if mask and not np.ndim(k):
            raise IndexError("a single True or False as an index is not known: use None")
        yield from np.nonzero(k) if mask else (k,)


def _end(k):
    """An end of a slice."""
    if traced(k):
        refuse("a slice that ends at a traced place", "Its shape is not fixed: use np.where.")
    return None if k is None else _integer(k)


def _integer(k):
    try:
        return operator.index(k)
    except TypeError:
        raise IndexError(f"{k!r} is no index: only integers, slices, None and arrays are") from None


def _key(key, indices, colon=":", new="new", rest="…"):
    """The key as it is written: ``:, 0``, ``1:, labels``."""
    arrays = iter(indices)

    def word(k):
        if isinstance(k, slice):
            ends = ["" if end is None else str(end) for end in (k.start, k.stop, k.step)]
            return colon.join(ends if k.step is not None else ends[:2])
        return f"{next(arrays)}" if k == "array" else {None: new, ...: rest}.get(k, str(k))

    return ", ".join(map(word, key))


def _latex_key(key, indices):
    return _key(key, indices, "{:}", r"\text{new}", r"\dots")


@op(
    holomorphic=True,
    cases=_KEYS,
    text=lambda x, *indices, key: f"{x:atom}[{_key(key, indices)}]",
    latex=lambda x, *indices, key: f"{x:atom}[{_latex_key(key, indices)}]",
)
def getitem(x, *indices, key):
    """Entries of x: integers, slices, None, … and integer arrays (marked "array" in the key)."""
    return x[_filled(key, indices)]


@getitem.backward
def _(grad, out, x, *indices, key):
    return scatter(grad, *indices, key=key, shape=np.shape(x)), *(None for _ in indices)


@getitem.shape
def _(x, *indices, key):
    probe = np.broadcast_to(np.int8(0), x)  # one byte, whatever the shape
    zeros = [np.zeros(i, int) for i in indices]
    return probe[_filled(key, zeros)].shape


getitem.dtype = lambda x, *indices, key: x.dtype


@op(
    holomorphic=True,
    text=lambda x, *indices, key, shape: f"put({x} at [{_key(key, indices)}])",
    latex=lambda x, *indices, key, shape: (
        rf"\operatorname{{put}}({x} \text{{ at }} [{_latex_key(key, indices)}])"
    ),
    cases=tuple(
        ((np.zeros((3, 4))[_filled(key["key"], arrays)].shape, *arrays), {**key, "shape": (3, 4)})
        for (_, *arrays), key in _KEYS
    ),
)
def scatter(x, *indices, key, shape):
    """Zeros of a shape, with x added at the places of the key; the way back of getitem."""
    out = np.zeros(shape, np.asarray(x).dtype)
    if indices:  # which may name a place twice
        np.add.at(out, _filled(key, indices), x)
    else:
        out[_filled(key, indices)] = x
    return out


@scatter.backward
def _(grad, out, x, *indices, key, shape):
    return getitem(grad, *indices, key=key), *(None for _ in indices)


scatter.shape(lambda x, *indices, key, shape: shape)
scatter.dtype = lambda x, *indices, key, shape: x.dtype


@op(
    latex=r"\operatorname{{one\_hot}}({labels})",
    text="one_hot({labels})",
    note="a one-hot row y sums to 1, so softmax(z) Σ y − y = softmax(z) − y",
    cases=((np.array([0, 2, 1]), {"classes": 3}),),
    dtype="bool",
)
def one_hot(labels, *, classes):
    """Rows of zeros with a one at the label: integers (n,) → (n, classes)."""
    labels = np.asarray(labels)
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise InputError(
            f"labels must lie in 0 … {classes - 1}, found {labels.min()} … {labels.max()}"
        )
    return labels[..., None] == np.arange(classes)


one_hot.constant()
one_hot.shape(lambda labels, *, classes: (*labels, classes))


@implements(operator.getitem)
def _getitem(x, key):
    key = key if isinstance(key, tuple) else (key,)
    marks, arrays = [], []
    for k in _positions(key):
        if isinstance(k, (Traced, np.ndarray)):
            array: Any = k
            if array.dtype.kind == "b":
                refuse(
                    "x[mask] with a mask that is traced (computed here, or an argument)",
                    "It has no fixed shape: use np.where(mask, x, 0).",
                )
            if array.dtype.kind not in "iu":
                raise IndexError(f"an index has dtype {array.dtype}: only integers can be indices")
            marks.append("array")
            arrays.append(array)
        elif isinstance(k, slice):
            marks.append(slice(_end(k.start), _end(k.stop), _end(k.step)))
        elif k is None or k is Ellipsis:
            marks.append(k)
        else:
            marks.append(_integer(k))
    return getitem(x, *arrays, key=tuple(marks))
