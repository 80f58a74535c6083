"""Two readers of the same blocks: nothing is lost, nothing overflows, nothing is requested."""

from html.parser import HTMLParser
from typing import get_args

import numpy as np
import pytest

from backlit.show.heat import HeatMap
from backlit.show.plot import Chart, Series
from backlit.tour import blocks, page, terminal
from backlit.tour.figures import fixed, plain, signed
from backlit.tour.markup import spans
from backlit.tour.network import derivation

CURVE = Chart((Series([0, 1, 2], [4, 1, 0]),), "", "x")
MAP = HeatMap([0, 1], [0, 1], [[0, 1], [2, 3]], "A < B")
RAMP = np.arange(64).reshape(1, 8, 8) / 63
EXAMPLES = {
    blocks.Prose: blocks.Prose("so $W1 < 2$ and *not* `a & b`"),
    blocks.Heading: blocks.Heading("Why < how?"),
    blocks.Code: blocks.Code("if x < 1:\n    y & z"),
    blocks.Aside: blocks.Aside("Why < how?", f"a < {'b' * 200}", f"a < {'b' * 200}\n" * 40),
    blocks.Equations: blocks.lines(derivation(0), "forward"),
    blocks.Derived: blocks.Derived(derivation(0)),
    blocks.Picture: blocks.Picture((CURVE, CURVE), "$f$ falls"),
    blocks.Table: blocks.Table(("$W1$", "b"), (("x < y", "−1.5"), ("z", "20"))),
    blocks.Images: blocks.Images(RAMP, [("a 3, read 5", "p = 0.99")]),
}


class Balanced(HTMLParser):
    """Every tag that is opened is closed, in order."""

    VOID = ("meta", "link", "br", "img")

    def __init__(self, text):
        super().__init__()
        self.open, self.attributes = [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.open += [] if tag in self.VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_every_kind_of_block_has_an_example_here():
    assert set(EXAMPLES) == set(get_args(blocks.Block))


@pytest.mark.parametrize("block", EXAMPLES.values(), ids=lambda b: type(b).__name__)
def test_both_readers_show_it(block):
    Balanced(page.html(block))
    for width in (60, 80, 100):
        lines = terminal.text(block, width).splitlines()
        assert lines
        assert max(map(len, lines)) <= width


def test_a_kind_without_a_reader_is_an_error():
    with pytest.raises(NotImplementedError):
        terminal.text(3, 80)
    with pytest.raises(NotImplementedError):
        page.html(3)


def test_marks():
    text = EXAMPLES[blocks.Prose].text
    assert [kind for kind, _ in spans(text)] == ["", "maths", "", "stress", "", "code"]
    assert terminal.prose(text, 80) == "so W1 < 2 and not a & b"
    assert page.inline(text) == (
        'so <span class="maths"><i>W</i><sub>1</sub> &lt; 2</span> and <em>not</em> '
        "<code>a &amp; b</code>"
    )


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("σ′ ≤ 1/4", "<i>σ</i>′ ≤ 1/4"),
        ("3x² + x⁻¹²", "3<i>x</i><sup>2</sup> + <i>x</i><sup>−12</sup>"),
        ("Xᵀ δ2 W2ᵀ", "<i>X</i><sup>⊤</sup> <i>δ</i><sub>2</sub> "
         "<i>W</i><sub>2</sub><sup>⊤</sup>"),
        ("Out ⊙ (1 − Out)", "Out ⊙ (1 − Out)"),
        ("e^−x/x", "<i>e</i><sup>−<i>x</i></sup>/<i>x</i>"),
        ("h = 10⁻⁵ < x", "<i>h</i> = 10<sup>−5</sup> &lt; <i>x</i>"),
    ],
)  # fmt: skip
def test_formulas_in_sentences(formula, shown):
    assert page.maths(formula) == f'<span class="maths">{shown}</span>'


def test_a_formula_is_not_broken_over_two_lines():
    paragraph = "words " * 11 + "$x ← x − α ∂f/∂x$ and L = 0.25"
    assert "x ← x − α ∂f/∂x" in terminal.prose(paragraph, 80)
    assert "L = 0.25" in terminal.prose("words " * 12 + "L = 0.25", 76)


def test_columns_of_words_stand_left_and_numbers_right():
    lines = terminal.text(EXAMPLES[blocks.Table], 80).splitlines()
    assert lines == ["  W1         b", "  x < y   −1.5", "  z         20"]
    assert '<td class="number">−1.5</td>' in page.html(EXAMPLES[blocks.Table])


def test_values_go_below_their_formula_where_both_do_not_fit():
    wide, narrow = (terminal.text(EXAMPLES[blocks.Equations], width) for width in (80, 40))
    assert len(narrow.splitlines()) == len(wide.splitlines()) + len(
        EXAMPLES[blocks.Equations].lines
    )


def test_an_aside_is_folded_on_the_page_and_short_in_a_terminal():
    aside = EXAMPLES[blocks.Aside]
    assert page.html(aside).startswith("<details><summary>Why &lt; how?</summary>")
    lines = terminal.text(aside, 80).splitlines()
    assert lines[0] == "Why < how?:"
    assert lines[1] == f"  a < {'b' * 73}…"
    assert lines[-1] == "  … 13 more lines are on the page that --out writes."
    assert len(lines) + 13 == 41 + 2


def test_ink_becomes_shades():
    lines = terminal.text(EXAMPLES[blocks.Images], 80).splitlines()
    assert lines[0].strip() == ""
    assert lines[7] == "█" * 16
    assert lines[8:] == ["a 3, read 5", "p = 0.99"]


def test_a_map_is_shaded_with_up_above():
    lines = terminal.text(blocks.Picture((MAP,), "a map"), 60).splitlines()
    assert lines[0] == "A < B"
    top, bottom = lines[2], lines[2 + 13]
    assert (top[0], top[-1]) == ("▓", "█")
    assert bottom[-1] == "░"
    assert "0 … █ 3" in lines[-3]


def test_a_picture_of_a_page_keeps_its_caption_and_its_numbers():
    shown = page.html(EXAMPLES[blocks.Picture])
    assert shown.count("<svg") == 2
    assert "<i>f</i></span> falls</figcaption>" in shown


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (plain(0.0), "0"),
        (plain(-0.0), "0"),
        (plain(1e-5), "10⁻⁵"),
        (plain(-1e-5), "−1·10⁻⁵"),
        (plain(2.5e-13, 1), "2·10⁻¹³"),
        (plain(3e20), "3·10²⁰"),
        (fixed(-0.00001, 3), "0.000"),
        (signed(-4.0), "−4"),
    ],
)
def test_numbers(written, expected):
    assert written == expected
