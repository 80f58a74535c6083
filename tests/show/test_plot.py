"""Charts: the same record as SVG, as text and as PNG."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.show.plot import Axis, Chart, Series

X = np.linspace(-2, 2, 101)
CHART = Chart(
    (Series(X, X**2, label="f"), Series([2, 1, 0.5], [4, 1, 0.25], "path", "descent")),
    title="a < b & c",
    x_label="x",
    y_label="f(x)",
)
SVG = "{http://www.w3.org/2000/svg}"


def test_ticks_are_round_and_inside():
    assert Axis(0, 10).ticks() == [0, 2, 4, 6, 8, 10]
    assert Axis(-0.3, 1.1).ticks() == [0.0, 0.5, 1.0]
    assert Axis(1e-5, 1, log=True).ticks() == pytest.approx([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1])
    for low, high in [(-1e-9, 3e-9), (1e12, 1.0001e12), (-7, -6.9)]:
        ticks = Axis(low, high).ticks()
        assert 2 <= len(ticks) <= 8
        assert all(low - 1e-9 * abs(low) <= t <= high + 1e-9 * abs(high) for t in ticks)


def test_axis_places_values():
    assert Axis(1, 100, log=True).place(10) == 0.5
    assert np.isnan(Axis(1, 100, log=True).place(-1))
    assert Axis.over([3.0, np.nan, np.inf]) == Axis(2, 4)
    assert Axis.over([np.nan]) == Axis(0, 1)


def test_svg_is_well_formed_self_contained_and_in_place():
    text = CHART.svg(640, 400)
    root = ElementTree.fromstring(text)
    assert root.find(f"{SVG}title").text == "a < b & c"
    assert not re.search(r"href|url\(|<script|<style|@import", text)
    dots = [c for c in root.iter(f"{SVG}circle") if c.get("r") == "3"]
    # x runs from −2 at 64 to 2 at 624, y from 0 at 354 to 4 at 34
    assert [(float(c.get("cx")), float(c.get("cy"))) for c in dots] == [
        (624, 34), (484, 274), (414, 334),
    ]  # fmt: skip
    curve = next(root.iter(f"{SVG}path")).get("d").split()
    assert curve[0] == "M64.0,34.0"
    assert curve[50] == "344.0,354.0"
    texts = {t.text for kind in ("text", "tspan") for t in root.iter(f"{SVG}{kind}")}
    assert {"a < b & c", "x", "f(x)", "f", "descent", "−2", "4"} <= texts


def test_a_curve_is_interrupted_where_it_has_no_place():
    chart = Chart((Series([0, 1, 2, 3, 4], [0, 1, np.nan, 1, 0]),))
    (line,) = ElementTree.fromstring(chart.svg()).iter(f"{SVG}path")
    assert line.get("d").count("M") == 2
    logarithmic = Chart((Series([0, 1, 2], [1, 0, 10]),), log_y=True)
    assert "nan" not in logarithmic.svg()


def test_text_has_its_size_and_its_marks():
    lines = CHART.text(60, 10).splitlines()
    assert len(lines) == 13  # title, rows, axis, numbers
    assert max(map(len, lines)) <= 60
    drawn = "\n".join(lines)
    assert [drawn.count(mark) for mark in "○●◆"] == [1, 1, 1]
    assert lines[1].endswith("○")  # the start is the highest point
    assert [lines[1][:3], lines[10][:3]] == [" 4┤", " 0┤"]
    assert lines[-1].split() == ["−2", "−1", "0", "1", "2"]
    assert lines[-2].endswith("┴ x")


def test_text_draws_a_diagonal():
    chart = Chart((Series([0, 1], [0, 1]),))
    assert chart.text(11, 2).splitlines() == [" 1┤  ⢀⠴⠊", " 0┤⡠⠖⠁", "  └┴─┴─┴", "   0   1"]


def test_save(tmp_path):
    CHART.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == CHART.svg()
    pytest.importorskip("matplotlib")
    CHART.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_save_refuses_other_kinds(tmp_path):
    with pytest.raises(InputError, match=r"ends in .svg or .png"):
        CHART.save(tmp_path / "a.pdf")


def test_png_without_matplotlib_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"pip install 'backlit\[plot\]'"):
        CHART.save(tmp_path / "a.png")


def test_series_of_unequal_length():
    with pytest.raises(InputError, match="two lists of equal length"):
        Series([1, 2], [1])
