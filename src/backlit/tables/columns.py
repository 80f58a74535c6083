"""The kinds of columns, and how each becomes numbers for a network.

What a kind keeps (median, mean, categories) was found on training rows alone, by `kinds.py`.
``column.encode(values, decimal)`` answers an array (rows, column.width), and sentences on what was
unusual.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .values import missing, numbers, shown

FURTHEST = 20.0  # standard deviations: one wild value must not outweigh a table
Encoded = tuple[np.ndarray, list[str]]


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

    def encode(self, values: Sequence[str], decimal: str) -> Encoded:
        found = numbers(values, decimal)
        unknown, gone = np.isnan(found), _missing(values)
        with np.errstate(over="ignore"):
            scaled = (np.where(unknown, self.median, found) - self.mean) / self.scale
        scaled = np.clip(scaled, -FURTHEST, FURTHEST)
        notes = _strange(values, unknown & ~gone, "no number; taken as missing")
        notes += [] if self.indicator else _newly_missing(unknown, "the median")
        return np.column_stack([scaled, unknown] if self.indicator else [scaled]), notes


@dataclass(frozen=True)
class Flag:
    """−1 for no, 1 for yes, 0 where it is missing or neither."""

    name: str
    no: str
    yes: str
    width = 1

    def encode(self, values: Sequence[str], decimal: str) -> Encoded:
        code = {self.no: -1.0, self.yes: 1.0}
        found = np.array([code.get(value.lower(), 0.0) for value in values])
        neither = (found == 0) & ~_missing(values)
        return found[:, None], _strange(values, neither, "neither yes nor no; taken as missing")


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

    def encode(self, values: Sequence[str], decimal: str) -> Encoded:
        places = {category: i for i, category in enumerate(self.categories)}
        nowhere = self.width  # a column that is cut off again
        other = len(places) if self.other else nowhere
        gone = _missing(values)
        at = np.array([places.get(value, other) for value in values], int)
        at[gone] = self.width - 1 if self.missing else nowhere
        coded = np.zeros((len(values), self.width + 1))
        coded[np.arange(len(values)), at] = 1
        unknown = np.array([value not in places for value in values], bool) & ~gone
        taken = "other" if self.other else "none of them"
        notes = _strange(values, unknown, f"not among the categories learnt; taken as {taken}")
        notes += [] if self.missing else _newly_missing(gone, "no category")
        return coded[:, :-1], notes


@dataclass(frozen=True)
class Omitted:
    """A column that is not learnt from, and why."""

    name: str
    why: str
    width = 0

    def encode(self, values: Sequence[str], decimal: str) -> Encoded:
        return np.zeros((len(values), 0)), []


Column = Number | Flag | Category | Omitted


def _missing(values: Sequence[str]) -> np.ndarray:
    return np.array([missing(value) for value in values], bool)


def _strange(values: Sequence[str], where: np.ndarray, what: str) -> list[str]:
    """A sentence on the values that are strange, with up to three examples; none, if none is."""
    found = [values[i] for i in np.flatnonzero(where)]
    if not found:
        return []
    examples = ", ".join(repr(shown(value)) for value in list(dict.fromkeys(found))[:3])
    count = f"{len(found):,} value{'s' * (len(found) > 1)}"
    return [f"{count}, such as {examples}: {what}" if len(found) > 1 else f"{examples}: {what}"]


def _newly_missing(where: np.ndarray, taken: str) -> list[str]:
    count = int(np.count_nonzero(where))
    return [f"{count:,} missing, though none was in training; taken as {taken}"] if count else []
