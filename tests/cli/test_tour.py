"""``backlit tour``: the whole article once, in both readers, and mistakes refused at once."""

import re
from html import unescape

import pytest
from click.testing import CliRunner

from backlit.cli import program
from backlit.tour.chapters import CHAPTERS, LEAD
from backlit.train.player_engine import native

# quotes of each chapter whose figures are computed: (chapter, pattern, lower and upper bound)
FIGURES = [
    ("proof", r"Shown: (\d+) of 10 students", 9, 10),
    ("claim", r"mean angle is ([\d.]+) \[", 5, 60),
    ("claim", r"updates it is ([\d.]+) \[", 91, 150),
    ("claim", r"least squares reads ([\d.]+) right", 0.85, 0.96),
    ("digits", r"Read right: (\d+) of 450", 0.96 * 450, 450),
]


def run(*words, columns="80"):
    return CliRunner().invoke(program, ["tour", *words], env={"COLUMNS": columns})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Output and page of one tour."""
    out = tmp_path_factory.mktemp("tour") / "tour.html"
    result = run("--out", str(out))
    assert result.exit_code == 0, result.output
    assert [path.name for path in out.parent.iterdir()] == ["tour.html"]
    return result.output, out.read_text(encoding="utf-8")


def part(page, name):
    """A chapter's words on the page."""
    inner = re.search(rf'<section id="{name}">(.*?)(?=<section id="|</article>)', page, re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", inner[1])))


def part_as_it_stands(page, name):
    """A chapter's code, its lines kept."""
    inner = re.search(rf'<section id="{name}">(.*?)</section>', page, re.DOTALL)[1]
    return unescape("\n".join(re.findall(r"<pre[^>]*>(.*?)</pre>", inner, re.DOTALL)))


def test_the_tour_has_the_articles_sections():
    """DESIGN 1.1 to 1.8, real digits, and what next."""
    assert " ".join(chapter.name for chapter in CHAPTERS) == (
        "descent forward loss backward slope check update proof claim digits end"
    )


@pytest.mark.slow
def test_every_chapter_is_in_both_readers(whole):
    output, page = whole
    for number, chapter in enumerate(CHAPTERS, 1):
        assert f"━━ {number}  {chapter.title} ━" in output
        assert f'<a href="#{chapter.name}">' in page
        assert f'<section id="{chapter.name}">' in page
    assert max(map(len, output.splitlines()[:-1])) <= 80  # the last is the file's name
    assert re.search(r"Computed in \d+ seconds by backlit .* with seed 0\.", output)
    for text in (re.sub(r"\s+", " ", output), page):
        assert LEAD in text


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pattern", "low", "high"), FIGURES)
def test_figures_are_true_and_the_same_in_both_readers(whole, name, pattern, low, high):
    output, page = whole
    found = re.search(pattern, part(page, name))
    assert found
    assert low <= float(found[1]) <= high
    assert found[0] in re.sub(r"\s+", " ", output)


@pytest.mark.slow
@pytest.mark.skipif(native() is None, reason="the player was not built")
def test_the_digits_are_trained_by_the_player_and_its_program_is_shown(whole):
    output, page = whole
    told = re.sub(r"\s+", " ", output)
    assert re.search(r"took \d+ µs, played by backlit's native player \(\w+, \d+ threads?\)", told)
    assert "      H = sigmoid(%11)\n" in output  # in the terminal without equations
    assert "  (2)  H = σ(Z1)\n" in part_as_it_stands(page, "digits")


@pytest.mark.slow
def test_xor_is_learnt_exactly_and_often_not_without_slopes(whole):
    def solved(rule):
        counts = re.search(rf"^  {rule} +((?:\d+ +)+)[01]\.", whole[0], re.MULTILINE)[1]
        return [int(word) for word in counts.split()]

    assert max(solved("exact, squared error")) >= 57
    assert max(solved("exact, cross-entropy")) >= 57
    assert max(solved("slopes dropped")) <= 45
    assert solved("slopes dropped")[-1] <= 6
    assert max(solved("slopes dropped, 16 units")) <= max(solved("last layer only, 16 units"))


@pytest.mark.slow
def test_the_page_is_whole_and_asks_for_nothing(whole):
    _, page = whole
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    targets = re.findall(r'\b(?:href|src)="([^"]*)"', page)
    assert targets
    assert all(target.startswith(("#", "data:")) for target in targets)
    assert not re.search(r"<script|@import|url\(|<iframe|<object|\ssrcset=", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    assert {t[1:] for t in targets if t.startswith("#")} <= set(ids)
    assert page.count('<img alt="a ') >= 10
    opened, closed = (
        sorted(re.findall(rf"<{slash}(section|article|div|figure|table|svg|math|p|pre)\b", page))
        for slash in ("", "/")
    )
    assert opened == closed


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("no/such/folder/tour.html", "the folder no/such/folder does not exist"),
        ("tour.pdf", "expected a name that ends in .html"),
        (".", "expected a name that ends in .html"),
    ],
)
def test_an_unwritable_place_is_refused_before_the_work(out, sentence):
    result = run("--out", out)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("words", [["--seed", "-1"], ["--seed", "x"], ["extra"]])
def test_mistakes_in_options(words):
    result = run(*words)
    assert result.exit_code == 2
    assert not result.stdout
