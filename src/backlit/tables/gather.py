"""Texts of a column, block by block, into cells that take little memory."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .cells import Cells, Reals, Texts, Words
from .plain import numbers_of
from .values import MOSTLY, days

_FEW = 4096  # different texts that are kept as such: many more than classes may have


class Gathering:
    """A column as it grows.

    Its different texts are kept. Once there are many of them, and nearly all are numbers (or
    dates), these are kept instead, with the few texts that are none.
    """

    def __init__(self, decimal: str = ".") -> None:
        self._decimal, self._many = decimal, _FEW
        self._places: dict[str, int] = {}  # of the different texts
        self._codes: list[np.ndarray] = []
        self._values: list[np.ndarray] = []  # beside the codes, once numbers or dates are kept
        self._parse: Any = None

    def add(self, texts: Sequence[str]) -> None:
        """The next rows: a list, or a series of polars."""
        if self._parse is None:
            self._codes.append(self._coded(texts))
            if len(self._places) > self._many:
                self._look()
            return
        values = self._parse(texts, self._decimal)
        self._values.append(values)
        self._codes.append(self._others(values, texts.__getitem__))

    def cells(self) -> Cells:
        """All rows."""
        codes = self._joined()
        if self._parse is None:
            return codes
        values = np.concatenate(self._values)
        self._values.clear()
        return Reals(values, codes, self._parse is dates_of)

    def _coded(self, texts: Sequence[str]) -> np.ndarray:
        """The places of texts, new ones among them."""
        places = self._places
        codes = (places.setdefault(text, len(places)) for text in texts)
        return np.fromiter(codes, np.int32, len(texts))

    def _others(self, values: np.ndarray, text: Callable[[int], str]) -> np.ndarray:
        """The places of the texts that are none of the values."""
        rows = np.flatnonzero(np.isnan(values))
        if not len(rows):
            return np.broadcast_to(np.int32(0), len(values))  # takes no memory
        codes = np.zeros(len(values), np.int32)
        codes[rows] = self._coded([text(row) for row in rows.tolist()])
        return codes

    def _joined(self) -> Texts:
        if not any(block.strides[0] for block in self._codes) and self._codes:
            codes = np.broadcast_to(np.int32(0), sum(map(len, self._codes)))
        else:
            codes = np.concatenate([np.zeros(0, np.int32), *self._codes])
        self._codes.clear()
        return Texts(codes, Words([*self._places], self._decimal))

    def _look(self) -> None:
        """There are many different texts: are they numbers, or dates?"""
        self._many = 2 * len(self._places)
        so_far = self._joined()
        given = len(so_far) - np.count_nonzero(so_far.missing())
        for parse, values in (numbers_of, so_far.numbers()), (dates_of, so_far.days()):
            if np.count_nonzero(~np.isnan(values)) >= MOSTLY * given:
                self._parse, self._places = parse, {"": 0}
                self._values, self._codes = [values], [self._others(values, so_far.text)]
                return
        self._codes = [so_far.codes]


def dates_of(texts: Sequence[str], decimal: str) -> np.ndarray:
    """Days since 1970; NaN where a text is no date."""
    return np.array([days(text) for text in texts], float)


def cells_of(texts: Sequence[str], decimal: str = ".") -> Cells:
    """The cells of a whole column."""
    gathering = Gathering(decimal)
    gathering.add(texts)
    return gathering.cells()
