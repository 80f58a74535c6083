"""The kinds of columns, and how each becomes numbers for a network.

What a kind keeps (median, mean, categories) was found on training rows alone, by `kinds.py`.
``column.encode(cells)`` answers an array (rows, column.width), and notes on what was unusual.
"""

from dataclasses import dataclass

import numpy as np

from .cells import Cells, examples
from .values import shown

FURTHEST = 20.0  # standard deviations: one wild value must not outweigh a table
_EXAMPLES = 3
YEAR, WEEK, DAY = 365.2425, 7.0, 1.0  # days


@dataclass(frozen=True)
class Note:
    """Values that are unusual: in how many rows, and the first different ones."""

    what: str
    count: int
    examples: tuple[str, ...] = ()

    def __add__(self, other: "Note") -> "Note":
        """The same of rows that come after these."""
        different = dict.fromkeys([*self.examples, *other.examples])
        return Note(self.what, self.count + other.count, tuple(different)[:_EXAMPLES])

    def __str__(self) -> str:
        if not self.examples:
            return f"{self.count:,} {self.what}"
        some = ", ".join(repr(shown(text)) for text in self.examples)
        many = f"{self.count:,} values, such as " if self.count > 1 else ""
        return f"{many}{some}: {self.what}"


Encoded = tuple[np.ndarray, list[Note]]


@dataclass(frozen=True)
class Number:
    """(value − mean) / scale; a missing value is the median; `indicator`: 1 where it is missing."""

    name: str
    median: float
    mean: float
    scale: float
    indicator: bool

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ValueError("the scale of a number must be > 0")

    @property
    def width(self) -> int:
        return 1 + self.indicator

    def encode(self, cells: Cells) -> Encoded:
        found = cells.numbers()
        unknown = np.isnan(found)
        scaled = _scaled(np.where(unknown, self.median, found), self.mean, self.scale)
        parts = [scaled, unknown] if self.indicator else [scaled]
        return np.column_stack(parts), _gaps(cells, unknown, "number", self.indicator)


@dataclass(frozen=True)
class Date:
    """(days since 1970 − mean) / scale, then sin and cos of 2π days / period for each period.

    A missing date is the median; `indicator`: 1 where it is missing.
    """

    name: str
    median: float
    mean: float
    scale: float
    periods: tuple[float, ...]  # days: of those of a year, a week, a day that tell something
    indicator: bool

    def __post_init__(self) -> None:
        if not self.scale > 0 or not all(period > 0 for period in self.periods):
            raise ValueError("the scale and the periods of a date must be > 0")

    @property
    def width(self) -> int:
        return 1 + 2 * len(self.periods) + self.indicator

    def encode(self, cells: Cells) -> Encoded:
        found = cells.days()
        unknown = np.isnan(found)
        days = np.where(unknown, self.median, found)
        parts = [_scaled(days, self.mean, self.scale)]
        for period in self.periods:
            angle = 2 * np.pi * np.mod(days, period) / period
            parts += [np.sin(angle), np.cos(angle)]
        parts += [unknown] if self.indicator else []
        return np.column_stack(parts), _gaps(cells, unknown, "date", self.indicator)


@dataclass(frozen=True)
class Flag:
    """−1 for no, 1 for yes, 0 where it is missing or neither."""

    name: str
    no: str
    yes: str
    width = 1

    def encode(self, cells: Cells) -> Encoded:
        code, texts = {self.no: -1.0, self.yes: 1.0}, cells.texts()
        found = texts.each(lambda text: code.get(text.lower(), 0.0))
        neither = (found == 0) & ~texts.missing()
        return found[:, None], [_strange(texts, neither, "neither yes nor no; taken as missing")]


@dataclass(frozen=True)
class Category:
    """A 1 in the column of its category; one more column for others and for missing, if seen."""

    name: str
    categories: tuple[str, ...]
    other: bool
    missing: bool

    def __post_init__(self) -> None:
        if not self.categories or len(set(self.categories)) < len(self.categories):
            raise ValueError("there must be categories, and none twice")

    @property
    def width(self) -> int:
        return len(self.categories) + self.other + self.missing

    def encode(self, cells: Cells) -> Encoded:
        texts, places = (cells.texts(), {name: i for i, name in enumerate(self.categories)})
        nowhere = self.width  # a column that is cut off again
        gone = texts.missing()
        at = texts.each(lambda text: places.get(text, -1)).astype(int)
        unknown = (at < 0) & ~gone
        at[unknown] = len(places) if self.other else nowhere
        at[gone] = self.width - 1 if self.missing else nowhere
        coded = np.zeros((len(texts), self.width + 1), np.float32)
        coded[np.arange(len(texts)), at] = 1
        taken = "other" if self.other else "none of them"
        notes = [_strange(texts, unknown, f"not among the categories learnt; taken as {taken}")]
        notes += [] if self.missing else [_newly_missing(gone, "no category")]
        return coded[:, :-1], notes


@dataclass(frozen=True)
class Omitted:
    """A column that is not learnt from, and why."""

    name: str
    why: str
    width = 0

    def encode(self, cells: Cells) -> Encoded:
        return np.zeros((len(cells), 0)), []


Column = Number | Date | Flag | Category | Omitted


def _scaled(values: np.ndarray, mean: float, scale: float) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.clip((values - mean) / scale, -FURTHEST, FURTHEST)


def _gaps(cells: Cells, unknown: np.ndarray, what: str, indicator: bool) -> list[Note]:
    """What a column of numbers or dates has that is none."""
    notes = [_strange(cells, unknown & ~cells.missing(), f"no {what}; taken as missing")]
    return notes if indicator else [*notes, _newly_missing(unknown, "the median")]


def _strange(cells: Cells, where: np.ndarray, what: str) -> Note:
    return Note(what, int(np.count_nonzero(where)), examples(cells, where, _EXAMPLES))


def _newly_missing(where: np.ndarray, taken: str) -> Note:
    count = int(np.count_nonzero(where))
    return Note(f"missing, though none was in training; taken as {taken}", count)
