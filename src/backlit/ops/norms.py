"""Norms of vectors and matrices, and the condition number."""

import numpy as np

from ..ir.op import implements, op
from .arithmetic import safe_divide
from .axes import all_axes, normal_axes
from .linalg import inv
from .reduce import of_one, reduced, spread
from .shape import floats
from .spectral import svdvals

_CASES = (
    ((4,), {"axis": (0,), "keepdims": False}),
    ((3, 4), {"axis": (0, 1), "keepdims": False}),
    ((3, 4), {"axis": (0,), "keepdims": True}),
    ((2, 3, 4), {"axis": (0, 2), "keepdims": False}),
    ((0, 3), {"axis": (0,), "keepdims": False}),
)


@op(
    latex=r"\lVert {x} \rVert{axis}",
    text="‖{x}{axis}‖",
    holomorphic=True,
    avoid=(0.0,),
    cases=_CASES,
)
def norm(x, *, axis, keepdims):
    """Euclidean norm ‖x‖ = √Σx² over axes; the slope at 0 is taken as 0."""
    return np.sqrt(np.sum(np.square(x * 1.0), axis=axis, keepdims=keepdims))


@norm.expand
def _(x, *, axis, keepdims):
    return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))


@norm.backward
def _(grad, out, x, *, axis, keepdims):
    return spread(safe_divide(grad, out), x, axis) * x


@op(
    latex=r"{{\lVert {x} \rVert_{{{p}}}}}{axis}",
    text="‖{x}{axis}‖_{p}",
    avoid=(0.0,),
    cases=tuple((x, {**settings, "p": p}) for p in (3, 1.5, -2) for x, settings in _CASES[:4]),
)
def p_norm(x, *, p, axis, keepdims):
    """‖x‖ = (Σ|x|^p)^(1/p) over axes; where all entries are 0 the slope is taken as 0 (p > 1)."""
    return np.sum(np.abs(x * 1.0) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


@p_norm.expand
def _(x, *, p, axis, keepdims):
    return np.sum(np.abs(x) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


@p_norm.backward
def _(grad, out, x, *, p, axis, keepdims):
    share = (safe_divide if p > 0 else np.divide)(np.abs(x), spread(out, x, axis))
    return spread(grad, x, axis) * np.sign(x) * share ** (p - 1)


norm.shape(reduced)
p_norm.shape(lambda x, *, p, axis, keepdims: reduced(x, axis=axis, keepdims=keepdims))
norm.dtype = p_norm.dtype = of_one(np.linalg.norm)


# NumPy's names


def _of_vectors(x, ord, axis, keepdims):
    x = floats(x)
    if ord is None or ord == 2:
        return norm(x, axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"ord {ord!r} is no norm of vectors")
    if ord == 0:
        return np.sum(np.astype(np.not_equal(x, 0), x.dtype), axis, keepdims=keepdims)
    if abs(ord) == np.inf:
        return (np.max if ord > 0 else np.min)(np.abs(x), axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis, keepdims=keepdims)
    return p_norm(x, p=ord, axis=axis, keepdims=keepdims)


_OF_SINGULAR_VALUES = {"nuc": np.sum, 2: np.max, -2: np.min}
_OF_SUMS = {1: np.max, -1: np.min, np.inf: np.max, -np.inf: np.min}


def _of_matrices(x, ord, axes, keepdims):
    if ord in (None, "fro", "f"):
        return norm(x, axis=all_axes(axes, x.ndim), keepdims=keepdims)
    if ord in _OF_SINGULAR_VALUES:
        value = _OF_SINGULAR_VALUES[ord](svdvals(np.moveaxis(x, axes, (-2, -1))), -1)
        return np.expand_dims(value, axes) if keepdims else value
    if ord in _OF_SUMS:
        sums = np.sum(np.abs(x), axes[0 if abs(ord) == 1 else 1], keepdims=True)
        return _OF_SUMS[ord](sums, axes, keepdims=keepdims)
    raise ValueError(f"ord {ord!r} is no norm of matrices")


@implements(np.linalg.norm)
def _norm(x, ord=None, axis=None, keepdims=False):
    axes = normal_axes(range(x.ndim) if axis is None else axis, x.ndim)
    if ord is None and axis is None:
        return norm(x, axis=axes, keepdims=keepdims)
    if len(axes) not in (1, 2):
        raise ValueError(f"{len(axes)} axes: vectors have one, matrices two")
    return (_of_vectors if len(axes) == 1 else _of_matrices)(x, ord, axes, keepdims)


@implements(np.linalg.vector_norm)
def _vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    return _of_vectors(x, ord, all_axes(axis, x.ndim), keepdims)


@implements(np.linalg.matrix_norm)
def _matrix_norm(x, /, *, keepdims=False, ord="fro"):
    return _of_matrices(x, ord, normal_axes((-2, -1), x.ndim), keepdims)


@implements(np.linalg.cond)
def _cond(x, p=None):
    if p in (None, 2, -2):
        values = svdvals(x)
        largest, least = values[..., 0], values[..., -1]
        return least / largest if p == -2 else largest / least
    return np.linalg.matrix_norm(x, ord=p) * np.linalg.matrix_norm(inv(x), ord=p)
