"""A file as a table: CSV, every row as wide as the header; or Parquet, see `parquet.py`."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError
from .gather import Gathering
from .parquet import ParquetTable
from .plain import plain_blocks
from .table import Table, check_names
from .values import counted

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
_SAMPLE = 50  # records by which the delimiter is found …
_HEAD = 2**22  # … in so many bytes
_BLOCK = 2**19  # values that are held as texts at a time
_LARGEST = 2**34  # bytes: as numbers in memory they are about half as many
_LONGEST = 2**26  # characters of a line
_OTHER_FILES = {  # how files begin that are taken for tables by mistake
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive or a spreadsheet (.xlsx, .ods): export it as CSV",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"<": "a web page or XML: export the table in it as CSV",
    b"{": "JSON: export it as CSV",
    b"[{": "JSON: export it as CSV",
    b"\xff\xfe": "text in UTF-16: save it as UTF-8",
    b"\xfe\xff": "text in UTF-16: save it as UTF-8",
}


def read_table(path: Path | str, delimiter: str | None = None) -> Table:
    """Read a CSV file in UTF-8, whose first line names the columns, or a Parquet file.

    The delimiter (one of `DELIMITERS`, by name) is found by trying, unless it is given. Blanks
    around names and values are taken off. A column without a name is called "column 3" by its
    place. Raises InputError for a file that is no such table, with the line where that shows.
    Columns of Parquet files are read when they are asked for.
    """
    path = Path(path)
    if delimiter is not None and delimiter not in DELIMITERS:
        raise InputError(f"delimiter={delimiter!r}; known: {', '.join(DELIMITERS)}")
    with _opened(path) as file:
        file.seek(0)
        start = file.read(_HEAD)
        if start.startswith(b"PAR1"):
            return ParquetTable(path)
        if file.seek(0, io.SEEK_END) > _LARGEST:
            raise InputError(
                f"{path} is too large: of CSV at most {_LARGEST:,} bytes are read. Take fewer "
                "rows, or write it as Parquet, which may be larger than memory."
            )
        return _table(file, path, delimiter or _delimiter(_text(start, path)))


def _table(file: BinaryIO, path: Path, delimiter: str) -> Table:
    """All rows, a block at a time: plain lines after a plain header by polars, others by `csv`."""
    file.seek(0)
    first = file.readline(_LONGEST)
    file.seek(0)
    with closing(_records(file, path, DELIMITERS[delimiter], 1)) as records:
        line, header = next(records, (0, []))
    if not header:
        raise InputError(f"{path} is empty: expected a line of column names, then the rows.")
    names = check_names(header, str(path))
    columns = [Gathering("," if delimiter == "semicolon" else ".") for _ in names]
    plain = line == 1 and not set(b'"\r') & set(first.rstrip(b"\r\n"))
    file.seek(len(first) if plain else 0)
    line = 2 if plain else 1
    if plain:
        for block in plain_blocks(file, len(names), DELIMITERS[delimiter]):
            line += len(block[0])
            _add(columns, block)
    with closing(_records(file, path, DELIMITERS[delimiter], line)) as records:
        others = islice(records, 0 if plain else 1, None)  # without the header
        while rows := list(islice(others, max(1, _BLOCK // len(names)))):
            _add(columns, _by_column(rows, len(names), delimiter, path))
    return Table(str(path), names, tuple(column.cells() for column in columns))


def _add(columns: Sequence[Gathering], block: Iterable[Sequence[str]]) -> None:
    for column, texts in zip(columns, block, strict=True):
        column.add(texts)


def _by_column(
    rows: Sequence[tuple[int, list[str]]], width: int, delimiter: str, path: Path
) -> Iterator[list[str]]:
    """The texts of each column, if every row has so many."""
    for line, record in rows:
        if len(record) != width:
            raise InputError(
                f"{path}, line {line}: {counted(len(record), 'value')}, but the header names "
                f"{counted(width, 'column')}, split at each {delimiter}."
            )
    for values in zip(*(record for _, record in rows), strict=True):
        yield [value.strip() for value in values]


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file; what comes through a pipe is kept on disk meanwhile, to be read twice."""
    if path.is_dir():
        raise InputError(f"{path} is a folder; expected a CSV or Parquet file.")
    try:
        with path.open("rb") as file:
            if file.seekable():
                yield file
                return
            with tempfile.TemporaryFile() as kept:
                while file.peek() and kept.tell() <= _LARGEST:
                    kept.write(file.read(_HEAD))
                yield kept
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _text(start: bytes, path: Path) -> str:
    """How the file begins, if it may be CSV."""
    for mark, what in _OTHER_FILES.items():
        if start.startswith(mark):
            raise InputError(f"{path} is no CSV file; it looks like {what}.")
    return start.decode("utf-8-sig", errors="replace")


def _no_utf8(file: BinaryIO, path: Path) -> InputError:
    """The place of the first byte that is no text."""
    file.seek(0)
    number, byte = 1, 0
    for line in file:
        try:
            line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start]
            break
        number += 1
    return InputError(
        f"{path}, line {number}: byte {byte:#x} is not UTF-8. Save the file as UTF-8; from a "
        "spreadsheet, export as 'CSV UTF-8'."
    )


def _records(
    file: BinaryIO, path: Path, delimiter: str, line: int
) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line on which it begins; the file is at `line`."""
    before = line - 1
    text = io.TextIOWrapper(file, encoding="utf-8" if before else "utf-8-sig", newline="")
    reader = csv.reader(_lines(text, path, line), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            if any(value.strip() for value in record) or len(record) > 1:
                yield line, record
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{path}, line {line}: {error}. Is a quote left open there? A value that holds quotes "
            'is written in quotes, each of its own doubled: "5"" screen".'
        ) from None
    except UnicodeDecodeError:
        raise _no_utf8(file, path) from None
    finally:
        text.detach()


def _lines(text: io.TextIOBase, path: Path, line: int) -> Iterator[str]:
    """The lines of a file, if they are text and have an end."""
    for number, content in enumerate(iter(lambda: text.readline(_LONGEST), ""), line):
        if "\0" in content:
            raise InputError(f"{path} is no CSV file: it holds bytes that are no text.")
        if len(content) == _LONGEST:
            raise InputError(f"{path}, line {number}: it has {_LONGEST:,} characters or more.")
        yield content


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
