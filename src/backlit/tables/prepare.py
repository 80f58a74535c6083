"""From a table to a network's numbers: found on training rows, then only applied."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from .columns import Column, Note, Omitted
from .kinds import kind_of
from .table import ROWS, Table
from .values import several, shown

_IN_MEMORY = 2**28  # bytes of a prepared table; a larger one is in a file
_AT_ONCE = 2**24  # numbers of a block: of very wide tables it has fewer rows


@dataclass(frozen=True)
class Preparation:
    """The columns and how each is treated, in the order of the training table."""

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        if len({column.name for column in self.columns}) < len(self.columns):
            raise ValueError("a column stands in it twice")

    @classmethod
    def fit(cls, table: Table, rows: Any, target: str, weights: str | None = None) -> "Preparation":
        """Look at the columns' training rows, at nothing else. Raises InputError if none is left.

        weights: the column that says what a row weighs, which is not learnt from. What a held-out
        row says cannot reach the network: not even through a mean.
        """
        others = [name for name in table.names if name != target]
        found = cls(
            tuple(
                Omitted(name, "says what a row weighs")
                if name == weights
                else kind_of(name, table[name].take(rows))
                for name in others
            )
        )
        if found.width == 0:
            reasons = "; ".join(f"{shown(c.name)}: {c.why}" for c in found.columns[:3])
            raise InputError(
                f"{table.source}: no column is left to learn {target!r} from"
                + (f" ({reasons})." if reasons else ", it is the only one.")
            )
        return found

    @property
    def width(self) -> int:
        """How many numbers a row becomes."""
        return sum(column.width for column in self.columns)

    @property
    def used(self) -> list[Column]:
        """The columns that are learnt from."""
        return [column for column in self.columns if not isinstance(column, Omitted)]

    def apply(self, table: Table, rows: Any) -> tuple[np.ndarray, list[str]]:
        """These rows, in this order, as numbers, (rows, width) in float32.

        They are in a file that is mapped into memory, if they are many. The sentences are on what
        was unusual in the table. Raises InputError, naming them, if columns are missing.
        """
        place = np.full(len(table), -1)
        place[rows] = np.arange(len(rows))
        X, start, notes = _room(len(rows), self.width), 0, Notes()
        for block in self.blocks(table, notes):
            at = place[start : start + len(block)]
            X[at[at >= 0]] = block[at >= 0]
            start += len(block)
        return X, notes.sentences()

    def blocks(self, table: Table, notes: "Notes") -> Iterator[np.ndarray]:
        """All rows as numbers, some at a time; what is unusual in them is noted.

        Raises InputError, naming them, if columns are missing.
        """
        lacking = [repr(shown(c.name)) for c in self.used if c.name not in table.names]
        if lacking:
            raise InputError(
                f"{table.source} has no column {several(lacking)}, which the model reads; its "
                f"first line names {several([*map(shown, table.names)])}."
            )
        most = max(1, min(ROWS, _AT_ONCE // self.width))
        for cells in table.blocks([column.name for column in self.used], most):
            X, start = np.empty((len(cells[0]), self.width), np.float32), 0
            for column, values in zip(self.used, cells, strict=True):
                part, unusual = column.encode(values)
                X[:, start : start + column.width] = part
                start += column.width
                notes.add(column.name, unusual)
            yield X


class Notes:
    """What was unusual in a table, over all of its blocks."""

    def __init__(self) -> None:
        self._found: dict[str, list[Note]] = {}

    def add(self, name: str, notes: list[Note]) -> None:
        """Of the next rows of a column."""
        before = self._found.get(name)
        if before:
            notes = [old + new for old, new in zip(before, notes, strict=True)]
        self._found[name] = notes

    def sentences(self) -> list[str]:
        """One for each note that counts any rows."""
        found = ((name, note) for name, notes in self._found.items() for note in notes)
        return [f"{shown(name)}: {note}" for name, note in found if note.count]


def _room(rows: int, width: int) -> np.ndarray:
    """For so many numbers: in memory, or in a file that is gone when they are.

    The file is written before it is mapped: a disk that is full says so here.
    """
    size = rows * width * np.dtype(np.float32).itemsize
    if size <= _IN_MEMORY:
        return np.empty((rows, width), np.float32)
    empty = bytes(_IN_MEMORY // 16)
    with tempfile.TemporaryFile() as file:
        try:
            for start in range(0, size, len(empty)):
                file.write(empty[: size - start])
            file.flush()
        except OSError as error:
            raise InputError(
                f"{rows:,} rows of {width:,} numbers take {size:,} bytes in {tempfile.gettempdir()}"
                f", which cannot be written: {error.strerror}. TMPDIR names another folder."
            ) from None
        return np.memmap(file, np.float32, "r+", shape=(rows, width))
