"""A CSV file as a table of texts: every row as wide as the header, every column with its name."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..errors import InputError
from ..files import read_bytes
from .values import counted, shown

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_SAMPLE = 50  # records by which the delimiter is found
_LARGEST = 2**30  # bytes: as texts in memory they are some twenty times as many
_MOST_COLUMNS = 100_000  # the first layer of a network grows with them
_OTHER_FILES = {  # how files begin that are taken for tables by mistake
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or a spreadsheet (.xlsx, .ods): export it as CSV",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"PAR1": "a Parquet file: export it as CSV",
    b"<": "a web page or XML: export the table in it as CSV",
    b"{": "JSON: export it as CSV",
    b"[{": "JSON: export it as CSV",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length, as the texts that stand in the file."""

    source: str  # where it comes from, for messages
    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    decimal: str  # "." or, in files with semicolons, "," is understood as well

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.columns[self.names.index(name)]


def read_table(path: Path, delimiter: str | None = None) -> Table:
    """Read a CSV file in UTF-8; its first line names the columns.

    The delimiter (one of `DELIMITERS`, by name) is found by trying, unless it is given. Blanks
    around names and values are taken off. A column without a name is called "column 3" by its
    place. Raises InputError for a file that is no such table, with the line where that shows.
    """
    text = _text(path)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise InputError(f"delimiter={delimiter!r}; known: {', '.join(DELIMITERS)}")
    found = delimiter or _delimiter(text)
    names: tuple[str, ...] = ()
    rows: list[list[str]] = []
    for line, record in _records(text, DELIMITERS[found], path):
        if not names:
            names = _names(record, path)
        elif len(record) == len(names):
            rows.append([value.strip() for value in record])
        else:
            raise InputError(
                f"{path}, line {line}: {counted(len(record), 'value')}, but the header names "
                f"{counted(len(names), 'column')}, split at each {found}."
            )
    if not names:
        raise InputError(f"{path} is empty: expected a line of column names, then the rows.")
    columns = tuple(zip(*rows, strict=True)) if rows else ((),) * len(names)
    return Table(str(path), names, columns, "," if found == "semicolon" else ".")


def _text(path: Path) -> str:
    if path.is_dir():
        raise InputError(f"{path} is a folder; expected a CSV file.")
    content = read_bytes(path, _LARGEST, InputError)
    if len(content) > _LARGEST:
        raise InputError(
            f"{path} is too large: at most {_LARGEST:,} bytes are read. Take fewer rows."
        )
    for start, what in _OTHER_FILES.items():
        if content.startswith(start):
            raise InputError(f"{path} is no CSV file; it looks like {what}.")
    if b"\0" in content:
        raise InputError(f"{path} is no CSV file: it holds bytes that are no text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}, line {line}: byte {content[error.start]:#x} is not UTF-8. Save the file as "
            "UTF-8; from a spreadsheet, export as 'CSV UTF-8'."
        ) from None


def _records(text: str, delimiter: str, path: Path):
    """Each record that is not blank, with the line of the file on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            if any(value.strip() for value in record) or len(record) > 1:
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}, line {line}: {error}. Is a quote left open there? A value that holds quotes "
            'is written in quotes, each of its own doubled: "5"" screen".'
        ) from None


def _delimiter(text: str) -> str:
    """The one that cuts most lines of the sample as its first line, into the most columns."""

    def quality(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter])
        try:
            widths = [len(record) for record in islice(reader, _SAMPLE) if record]
        except csv.Error:
            return 0, 0
        first = widths[0] if widths else 1
        return (widths.count(first), first) if first > 1 else (0, 0)

    return max(DELIMITERS, key=quality)


def _names(record: list[str], path: Path) -> tuple[str, ...]:
    if len(record) > _MOST_COLUMNS:
        raise InputError(
            f"{path} has {len(record):,} columns; at most {_MOST_COLUMNS:,} can be learnt from. "
            "Are rows and columns exchanged?"
        )
    names = tuple(name.strip() or f"column {i}" for i, name in enumerate(record, 1))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        first, second = [i for i, name in enumerate(names, 1) if name == twice[0]][:2]
        raise InputError(
            f"{path}: columns {first} and {second} are both called {shown(twice[0])!r}. The first "
            "line must name the columns, each by a name of its own."
        )
    return names
