"""Every trace is compared once with the function itself: no list foresees every trap."""

import random

import numpy as np
import pytest

from backlit import grad, jacobian, value_and_grad
from backlit.errors import TraceError

X = np.array([1.0, 2.0, 3.0])
DRAW = np.random.default_rng(0)


count = 0


def hidden(x):
    global count
    count += 1
    return np.sum(x) * count


def aliased(x):
    y = x
    y += 1
    return x * y


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (hidden, X),
        (lambda x: np.sum(x * np.random.default_rng().random(3)), X),
        (lambda x: np.sum(x) if isinstance(x, np.ndarray) else 2 * np.sum(x), X),
        (lambda x: np.sum(x) if type(x) is np.ndarray else np.mean(x), X),
        (aliased, np.array(3.0)),
        (lambda x: (np.sum(x), 1.0)[type(x) is np.ndarray], X),
    ],
    ids=["state", "generator", "isinstance", "type", "alias", "structure"],
)
def test_what_no_list_foresees_is_seen_by_comparing_once(f, x):
    with pytest.raises(TraceError, match="another value in plain NumPy"):
        grad(f)(x)


def test_a_number_is_a_number():
    """y += 1 rebinds a Python number and a NumPy scalar, but writes into a 0-d array."""
    assert grad(aliased)(3.0) == 7.0  # x (x + 1)
    assert grad(aliased)(3) == 7.0
    assert grad(aliased)(np.float64(3.0)) == 7.0


def test_constants_are_copied():
    y = np.ones(3)

    def f(x):
        total = np.sum(x * y)
        y[0] = 5.0
        return total

    with pytest.raises(TraceError, match="another value"):
        grad(f)(X)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (hidden, 0 * X),
        (lambda x: np.sum(x * DRAW.random(3)), 0 * X),
        (lambda x: np.sum(x) * random.random(), 0 * X),
        (lambda x: np.sum(np.where(DRAW.random(3) > 0.5, x, 0)), np.zeros(3)),
        (lambda x: np.sum(x**3 if isinstance(x, np.ndarray) else x), np.ones(3)),
        (lambda x: x * x if isinstance(x, float) else x, 1),
        (lambda p: np.sum(p["W"] * p["b"]) * DRAW.random(), {"W": 0 * X, "b": 0 * X}),
    ],
    ids=["state", "generator", "random", "dropout", "isinstance", "number", "containers"],
)
def test_zeros_and_ones_hide_nothing(f, x):
    with pytest.raises(TraceError, match="another value in plain NumPy"):
        grad(f)(x)


def test_entries_that_change_places_are_seen():
    with pytest.raises(TraceError, match="another value in plain NumPy"):
        jacobian(lambda x: x[DRAW.permutation(3)])(X)


@pytest.mark.parametrize("nothing", [None, "text", 1j])
def test_a_result_that_is_no_number(nothing):
    with pytest.raises(TraceError, match="another value in plain NumPy"):
        grad(lambda x: nothing if isinstance(x, np.ndarray) else np.sum(x))(X)


class Doubling(np.ndarray):
    """An array that computes otherwise than NumPy's own."""

    def __mul__(self, other):
        return 2 * np.asarray(self) * other

    __rmul__ = __mul__


@pytest.mark.parametrize("kind", [np.ma.array, lambda x: x.view(Doubling)])
def test_constants_with_an_arithmetic_of_their_own(kind):
    constant = kind(X)
    with pytest.raises(TraceError, match="in plain arrays"):
        grad(lambda x: np.sum(x * constant))(0 * X)


# what the comparison must not refuse


def test_plain_numbers_are_compared_as_float64():
    """A Python number is weaker than float32; the input it becomes is not."""
    single = (X / 7).astype(np.float32)
    assert grad(lambda w: np.sum(w * single))(0.3) == np.sum(single, dtype=float)
    assert grad(lambda w, s: w * np.tanh(s))(1.0, np.float32(0.3)) == np.tanh(np.float32(0.3))
    assert np.array_equal(grad(lambda x: np.sum(x**-1))(np.array([1, 2])), [-1, -0.25])
    assert grad(lambda x: np.sum(x * x))(np.array([200], np.uint8)) == 400


def test_a_fallback_for_what_arrays_do_not_have_is_no_trap():
    def pandas_or_numpy(x):
        try:
            x = x.values
        except AttributeError:
            x = x * 2
        return np.sum(x) * getattr(x, "factor", 3)

    assert np.array_equal(grad(pandas_or_numpy)(X), [6, 6, 6])


def test_where_the_function_has_no_value():
    """The gradient is ∞ or NaN there, as NumPy's arithmetic has it, and is not refused."""
    with np.errstate(all="ignore"):
        assert value_and_grad(np.sqrt)(0.0) == (0, np.inf)
        assert grad(np.log)(0.0) == np.inf
        assert np.isnan(grad(np.square)(np.nan))
        assert np.isnan(grad(np.sqrt)(-1.0))
