"""Chapter 5: σ′ lies in (0, 1/4], not in 0 … 0.5."""

import numpy as np
import pytest

from backlit.show.notation import LATEX, TEXT
from backlit.tour import slope
from backlit.tour.blocks import Equations, Picture, Prose

BLOCKS = [*slope.slope(0)]
WORDS = " ".join(block.text for block in BLOCKS if isinstance(block, Prose))


def test_the_bound_and_the_articles_slip():
    assert "The article says: from 0 to 0.5." in WORDS
    assert "the slope lies in $(0, 1/4]$" in WORDS
    assert "slopes is 0.25, at $x = 0$" in WORDS


def test_the_two_sides_of_the_proof_are_the_same_polynomial():
    (block,) = (block for block in BLOCKS if isinstance(block, Equations))
    assert block.lines[0].write(TEXT) == "s (1 − s) = 0.25 − (s − 0.5)^2"
    assert block.lines[0].write(LATEX).count("s") == 3
    s = np.linspace(0, 1, 11)
    np.testing.assert_allclose(s * (1 - s), 0.25 - (s - 0.5) ** 2, atol=1e-16)


def test_the_picture_shows_slope_and_both_bounds():
    (picture,) = (block for block in BLOCKS if isinstance(block, Picture))
    sigmoid, slopes, claimed, true = picture.drawings[0].series
    assert np.max(slopes.y) == true.y[0] == pytest.approx(0.25)
    assert np.min(slopes.y) > 0
    assert claimed.y[0] == 0.5
    np.testing.assert_allclose(slopes.y, np.gradient(sigmoid.y, sigmoid.x), atol=1e-3)
