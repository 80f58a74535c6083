"""Measured slopes lie within their uncertainty of the true ones."""

import numpy as np
import pytest

from backlit.check.slope import complex_step, five_points

SMOOTH = [
    (np.sin, np.cos, 1.3),
    (np.exp, np.exp, 20.0),
    (np.tanh, lambda x: 1 / np.cosh(x) ** 2, 8.0),
    (lambda x: x**5, lambda x: 5 * x**4, 0.0),
    (lambda x: np.sin(1000 * x), lambda x: 1000 * np.cos(1000 * x), 0.7),
    (lambda x: 1e-80 * x**2, lambda x: 2e-80 * x, 3.0),
    (lambda x: x**2 + 1e8, lambda x: 2 * x, 3.0),
]


@pytest.mark.parametrize(("f", "slope", "x"), SMOOTH)
def test_differences_know_how_far_to_trust_them(f, slope, x):
    found = five_points(lambda t: f(x + t), x or 1.0)
    assert abs(found.value - slope(x)) <= found.unsure + 1e-15 * abs(slope(x))
    assert found.unsure <= 1e-6 * abs(slope(x)) + 1e-7
    assert not found.kink


@pytest.mark.parametrize(("f", "slope", "x"), SMOOTH)
def test_complex_steps_are_exact_to_rounding(f, slope, x):
    np.testing.assert_allclose(
        complex_step(lambda t: f(x + t)).value, slope(x), rtol=1e-13, atol=1e-99
    )


def test_the_steps_follow_the_size_of_what_moves():
    assert five_points(lambda t: np.log(1e-9 + t), 1e-9).unsure < 1e-6 * 1e9
    assert five_points(lambda t: (1e6 + t) ** 3, 1e6).unsure < 1e-6 * 3e12


@pytest.mark.parametrize("height", [1e-6, 1.0, 1e6])
def test_kinks_are_seen(height):
    assert five_points(lambda t: height * abs(t)).kink
    assert five_points(lambda t: height * max(t, 0.0) + height * np.sin(t)).kink
    assert not five_points(lambda t: height * abs(t) ** 3).kink
    assert not five_points(lambda t: height * abs(t + 1e-5)).kink


def test_rounding_is_no_kink():
    lines = [five_points(lambda t, x=x: 1e14 + x * t) for x in np.linspace(0.1, 3, 2000)]
    assert not any(line.kink for line in lines)
