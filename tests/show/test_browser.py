"""The page in a browser: nothing is fetched, nothing complains, every formula is seen."""

import os
import runpy
from pathlib import Path

import pytest

from backlit.cli.example_network import example_network
from backlit.show import derive

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
EXAMPLES = Path(__file__).parents[2] / "examples"
pytestmark = pytest.mark.slow


def pages():
    file = runpy.run_path(str(EXAMPLES / "mazur.py"))
    mazur = derive(file["loss"], *file["example"])
    for loss in ("mse", "huber", "cross_entropy"):
        settings = {"activation": "sigmoid", "loss": loss, "rows": 6, "seed": 0}
        function, example = example_network([3, 4, 5, 2], **settings)
        yield pytest.param(derive(function, *example).html(), id=loss)
    yield pytest.param(mazur.html(digits=9, rate=0.5), id="mazur")


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: apt-get install chromium")
    reason = "playwright drives the browser: pip install playwright"
    driver = pytest.importorskip("playwright.sync_api", reason=reason)
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("html", [*pages()])
def test_page(browser, tmp_path, html, width):
    file = tmp_path / "page.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    said, requests = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    assert said == []
    assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    unseen = """[...document.querySelectorAll('math')].filter(m => {
        const {width, height} = m.getBoundingClientRect(); return !(width > 2 && height > 2) })"""
    assert page.evaluate(f"{unseen}.map(m => m.outerHTML)") == []
    assert page.locator("math").count() > 20
    follow_the_links(page)
    page.close()


def follow_the_links(page):
    """Every link leads to a line of the page, and a click on a name inside a formula does."""
    lost = "[...document.links].filter(a => !document.querySelector(a.hash)).map(a => a.hash)"
    assert page.evaluate(lost) == []
    link = page.locator(".formula math a").last
    hash_ = link.get_attribute("href")
    link.click()
    assert page.evaluate("location.hash") == hash_
    assert page.locator(":target").get_attribute("class") == "row"
    assert page.locator(":target").is_visible()
