"""What is to be predicted: one of several classes, or a quantity."""

import difflib
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from .cells import Cells, examples
from .table import Table
from .values import MOSTLY, label, mean_and_scale, number, several, shown

_FEWEST_ROWS = 10  # with a known target: fewer are too few to train on and to judge by
_MOST_WHOLE = 20  # different whole numbers: classes, such as the digits 0 … 9; more: a quantity
_ROWS_EACH = 5  # … if each has so many rows on average
_LEAST_EACH = 2  # rows of a class on average, or nothing can be learnt of most classes
MOST_CLASSES = 1000  # a number for each, in each row, is kept in memory


@dataclass(frozen=True)
class Classes:
    """The names of the classes, and how many training rows each has."""

    name: str
    classes: tuple[str, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(set(self.classes)) < max(2, len(self.classes)):
            raise ValueError("there must be two classes or more, and none twice")
        if len(self.counts) != len(self.classes) or min(self.counts) < 0:
            raise ValueError("there must be a count ≥ 0 for each class")

    @property
    def outputs(self) -> int:
        return len(self.classes)

    @property
    def most_frequent(self) -> int:
        return int(np.argmax(self.counts))

    def encode(self, cells: Cells) -> Any:
        """The class numbers; −1 for a name that is no class."""
        places = {name: i for i, name in enumerate(self.classes)}
        return cells.texts().each(lambda text: places.get(label(text), -1)).astype(np.int64)


@dataclass(frozen=True)
class Quantity:
    """(value − shift) / unit: mean and standard deviation of the training rows.

    Of one that is `positive`, whose logarithm a network computes, 0 and the mean.
    """

    name: str
    mean: float
    scale: float
    positive: bool = False

    def __post_init__(self) -> None:
        if not self.scale > 0 or (self.positive and not self.mean > 0):
            raise ValueError("the scale of the target must be > 0")

    @property
    def shift(self) -> float:
        return 0.0 if self.positive else self.mean

    @property
    def unit(self) -> float:
        return self.mean if self.positive else self.scale

    def encode(self, cells: Cells) -> Any:
        """In such units, a column in float32; NaN where there is no number."""
        return ((cells.numbers() - self.shift) / self.unit)[:, None].astype(np.float32)

    def decode(self, answer: Any) -> Any:
        """In the units of the table: (rows, 1) → (rows), several answers as they are."""
        found = self.shift + self.unit * answer
        return found[:, 0] if np.shape(found)[1] == 1 else found


Target = Classes | Quantity


@dataclass(frozen=True)
class Choice:
    """Classes or a quantity, why, and the rows whose target is known."""

    classify: bool
    why: str
    rows: Any  # their places, an array
    not_numbers: int  # rows left out because their target is a text among numbers


def choose(table: Table, name: str, classify: bool | None) -> Choice:
    """Look at the target and decide, or follow `classify`. Raises InputError for a useless one."""
    cells = column_of(table, name)
    there = ~cells.missing()
    rows = np.flatnonzero(there)
    if not len(rows):
        what = "has no rows" if not len(table) else f"has no value of {name!r} in any row"
        raise InputError(f"{table.source} {what}: there is nothing to learn from.")
    if len(rows) < _FEWEST_ROWS:
        raise InputError(
            f"{table.source}: rows with a known {name!r}: {len(rows)}; at least {_FEWEST_ROWS} are "
            "needed, to train on and to judge by."
        )
    found = cells.numbers()
    numbers = np.flatnonzero(~np.isnan(found))
    known, different = found[numbers], cells.different()
    numeric = len(known) >= MOSTLY * len(rows)
    if classify is None:
        classify, why = _guess(known, different, numeric)
    else:
        why = "as asked"
    if classify:
        if different == 1:
            raise InputError(_constant(table, name, shown(label(cells.text(rows[0])))))
        _check_classes(table, name, different, len(rows), numeric)
        return Choice(True, why, rows, 0)
    if not numeric:
        (example,) = examples(cells, there & np.isnan(found), 1)
        raise InputError(
            f"{table.source}: {name!r} is text, such as {shown(example)!r}; --regress needs "
            "numbers."
        )
    if known.min() == known.max():
        raise InputError(_constant(table, name, f"{known[0]:g}"))
    return Choice(False, why, numbers, len(rows) - len(numbers))


def column_of(table: Table, name: str) -> Cells:
    """The column of that name, or an InputError with the nearest name there is."""
    if name in table.names:
        return table[name]
    near = difflib.get_close_matches(name.lower(), [n.lower() for n in table.names], 1, 0.5)
    if near:
        nearest = next(n for n in table.names if n.lower() == near[0])
        hint = f"did you mean {shown(nearest)!r}?"
    else:
        hint = f"its first line names {several([*map(shown, table.names)])}."
    raise InputError(f"{table.source} has no column {name!r}; {hint}")


def make(choice: Choice, name: str, cells: Cells, positive: bool = False) -> Target:
    """The target, from the values of the training rows. Raises InputError for what is < 0."""
    if choice.classify:
        counts: Counter[str] = Counter()
        for text, rows in cells.texts().counts().items():
            counts[label(text)] += rows
        names = sorted(counts, key=_class_order)
        return Classes(name, tuple(names), tuple(counts[n] for n in names))
    values = cells.numbers()
    if positive and values.min() < 0:
        raise InputError(
            f"the loss poisson is for counts and the like, ≥ 0; {name!r} has {values.min():g}."
        )
    return Quantity(name, *mean_and_scale(values), positive)


def spellings(target: Target) -> list[str]:
    """A sentence on classes that are perhaps one: True and TRUE."""
    if not isinstance(target, Classes):
        return []
    names = Counter(name.casefold() for name in target.classes)
    alike = [shown(name) for name in target.classes if names[name.casefold()] > 1]
    return [f"classes that differ in capitals alone: {several(alike)}"] if alike else []


def _class_order(name: str) -> tuple[float, str]:
    """Numbers by value, then texts by the alphabet."""
    value = number(name)
    return (math.inf if math.isnan(value) else value, name)


def _guess(known: np.ndarray, different: int, numeric: bool) -> tuple[bool, str]:
    if not numeric:
        return True, "text"
    whole = bool(np.all(known == np.round(known)))
    few = different <= _MOST_WHOLE and different * _ROWS_EACH <= len(known)
    if whole and (few or different == 1):
        return True, "few whole numbers; --regress takes them as a quantity"
    what = "whole numbers" if whole else "numbers"
    return False, f"{different:,} different {what}; --classify takes them as classes"


def _check_classes(table: Table, name: str, different: int, rows: int, numeric: bool) -> None:
    advice = " --regress learns it as a quantity." * numeric
    if rows < _LEAST_EACH * different:
        raise InputError(
            f"{table.source}: {name!r} has {different:,} different values in {rows:,} rows; "
            f"classes need {_LEAST_EACH} rows each on average to be learnt.{advice}"
        )
    if different > MOST_CLASSES:
        raise InputError(
            f"{table.source}: {name!r} has {different:,} different values; at most "
            f"{MOST_CLASSES:,} classes can be told apart.{advice}"
        )


def _constant(table: Table, name: str, value: str) -> str:
    return f"{table.source}: {name!r} is always {value!r}: there is nothing to learn."
