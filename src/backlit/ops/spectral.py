"""Eigenvalues and singular values, and their vectors.

A vector's slope is divided by the distance of its value from the others: where two are equal to
rounding it is infinite or nan. The signs of vectors are arbitrary: only a function that does not
depend on them has a slope that means something.
"""

from typing import Any

import numpy as np

from ..ir.op import implements, op
from ..ir.tracer import refuse
from .diagonal import put_diagonal
from .linalg import folded, matrix, real, square

_A = np.array([[2.0, 0.3, -0.4], [0.6, -1.5, 0.8], [-0.3, 0.7, 1.1]])
_STACK = np.stack([_A.T, _A @ _A])
_TALL = np.array([[1.3, 0.4], [-0.6, 2.2], [0.5, 0.9]])
_BOTH = ({"UPLO": "L"}, {"UPLO": "U"})
_SYMMETRIC = (*((x, triangle) for x in (_A, _STACK) for triangle in _BOTH), ((0, 2, 2), {}))
_ANY = tuple((x, {}) for x in (_A, _TALL, np.stack([_TALL.T, _TALL.T - 1]))) + (((0, 2, 3), {}),)
_VALUES = np.array([[3.1, 0.2, 1.4], [2.3, 1.2, 0.4]])


def _diag(x):
    """The diagonal matrices of vectors."""
    return put_diagonal(x, offset=0, shape=(*np.shape(x), np.shape(x)[-1]))


def _rounding(x):
    """How far two equal values may lie apart: each is off by its matrix's rounding and LAPACK's."""
    largest = np.max(np.abs(x), axis=-1, keepdims=True, initial=0)
    return 2 * 2 * x.shape[-1] * np.finfo(x.dtype).eps * largest


def _reciprocals(x, factor: Any = 1):
    """1 / ((xⱼ − xᵢ) factor) in row i, column j: infinite where xⱼ and xᵢ are equal."""
    gaps = np.expand_dims(x, -2) - np.expand_dims(x, -1)
    gaps = factor * np.where(np.abs(gaps) > np.expand_dims(_rounding(x), -1), gaps, 0)
    gaps[..., range(x.shape[-1]), range(x.shape[-1])] = np.inf
    with np.errstate(divide="ignore"):
        return 1 / gaps


@op(
    latex=r"\left[\frac{{1}}{{{{{x:atom}}}_j - {{{x:atom}}}_i}}\right]_{{ij}}",
    text="[1 / ({x:atom}ⱼ − {x:atom}ᵢ)]ᵢⱼ",
    note="0 on the diagonal",
    cases=((_VALUES, {}), (_VALUES[0], {}), ((0, 2), {})),
)
def inverse_gaps(x):
    """1 / (xⱼ − xᵢ) in row i, column j; 0 on the diagonal, infinite where two are equal."""
    return _reciprocals(x)


@inverse_gaps.backward
def _(grad, out, x):
    shares = grad * out * out
    return np.sum(shares, axis=-1) - np.sum(shares, axis=-2)


@op(
    latex=r"\left[\frac{{1}}{{{{{x:atom}}}_j^2 - {{{x:atom}}}_i^2}}\right]_{{ij}}",
    text="[1 / ({x:atom}ⱼ² − {x:atom}ᵢ²)]ᵢⱼ",
    note="0 on the diagonal",
    cases=((_VALUES, {}), (_VALUES[0], {}), ((0, 2), {})),
)
def inverse_square_gaps(x):
    """1 / (xⱼ² − xᵢ²) in row i, column j; 0 on the diagonal, infinite where two are equal."""
    return _reciprocals(x, np.expand_dims(x, -2) + np.expand_dims(x, -1))


@inverse_square_gaps.backward
def _(grad, out, x):
    shares = grad * out * out
    return 2 * x * (np.sum(shares, axis=-1) - np.sum(shares, axis=-2))


for entry in (inverse_gaps, inverse_square_gaps):
    entry.shape(lambda x: (*x, x[-1]))


@op(
    latex=r"\frac{{1}}{{{x}}}",
    text="1 / {x:power}",
    level="product",
    cases=((_VALUES, {}), ((0, 2), {})),
)
def inverse_sizes(x):
    """1 / x, infinite where x is 0 to rounding beside the largest of its row."""
    with np.errstate(divide="ignore"):
        return 1 / np.where(np.abs(x) > _rounding(x), x, 0)


@inverse_sizes.backward
def _(grad, out, x):
    return -grad * out * out


inverse_sizes.shape(lambda x: x)


@op(
    latex=r"\operatorname{{eigenvalues}}({a}{more})",
    text="eigenvalues({a}{more})",
    cases=_SYMMETRIC,
)
def eigvalsh(a, *, UPLO: Any = "L"):
    """Eigenvalues of symmetric matrices, in ascending order; reads one triangle only.

    Of equal ones only the sum, or another symmetric function of them, has a slope.
    """
    return np.linalg.eigvalsh(a, UPLO)


@eigvalsh.backward
def _(grad, out, a, *, UPLO):
    vectors = eigenvectors(a, UPLO=UPLO)
    return folded(vectors @ _diag(grad) @ np.matrix_transpose(vectors), UPLO)


eigvalsh.shape(lambda a, *, UPLO: square(a)[:-1])


@op(
    latex=r"\operatorname{{eigenvectors}}({a}{more})",
    text="eigenvectors({a}{more})",
    cases=_SYMMETRIC,
)
def eigenvectors(a, *, UPLO: Any = "L"):
    """Eigenvectors of symmetric matrices, one a column, of length 1; reads one triangle only."""
    return np.linalg.eigh(a, UPLO)[1]


@eigenvectors.backward
def _(grad, out, a, *, UPLO):
    turned = np.matrix_transpose(out)
    turns = inverse_gaps(eigvalsh(a, UPLO=UPLO)) * (turned @ grad)
    return folded(out @ turns @ turned, UPLO)


eigenvectors.shape(square)


@op(
    numpy=np.linalg.svdvals,
    latex=r"\operatorname{{singular\_values}}({a})",
    text="singular_values({a})",
    cases=_ANY,
)
def svdvals(a):
    """Singular values, in descending order."""
    return np.linalg.svd(a, compute_uv=False)


@svdvals.backward
def _(grad, out, a):
    return left_singular_vectors(a) @ _diag(grad) @ right_singular_vectors(a)


svdvals.shape(lambda a: (*matrix(a)[:-2], min(a[-2:])))


@op(cases=_ANY)
def left_singular_vectors(a):
    """Left singular vectors, one a column: the U of a = U diag(s) Vᵀ."""
    return np.linalg.svd(a, full_matrices=False)[0]


@left_singular_vectors.backward
def _(grad, out, a):
    values, inner = svdvals(a), np.matrix_transpose(out) @ grad
    turns = inverse_square_gaps(values) * (inner - np.matrix_transpose(inner))
    back = out @ turns @ _diag(values)
    if a.shape[-2] > a.shape[-1]:  # U may turn out of the space of its columns
        back = back + (grad - out @ inner) @ _diag(inverse_sizes(values))
    return back @ right_singular_vectors(a)


left_singular_vectors.shape(lambda a: (*matrix(a)[:-1], min(a[-2:])))


@op(cases=_ANY)
def right_singular_vectors(a):
    """Right singular vectors, one a row: the Vᵀ of a = U diag(s) Vᵀ."""
    return np.linalg.svd(a, full_matrices=False)[2]


@right_singular_vectors.backward
def _(grad, out, a):
    values, inner = svdvals(a), grad @ np.matrix_transpose(out)
    turns = inverse_square_gaps(values) * (np.matrix_transpose(inner) - inner)
    back = _diag(values) @ turns @ out
    if a.shape[-1] > a.shape[-2]:  # V may turn out of the space of its rows
        back = back + _diag(inverse_sizes(values)) @ (grad - inner @ out)
    return left_singular_vectors(a) @ back


right_singular_vectors.shape(lambda a: (*matrix(a)[:-2], min(a[-2:]), a[-1]))
for entry in (eigvalsh, eigenvectors, svdvals, left_singular_vectors, right_singular_vectors):
    entry.dtype = real


for entry in (
    inverse_gaps,
    inverse_square_gaps,
    inverse_sizes,
    eigvalsh,
    eigenvectors,
    svdvals,
    left_singular_vectors,
    right_singular_vectors,
):
    entry.only_numpy = "LAPACK does it"


# NumPy's names

_EIGH, _SVD = type(np.linalg.eigh(_A)), type(np.linalg.svd(_A))


def _triangle(UPLO):
    if UPLO.upper() not in ("L", "U"):
        raise ValueError(f"UPLO {UPLO!r} is no triangle: L and U are")
    return UPLO.upper()


@implements(np.linalg.eigvalsh)
def _eigvalsh(a, UPLO="L"):
    return eigvalsh(a, UPLO=_triangle(UPLO))


@implements(np.linalg.eigh)
def _eigh(a, UPLO="L"):
    return _EIGH(_eigvalsh(a, UPLO), eigenvectors(a, UPLO=_triangle(UPLO)))


@implements(np.linalg.svd)
def _svd(a, full_matrices=True, compute_uv=True):
    if not compute_uv:
        return svdvals(a)
    if full_matrices and len({*a.shape[-2:]}) > 1:
        refuse(
            f"np.linalg.svd of {a.shape} with full_matrices=True",
            "The vectors that it adds are arbitrary and have no slope: use full_matrices=False.",
        )
    return _SVD(left_singular_vectors(a), svdvals(a), right_singular_vectors(a))
