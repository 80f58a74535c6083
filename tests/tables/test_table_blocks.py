"""Files are read in blocks, by polars and by `csv`, into cells that take little memory."""

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlit.errors import InputError
from backlit.tables import gather, plain, read, read_table
from backlit.tables.cells import Reals, Texts
from backlit.tables.gather import Gathering, cells_of
from backlit.tables.values import days, number

ODD = [
    "", " ", "1", "01", "-1.5e3", "+.5", "2.", "NA", "x y", "é", "inf", "nan", "1e400", "1_0", "１",
    "3,14", "0" * 501, "1e-400", "2024-03-01", '"q"', '"a\nb"', '"a""b"', 'a"b', "\x1c5", "\u30001",
    " 7 ", "0x1", "1e", "-", ".", "1e150", "9.99e149", "1d5", "True", "#", "\u00a08", "5\x85", "\0",
    "2024-02-30", "2024-03-01T12:30Z", "0.1234567890123456789",
]  # fmt: skip


def outcome(path, spelling):
    """All that can be asked of a table, or the sentence with which it is refused.

    How a number was spelt is kept or not as the blocks fall, once they are many.
    """
    try:
        table = read_table(path)
    except InputError as error:
        return str(error)
    asked = [
        [[*map(repr, found)] for found in (c.numbers(), c.days(), c.missing())]
        for c in table.columns
    ]
    texts = [[*map(c.text, range(len(c)))] for c in table.columns]
    return table.names, asked, texts if spelling else None


@given(st.data())
def test_polars_and_csv_read_the_same_tables(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("odd") / "t.csv"
    draw = data.draw
    width, delimiter = draw(st.integers(1, 3)), draw(st.sampled_from(",;\t|"))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    some = draw(st.lists(st.sampled_from(ODD), min_size=1, max_size=8))
    cells = st.sampled_from(some).map(lambda text: text.replace(delimiter, ""))
    row = st.lists(cells, min_size=width, max_size=width)
    rows = draw(st.lists(row | row | row | st.lists(cells, max_size=4), max_size=9))
    lines = [delimiter.join(cells) for cells in [["a", "b", "c"][:width], *rows]]
    text = (
        draw(st.sampled_from(["", "\ufeff"])) + end.join(lines) + draw(st.sampled_from(["", end]))
    )
    content = text.encode()
    path.write_bytes(content.replace(b"x", b"\xff") if draw(st.integers(0, 9)) == 0 else content)
    few = draw(st.sampled_from([2, 4096]))  # after two texts numbers are read by polars, too
    with patch.object(gather, "_FEW", few):
        with patch.object(plain, "_BYTES", draw(st.sampled_from([1, 30, 1000]))):
            by_polars = outcome(path, spelling=few > 2)
        with patch.object(read, "plain_blocks", lambda *_: ()):
            assert outcome(path, spelling=few > 2) == by_polars


@pytest.mark.parametrize("few", [2, 4096])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_polars_reads_every_odd_text_as_csv_does(tmp_path, monkeypatch, few, delimiter):
    path = tmp_path / "t.csv"
    odd = [text for text in ODD if not set(text) & {'"', "\0", delimiter}]
    numbers = [str(i) for i in range(500)]  # most values are: they are kept as numbers
    rows = [f"{text}{delimiter}{i}" for i, text in enumerate([*numbers, *odd])]
    path.write_text("\n".join([f"a{delimiter}b", *rows, ""]), encoding="utf-8", newline="")
    monkeypatch.setattr(gather, "_FEW", few)
    monkeypatch.setattr(plain, "_BYTES", 1000)
    by_polars = outcome(path, spelling=True)
    monkeypatch.setattr(read, "plain_blocks", lambda *_: ())
    monkeypatch.setattr(read, "_BLOCK", 400)
    assert outcome(path, spelling=few > 2)[:2] == by_polars[:2]
    assert isinstance(read_table(path)["a"], Reals if few == 2 else Texts)


def test_plain_lines_are_cut_by_polars_and_odd_ones_after_them_by_csv(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 50 + '3,"4"\n' + "5,6\n" * 10 + "7\n")
    monkeypatch.setattr(plain, "_BYTES", 20)
    blocks = []
    cut = plain.plain_blocks
    monkeypatch.setattr(
        read, "plain_blocks", lambda *a: (blocks.append(len(b[0])) or b for b in cut(*a))
    )
    with pytest.raises(InputError, match="line 63: 1 value, but the header names 2"):
        read_table(path)
    assert 40 < sum(blocks) <= 50
    path.write_text(path.read_text().removesuffix("7\n"))
    assert len(read_table(path)) == 61


def test_without_polars_csv_reads_all(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,x\n" * 50)
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    table = read_table(path)
    assert (table["a"].numbers().sum(), table["b"].text(49)) == (50, "x")


def test_many_different_numbers_are_kept_as_numbers(monkeypatch):
    monkeypatch.setattr(gather, "_FEW", 100)
    values = np.random.default_rng(0).normal(size=1000)
    texts = [repr(float(v)) for v in values]
    texts[::50], texts[1::50] = ["NA"] * 20, ["lost"] * 20
    gathering = Gathering()
    for start in range(0, 1000, 60):
        gathering.add(texts[start : start + 60])
    cells = gathering.cells()
    assert isinstance(cells, Reals)
    assert len(cells.others.words) == 3  # "", NA, lost
    for i, text in enumerate(texts):
        assert cells.text(i) == text
        assert cells.numbers()[i] == number(text) or math.isnan(number(text))
    assert np.flatnonzero(np.isnan(cells.numbers())).tolist() == [
        i for i in range(1000) if i % 50 < 2
    ]
    assert np.flatnonzero(cells.missing()).tolist() == [*range(0, 1000, 50)]
    part = cells.take(slice(1, 4)).texts()
    assert [part.text(i) for i in range(3)] == texts[1:4]
    assert part.counts() == {"lost": 1, texts[2]: 1, texts[3]: 1}
    assert cells.different() == 961


def test_many_different_dates_are_kept_as_days(monkeypatch):
    monkeypatch.setattr(gather, "_FEW", 100)
    texts = [str(np.datetime64("2024-01-01T00:30", "s") + 3600 * i) for i in range(500)]
    cells = cells_of([*texts[:250], "", "7", *texts[250:]])
    assert isinstance(cells, Reals)
    assert cells.dates
    np.testing.assert_array_equal(cells.days()[:250], [*map(days, texts[:250])])
    assert (cells.text(0), cells.text(250), cells.text(251)) == ("2024-01-01 00:30:00", "", "7")
    assert cells.numbers()[251] == 7
    assert np.isnan(cells.numbers()).sum() == 501


def test_few_different_texts_keep_their_spelling_and_many_words_are_texts(monkeypatch):
    cells = cells_of(["01", "1", "1.0", "01"])
    assert isinstance(cells, Texts)
    assert cells.counts() == {"01": 2, "1": 1, "1.0": 1}
    assert cells.different() == 2  # 1.0 is 1
    monkeypatch.setattr(gather, "_FEW", 10)
    words = cells_of([f"w{i}" for i in range(100)])
    assert isinstance(words, Texts)
    assert words.text(99) == "w99"


def test_numbers_take_eight_bytes_a_row(monkeypatch):
    gathering = Gathering()
    for start in range(0, 50_000, 5000):
        gathering.add([f"{i / 7:.17g}" for i in range(start, start + 5000)])
    cells = gathering.cells()
    assert cells.values.nbytes == 8 * len(cells)
    assert cells.others.codes.strides == (0,)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1970-01-02", 1), ("1969-12-31", -1), ("1970-01-01T06:00", 0.25),
        ("1970-01-01 00:00:43.2", 0.0005), ("1970-01-01T12:00:00Z", 0.5), ("2000-02-29", 11016),
    ],
)  # fmt: skip
def test_dates(text, value):
    assert days(text) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-3-1", "2023-02-29", "01.03.2024", "2024-03-01T25:00", "20240301",
             "2024-03-01 12", "2024-03-01T12:00+01:00", "2024-W10-5", "٢٠٢٤-03-01"],
)  # fmt: skip
def test_what_is_no_date(text):
    assert math.isnan(days(text))
