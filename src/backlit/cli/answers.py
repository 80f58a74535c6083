"""The answers of a model as CSV, or as JSON lines."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..tables.model import About
from ..tables.target import Classes
from . import machine

_MOST_CLASSES = 20  # whose probabilities have a column each; of more, that of the answer
_PREDICTION, _SHARE = "{:.9g}", "{:.6g}"  # digits of quantities, and of probabilities


@dataclass(frozen=True)
class Answers:
    """Named columns of one value a row; texts, or numbers shown in so many digits."""

    columns: dict[str, Sequence[Any]]
    digits: str = _PREDICTION

    def csv(self) -> str:
        """With a header."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(map(self._shown, zip(*self.columns.values(), strict=True)))
        return text.getvalue()

    def json(self) -> str:
        """A line for each row, with the names of the columns."""
        rows = zip(*self.columns.values(), strict=True)
        lines = (dict(zip(self.columns, row, strict=True)) for row in rows)
        return "".join(f"{machine.text(line)}\n" for line in lines)

    def _shown(self, row: Sequence[Any]) -> list[str]:
        return [self.digits.format(x) if isinstance(x, float) else str(x) for x in row]


def of_table(about: About, answered: Any) -> Answers:
    """What `Model.predict` gives."""
    if isinstance(about.target, Classes):
        classes = about.target.classes
        return of_classes([classes[i] for i in np.argmax(answered, axis=1)], classes, answered)
    return of_quantities(answered, [f"q{q:g}" for q in about.settings.quantiles])


def of_classes(best: Sequence[Any], classes: Sequence[Any], shares: Any) -> Answers:
    """The class of each row; the probability of each, or of many that of the answer."""
    if len(classes) <= _MOST_CLASSES:
        known = zip(classes, np.transpose(shares).tolist(), strict=True)
        probabilities = {f"p({name})": column for name, column in known}
    else:
        probabilities = {"probability": np.max(shares, axis=1).tolist()}
    return Answers({"prediction": best, **probabilities}, _SHARE)


def of_quantities(answered: Any, names: Sequence[str] = ()) -> Answers:
    """(rows), or (rows, answers) with their names."""
    if np.ndim(answered) == 1:
        return Answers({names[0] if names else "prediction": answered.tolist()})
    return Answers(dict(zip(names, answered.T.tolist(), strict=True)))
