"""What is to be predicted: one of several classes, or a quantity."""

import difflib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from .kinds import MOSTLY
from .read import Table
from .values import label, mean_and_scale, missing, numbers, several, shown

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

    def encode(self, values: Sequence[str], decimal: str) -> Any:
        """The class numbers; −1 for a name that is no class."""
        places = {name: i for i, name in enumerate(self.classes)}
        return np.array([places.get(label(value), -1) for value in values], np.int64)


@dataclass(frozen=True)
class Quantity:
    """(value − mean) / scale, both of the training rows."""

    name: str
    mean: float
    scale: float

    outputs = 1

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ValueError("the scale of the target must be > 0")

    def encode(self, values: Sequence[str], decimal: str) -> Any:
        """Standardised, a column in float32."""
        return ((numbers(values, decimal) - self.mean) / self.scale)[:, None].astype(np.float32)

    def decode(self, output: Any) -> Any:
        """In the units of the table."""
        return self.mean + self.scale * np.asarray(output, float)[:, 0]


Target = Classes | Quantity


@dataclass(frozen=True)
class Choice:
    """Classes or a quantity, why, and the rows whose target is known."""

    classify: bool
    why: str
    rows: list[int]
    not_numbers: int  # rows left out because their target is a text among numbers


def choose(table: Table, name: str, classify: bool | None) -> Choice:
    """Look at the target and decide, or follow `classify`. Raises InputError for a useless one."""
    values = column_of(table, name)
    rows = [i for i, value in enumerate(values) if not missing(value)]
    if not rows:
        what = "has no rows" if not len(table) else f"has no value of {name!r} in any row"
        raise InputError(f"{table.source} {what}: there is nothing to learn from.")
    if len(rows) < _FEWEST_ROWS:
        raise InputError(
            f"{table.source}: rows with a known {name!r}: {len(rows)}; at least {_FEWEST_ROWS} are "
            "needed, to train on and to judge by."
        )
    found = numbers([values[i] for i in rows], table.decimal)
    known = found[~np.isnan(found)]
    numeric = len(known) >= MOSTLY * len(rows)
    labels = Counter(label(values[i]) for i in rows)
    if classify is None:
        classify, why = _guess(known, len(labels), numeric)
    else:
        why = "as asked"
    if classify:
        _check_classes(table, name, labels, numeric)
        return Choice(True, why, rows, 0)
    if not numeric:
        example = shown(values[rows[int(np.argmax(np.isnan(found)))]])
        raise InputError(
            f"{table.source}: {name!r} is text, such as {example!r}; --regress needs numbers."
        )
    kept = [i for i, value in zip(rows, found, strict=True) if not math.isnan(value)]
    if len(set(known)) == 1:
        raise InputError(_constant(table, name, f"{known[0]:g}"))
    return Choice(False, why, kept, len(rows) - len(kept))


def column_of(table: Table, name: str) -> tuple[str, ...]:
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


def make(choice: Choice, name: str, values: Sequence[str], decimal: str) -> Target:
    """The target, from the values of the training rows."""
    if choice.classify:
        counts = Counter(label(value) for value in values)
        names = sorted(counts, key=_class_order)
        return Classes(name, tuple(names), tuple(counts[n] for n in names))
    return Quantity(name, *mean_and_scale(numbers(values, decimal)))


def spellings(target: Target) -> list[str]:
    """A sentence on classes that are perhaps one: True and TRUE."""
    if not isinstance(target, Classes):
        return []
    names = Counter(name.casefold() for name in target.classes)
    alike = [shown(name) for name in target.classes if names[name.casefold()] > 1]
    return [f"classes that differ in capitals alone: {several(alike)}"] if alike else []


def _class_order(name: str) -> tuple[float, str]:
    """Numbers by value, then texts by the alphabet."""
    (value,) = numbers([name], ".")
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


def _check_classes(table: Table, name: str, labels: Counter[str], numeric: bool) -> None:
    rows, advice = sum(labels.values()), " --regress learns it as a quantity." * numeric
    if len(labels) == 1:
        raise InputError(_constant(table, name, shown(next(iter(labels)))))
    if rows < _LEAST_EACH * len(labels):
        raise InputError(
            f"{table.source}: {name!r} has {len(labels):,} different values in {rows:,} rows; "
            f"classes need {_LEAST_EACH} rows each on average to be learnt.{advice}"
        )
    if len(labels) > MOST_CLASSES:
        raise InputError(
            f"{table.source}: {name!r} has {len(labels):,} different values; at most "
            f"{MOST_CLASSES:,} classes can be told apart.{advice}"
        )


def _constant(table: Table, name: str, value: str) -> str:
    return f"{table.source}: {name!r} is always {value!r}: there is nothing to learn."
