"""Matrices: inverse, linear equations, determinant, Cholesky's root, in the last two axes."""

import functools
import operator

import numpy as np

from ..ir.op import implements, op

_A = np.array([[2.0, 0.3, -0.4], [0.1, 1.5, 0.2], [-0.3, 0.6, 1.8]])
_STACK = np.stack([_A, _A.T - 0.5 * _A @ _A])
_POSITIVE = np.array([[2.0, 9.0, -7.0], [0.6, 1.5, 5.0], [-0.3, 0.4, 1.8]])  # below the diagonal


def matrix(shape, **_):
    """A shape, if it is one of matrices."""
    if len(shape) < 2:
        raise ValueError("a matrix has two axes")
    return shape


def square(shape, **_):
    """A shape, if it is one of square matrices."""
    if matrix(shape)[-1] != shape[-2]:
        raise ValueError("the matrix is not square")
    return shape


def real(*arrays, **_):
    """The dtype of LAPACK's answer: the arrays' own, float64 for integers."""
    return np.result_type(*[x.dtype if x.dtype.kind == "f" else float for x in arrays])


def folded(x, UPLO="L"):
    """The slopes of a function that reads one triangle of a symmetric matrix, from those by x."""
    cut, beside = (np.triu, 1) if UPLO == "U" else (np.tril, -1)
    return cut(x) + cut(np.matrix_transpose(x), beside)


def _numbers(x):
    """One number for each matrix of a stack, to be multiplied with it."""
    return np.expand_dims(x, (-2, -1)) if np.ndim(x) else x


@op(
    numpy=np.linalg.inv,
    holomorphic=True,
    latex="{a:atom}^{{-1}}",
    text="{a:atom}⁻¹",
    level="power",
    cases=((_A, {}), (_STACK, {}), ((0, 2, 2), {})),
)
def inv(a):
    """The inverse a⁻¹ of square matrices."""
    return np.linalg.inv(a)


@inv.backward
def _(grad, out, a):
    turned = np.matrix_transpose(out)
    return -(turned @ grad @ turned)


inv.shape(square)


@op(
    numpy=np.linalg.solve,
    holomorphic=True,
    latex="{a:atom}^{{-1}} \\, {b:unary}",
    text="{a:atom}⁻¹ {b:unary}",
    level="product",
    cases=(
        ((_A, (3,)), {}),
        ((_A, (3, 2)), {}),
        ((_STACK, (3,)), {}),
        ((_STACK, (3, 2)), {}),
        ((_A, (2, 3, 1)), {}),
        ((_STACK, (4, 1, 3, 2)), {}),
    ),
)
def solve(a, b):
    """The x of a x = b: one vector if b has one axis, else matrices."""
    return np.linalg.solve(a, b)


@solve.backward
def _(grad, out, a, b):
    turned = np.matrix_transpose(a)
    if np.ndim(b) > 1:
        back = solve(turned, grad)
        return -(back @ np.matrix_transpose(out)), back
    stacked = np.ndim(a) > 2
    back = solve(turned, np.expand_dims(grad, -1))[..., 0] if stacked else solve(turned, grad)
    return -(np.expand_dims(back, -1) * np.expand_dims(out, -2)), back


@solve.shape
def _(a, b):
    columns = b[1:] if len(b) == 1 else b[-1:]
    if square(a)[-1:] != (b if len(b) == 1 else b[-2:-1]):
        raise ValueError("there must be one equation for each unknown")
    return (*np.broadcast_shapes(a[:-2], b[:-2]), a[-1], *columns)


@op(
    numpy=np.linalg.det,
    holomorphic=True,
    latex=r"\operatorname{{det}}({a})",
    text="det({a})",
    cases=((_A, {}), (_STACK, {}), ((0, 2, 2), {})),
)
def det(a):
    """The determinant det(a); its slope is that of a matrix that has an inverse."""
    return np.linalg.det(a)


@det.backward
def _(grad, out, a):
    return _numbers(grad * out) * np.matrix_transpose(inv(a))


@op(
    latex=r"\ln \lvert \operatorname{{det}}({a}) \rvert",
    text="ln|det({a})|",
    level="power",  # ln|x|² would read as ln(|x|²)
    cases=((_A, {}), (-_STACK, {}), ((0, 2, 2), {})),
)
def logabsdet(a):
    """ln|det(a)|, without overflow."""
    return np.linalg.slogdet(a)[1]


@logabsdet.backward
def _(grad, out, a):
    return _numbers(grad) * np.matrix_transpose(inv(a))


@op(
    latex=r"\operatorname{{sign}}(\operatorname{{det}}({a}))",
    text="sign(det({a}))",
    cases=((-_A, {}), (_STACK, {})),
)
def sign_of_det(a):
    """The sign of det(a): −1, 0 or 1."""
    return np.linalg.slogdet(a)[0]


sign_of_det.constant()
for entry in (det, logabsdet, sign_of_det):
    entry.shape(lambda a: square(a)[:-2])


@op(numpy=np.linalg.cholesky, cases=((_POSITIVE, {}), (np.stack([_POSITIVE, _A @ _A.T]), {})))
def cholesky(a):
    """The lower triangle whose product with its transpose is a; reads a's lower triangle only."""
    return np.linalg.cholesky(a)


@cholesky.backward
def _(grad, out, a):
    turned = np.matrix_transpose(out)
    inner = turned @ grad
    half = 0.5 * (np.tril(inner) + np.tril(inner, -1))  # of the diagonal, half
    back = solve(turned, np.matrix_transpose(half))
    return folded(solve(turned, np.matrix_transpose(back)))


cholesky.shape(square)


@op(
    numpy=np.linalg.pinv,
    latex="{a:atom}^{{+}}",
    text="{a:atom}⁺",
    level="power",
    note="as long as the rank of the matrix stays the same",
    cases=((_A, {}), (_A[:, :2], {}), (_STACK[:, :2], {}), ((0, 2, 3), {})),
)
def pinv(a, *, rcond=None):
    """The pseudoinverse a⁺; its slope is that along matrices of the same rank."""
    return np.linalg.pinv(a, rcond)


@pinv.backward
def _(grad, out, a, *, rcond):
    turned, back = np.matrix_transpose(out), np.matrix_transpose(grad)
    left, right = back @ out @ turned, turned @ out @ back
    beside = (left - a @ out @ left) + (right - right @ out @ a)  # 0 of a matrix with an inverse
    return beside - turned @ grad @ turned


pinv.shape(lambda a, *, rcond: (*matrix(a)[:-2], a[-1], a[-2]))
for entry in (inv, solve, det, logabsdet, sign_of_det, cholesky, pinv):
    entry.dtype = real


for entry in (
    inv,
    solve,
    det,
    logabsdet,
    sign_of_det,
    cholesky,
    pinv,
):
    entry.only_numpy = "LAPACK does it"


# NumPy's names


@implements(np.matrix_transpose, np.linalg.matrix_transpose)
def _matrix_transpose(x, /):
    return np.swapaxes(x, -1, -2)


_SIGN_AND_LOGARITHM = type(np.linalg.slogdet(_A))


@implements(np.linalg.slogdet)
def _slogdet(a):
    return _SIGN_AND_LOGARITHM(sign_of_det(a), logabsdet(a))


@implements(np.linalg.matrix_power)
def _matrix_power(a, n):
    n, shape = operator.index(n), square(a.shape)
    if n < 0:
        return _matrix_power(inv(a), -n)
    if n < 2:
        return a if n else np.broadcast_to(np.eye(shape[-1], dtype=a.dtype), shape)
    half = _matrix_power(a, n // 2)
    return half @ half @ a if n % 2 else half @ half


@implements(np.linalg.multi_dot)
def _multi_dot(arrays):
    """The products in the order that takes the fewest multiplications."""
    first, last = arrays[0], arrays[-1]
    sizes = [np.shape(first)[0] if np.ndim(first) > 1 else 1, *(np.shape(x)[-1] for x in arrays)]
    sizes[-1] = sizes[-1] if np.ndim(last) > 1 else 1

    @functools.cache
    def cheapest(i, j):
        """How many it takes to multiply arrays i … j, and after which one to cut."""
        costs = [
            (cheapest(i, k)[0] + cheapest(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
            for k in range(i, j)
        ]
        return min(costs, default=(0, i))

    def product(i, j):
        cut = cheapest(i, j)[1]
        return arrays[i] if i == j else product(i, cut) @ product(cut + 1, j)

    return product(0, len(arrays) - 1)
