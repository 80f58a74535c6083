"""Chapter 1: the article's two walks, the limit of the rate, and every counterexample."""

import re

import numpy as np
import pytest

from backlit.show.notation import LATEX, TEXT
from backlit.tour.blocks import Equations, Picture, Prose, Table
from backlit.tour.descent import descent, learning_rate, parabola
from backlit.tour.figures import plain
from backlit.train import descend

BLOCKS = [*descent(0)]
WORDS = " ".join(block.text for block in BLOCKS if isinstance(block, Prose))


def tables():
    return [block for block in BLOCKS if isinstance(block, Table)]


def test_slope_4_at_0_and_minus_4_at_minus_4_and_both_arrive_at_minus_2():
    first = tables()[0].rows[0]
    assert first == ("0", "0", "4", "+4", "−4", "4", "−4")
    assert "$x = 0$ the slope is +4, at $x = −4$ it is −4" in WORDS
    assert re.search(r"stands at \$x = −2\$; the second, after \d+, at \$x = −2\$", WORDS)


def test_each_step_of_the_table_follows_the_rule():
    numbers = [[float(word.replace("−", "-")) for word in row] for row in tables()[0].rows]
    _, x, f, slope, left, _, left_slope = np.array(numbers).T
    np.testing.assert_allclose(f, (x + 2) ** 2, rtol=1e-3, atol=1e-3)
    for at, at_slope in ((x, slope), (left, left_slope)):
        np.testing.assert_allclose(at_slope, 2 * (at + 2), atol=2e-3)
        np.testing.assert_allclose(at[1:], at[:-1] - 0.1 * at_slope[:-1], atol=2e-3)


def test_rates_below_1_converge_and_the_limit_itself_does_not():
    ends = {row[0]: row[-1] for row in tables()[1].rows}
    assert ends == {
        "0.1": "arrives",
        "0.5": "arrives",
        "0.9": "arrives",
        "1": "jumps to and fro for ever",
        "1.1": "runs away",
    }
    for _, factor, after, *_ in tables()[1].rows:  # the walks start 2 to the right of −2
        factor, after = (float(word.replace("−", "-")) for word in (factor, after))
        assert after == pytest.approx(-2 + 2 * factor)
    assert "$0 < α < 1$" in WORDS


def test_the_limit_is_computed_from_the_function():
    steeper = descend(lambda x: 4 * (x + 2) ** 2, 0.0, rate=0.1)
    words = " ".join(b.text for b in learning_rate(steeper) if isinstance(b, Prose))
    assert "$0 < α < 0.25$" in words


def test_two_starts_end_in_the_two_minima_of_the_quartic():
    minima = sorted(x.real for x in np.roots([4, 0, -6, 1]) if 12 * x.real**2 > 6)
    assert len(minima) == 2
    for x in minima:
        assert f"It ends at x = {plain(x)}" in WORDS
    assert "It is not the lowest point" in WORDS


@pytest.mark.parametrize(
    "words", ["the walk would go on for ever", "It diverges", "f has a kink", "a maximum"]
)
def test_counterexamples(words):
    assert words in WORDS


def test_formulas_are_derived_and_every_picture_shows_both_walks():
    first = next(block for block in BLOCKS if isinstance(block, Equations))
    assert [x.write(TEXT) for x in first.lines] == ["f(x) = (x + 2)²", "∂f/∂x = 2 (x + 2)"]
    assert r"\frac{\partial f}{\partial x} =" in first.lines[1].write(LATEX)
    for picture in (block for block in BLOCKS if isinstance(block, Picture)):
        curve, *walks = picture.drawings[0].series
        assert len(walks) == 2
        assert np.min(curve.x) <= min(walk.x.min() for walk in walks)
    assert parabola(-2.0) == 0
