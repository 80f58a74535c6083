"""Linear algebra: what the generic checks cannot say of it.

NumPy's names, with their axes, orders and triangles, are compared with NumPy in
test_numpy_names.py; here are the ops that have no such name, the edges, and what is refused.
"""

import math

import numpy as np
import pytest

import backlit as bl
from backlit.errors import BacklitError
from backlit.ir.op import REGISTRY
from backlit.ir.trace import trace
from backlit.ops.spectral import inverse_gaps, inverse_sizes, inverse_square_gaps

SQUARE = np.array([[2.0, 0.3, -0.4], [0.6, -1.5, 0.8], [-0.3, 0.7, 1.1]])
TALL = SQUARE[:, :2]
ONE_AXIS = {"axis": (0,), "keepdims": False}

VALUES = {
    "logabsdet": [
        ([[2, 0], [7, -3]], {}, math.log(6)),
        (1e200 * np.eye(3), {}, 600 * math.log(10)),
    ],
    "sign_of_det": [([[[2, 0], [7, -3]], [[1, 0], [0, 1]], [[1, 2], [2, 4]]], {}, [-1, 1, 0])],
    "norm": [([3, -4], ONE_AXIS, 5), ([0, 0], ONE_AXIS, 0)],
    "p_norm": [
        ([-2, 3], {"p": 3, **ONE_AXIS}, 35 ** (1 / 3)),
        ([-2, 4], {"p": -1, **ONE_AXIS}, 4 / 3),
    ],
    "inverse_gaps": [
        ([1, 3, 4], {}, [[0, 1 / 2, 1 / 3], [-1 / 2, 0, 1], [-1 / 3, -1, 0]]),
        ([1e-9, 2e-9], {}, [[0, 1e9], [-1e9, 0]]),
    ],
    "inverse_square_gaps": [
        ([3, 1, 0], {}, [[0, -1 / 8, -1 / 9], [1 / 8, 0, -1], [1 / 9, 1, 0]]),
        ([2e-9, 1e-9], {}, [[0, -1e18 / 3], [1e18 / 3, 0]]),
    ],
    "inverse_sizes": [([4, 0.5, -1e-9], {}, [0.25, 2, -1e9])],
}


@pytest.mark.parametrize("name", VALUES)
def test_value(name):
    for array, settings, expected in VALUES[name]:
        value = REGISTRY[name](np.array(array, float), **settings)
        np.testing.assert_allclose(value, expected, rtol=1e-14, strict=False)
        assert np.shape(value) == np.shape(expected)


@pytest.mark.parametrize("UPLO", ["L", "U"])
def test_eigenvectors_and_eigenvalues_make_up_the_matrix_of_their_triangle(UPLO):
    half = np.tril(SQUARE) if UPLO == "L" else np.triu(SQUARE)
    symmetric = half + half.T - np.diag(np.diag(SQUARE))
    vectors = REGISTRY["eigenvectors"](SQUARE, UPLO=UPLO)
    values = REGISTRY["eigvalsh"](SQUARE, UPLO=UPLO)
    np.testing.assert_allclose(vectors * values @ vectors.T, symmetric, atol=1e-14)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), atol=1e-14)


@pytest.mark.parametrize("a", [SQUARE, TALL, TALL.T], ids=["square", "tall", "wide"])
def test_singular_vectors_and_values_make_up_the_matrix(a):
    left, right = REGISTRY["left_singular_vectors"](a), REGISTRY["right_singular_vectors"](a)
    np.testing.assert_allclose(left * REGISTRY["svdvals"](a) @ right, a, atol=1e-14)
    assert (left.shape[1], right.shape[0]) == (min(a.shape),) * 2


def test_the_answers_have_numpys_names():
    def loss(x):
        eigen, singular = np.linalg.eigh(x), np.linalg.svd(x)
        sizes = eigen.eigenvalues @ singular.S + np.linalg.slogdet(x).logabsdet
        return sizes + np.sum(eigen.eigenvectors @ singular.U @ singular.Vh)

    assert bl.check(loss, SQUARE)


# where there is no slope, or one is chosen

TURN = np.linalg.qr(SQUARE)[0]
WITH_EQUALS = [np.eye(3), TURN @ np.diag([1.0, 1.0, 2.0]) @ TURN.T]


@pytest.mark.parametrize("a", WITH_EQUALS, ids=["exactly equal", "equal to rounding"])
@pytest.mark.parametrize(("function", "part"), [("eigh", 1), ("svd", 0), ("svd", 2)])
def test_vectors_of_equal_values_have_no_slope(function, part, a):
    with np.errstate(all="ignore"):
        vectors = lambda x: getattr(np.linalg, function)(x)[part]
        slope = bl.grad(lambda x: np.sum(vectors(x) @ np.array([1.0, 2.0, 4.0])))(a)
    assert not np.isfinite(slope[1, 0])


@pytest.mark.parametrize("side", [0, 2])
def test_vectors_beside_a_lost_rank_have_no_slope(side):
    a = np.outer([1.0, 2.0, 3.0], [1.0, 0.3])
    with np.errstate(all="ignore"):
        loss = lambda x: np.sum(np.linalg.svd(x, full_matrices=False)[side])
        assert not np.any(np.isfinite(bl.grad(loss)(a if side == 0 else a.T)))


@pytest.mark.parametrize("a", WITH_EQUALS)
def test_the_sum_of_equal_values_has_a_slope(a):
    trace_of = bl.grad(lambda x: np.sum(np.linalg.eigvalsh(x)))
    np.testing.assert_allclose(trace_of(a), np.eye(3), atol=1e-14)
    nuclear = bl.grad(lambda x: np.linalg.norm(x, "nuc"))
    np.testing.assert_allclose(nuclear(a), np.eye(3), atol=1e-14)


def test_what_is_equal_to_rounding_is_infinite():
    assert inverse_gaps(np.array([2, 2 + 4e-16]))[0, 1] == np.inf
    assert inverse_square_gaps(np.array([2 + 4e-16, 2, 1]))[0, 1] == np.inf
    assert inverse_sizes(np.array([2, 4e-16]))[1] == np.inf


def test_a_matrix_without_an_inverse_raises():
    for of in (np.linalg.det, lambda x: np.sum(np.linalg.inv(x))):
        with pytest.raises(np.linalg.LinAlgError, match="Singular"):
            bl.grad(of)(np.ones((2, 2)))


@pytest.mark.parametrize(
    ("order", "at", "slope"),
    [
        (None, [0.0, 0.0], [0, 0]),
        (3, [0.0, 0.0], [0, 0]),
        (1.5, [0.0, 2.0], [0, 1]),
        (1, [0.0, -2.0], [0, -1]),
        (-2, [0.0, 2.0], [np.nan, 0]),
        (0, [0.0, 2.0], [0, 0]),
        (np.inf, [-2.0, 2.0], [-0.5, 0.5]),
    ],
)
def test_slopes_of_norms_at_their_kinks(order, at, slope):
    with np.errstate(all="ignore"):
        found = bl.grad(lambda x: np.linalg.norm(x, order))(np.array(at))
    np.testing.assert_array_equal(found, slope)


def test_multi_dot_takes_the_cheapest_order():
    products = trace(lambda a, v: np.linalg.multi_dot([a, a, a, v]), SQUARE, SQUARE[0]).graph
    assert [e.out.shape for e in products.equations] == [(3,)] * 3
    products = trace(lambda v, a: np.linalg.multi_dot([v, a, a, a]), SQUARE[0], SQUARE).graph
    assert [e.out.shape for e in products.equations] == [(3,)] * 3


def test_textbook_form():
    text = str(bl.derive(lambda X: np.linalg.slogdet(X)[1], SQUARE))
    assert "L = ln|det(X)|" in text
    assert "∂L/∂X = (X⁻¹)ᵀ" in text


REFUSED = [
    (lambda x: np.linalg.svd(x[:2]), "full_matrices=False"),
    (lambda x: np.linalg.svd(x, hermitian=True), "Known arguments: a, full_matrices"),
    (lambda x: np.linalg.cholesky(x, upper=True), "Known arguments: a"),
    (lambda x: np.linalg.pinv(x, hermitian=True), "Known arguments: a, rcond"),
    (lambda x: np.linalg.inv(x[:2]), "the matrix is not square"),
    (lambda x: np.linalg.matrix_power(x[:2], 0), "matrix_power.* not square"),
    (lambda x: np.linalg.matrix_power(x, 1.5), "matrix_power.*'float'"),
    (lambda x: np.linalg.solve(x, x[:2]), "one equation for each unknown"),
    (lambda x: np.linalg.solve(x, x[0, :2]), "one equation for each unknown"),
    (lambda x: np.linalg.eigh(x, "X"), "'X' is no triangle"),
    (lambda x: np.linalg.eigvalsh(x[0]), "a matrix has two axes"),
    (lambda x: np.linalg.norm(x[0], "fro"), "'fro' is no norm of vectors"),
    (lambda x: np.linalg.norm(x, 3), "3 is no norm of matrices"),
    (lambda x: np.linalg.norm(x[None], 1), "3 axes: vectors have one"),
]


@pytest.mark.parametrize(("f", "sentence"), REFUSED)
def test_refused_with_a_sentence(f, sentence):
    with pytest.raises(BacklitError, match=sentence):
        bl.grad(lambda x: np.sum(f(x)))(SQUARE)
