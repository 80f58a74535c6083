"""Other arrangements of the same numbers."""

from typing import Any

import numpy as np

from ..ir.op import array, implements, op
from ..ir.tracer import refuse
from .axes import count, normal_axes, part


def _by(shape, sign, number="number"):
    return sign.join(map(str, shape)) or number


def _latex_shape(shape):
    return _by(shape, r" \times ", r"\text{number}")


@op(
    holomorphic=True,
    text=lambda x, *, shape: f"reshape({x}, {_by(shape, '×')})",
    latex=lambda x, *, shape: rf"\operatorname{{reshape}}({x}, {_latex_shape(shape)})",
    cases=(
        ((2, 6), {"shape": (3, 4)}),
        ((), {"shape": (1, 1)}),
        ((0, 2), {"shape": (2, 0)}),
    ),
)
def reshape(x, *, shape):
    """The same entries, in the same order, in another shape."""
    return np.reshape(x, shape)


@reshape.backward
def _(grad, out, x, *, shape):
    return reshape(grad, shape=np.shape(x))


@reshape.shape
def _(x, *, shape):
    if np.prod(x, dtype=np.int64) != np.prod(shape, dtype=np.int64):
        raise ValueError(f"cannot become {shape}")
    return shape


def _transposed(top, call):
    """ᵀ where the last two axes change places, else the axes in their new order."""

    def write(x, *, axes):
        n = len(axes)
        if n > 1 and axes == (*range(n - 2), n - 1, n - 2):
            return f"{x:atom}{top}"
        return call.format(x=x, axes=", ".join(map(str, axes)))

    return write


@op(
    holomorphic=True,
    latex=_transposed(r"^\top", r"\operatorname{{transpose}}({x}, [{axes}])"),
    level="power",
    text=_transposed("ᵀ", "transpose({x}, [{axes}])"),
    cases=(((3, 4), {"axes": (1, 0)}), ((2, 3, 4), {"axes": (2, 0, 1)}), ((), {"axes": ()})),
)
def transpose(x, *, axes):
    """The axes in another order; of a matrix, its transpose."""
    return np.transpose(x, axes)


@transpose.backward
def _(grad, out, x, *, axes):
    return transpose(grad, axes=tuple(int(i) for i in np.argsort(axes)))


@transpose.shape
def _(x, *, axes):
    if sorted(axes) != [*range(len(x))]:
        raise ValueError(f"{axes} do not name each axis once")
    return tuple(x[i] for i in axes)


@op(
    holomorphic=True,
    text="{x}",
    latex="{x}",
    cases=(((), {"shape": (2, 3)}), ((4,), {"shape": (3, 4)}), ((3, 1), {"shape": (2, 3, 4)})),
)
def broadcast_to(x, *, shape):
    """Copies of x along new and stretched axes."""
    return np.broadcast_to(x, shape)


@broadcast_to.backward
def _(grad, out, x, *, shape):
    return sum_to(grad, shape=np.shape(x))


@broadcast_to.shape
def _(x, *, shape):
    if np.broadcast_shapes(x, shape) != tuple(shape):
        raise ValueError(f"cannot be stretched to {shape}")
    return shape


@op(
    holomorphic=True,
    text="sum({x}{axis})",
    latex=r"\sum{axis}({x})",
    level="power",  # Σ(x)² would read as Σ(x²)
    note="it was broadcast, so sum",
    cases=(((2, 3), {"shape": ()}), ((3, 4), {"shape": (4,)}), ((2, 3, 4), {"shape": (3, 1)})),
)
def sum_to(x, *, shape):
    """Sum over the axes that broadcasting had stretched, down to a shape."""
    lead = np.ndim(x) - len(shape)
    stretched = tuple(i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1)
    return np.sum(x, axis=(*range(lead), *stretched), keepdims=True).reshape(shape)


@sum_to.expand
def _(x, *, shape):
    lead = x.ndim - len(shape)
    stretched = [i + lead for i, n in enumerate(shape) if n == 1 and x.shape[i + lead] != 1]
    return np.reshape(np.sum(x, axis=(*range(lead), *stretched)), shape)


@sum_to.backward
def _(grad, out, x, *, shape):
    return broadcast_to(grad, shape=np.shape(x))


@sum_to.shape
def _(x, *, shape):
    if np.broadcast_shapes(x, shape) != tuple(x):
        raise ValueError(f"cannot be summed to {shape}")
    return shape


@op(text="1", latex=r"\mathbf{{1}}", cases=(((2, 3), {}), ((), {})))
def ones_like(x):
    """Ones in the shape of x: where backpropagation begins, ∂L/∂L = 1."""
    return np.ones_like(x)


ones_like.constant()
ones_like.shape(lambda x: x)


@op(
    holomorphic=True,
    cases=((((2, 3), (4, 3)), {"axis": 0}), (((2, 1), (2, 3), (2, 0)), {"axis": 1})),
)
def concatenate(*xs, axis):
    """Arrays one after the other along an axis."""
    return np.concatenate(xs, axis=axis)


@concatenate.backward
def _(grad, out, *xs, axis):
    start, parts = 0, []
    for x in xs:
        stop = start + np.shape(x)[axis]
        parts.append(part(grad, axis, slice(start, stop)))
        start = stop
    return tuple(parts)


@concatenate.shape
def _(*xs, axis):
    rests = {x[:axis] + x[axis + 1 :] for x in xs}
    if len(rests) != 1 or len({len(x) for x in xs}) != 1:
        raise ValueError(f"only axis {axis} may differ")
    return (*xs[0][:axis], sum(x[axis] for x in xs), *xs[0][axis + 1 :])


def _cast(x, *, dtype):
    """Only what changes numbers is written."""
    return f"{x}" if np.dtype(dtype).kind == "f" else f"{dtype}({x})"


def _latex_cast(x, *, dtype):
    return f"{x}" if np.dtype(dtype).kind == "f" else rf"\operatorname{{{dtype}}}({x})"


@op(text=_cast, latex=_latex_cast, cases=(((2, 3), {"dtype": "float64"}),))
def astype(x, *, dtype):
    """The same numbers in another dtype."""
    return np.asarray(x).astype(dtype)


@astype.backward
def _(grad, out, x, *, dtype):
    return astype(grad, dtype=str(x.dtype)) if np.dtype(x.dtype).kind == "f" else None


astype.shape(lambda x, *, dtype: x)
astype.dtype = lambda x, *, dtype: dtype


# NumPy's names


def _int_tuple(shape):
    return tuple(int(n) for n in shape) if np.iterable(shape) else (int(shape),)


def floats(x):
    """An array of floats: integers and truth values as float64."""
    return x if x.dtype.kind == "f" else x.astype(float)


@implements(np.astype)
def _astype(x, /, dtype, *, copy=True):
    if np.dtype(dtype).kind not in "biuf":
        refuse(f"a cast to {np.dtype(dtype)}", "Only real numbers can enter an equation.")
    return astype(x, dtype=str(np.dtype(dtype)))


@implements(np.reshape)
def _reshape(a, shape):
    # NumPy works out what −1 stands for; an empty array of booleans costs no memory
    return reshape(a, shape=np.empty(a.shape, bool).reshape(shape).shape)


@implements(np.ravel)
def _ravel(a):
    return reshape(a, shape=(a.size,))


@implements(np.transpose)
def _transpose(a, axes=None):
    order = range(a.ndim)[::-1] if axes is None else normal_axes(axes, a.ndim)
    if len(order) != a.ndim:
        raise ValueError(f"axes {axes} do not name each of the {a.ndim} axes")
    return transpose(a, axes=tuple(order))


@implements(np.swapaxes)
def _swapaxes(a, axis1, axis2):
    axes = list(range(a.ndim))
    i, j = normal_axes(axis1, a.ndim) + normal_axes(axis2, a.ndim)
    axes[i], axes[j] = axes[j], axes[i]
    return transpose(a, axes=tuple(axes))


@implements(np.broadcast_to)
def _broadcast_to(array, shape):
    return broadcast_to(array, shape=_int_tuple(shape))


@implements(np.expand_dims)
def _expand_dims(a, axis):
    ndim = a.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    new = normal_axes(axis, ndim)
    sizes = iter(a.shape)
    return reshape(a, shape=tuple(1 if i in new else next(sizes) for i in range(ndim)))


@implements(np.squeeze)
def _squeeze(a, axis=None):
    ones = tuple(i for i, n in enumerate(a.shape) if n == 1)
    gone = ones if axis is None else normal_axes(axis, a.ndim)
    if not set(gone) <= set(ones):
        raise ValueError(f"an axis of {a.shape} among {gone} is not of size 1")
    return reshape(a, shape=tuple(n for i, n in enumerate(a.shape) if i not in gone))


@implements(np.concatenate)
def _concatenate(arrays, axis: Any = 0):
    if axis is None:
        parts = [np.asarray(x) if isinstance(x, (list, tuple)) else x for x in arrays]
        like = np.result_type(*parts)  # a plain number gives way to an array
        arrays, axis = [np.ravel(array(x, like)) for x in arrays], 0
    (axis,) = normal_axes(axis, np.ndim(arrays[0]))
    return concatenate(*arrays, axis=axis)


@implements(np.stack)
def _stack(arrays, axis=0):
    return np.concatenate([np.expand_dims(x, axis) for x in arrays], axis=axis)


@implements(np.shape)
def _shape(a):
    return a.shape


@implements(np.ndim)
def _ndim(a):
    return a.ndim


@implements(np.size)
def _size(a, axis=None):
    return a.size if axis is None else count(a.shape, normal_axes(axis, a.ndim))


@implements(np.zeros_like, np.empty_like)
def _zeros_like(a, dtype=None):
    return np.zeros(a.shape, dtype or a.dtype)


@implements(np.ones_like)
def _ones_like(a, dtype=None):
    return np.ones(a.shape, dtype or a.dtype)
