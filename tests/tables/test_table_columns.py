"""Columns are told apart as a careful reader would, and become the numbers that are promised."""

import math

import numpy as np
import pytest

from backlit.tables.columns import FURTHEST, Category, Flag, Number, Omitted
from backlit.tables.gather import cells_of
from backlit.tables.kinds import kind_of
from backlit.tables.values import label, number, shown


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("-1.5e3", -1500), ("+.5", 0.5), ("2.", 2), ("007", 7), ("1e-400", 0)],
)
def test_numbers(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "x", "inf", "-Infinity", "nan", "1_000", "1,000", "5%", "2020-01-01", "0x10", "１",
     "1e400", "1e200", "9" * 5000, "1 000", "--1", "."],
)  # fmt: skip
def test_what_is_no_number(text):
    assert math.isnan(number(text))


def test_a_decimal_comma():
    assert number("3,14", ",") == 3.14
    assert math.isnan(number("1,234,567", ","))


def test_labels_and_what_is_shown():
    assert [label(t) for t in ("1.0", "-2.00", "1.5", "v1.0", "02139")] == [
        "1", "-2", "1.5", "v1.0", "02139",
    ]  # fmt: skip
    assert shown("a\x1b[31m") == "a\\x1b[31m"
    assert shown("x" * 99) == "x" * 29 + "…"


def kind(values, name="c"):
    return kind_of(name, cells_of(values))


def encode(column, values):
    """The numbers, and a sentence for each note that counts any rows."""
    coded, notes = column.encode(cells_of(values))
    return coded, [str(note) for note in notes if note.count]


def test_numbers_are_standardised_by_what_is_known():
    found = kind(["1", "2", "6"])
    assert found == Number("c", 2.0, 3.0, found.scale, False)
    assert found.scale == pytest.approx(math.sqrt(14 / 3))
    coded, notes = encode(found, ["3", "1"])
    np.testing.assert_allclose(coded, [[0], [-2 / math.sqrt(14 / 3)]])
    assert notes == []


def test_gaps_are_the_median_and_marked():
    found = kind(["1", "2", "NA", "6", "?", "null", "None", "N/A", "#N/A", "<NA>", "NaN", ""])
    assert (found.median, found.mean, found.indicator) == (2.0, 3.0, True)
    coded, notes = encode(found, ["", "3"])
    np.testing.assert_allclose(coded, [[(2 - 3) / found.scale, 1], [0, 0]])
    assert notes == []


def test_a_gap_that_training_never_had_is_said():
    coded, notes = encode(kind(["1", "2", "6"]), ["", "x", "3"])
    assert coded.shape == (3, 1)
    assert coded[0] == coded[1] == pytest.approx((2 - 3) / math.sqrt(14 / 3))
    assert notes == [
        "'x': no number; taken as missing",
        "2 missing, though none was in training; taken as the median",
    ]


def test_some_words_among_numbers_are_gaps_and_many_make_a_text():
    mostly = kind([*map(str, range(9)), "unknown"])
    assert isinstance(mostly, Number)
    assert mostly.indicator
    assert isinstance(kind([*map(str, [1, 1, 2, 2, 3, 3]), "a", "a"]), Category)


def test_no_number_is_too_large_or_too_small_for_the_sums():
    for size in (1e149, 1e-300):
        found = kind([repr(size), repr(3 * size), repr(2 * size)])
        assert found.scale == pytest.approx(size * math.sqrt(2 / 3))
    with np.errstate(all="raise", under="ignore"):
        coded, _ = encode(found, ["1e149", "-1e149"])
    assert coded.tolist() == [[FURTHEST], [-FURTHEST]]


@pytest.mark.parametrize("words", [("True", "False"), ("YES", "no"), ("t", "f"), ("n", "Y")])
def test_flags(words):
    found = kind([*words, words[0], ""])
    assert isinstance(found, Flag)
    coded, notes = encode(found, [words[0].upper(), words[1], "NA", "perhaps"])
    sign = 1 if words[0].lower()[0] in "ty" else -1
    assert coded.tolist() == [[sign], [-sign], [0], [0]]
    assert notes == ["'perhaps': neither yes nor no; taken as missing"]


def test_categories_have_an_input_each():
    found = kind(["b", "a", "b", "a", "NA", "c", "b"])
    assert found == Category("c", ("a", "b"), other=True, missing=True)
    coded, notes = encode(found, ["a", "b", "new", "new2", "?"])
    assert coded.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert notes == [
        "2 values, such as 'new', 'new2': not among the categories learnt; taken as other"
    ]


def test_categories_without_a_place_for_others_or_gaps_take_none():
    found = kind(["a", "b", "a", "b"])
    coded, notes = encode(found, ["a", "new", ""])
    assert coded.tolist() == [[1, 0], [0, 0], [0, 0]]
    assert len(notes) == 2
    assert "taken as none of them" in notes[0]
    assert "1 missing, though none was in training" in notes[1]


def test_the_most_frequent_categories_are_kept():
    values = [f"v{i}" for i in range(100) for _ in range(200 - i)]
    found = kind(values)
    assert set(found.categories) == {f"v{i}" for i in range(50)}
    assert found.other


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("c", ["", "NA", "?"], "no value in the training rows"),
        ("c", ["7", "7.0", "7"], "always '7'"),
        ("c", ["x", "x"], "always 'x'"),
        ("c", ["Ann", "Bob", "Cy", "Cy"], "nearly all values different, such as 'Ann'"),
        ("c", [f"1.{i}.2020" for i in range(1, 20)], "such as '1.1.2020'"),
        ("c", ["2020-01-01"] * 3, "always '2020-01-01'"),
        ("c", ["1", "2", "-", "-"], "such as '-'; 2 of 4 are numbers"),
        ("c", ["500", "1,000", "NA", "2,000"], "such as '1,000'; 1 of 3 are numbers"),
        ("column 1", ["0", "1", "2"], "labels the rows"),
        ("ID", ["10", "7", "8"], "labels the rows"),
    ],
)
def test_what_is_left_out_and_why(name, values, why):
    found = kind(values, name)
    assert isinstance(found, Omitted)
    assert why in found.why


def test_a_name_alone_does_not_leave_a_column_out():
    assert isinstance(kind(["1", "1", "2"], "id"), Number)
    assert isinstance(kind(["0", "1", "2"], "hour"), Number)


def test_one_value_or_none_is_information():
    assert kind(["x", "", "x"]) == Category("c", ("x",), other=False, missing=True)
    assert kind(["1", "", "1"]) == Number("c", 1.0, 1.0, 1.0, True)
