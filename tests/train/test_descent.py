"""Descent finds what the article says it finds, and says so where it cannot."""

import re

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.train.descent import descend
from backlit.train.picture import picture
from backlit.train.verdict import rate_rule, verdict


def parabola(x):
    return (x + 2) ** 2


def valleys(x):
    return x**4 - 3 * x**2 + x


def rosenbrock(p):
    return (1 - p["x"]) ** 2 + 5 * (p["y"] - p["x"] ** 2) ** 2


@pytest.mark.parametrize(("start", "slope"), [(0.0, 4.0), (-4.0, -4.0)])
def test_the_articles_parabola(start, slope):
    path = descend(parabola, start)
    assert path.slopes[0] == [slope]
    assert path.points[1] == pytest.approx(start - 0.1 * slope)
    assert path.points[-1] == pytest.approx(-2, abs=1e-7)
    assert path.end == "minimum"
    # each step multiplies the distance by 1 − α f″ = 0.8
    distance = path.points[:20, 0] + 2
    np.testing.assert_allclose(distance[1:] / distance[:-1], 0.8, rtol=1e-12)


ENDS = [
    (parabola, 0.0, {"rate": 2.0}, "diverged"),
    (parabola, 0.0, {"rate": 1.01}, "diverged"),
    (parabola, 0.0, {"rate": 1.0}, "cycle"),
    (parabola, 0.0, {"rate": 0.99}, "budget"),
    (parabola, 0.0, {"rate": 1e-9}, "slow"),
    (parabola, -2.0, {}, "minimum"),
    (lambda x: 1e-6 * (x + 2) ** 2, 0.0, {"rate": 1e5}, "minimum"),
    (lambda x: 1e6 * (x + 2) ** 2, 0.0, {"rate": 1e-7}, "minimum"),
    (valleys, 1.0, {}, "minimum"),
    (valleys, 10.0, {}, "diverged"),
    (lambda x: np.exp(x**2), 3.0, {}, "diverged"),
    (lambda x: -(x**2), 0.0, {}, "stationary"),
    (lambda p: p[0] ** 2 - p[1] ** 2, (1.0, 0.0), {}, "stationary"),
    (lambda x: -(x**2), 1.0, {}, "unbounded"),
    (lambda x: x**3, -1.0, {}, "unbounded"),
    (lambda x: x, 1.0, {}, "budget"),
    (np.abs, 1.0, {}, "kink"),
    (np.abs, 0.55, {}, "kink"),
    (np.abs, 0.0, {}, "kink"),
    (lambda p: abs(p[0]) + abs(p[1]), (1.0, 1.0), {}, "kink"),
    (lambda x: 0 * x + 3, 1.0, {}, "flat"),
    (np.tanh, 30.0, {}, "flat"),
    (lambda x: 1 / (1 + np.exp(-x)), -10.0, {}, "slow"),
    (lambda x: 1 / (1 + np.exp(-x)), -40.0, {}, "slow"),
    (np.log, 1.0, {}, "undefined"),
    (np.sqrt, 1.0, {"rate": 1.0}, "undefined"),
    (rosenbrock, {"x": 0.8, "y": 0.8}, {"rate": 0.03, "steps": 2000}, "minimum"),
    (lambda p: p[0] ** 2 + 10 * p[1] ** 2, [1.0, 1.0], {"rate": 0.1}, "cycle"),
    (lambda p: p[0] ** 2 + 10 * p[1] ** 2, [1.0, 1.0], {"rate": 0.2}, "diverged"),
]


@pytest.mark.parametrize(("f", "start", "settings", "end"), ENDS)
def test_ends_are_told_apart_and_put_in_words(f, start, settings, end):
    path = descend(f, start, **settings)
    assert path.end == end
    words = verdict(path)
    assert words[0].isupper() or words.startswith("f ")
    assert words.endswith(".")
    assert "  " not in words
    chart = picture(path)
    assert chart.svg().startswith("<svg")
    assert len(chart.text(60, 10).splitlines()) == 12


def test_the_limit_of_the_learning_rate_is_explained_and_true():
    path = descend(parabola, 0.0, rate=2.0)
    assert "f″ is 2 everywhere: only 0 < α < 2/f″ = 1 converges." in rate_rule(path)
    assert path.landscape.rate_limit([0.0]) == 1
    assert verdict(path).endswith("With α = 0.5 f falls at every step.")
    assert descend(parabola, 0.0, rate=0.999, steps=20_000).end == "minimum"


def test_the_rate_that_is_proposed_was_tried():
    def waves(x):
        return 0.1 * x**2 + np.sin(3 * x)

    words = verdict(descend(waves, 1.0, rate=12.0))
    rate = float(re.search(r"With α = (\S+) f falls at every step", words)[1])
    assert np.all(np.diff(descend(waves, 1.0, rate=rate).values) <= 0)


def test_the_limit_in_several_variables_is_that_of_the_largest_curvature():
    path = descend(lambda p: p[0] ** 2 + 10 * p[1] ** 2, [1.0, 1.0], rate=0.2)
    assert path.landscape.rate_limit(path.points[0]) == pytest.approx(0.1)
    assert "κ is 20 everywhere: only 0 < α < 2/κ = 0.1 converges" in verdict(path)


def test_a_lower_valley_elsewhere_is_told():
    path = descend(valleys, 1.0)
    assert path.points[-1] == pytest.approx(1.1309, abs=1e-4)
    assert "not the lowest point" in verdict(path)
    assert "f = −3.514" in verdict(path)
    assert "finds nothing lower" in verdict(descend(valleys, -1.0))


def test_pictures():
    curve = picture(descend(parabola, 0.0))
    assert [s.style for s in curve.series] == ["line", "path"]
    np.testing.assert_allclose(curve.series[0].y, parabola(curve.series[0].x))
    assert curve.series[0].x.min() < -2 < 0 < curve.series[0].x.max()
    surface = picture(descend(rosenbrock, {"x": -1.0, "y": 1.0}, rate=0.03))
    assert (surface.x_label, surface.y_label) == ("x", "y")
    np.testing.assert_array_equal([surface.series[1].x[0], surface.series[1].y[0]], [-1, 1])
    plane = picture(descend(lambda p: p[0] + 2 * p[1], (1.0, 2.0))).series[0]
    heights = np.round(plane.x + 2 * plane.y, 9)
    assert 5 <= len(np.unique(heights[np.isfinite(heights)])) <= 7
    three = picture(descend(lambda p: sum(v**2 for v in p), (1.0, 2.0, 3.0)))
    assert (three.x_label, three.y_label, three.log_y) == ("step", "f", True)
    long = picture(descend(parabola, 0.0, rate=1e-3, steps=5000)).series[1].x
    assert len(long) == 400
    assert (long[0], round(long[-1], 3)) == (0, -2)
    ran_away = picture(descend(parabola, 0.0, rate=2.0))
    assert ran_away.series[1].x.tolist() == [0, -8, 16, -56, 160]
    pole = picture(descend(lambda x: 1 / x + x, 3.0)).series[0]
    assert np.nanmax(pole.y) < 10


def test_derivatives_of_the_landscape():
    land = descend(rosenbrock, {"x": 0.5, "y": 0.2}, rate=1e-4, steps=1).landscape
    assert land.names == ("x", "y")
    expected = [[2 - 20 * (0.2 - 3 * 0.25), -10], [-10, 10]]
    np.testing.assert_allclose(land.curvature([0.5, 0.2]), expected, rtol=1e-12)
    points = np.array([[0.5, 0.2], [1.0, 1.0]])
    np.testing.assert_allclose(land.values(points), [0.5**2 + 5 * 0.05**2, 0], atol=1e-15)


def test_values_at_many_points_also_where_the_function_is_not_elementwise():
    land = descend(lambda p: np.sum(np.stack(p) ** 2), (1.0, 2.0)).landscape
    np.testing.assert_allclose(land.values([[1.0, 2.0], [3.0, 4.0]]), [5, 25])


@pytest.mark.parametrize(
    ("f", "start", "settings", "words"),
    [
        (lambda x: 1 / x, 0.0, {}, "f is not defined at the start x = 0: 1 / x is infinite"),
        (lambda x: np.log(x), -1.0, {}, r"at the start x = −1: ln\(x\) is not a real number there"),
        (lambda x: np.sqrt(x), 0.0, {}, "the slope of f is not defined at the start x = 0"),
        (parabola, np.ones(3), {}, "expected finite numbers. For arrays there is bl.fit"),
        (parabola, np.nan, {}, "expected finite numbers"),
        (parabola, (), {}, "expected finite numbers"),
        (parabola, 0.0, {"rate": -1}, "a learning rate is a positive number"),
        (parabola, 0.0, {"rate": np.inf}, "a learning rate is a positive number"),
        (parabola, 0.0, {"steps": 0}, "at least one step"),
    ],
)
def test_refused_with_a_sentence(f, start, settings, words):
    with pytest.raises(InputError, match=words):
        descend(f, start, **settings)
