"""From a table's texts to a network's numbers: found on training rows, then only applied."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .columns import Column, Omitted
from .kinds import kind_of
from .read import Table
from .values import several, shown

_MOST_NUMBERS = 2**28  # in the prepared table: a gigabyte in float32


@dataclass(frozen=True)
class Preparation:
    """The columns and how each is treated, in the order of the training table."""

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        if len({column.name for column in self.columns}) < len(self.columns):
            raise ValueError("a column stands in it twice")

    @classmethod
    def fit(cls, table: Table, rows: Sequence[int], target: str) -> "Preparation":
        """Look at the columns' training rows, at nothing else. Raises InputError if none is left.

        What a held-out row says cannot reach the network: not even through a mean.
        """
        columns = []
        for name, values in zip(table.names, table.columns, strict=True):
            if name != target:
                columns.append(kind_of(name, [values[i] for i in rows], table.decimal))
        found = cls(tuple(columns))
        if found.width == 0:
            reasons = "; ".join(f"{shown(c.name)}: {c.why}" for c in columns[:3])
            raise InputError(
                f"{table.source}: no column is left to learn {target!r} from"
                + (f" ({reasons})." if reasons else ", it is the only one.")
            )
        found.check_size(len(table), table.source)
        return found

    @property
    def width(self) -> int:
        """How many numbers a row becomes."""
        return sum(column.width for column in self.columns)

    @property
    def used(self) -> list[Column]:
        """The columns that are learnt from."""
        return [column for column in self.columns if not isinstance(column, Omitted)]

    def check_size(self, rows: int, source: str) -> None:
        """Refuse, with a sentence, what this machine's memory would refuse without one."""
        if rows * self.width > _MOST_NUMBERS:
            raise InputError(
                f"{source}: {rows:,} rows of {self.width:,} numbers are {rows * self.width:,}; at "
                f"most {_MOST_NUMBERS:,} fit into memory. Take fewer rows, or fewer columns."
            )

    def apply(self, table: Table) -> tuple[np.ndarray, list[str]]:
        """The rows as numbers, (rows, width) in float32, and sentences on what was unusual.

        Raises InputError, naming them, if columns are missing.
        """
        there = dict(zip(table.names, table.columns, strict=True))
        lacking = [repr(shown(column.name)) for column in self.used if column.name not in there]
        if lacking:
            raise InputError(
                f"{table.source} has no column {several(lacking)}, which the model reads; its "
                f"first line names {several([*map(shown, table.names)])}."
            )
        self.check_size(len(table), table.source)
        X, start, notes = np.empty((len(table), self.width), np.float32), 0, []
        for column in self.used:
            part, unusual = column.encode(there[column.name], table.decimal)
            X[:, start : start + column.width] = part
            start += column.width
            notes += [f"{shown(column.name)}: {note}" for note in unusual]
        return X, notes
