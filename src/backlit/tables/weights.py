"""What a row counts for in the loss: by a column of the table, by its class."""

from typing import Any

import numpy as np

from ..errors import InputError
from .settings import Settings
from .table import Table
from .target import Classes, Target, column_of
from .values import shown


def weights_of(
    table: Table, rows: Any, settings: Settings, target: Target, encoded: Any
) -> np.ndarray | None:
    """A number ≥ 0 for each of these rows, or None if all count the same.

    `balance` gives each class the same weight together: rows / (classes × rows of the class), as
    they are in training. Raises InputError for a column with gaps, texts or numbers below 0.
    """
    weights = np.ones(len(rows), np.float32)
    if settings.weights is not None:
        weights = _column(table, settings.weights, rows).astype(np.float32)
    if settings.balance and isinstance(target, Classes):
        counts = np.array(target.counts, float)
        each = sum(target.counts) / (target.outputs * np.maximum(counts, 1))
        weights = weights * each[encoded].astype(np.float32)
    return weights if settings.weights is not None or settings.balance else None


def _column(table: Table, name: str, rows: Any) -> np.ndarray:
    """The column's numbers."""
    cells = column_of(table, name).take(rows)
    found = cells.numbers()
    wrong = np.flatnonzero(~(found >= 0))
    if len(wrong):
        raise InputError(
            f"{table.source}: the weight {shown(name)!r} is {shown(cells.text(wrong[0]))!r} in a "
            "row; expected numbers ≥ 0 in all."
        )
    if not found.any():
        raise InputError(f"{table.source}: the weight {shown(name)!r} is 0 in all rows.")
    return found
