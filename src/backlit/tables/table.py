"""A table: named columns of equal length, held in memory or read from a file when asked for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from .cells import Cells
from .values import shown

MOST_COLUMNS = 100_000  # the first layer of a network grows with them
ROWS = 2**14  # of a block: what is made of it fits into memory


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length, in memory."""

    source: str  # where it comes from, for messages
    names: tuple[str, ...]
    columns: tuple[Cells, ...]

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, name: str) -> Cells:
        return self.columns[self.names.index(name)]

    def blocks(self, names: Sequence[str], most: int = ROWS) -> Iterator[list[Cells]]:
        """These columns, so many rows at a time; of a table without rows, one block of none."""
        columns = [self[name] for name in names]
        for start in range(0, len(self) or 1, most):
            yield [cells.take(slice(start, start + most)) for cells in columns]

    @classmethod
    def from_frame(cls, frame: Any) -> "Table":
        """The columns of a data frame of pandas, polars, PyArrow or another that narwhals knows.

        Numbers are numbers, truth values flags, dates dates; all else is read as text, as in a CSV
        file. An index is no column. Raises InputError for what is no data frame, or has columns
        that no table can hold.
        """
        from .frames import columns

        return cls("the data frame", *columns(frame))


def check_names(names: Sequence[str], source: str) -> tuple[str, ...]:
    """The names of columns without blanks around them, if they can be told apart.

    A column without a name is called "column 3" by its place.
    """
    if len(names) > MOST_COLUMNS:
        raise InputError(
            f"{source} has {len(names):,} columns; at most {MOST_COLUMNS:,} can be learnt from. "
            "Are rows and columns exchanged?"
        )
    clean = tuple(name.strip() or f"column {i}" for i, name in enumerate(names, 1))
    twice = [name for name, count in Counter(clean).items() if count > 1]
    if twice:
        first, second = [i for i, name in enumerate(clean, 1) if name == twice[0]][:2]
        raise InputError(
            f"{source}: columns {first} and {second} are both called {shown(twice[0])!r}. The "
            "first line must name the columns, each by a name of its own."
        )
    return clean
