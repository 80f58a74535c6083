"""Lines of CSV without quotes, cut by polars where it is installed: much faster than by `csv`."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from .values import LARGEST, LONGEST, number

_BYTES = 2**22  # of a block
_WIDEST = 1000  # columns; of more, a call for each costs more than it saves
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"  # as values.number has it
_BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace())  # what str.strip takes off
_LINE_END = ord("\n")


def plain_blocks(file: BinaryIO, width: int, delimiter: str) -> Iterator[list[Any]]:
    """The columns of many lines at a time, from where the file stands: polars' series of texts.

    Ends before the first lines that are not plain: cut at each delimiter into so many values.
    The file stands there, then.
    """
    with suppress(ImportError):
        import polars

        while 1 < width <= _WIDEST:
            start = file.tell()
            block = (file.read(_BYTES) + file.readline()).replace(b"\r\n", b"\n")
            lines = _plain_lines(block, width, ord(delimiter))
            frame = lines and polars.read_csv(
                block, separator=delimiter, has_header=False, quote_char=None, infer_schema=False
            )
            if frame is None or frame.shape != (lines, width):
                file.seek(start)
                return
            series = frame.iter_columns()
            yield [texts.fill_null("").str.strip_chars(_BLANKS) for texts in series]


def _plain_lines(block: bytes, width: int, delimiter: int) -> int | None:
    """How many lines there are, if all of them are plain."""
    if any(mark in block for mark in (b'"', b"\r", b"\0")) or block.startswith(BOM_UTF8):
        return None
    found = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero((found == delimiter) | (found == _LINE_END))
    if not len(ends) or len(ends) % width or ends[-1] != len(block) - 1:
        return None
    marks = found[ends].reshape(-1, width)
    if not np.all(marks == [delimiter] * (width - 1) + [_LINE_END]):
        return None
    if np.diff(ends, prepend=-1).max() > csv.field_size_limit():
        return None
    try:
        block.decode()
    except UnicodeDecodeError:
        return None
    return len(marks)


def numbers_of(texts: Sequence[str], decimal: str) -> np.ndarray:
    """The numbers that texts are (`values.number`), NaN where one is none."""
    if isinstance(texts, list):
        return np.array([number(text, decimal) for text in texts], float)
    import polars

    plain = texts.str.replace(",", ".", literal=True) if decimal == "," else texts
    fits = plain.str.contains(_NUMBER) & (plain.str.len_bytes() <= LONGEST)
    values = np.array(plain.set(~fits, None).cast(polars.Float64, strict=False), float)
    values[~(np.abs(values) < LARGEST)] = np.nan
    return values
