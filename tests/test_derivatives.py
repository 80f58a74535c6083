"""grad, value_and_grad, hvp, jacobian: NumPy in, NumPy out."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlit import grad, hvp, jacobian, nn, value_and_grad
from backlit.errors import DerivativeError, InputError, TraceError
from backlit.ops.activation import elu, gelu, leaky_relu, log_softmax, silu, softmax, softplus
from backlit.ops.elementary import erf

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))


def difference(f, x, h=1e-5):
    """∂f/∂x by differences of order four."""
    out = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        d = np.zeros_like(x)
        d[place] = h
        out[place] = (f(x - 2 * d) - 8 * f(x - d) + 8 * f(x + d) - f(x + 2 * d)) / (12 * h)
    return out


class Pair(NamedTuple):
    W: Any
    b: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    W: Any
    b: Any
    name: str = "hidden"


def test_the_articles_slopes():
    slope = grad(lambda x: (x + 2) ** 2)
    assert slope(0.0) == 4.0
    assert slope(-4) == -4.0
    assert isinstance(slope(0.0), np.float64)


def test_nested_containers_are_kept():
    params = {"net": [Pair(W, np.zeros(2)), Layer(W.T[:, :1].copy(), 0.5)], "scale": 2, "tag": "t"}

    def loss(p, X):
        (W, b), last = p["net"]
        return p["scale"] * np.sum(np.tanh(X @ W + b) @ last.W + last.b)

    value, slopes = value_and_grad(loss)(params, X)
    assert value == loss(params, X)
    assert isinstance(slopes["net"][0], Pair)
    assert isinstance(slopes["net"][1], Layer)
    assert slopes["net"][1].name is None
    assert slopes["tag"] is None
    assert slopes["net"][1].b == 4 * 2
    assert slopes["scale"] == pytest.approx(value / 2)
    moved = lambda w: loss({**params, "net": [Pair(w, np.zeros(2)), params["net"][1]]}, X)
    assert np.allclose(slopes["net"][0].W, difference(moved, W), rtol=1e-8)


def test_arguments_given_by_name_are_constants():
    f = lambda x, y, *, power=1: np.sum(x * y**power)
    assert np.array_equal(grad(f)(X, y=2 * X), 2 * X)
    assert np.array_equal(grad(f)(X, X, power=2), X**2)
    assert np.array_equal(jacobian(lambda x, y: x * y)(X[0], y=X[1]), np.diag(X[1]))
    inner = lambda w: grad(f)(X, y=w * X)[0, 0]  # the constant of one is the variable of another
    assert grad(inner)(3.0) == X[0, 0]
    with pytest.raises(InputError, match="given by name are constants"):
        grad(f)(x=X, y=X)


def test_argnum_and_errors():
    f = lambda x, y: np.sum(x * y)
    assert np.array_equal(grad(f, 1)(X, 2 * X), X)
    for argnum in (2, -1, "x", (0, 1)):
        with pytest.raises(InputError, match="argnum="):
            grad(f, argnum)(X, X)
    for result, found in [
        (lambda x: x, r"shape \(4, 3\)"),
        (lambda x: (np.sum(x), 1.0), "tuple"),
        (lambda x: {"loss": np.sum(x)}, "dict"),
        (lambda x: None, "NoneType"),
        (lambda x: np.sum(x > 0), "int64"),
        (lambda x: np.all(x > 0) if False else np.greater(x[0, 0], 0), "bool"),
    ]:
        with pytest.raises(DerivativeError, match=found):
            grad(result)(X)
    with pytest.raises(InputError, match="containers and shapes"):
        hvp(lambda x: np.sum(x), X, X[0])


def test_the_gradient_is_the_callers_own():
    """Not a view of a constant, nor of an argument."""
    slope = grad(lambda x: np.sum(x))(X)
    slope += 1
    slope = grad(lambda x, y: np.sum(x * y))(X, X)
    assert slope.flags.writeable
    assert not np.shares_memory(slope, X)


def test_what_the_function_does_not_use():
    assert np.array_equal(grad(lambda x, y: np.sum(y))(X, X), np.zeros_like(X))
    assert np.array_equal(hvp(lambda x: np.sum(x), X, X), np.zeros_like(X))
    assert grad(lambda p: p[0] * 2.0)([1.0, 5.0]) == [2.0, 0.0]


HIGHER = [
    (lambda x: x**4, [4, 12, 24, 24, 0]),
    (np.exp, [1, 1, 1, 1, 1]),
    (np.sin, [1, 0, -1, 0, 1]),
    (lambda x: 1 / x, [-1, 2, -6, 24, -120]),
    (np.log, [1, -1, 2, -6, 24]),
    (lambda x: x**2.5, [2.5, 3.75, 1.875, -0.9375, 1.40625]),
    (lambda x: 2.0**x, [2 * np.log(2) ** k for k in range(1, 6)]),
    (softplus, [0.5, 0.25, 0, -0.125, 0]),
    (erf, [2 / np.pi**0.5, 0, -4 / np.pi**0.5, 0, 24 / np.pi**0.5]),
]


@pytest.mark.parametrize(("f", "derivatives"), HIGHER)
def test_higher_derivatives(f, derivatives):
    at = 0.0 if f in (np.exp, np.sin, softplus, erf) else 1.0
    for expected in derivatives:
        f = grad(f)
        assert f(at) == pytest.approx(expected, rel=1e-13, abs=1e-14)


NETWORKS = [np.tanh, nn.sigmoid, gelu, silu, softplus, elu, leaky_relu, softmax, log_softmax, erf]


@pytest.mark.parametrize("activation", NETWORKS, ids=lambda f: f.__name__)
def test_hvp_is_the_slope_of_the_gradient(activation):
    def loss(p):
        return np.mean((activation(X @ p[0] + p[1]) @ p[2] - 1) ** 2)

    p = [W, np.full(2, 0.1), RNG.normal(size=2)]
    v = [RNG.normal(size=np.shape(a)) for a in p]
    found, h = hvp(loss, p, v), 1e-4
    at = [grad(loss)([a + t * h * b for a, b in zip(p, v, strict=True)]) for t in (-2, -1, 1, 2)]
    for i, own in enumerate(found):
        measured = (at[0][i] - 8 * at[1][i] + 8 * at[2][i] - at[3][i]) / (12 * h)
        assert np.allclose(own, measured, rtol=1e-7, atol=1e-9)


def test_jacobian():
    matrix = jacobian(lambda w: X @ w)(W)
    expected = np.einsum("ni,oj->noij", X, np.eye(2))
    assert np.allclose(matrix, expected)
    tree = jacobian(lambda p, s: p["a"] * s + p["b"])({"a": np.ones(3), "b": 2.0}, 5.0)
    assert np.array_equal(tree["a"], 5 * np.eye(3))
    assert np.array_equal(tree["b"], np.ones(3))
    assert jacobian(lambda x: x[:0])(X).shape == (0, 3, 4, 3)
    assert jacobian(np.sin)(0.0) == 1.0
    hessian = jacobian(grad(lambda x: np.sum(x**3)))(np.array([1.0, 2.0]))
    assert np.array_equal(hessian, [[6, 0], [0, 12]])
    assert jacobian(lambda x, y: x * y, 1)(X, X).shape == (4, 3, 4, 3)
    cubes = jacobian(jacobian(lambda x: x**3))(np.array([1.0, 2.0]))
    assert np.array_equal(cubes[:, [0, 1], [0, 1]], [[6, 0], [0, 12]])
    with pytest.raises(DerivativeError, match="tuple, not one array"):
        jacobian(lambda x: (x, x))(X)
    with pytest.raises(InputError, match="no arrays or numbers"):
        jacobian(lambda x: np.ones(2))("text")


def test_outer_variables_in_an_inner_derivative():
    """d/dx [x · d/dy (x + y)²] at y = x is d/dx [4 x²] = 8 x: no confusion of perturbations."""

    def f(x):
        inner = grad(lambda y: (x + y) ** 2)(x)
        return x * inner

    assert grad(f)(3.0) == pytest.approx(24.0)

    def nested(x):
        return grad(lambda y: grad(lambda z: x * y * z * z)(y) * y)(x)

    # d/dz = 2 x y z at z = y: 2 x y²; times y: 2 x y³; d/dy: 6 x y² at y = x: 6 x³
    assert nested(2.0) == pytest.approx(48.0)
    assert grad(nested)(2.0) == pytest.approx(72.0)
    assert grad(lambda x: grad(lambda y: x)(1.0) + x)(1.0) == 1.0


def test_unrolled_training_is_differentiated():
    """The derivative of a loss after two steps of descent, by the learning rate."""

    def after(rate):
        w = np.array([1.0, -2.0])
        for _ in range(2):
            w = w - rate * grad(lambda w: np.sum(w**4) / 4)(w)
        return np.sum(w**2)

    assert grad(after)(0.1) == pytest.approx(difference(after, np.array(0.1)), rel=1e-9)


@pytest.mark.parametrize("activation", NETWORKS, ids=lambda f: f.__name__)
def test_float32_stays_float32(activation):
    single = lambda *arrays: [a.astype(np.float32) for a in arrays]

    def loss(p, x):
        return np.mean(np.square(activation(x @ p[0] * np.float64(0.5) + 0.1) - np.ones(2)))

    found = grad(loss)(single(W), *single(X))
    assert found[0].dtype == np.float32
    assert np.allclose(found[0], grad(loss)([W], X)[0], rtol=1e-4, atol=1e-6)
    second = grad(lambda p: np.sum(grad(loss)(p, X.astype(np.float32))[0] ** 2))(single(W))
    assert second[0].dtype == np.float32


def test_kinds_of_arguments():
    slope = grad(lambda x, i, m: np.sum(x[i] * 2) + np.sum(np.where(m, x, 0)))
    found = slope(np.arange(3), np.array([0, 0, 2]), np.array([True, False, False]))
    assert np.array_equal(found, [5, 0, 2])
    assert found.dtype == float
    assert grad(lambda x: np.sum(x * 2))(np.zeros((0, 3))).shape == (0, 3)
    assert grad(lambda x: x * 2)(np.array(1.0)).shape == ()
    assert np.array_equal(grad(lambda x: np.sum(x.T[::2] * 3))(X.T[::-1]).shape, (3, 4))


POWERS = [
    (lambda x: x**0, 0.0, 0.0), (lambda x: x**1, 0.0, 1.0), (lambda x: x**2, 0.0, 0.0),
    (lambda x: x**3, -2.0, 12.0), (lambda x: x**-1, -2.0, -0.25), (lambda x: x**2.0, -3.0, -6.0),
    (lambda x: np.sum(x ** np.array([0, 1, 2, 3])), 0.0, 1.0),
    (lambda x: np.sum(x ** np.array([0, 1, 2, 3])), -2.0, 0 + 1 - 4 + 12),
    (lambda x: x**x, 2.0, 4 * (np.log(2) + 1)),
    (lambda x: 0.0**x, 2.0, 0.0), (lambda x: 3**x, 0.0, np.log(3)),
    (lambda x: np.power(x, 2), 3.0, 6.0), (lambda x: np.sqrt(x), 4.0, 0.25),
]  # fmt: skip


def test_a_power_of_a_number_stays_float32():
    slope = grad(lambda x: 2.0**x)
    assert slope(np.float32(3)).dtype == np.float32
    with np.errstate(over="ignore"):
        assert grad(slope)(np.float32(200)) == np.inf  # and is not refused


@pytest.mark.parametrize(("f", "at", "expected"), POWERS)
def test_powers(f, at, expected):
    assert grad(f)(at) == pytest.approx(expected, rel=1e-14)


def test_powers_of_zero_and_of_negative_numbers():
    base, exponent = np.array([0.0, 0.0, -2.0, -2.0, 0.0]), np.array([0.0, 1.0, 2.0, 0.0, 2.0])
    both = lambda p: np.sum(p[0] ** p[1])
    with np.errstate(invalid="ignore"):
        slopes = grad(both)([base, exponent])
    assert np.array_equal(slopes[0], [0, 1, -4, 0, 0])
    # (−2)^y is no function of a real y: its slope is not known, and not 0
    assert np.array_equal(slopes[1], [0, 0, np.nan, np.nan, 0], equal_nan=True)
    second = hvp(lambda b: np.sum(b**exponent), base, np.ones(5))
    assert np.array_equal(second, [0, 0, 2, 0, 2])
    with np.errstate(invalid="ignore"):
        assert np.isnan(grad(lambda y: (-2.0) ** y)(2.0))


def test_the_mixed_second_derivative_of_a_power_is_symmetric():
    for x, y in [(2.0, 0.0), (2.0, 1.0), (3.0, -1.0)]:
        by_y = grad(lambda y: grad(lambda x: x**y)(x))(y)
        by_x = grad(lambda x: grad(lambda y: x**y)(y))(x)
        assert by_y == pytest.approx(x ** (y - 1) * (1 + y * np.log(x)), rel=1e-14)
        assert by_x == pytest.approx(by_y, rel=1e-14)


def test_where_a_slope_is_chosen_its_own_slope_is_0():
    for f in (lambda x: np.hypot(x, 0.0), lambda x: np.linalg.norm(np.stack([x, 0 * x])), np.abs):
        assert (grad(f)(0.0), grad(grad(f))(0.0)) == (0, 0)
    equal = np.full(3, 0.1)  # whose mean is not 0.1
    assert np.array_equal(grad(np.std)(equal), np.zeros(3))


def test_a_nan_beside_it_hides_no_wrong_row_of_a_jacobian():
    hidden = lambda x: np.stack([np.log(x[0] - 5), x[1] if isinstance(x, np.ndarray) else x[2]])
    with np.errstate(invalid="ignore"), pytest.raises(TraceError, match="another value"):
        jacobian(hidden)(np.arange(3.0))


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_the_chain_rule(a, b):
    f = lambda x: np.tanh(a * x + b)
    at = 0.3
    assert grad(f)(at) == pytest.approx(a * (1 - f(at) ** 2), rel=1e-12, abs=1e-14)
