"""The values of a column, in little memory: few different texts, or numbers among few texts.

Both kinds answer the same questions: `numbers`, `days`, `missing`, `texts`, `different`, `take`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .values import date, days, label, missing, number


class Words:
    """Different texts; what each of them is, is found out once."""

    def __init__(self, texts: Sequence[str], decimal: str = ".") -> None:
        self.texts, self.decimal = texts, decimal

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def numbers(self) -> np.ndarray:
        """NaN where a text is none."""
        return np.array([number(text, self.decimal) for text in self.texts], float)

    @cached_property
    def days(self) -> np.ndarray:
        """Since 1970; NaN where a text is no date."""
        return np.array([days(text) for text in self.texts], float)

    @cached_property
    def missing(self) -> np.ndarray:
        """Is it a mark for "not known"?"""
        return np.array([missing(text) for text in self.texts], bool)


@dataclass(frozen=True, eq=False)
class Texts:
    """For each row which of the different texts stands there."""

    codes: np.ndarray  # int32
    words: Words

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Any) -> "Texts":
        """These rows alone."""
        return Texts(self.codes[rows], self.words)

    def text(self, row: int) -> str:
        """What stands in a row."""
        return self.words.texts[self.codes[row]]

    def texts(self) -> "Texts":
        """The column as texts."""
        return self

    def numbers(self) -> np.ndarray:
        """In float64; NaN where there is no number."""
        return self.words.numbers[self.codes]

    def days(self) -> np.ndarray:
        """Since 1970, in float64; NaN where there is no date."""
        return self.words.days[self.codes]

    def missing(self) -> np.ndarray:
        """Where is nothing given?"""
        return self.words.missing[self.codes]

    def each(self, what: Callable[[str], Any]) -> np.ndarray:
        """A number for each row that depends on its text alone."""
        return np.array([what(text) for text in self.words.texts])[self.codes]

    def counts(self) -> Counter[str]:
        """The texts that are given, and in how many rows; missing ones are not counted."""
        rows = np.bincount(self.codes, minlength=len(self.words))
        found: Counter[str] = Counter()
        for i in np.flatnonzero((rows > 0) & ~self.words.missing):
            found[self.words.texts[i]] += int(rows[i])
        return found

    def different(self) -> int:
        """How many names of classes are given."""
        return len({label(text) for text in self.counts()})


@dataclass(frozen=True, eq=False)
class Reals:
    """Numbers, or dates as days since 1970; NaN where there is a text that is none."""

    values: np.ndarray  # float64
    others: Texts  # that text; "" where there is a number, too
    dates: bool = False

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Any) -> "Reals":
        """These rows alone."""
        return Reals(self.values[rows], self.others.take(rows), self.dates)

    def text(self, row: int) -> str:
        """What stands in a row; a number in the shortest way."""
        value = self.values[row]
        return self.others.text(row) if np.isnan(value) else self._spelt(value)

    def texts(self) -> Texts:
        """The column as texts."""
        known, codes = np.unique(self.values, return_inverse=True)
        known = known[~np.isnan(known)]
        codes = np.where(np.isnan(self.values), len(known) + self.others.codes, codes)
        words = [*map(self._spelt, known), *self.others.words.texts]
        return Texts(codes, Words(words, self.others.words.decimal))

    def numbers(self) -> np.ndarray:
        """In float64; NaN where there is no number."""
        return self.others.numbers() if self.dates else self.values

    def days(self) -> np.ndarray:
        """Since 1970, in float64; NaN where there is no date."""
        return self.values if self.dates else self.others.days()

    def missing(self) -> np.ndarray:
        """Where is nothing given?"""
        return np.isnan(self.values) & self.others.missing()

    def different(self) -> int:
        """How many names of classes are given."""
        return len(np.unique(self.values[~np.isnan(self.values)])) + self.others.different()

    def _spelt(self, value: float) -> str:
        if self.dates:
            return date(value)
        whole = abs(value) < 2**53 and value == np.round(value)
        return f"{value + 0:.0f}" if whole else repr(float(value))  # + 0: no -0


Cells = Texts | Reals


def examples(cells: Cells, where: np.ndarray, most: int) -> tuple[str, ...]:
    """The first different texts of the rows where it is true."""
    found: dict[str, None] = {}
    for row in np.flatnonzero(where):
        found[cells.text(row)] = None
        if len(found) == most:
            break
    return tuple(found)
