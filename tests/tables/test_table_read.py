"""CSV files of all manners become the same table; others are refused with the line."""

import math
from pathlib import Path

import pytest

import backlit.tables.read as read_module
from backlit.errors import InputError
from backlit.tables import read_table


def read(tmp_path, content, **settings):
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, **settings)


def texts(table):
    """What stands in the columns."""
    return tuple(tuple(map(cells.text, range(len(cells)))) for cells in table.columns)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,y\n",
        "a,b\r\n1,x\r\n2,y",
        "a,b\r1,x\r2,y\r",
        "\ufeffa,b\n1,x\n2,y\n",
        "a;b\n1;x\n2;y\n",
        "a\tb\n1\tx\n2\ty\n",
        "a|b\n1|x\n2|y\n",
        '"a","b"\n"1","x"\n"2","y"\n',
        " a , b \n\n 1 , x \n 2 , y \n\n",
    ],
)
def test_the_same_table(tmp_path, content):
    table = read(tmp_path, content)
    assert (table.names, texts(table)) == (("a", "b"), (("1", "2"), ("x", "y")))


def test_quotes_hold_delimiters_lines_and_quotes(tmp_path):
    table = read(tmp_path, 'a,b\n"1,5","two\nlines"\n"say ""hi""",;\n')
    assert texts(table) == (("1,5", 'say "hi"'), ("two\nlines", ";"))


def test_a_semicolon_in_a_text_is_no_delimiter(tmp_path):
    assert read(tmp_path, "a,b,c\n1,x;y;z;w,2\n").names == ("a", "b", "c")


def test_a_table_of_one_column_and_one_of_no_rows(tmp_path):
    assert texts(read(tmp_path, "a\n1\n2\n")) == (("1", "2"),)
    empty = read(tmp_path, "a,b\n")
    assert (len(empty), texts(empty)) == (0, ((), ()))


def test_the_decimal_comma_belongs_to_semicolons(tmp_path):
    assert read(tmp_path, "a;b\n1,5;2\n")["a"].numbers().tolist() == [1.5]
    assert read(tmp_path, 'a,b\n"1,5",2\n')["a"].numbers().tolist() == [
        pytest.approx(math.nan, nan_ok=True)
    ]


def test_a_column_without_a_name_is_called_by_its_place(tmp_path):
    assert read(tmp_path, ",b,\n0,1,\n").names == ("column 1", "b", "column 3")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 values, but the header names 2 columns"),
        ('a,b\n"x\ny",2\n1\n', "line 4: 1 value, but"),
        ("a,b,a\n1,2,3\n", "columns 1 and 3 are both called 'a'"),
        ('a,b\n1,"open\n', "line 2: unexpected end of data"),
        ('a,b\n1,"5" screen"\n', "doubled"),
        ("a,b\n1," + "x" * 200_000, "line 2: field larger than field limit"),
        ("a,é\n1,2\n".encode("latin-1"), "line 1: byte 0xe9 is not UTF-8"),
        (("a,b\n" + "1,2\n" * 9999 + "1,é\n").encode("latin-1"), "line 10001: byte 0xe9 is not"),
        ('a,b\n"1",2\n1,é\n'.encode("latin-1"), "line 3: byte 0xe9 is not UTF-8"),
        ("a,b\n1,2\n" + "x" * 200_000 + ",2\n", "line 3: field larger than field limit"),
        (b"a,b\n1,2\n1,\0\n", "bytes that are no text"),
        ("\n\na,b\n1,2\n1\n", "line 5: 1 value, but"),
        ('a,"b"\n1,2\n1\n', "line 3: 1 value, but"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\0", "a PNG image"),
        (b"PK\x03\x04rest", "spreadsheet"),
        ('{"a": 1, "b": 2}\n', "looks like JSON"),
        ('[{"a": 1, "b": 2}]\n', "looks like JSON"),
        ("<!DOCTYPE html><p>1,2</p>\n", "looks like a web page"),
        ("x," + ",".join("a" * 999) + "\n", "columns 2 and 3 are both called 'a'. The"),
        ("a" * 99 + "," + "a" * 99, "both called '" + "a" * 29 + "…'"),
        (b"a,b\n1,\0\n", "bytes that are no text"),
        ("," * 100_001, "at most 100,000"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, sentence):
    with pytest.raises(InputError, match=r"t\.csv") as caught:
        read(tmp_path, content)
    assert sentence in str(caught.value)


def test_a_file_without_an_end_is_not_read_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(read_module, "_LARGEST", 8)
    assert len(read(tmp_path, "a,b\n1,2\n")) == 1
    with pytest.raises(InputError, match=r"t\.csv is too large: of CSV at most 8 bytes"):
        read(tmp_path, "a,b\n1,23\n")
    with pytest.raises(InputError, match="bytes that are no text"):
        read_table(Path("/dev/zero"))


def test_a_folder_and_no_file(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        read_table(tmp_path / "none.csv")


def test_a_delimiter_is_known_by_name(tmp_path):
    assert read(tmp_path, "a b;c\n1;2\n", delimiter="semicolon").names == ("a b", "c")
    with pytest.raises(InputError, match="delimiter='x'; known: comma"):
        read(tmp_path, "a\n", delimiter="x")
