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


def test_a_notebook_s_style_and_ours_leave_each_other_alone(browser):
    settings = {"activation": "sigmoid", "loss": "mse", "rows": 2, "seed": 0}
    function, example = example_network([2, 1], **settings)
    cell = derive(function, *example)._repr_mimebundle_()["text/html"]
    page = browser.new_page()
    page.set_content(f"""<style>.theirs {{ background: #111; color: #eee }}
        .theirs pre {{ background: #222; color: #eee }} .theirs a:link {{ color: #0ff }}</style>
        <div class="theirs"><div>{cell}</div><p id="p"><a id="a" href="#p">theirs</a></p>
        <pre id="pre">theirs</pre></div>""")

    def looks(selector, what):
        script = f"e => getComputedStyle(e).{what}"
        return page.locator(selector).first.evaluate(script)

    assert looks("#pre", "backgroundColor") == "rgb(34, 34, 34)"
    assert looks("#a", "color") == "rgb(0, 255, 255)"
    assert looks("#p", "maxWidth") == "none"
    assert looks(".backlit pre", "backgroundColor") == "rgba(0, 0, 0, 0)"
    assert looks(".backlit pre", "color") == looks(".backlit", "color") == "rgb(29, 36, 48)"
    assert looks(".backlit .formula a", "color") == "rgb(10, 92, 143)"
    page.close()


@pytest.mark.parametrize("widths", [[2, 3, 1], [3, 4, 5, 2]])
def test_the_letters_of_a_picture_stay_in_their_boxes(browser, tmp_path, widths):
    settings = {"activation": "sigmoid", "loss": "cross_entropy", "rows": 6, "seed": 0}
    function, example = example_network(widths, **settings)
    file = tmp_path / "graph.svg"
    file.write_text(derive(function, *example).svg(), encoding="utf-8")
    page = browser.new_page(viewport={"width": 2600, "height": 900})
    page.goto(file.as_uri())
    out = """[...document.querySelectorAll('g > g > rect')].flatMap(rect => {
        const box = rect.getBoundingClientRect()
        return [...rect.parentElement.querySelectorAll('text')].filter(text => {
            const t = text.getBoundingClientRect()
            return t.left < box.left + 2 || t.right > box.right - 2 || t.bottom > box.bottom + 2
        }).map(text => text.textContent)
    })"""
    assert page.locator("rect").count() > 15
    assert page.evaluate(out) == []
    page.close()
