"""Diagonals and triangles of matrices, in the last two axes."""

import numpy as np

from ..ir.op import implements, op
from .axes import normal_axes


def _corner(shape, offset):
    """Row, column and length of a diagonal in a shape."""
    row, column = max(-offset, 0), max(offset, 0)
    return row, column, max(min(shape[-2] - row, shape[-1] - column), 0)


_OFFSETS = (
    ((3, 3), {"offset": 0}),
    ((2, 3, 4), {"offset": 1}),
    ((4, 3), {"offset": -2}),
    ((2, 2), {"offset": 3}),
)


@op(
    holomorphic=True,
    latex=r"\operatorname{{diag}}({x}{more})",
    text="diag({x}{more})",
    cases=_OFFSETS,
)
def diagonal(x, *, offset=0):
    """The entries on a diagonal of a matrix; offset counts to the right of the main one."""
    return np.diagonal(x, offset, -2, -1)


@diagonal.backward
def _(grad, out, x, *, offset):
    return put_diagonal(grad, offset=offset, shape=np.shape(x))


@diagonal.shape
def _(x, *, offset):
    return (*x[:-2], _corner(x, offset)[2])


@op(
    holomorphic=True,
    latex=r"\operatorname{{diag}}({x}{more})",
    text="diag({x}{more})",
    cases=(
        ((3,), {"offset": 0, "shape": (3, 3)}),
        ((2, 3), {"offset": 1, "shape": (2, 3, 4)}),
        ((2,), {"offset": -2, "shape": (4, 3)}),
    ),
)
def put_diagonal(x, *, offset=0, shape):
    """A matrix of zeros with x on a diagonal."""
    out = np.zeros(shape, x.dtype)
    row, column, n = _corner(shape, offset)
    out[..., np.arange(row, row + n), np.arange(column, column + n)] = x
    return out


@put_diagonal.backward
def _(grad, out, x, *, offset, shape):
    return diagonal(grad, offset=offset)


@put_diagonal.shape
def _(x, *, offset, shape):
    if x != (*shape[:-2], _corner(shape, offset)[2]):
        raise ValueError(f"is no diagonal of {shape}")
    return shape


_TRIANGLES = (((3, 3), {"k": 0}), ((2, 3, 4), {"k": 1}), ((4, 2), {"k": -1}))


@op(holomorphic=True, cases=_TRIANGLES)
def triu(x, *, k=0):
    """The upper triangle of a matrix from the k-th diagonal on, zeros below."""
    return np.triu(x, k)


@triu.expand
def _(x, *, k):
    return np.where(np.triu(np.ones(np.shape(x)[-2:], bool), k), x, 0)


@triu.backward
def _(grad, out, x, *, k):
    return triu(grad, k=k)


@op(holomorphic=True, cases=_TRIANGLES)
def tril(x, *, k=0):
    """The lower triangle of a matrix up to the k-th diagonal, zeros above."""
    return np.tril(x, k)


@tril.expand
def _(x, *, k):
    return np.where(np.tril(np.ones(np.shape(x)[-2:], bool), k), x, 0)


@tril.backward
def _(grad, out, x, *, k):
    return tril(grad, k=k)


for entry in (triu, tril):
    entry.shape(lambda x, *, k: x if len(x) > 1 else _no_matrix(x))
    entry.dtype = lambda x, *, k: x.dtype


def _no_matrix(shape):
    raise ValueError(f"{shape} is no matrix")


# NumPy's names


@implements(np.triu)
def _triu(m, k=0):
    return triu(_rows(m), k=k)


@implements(np.tril)
def _tril(m, k=0):
    return tril(_rows(m), k=k)


def _rows(x):
    """A vector as a square matrix of equal rows, as NumPy takes it here."""
    return np.broadcast_to(x, x.shape * 2) if x.ndim == 1 else x


@implements(np.diagonal)
def _diagonal(a, offset=0, axis1=0, axis2=1):
    ends = normal_axes((axis1, axis2), a.ndim)
    kept = [i for i in range(a.ndim) if i not in ends]
    return diagonal(np.transpose(a, [*kept, *ends]), offset=offset)


@implements(np.linalg.diagonal)
def _last_diagonal(x, /, *, offset=0):
    return diagonal(x, offset=offset)


@implements(np.trace)
def _trace(a, offset=0, axis1=0, axis2=1):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


@implements(np.linalg.trace)
def _last_trace(x, /, *, offset=0):
    return np.sum(diagonal(x, offset=offset), axis=-1)


@implements(np.diag)
def _diag(v, k=0):
    if v.ndim == 2:
        return diagonal(v, offset=k)
    if v.ndim != 1:
        raise ValueError(f"expected one or two axes, found {v.ndim}")
    n = v.size + abs(k)
    return put_diagonal(v, offset=k, shape=(n, n))


@implements(np.diagflat)
def _diagflat(v, k=0):
    return np.diag(np.ravel(v), k)
