"""Maps: colours, level lines and a PNG that any reader opens."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest

from backlit.show.heat import HeatMap, colours, png
from backlit.show.plot import Axis

SVG = "{http://www.w3.org/2000/svg}"
X = np.linspace(-2, 2, 21)


def test_png_is_read_back():
    image = pytest.importorskip("matplotlib.image")
    pixels = np.random.default_rng(0).integers(256, size=(5, 7, 3), dtype=np.uint8)
    read = np.rint(255 * image.imread(io.BytesIO(png(pixels)), format="png"))
    np.testing.assert_array_equal(read, pixels)


def test_colours_go_from_blue_over_white_to_orange():
    low, middle, high, beyond, none = colours([-2.0, 0.0, 2.0, 9.0, np.nan], Axis(-2, 2)).astype(
        int
    )
    assert low[2] > low[0]
    assert min(middle) == max(middle) > 240
    assert high[0] > high[2]
    np.testing.assert_array_equal(beyond, high)
    assert set(none) == {200}


def test_a_map_says_where_and_how_high():
    heights = X[:, None] + 0 * X
    drawing = ElementTree.fromstring(HeatMap(X, X, heights, "a < b", "x₁", "x₂", Axis(-2, 2)).svg())
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    assert {"a < b", "x₁", "x₂"} <= set(words)
    assert words.count("−2") == 3  # both axes and the scale of heights
    line = drawing.find(f"{SVG}path").get("d")
    assert line.startswith("M")
    heights_on_paper = {pair.split(",")[1] for pair in line.replace("M", " ").split()}
    assert len(heights_on_paper) == len(Axis(-2, 2).ticks(8)) - 1  # the lowest is not crossed


def test_low_heights_of_y_lie_at_the_bottom(monkeypatch):
    seen = []
    monkeypatch.setattr("backlit.show.heat.png", lambda pixels: seen.append(pixels) or b"")
    HeatMap(X, X, X[:, None] + 0 * X).svg()
    surface, scale = seen
    np.testing.assert_array_equal(surface[-1, 0], colours([-2.0], Axis(-2, 2))[0])
    np.testing.assert_array_equal(scale[-1, 0], surface[-1, 0])
