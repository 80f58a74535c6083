"""The page of a derivation: complete, linked, self-contained, with the numbers that run."""

import re
import runpy
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from backlit.cli.example_network import example_network
from backlit.show import derive
from backlit.show.html import equations, page

MAZUR = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "mazur.py"))
SETTINGS = {"activation": "sigmoid", "loss": "mse", "rows": 6, "seed": 0}


def three_layers():
    loss, example = example_network([3, 4, 5, 2], **SETTINGS)
    return derive(loss, *example)


def mazur():
    return derive(MAZUR["loss"], *MAZUR["example"])


class Elements(HTMLParser):
    """Tags with their attributes, as a browser meets them; every tag that is opened is closed."""

    VOID = ("meta", "link", "br")

    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.open += [] if tag in self.VOID else [tag]

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag


def row(derivation, number, **settings):
    root = ElementTree.fromstring(equations(derivation, **settings))
    return next(e for e in root.iter("div") if e.get("id") == f"eq{number}")


def part(row, kind):
    return "".join(row.find(f".//div[@class='{kind}']").itertext())


@pytest.mark.parametrize("derivation", [three_layers(), mazur()])
def test_the_page_is_whole_linked_and_asks_for_nothing(derivation):
    text = derivation.html()
    elements = Elements(text)
    assert not elements.open
    ids = [attrs["id"] for _, attrs in elements.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"] for tag, attrs in elements.found if tag == "a"}
    assert targets <= {f"#{name}" for name in ids}
    assert targets >= {f"#eq{line.number}" for line in derivation.document.lines}
    assert not {tag for tag, _ in elements.found} & {"script", "img", "iframe", "object"}
    assert not re.search(r"https?:|@import|url\(|src=|javascript:", text)
    assert [attrs["href"] for tag, attrs in elements.found if tag == "link"] == ["data:,"]


def test_parts_come_in_the_article_s_order():
    titles = re.findall("<h2>(.+?)</h2>", three_layers().html())
    assert titles == [
        "Parameters", "Given", "Forward", "Loss", "Backward, from the loss to the first layer",
        "Update, for a learning rate α",
    ]  # fmt: skip


def test_a_line_has_its_number_formula_shape_rule_and_origin():
    delta = row(three_layers(), 9)
    assert part(delta, "place") == "(9)"
    assert part(delta, "formula") == "δ3=∂L∂Z3=∂L∂H3⊙H3⊙(1−H3)"
    assert part(delta, "shape") == "6×2"
    assert part(delta, "why") == "from (6) sigmoid: grad⊙out⊙(1−out)"


def test_uses_are_links_to_definitions():
    delta = row(three_layers(), 9)
    links = [("".join(a.itertext()), a.get("href")) for a in delta.iter("a")]
    assert links == [
        ("(9)", "#eq9"), ("L", "#eq7"), ("Z3", "#eq5"), ("∂L∂H3", "#eq8"), ("H3", "#eq6"),
        ("H3", "#eq6"), ("(6)", "#eq6"),
    ]  # fmt: skip
    first = row(three_layers(), 1)
    assert [a.get("href") for a in first.iter("a")] == ["#eq1", "#eq-X", "#eq-W1", "#eq-b1"]


def test_numbers_stand_beside_symbols_and_large_arrays_wait():
    derivation = three_layers()
    assert part(row(derivation, 7), "value") == f"{derivation.values_of()['L']:.6g}"
    assert row(derivation, 6).find(".//details") is None
    assert row(derivation, 1).find(".//details/summary").text == "24 numbers"
    assert row(derivation, 7, numbers=False).find(".//div[@class='value']") is None


def test_mazur_s_digits_and_one_update():
    text = mazur().html(digits=9, rate=0.5)
    for digits in ("0.75136507", "0.298371109", "0.0821670406", "0.35891648", "0.291027774"):
        assert digits in text
    assert "Update, for the learning rate α = 0.5" in text


def test_two_derivations_on_a_page_have_anchors_of_their_own():
    text = equations(mazur(), anchor="a") + equations(three_layers(), anchor="b")
    ids = re.findall(' id="(.+?)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall('href="#(.+?)"', text)) <= set(ids)


def test_in_a_notebook():
    cells = [d._repr_mimebundle_()["text/html"] for d in (mazur(), three_layers())]
    ids = [set(re.findall(' id="(.+?)"', cell)) for cell in cells]
    assert not ids[0] & ids[1]
    rules = re.findall(r"^ *([^@\s{}][^{}\n]*)\{", cells[0].split("</style>")[0], re.MULTILINE)
    assert len(rules) > 20
    assert all(rule.startswith((".backlit", "<style>.backlit")) for rule in rules), rules


def test_titles_and_notes_are_escaped():
    assert "<title>a &lt; b</title>" in page("a < b", "")

    def loss(w, x):
        M = w < x
        return np.sum(np.where(M, w, x) ** 2)

    text = derive(loss, np.ones(2), np.arange(2.0)).html()
    assert "<mo>&lt;</mo>" in text
    Elements(text)
