"""Products of vectors, matrices and arrays of any rank."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..ir.op import array, implements, op
from .axes import count, normal_axes


@op(
    holomorphic=True,
    numpy=np.matmul,
    latex="{x:product} \\, {y:unary}",
    text="{x:product} {y:unary}",
    level="product",
    cases=(
        (((3, 4), (4, 2)), {}),
        (((4,), (4,)), {}),
        (((3, 4), (4,)), {}),
        (((3,), (3, 4)), {}),
        (((2, 3, 4), (4, 5)), {}),
        (((2, 1, 3, 4), (5, 4, 2)), {}),
        (((2, 3, 4), (4,)), {}),
        (((3,), (2, 3, 4)), {}),
        (((0, 4), (4, 2)), {}),
        (((3, 0), (0, 2)), {}),
    ),
)
def matmul(x, y):
    """Matrix product, with NumPy's rank cases."""
    return x @ y


@matmul.backward
def _(grad, out, x, y):
    rows, columns = np.ndim(x), np.ndim(y)
    if rows == 1 and columns == 1:
        return grad * y, grad * x
    if columns == 1:
        grad = np.expand_dims(grad, -1)
        return grad * y, grad * x
    if rows == 1:
        grad = np.expand_dims(grad, -1)
        back = y @ grad
        return np.reshape(back, np.shape(back)[:-1]), np.swapaxes(grad * x, -1, -2)
    return grad @ np.swapaxes(y, -1, -2), np.swapaxes(x, -1, -2) @ grad


@matmul.shape
def _(x, y):
    if not x or not y:
        raise ValueError("a scalar has no matrix product: use *")
    if x[-1] != y[-2 if len(y) > 1 else -1]:
        raise ValueError(f"the inner sizes {x[-1]} and {y[-2 if len(y) > 1 else -1]} differ")
    stack = np.broadcast_shapes(x[:-2], y[:-2])
    return (*stack, *x[-2:-1], *(y[-1:] if len(y) > 1 else ()))


@implements(np.dot)
def _dot(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return array(a) * array(b)  # of dtypes of their own: np.dot(float32, 2.0) is float64
    if np.ndim(b) > 2:
        return np.tensordot(a, b, axes=(-1, -2))
    return matmul(a, b)


@implements(np.inner)
def _inner(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return array(a) * array(b)
    return np.tensordot(a, b, axes=(-1, -1))


@implements(np.outer, np.linalg.outer)
def _outer(a, b):
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@implements(np.vdot)
def _vdot(a, b):
    return matmul(np.ravel(a), np.ravel(b))


@implements(np.vecdot, np.linalg.vecdot)
def _vecdot(x1, x2, axis=-1):
    return np.sum(x1 * x2, axis=axis)


@implements(np.tensordot, np.linalg.tensordot)
def _tensordot(a, b, axes: Any = 2):
    """The axes that meet are moved together and made one: a product of two matrices is left."""
    if isinstance(axes, (int, np.integer)):
        axes = range(np.ndim(a) - axes, np.ndim(a)), range(axes)
    meet_a, meet_b = normal_axes(axes[0], np.ndim(a)), normal_axes(axes[1], np.ndim(b))
    sizes = [[np.shape(x)[i] for i in meet] for x, meet in ((a, meet_a), (b, meet_b))]
    if sizes[0] != sizes[1]:
        raise ValueError(f"the axes that meet have sizes {sizes[0]} and {sizes[1]}")
    free_a = [i for i in range(np.ndim(a)) if i not in meet_a]
    free_b = [i for i in range(np.ndim(b)) if i not in meet_b]
    meeting = count(np.shape(a), meet_a)
    left = np.reshape(np.transpose(a, [*free_a, *meet_a]), (count(np.shape(a), free_a), meeting))
    right = np.reshape(np.transpose(b, [*meet_b, *free_b]), (meeting, count(np.shape(b), free_b)))
    shape = [np.shape(a)[i] for i in free_a] + [np.shape(b)[i] for i in free_b]
    return np.reshape(matmul(left, right), shape)


@implements(np.kron)
def _kron(a, b):
    n = max(np.ndim(a), np.ndim(b))
    sizes = [(1,) * (n - np.ndim(x)) + np.shape(x) for x in (a, b)]
    left = np.reshape(a, [size for m in sizes[0] for size in (m, 1)])
    right = np.reshape(b, [size for m in sizes[1] for size in (1, m)])
    return np.reshape(left * right, [m * k for m, k in zip(*sizes, strict=True)])


@implements(np.cross)
def _cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if np.shape(x)[-1] != 3 or np.shape(y)[-1] != 3:
        raise ValueError("expected vectors of three components")
    on, after = np.array([1, 2, 0]), np.array([2, 0, 1])
    turned = x[..., on] * y[..., after] - x[..., after] * y[..., on]
    return np.moveaxis(turned, -1, axisc)


@implements(np.linalg.cross)
def _cross_along(x1, x2, /, *, axis=-1):
    return np.cross(x1, x2, axis=axis)


@implements(np.convolve)
def _convolve(a, v, mode="full"):
    if np.size(v) > np.size(a):
        a, v = v, a
    n, m = np.size(a), np.size(v)
    starts = {"full": 0, "same": (m - 1) // 2, "valid": m - 1}
    lengths = {"full": n + m - 1, "same": n, "valid": n - m + 1}
    if mode not in starts:
        raise ValueError(f"mode {mode!r} is not known: {', '.join(starts)} are")
    full = sliding_window_view(np.pad(a, m - 1), m) @ np.flip(v)
    return full[starts[mode] : starts[mode] + lengths[mode]]


@implements(np.polyval)
def _polyval(p, x):
    p, x = array(p), array(x)
    value = np.zeros_like(x)
    for coefficient in p:
        value = value * x + coefficient
    return value
