"""The page of a training: its pictures show the numbers that they should, and need nothing else."""

import re
from pathlib import Path

import numpy as np
import pytest

from backlit.tables import calibration, figures, read_table, train
from backlit.tables.calibration import bins, expected_error
from backlit.tables.judgement import confused
from backlit.tables.page import page_of

from ..show.test_browser import CHROMIUM, FLAGS
from .samples import penguins, quantities


@pytest.fixture(scope="module")
def trainings(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    found = {}
    for name, text, target, words in (
        ("classes", penguins(), "species", {"dropout": 0.3}),
        ("quantity", quantities(200), "y", {}),
        ("quantiles", quantities(200), "y", {"quantiles": (0.1, 0.5, 0.9)}),
        ("bare", quantities(40), "y", {"held_out": 0}),
    ):
        path = place / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        found[name] = train(read_table(path), target, hidden=(6,), epochs=8, **words)
    return found


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("classes", ["Loss", "Calibration"]),
        ("quantity", ["Loss", "Predicted against true", "Residuals"]),
        ("quantiles", ["Loss", "Predicted against true", "Residuals", "Coverage"]),
        ("bare", ["Loss"]),
    ],
)
def test_a_page_needs_nothing_else(trainings, name, titles):
    page = page_of(trainings[name])
    assert re.findall(r"<title>(.*?)</title>", page)[1:] == titles
    assert not re.search(r'(src|href)="(?!#|data:)', page)
    assert "<script" not in page
    assert "prefers-color-scheme: dark" in page
    assert "<math" in page


def test_curves_are_the_history(trainings):
    training = trainings["quantity"]
    loss, validation, kept = figures.curves(training).series
    history = training.learnt.fit.history
    assert loss.y.tolist() == history["loss"]
    assert validation.y.tolist() == history["validation_loss"]
    assert (kept.x, kept.y) == (training.learnt.best, min(history["validation_loss"]))
    assert len(figures.curves(trainings["bare"]).series) == 1


def test_points_are_the_held_out_rows(trainings):
    training = trainings["quantity"]
    points, line = figures.predicted_against_true(training).series
    score = training.model.about.scores.network
    assert len(points.x) == score.rows
    assert np.sqrt(np.mean((points.x - points.y) ** 2)) == pytest.approx(score.rmse.value)
    assert line.x.tolist() == line.y.tolist()
    errors, zero = figures.residuals(training).series
    assert np.sqrt(np.mean(errors.y**2)) == pytest.approx(score.rmse.value)
    assert not zero.y.any()


def test_many_rows_are_drawn_in_part(trainings, monkeypatch):
    monkeypatch.setattr(figures, "_MOST_POINTS", 7)
    assert len(figures.residuals(trainings["quantity"]).series[0].x) == 7


def test_confusions_and_calibration_are_those_of_the_held_out_rows(trainings):
    training = trainings["classes"]
    page, score = page_of(training), training.model.about.scores.network
    counts = [int(n) for n in re.findall(r"<td style=[^>]*>(\d+)</td>", page)]
    assert sum(counts[::4]) == score.right
    assert sum(counts) == score.rows
    best = training.answered.argmax(axis=1)
    assert counts == confused(3, training.truth, best).ravel().tolist()
    ranges = bins(training.answered, training.truth)
    assert sum(b.rows for b in ranges) == score.rows
    assert sum(b.rows * b.right.value for b in ranges) == pytest.approx(score.right)
    assert f"Expected calibration error {100 * expected_error(ranges):.1f} %" in page


def test_the_coverage_is_that_of_the_scores(trainings):
    page, coverage = page_of(trainings["quantiles"]), trainings["quantiles"].model.about.scores
    for found in coverage.coverage:
        assert f"<td>{found.quantile:g}</td><td>{found.below}</td>" in page


def test_calibration_by_hand():
    """Of ten answers with 95 %, nine are right; of four with 55 %, one is."""
    probabilities = np.array([[0.95, 0.05]] * 10 + [[0.45, 0.55]] * 4)
    truth = np.array([0] * 9 + [1] + [1] + [0] * 3)
    low, high = bins(probabilities, truth)
    assert (low.rows, low.confidence, low.right.value) == (4, pytest.approx(0.55), 0.25)
    assert (high.rows, high.confidence, high.right.value) == (10, pytest.approx(0.95), 0.9)
    assert (low.low, low.high, high.high) == (0.5, 0.6, 1.0)
    assert expected_error([low, high]) == pytest.approx((10 * 0.05 + 4 * 0.3) / 14)
    assert bins([[1.0, 0.0]], [0])[0].high == 1.0
    points = figures.reliability([low, high]).series[1]
    assert points.y.tolist() == [0.25, 0.9]
    assert calibration.__doc__


@pytest.mark.slow
@pytest.mark.parametrize("name", ["classes", "quantiles"])
def test_a_browser_shows_it_in_light_and_dark(trainings, tmp_path, name):
    """Nothing is fetched, nothing complains, no page is wider than a telephone."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: apt-get install chromium")
    driver = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    path = tmp_path / "page.html"
    path.write_text(page_of(trainings[name]), encoding="utf-8")
    asked, said, grounds = [], [], {}
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme, width in (("light", 1200), ("dark", 1200), ("light", 400)):
            tab = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
            tab.on("request", lambda request: asked.append(request.url))
            tab.on("console", lambda message: said.append(message.text))
            tab.goto(path.as_uri())
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            grounds[scheme] = tab.evaluate("getComputedStyle(document.documentElement).filter")
        browser.close()
    assert {url for url in asked if not url.startswith("data:")} == {path.as_uri()}
    assert not said
    assert grounds["light"] == "none"
    assert "invert" in grounds["dark"]
