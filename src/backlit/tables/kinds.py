"""Which kind a column is, from its training rows."""

from collections import Counter

import numpy as np

from .cells import Cells, examples
from .columns import DAY, WEEK, YEAR, Category, Column, Date, Flag, Number, Omitted
from .values import FLAGS, MOSTLY, mean_and_scale, shown

_MOST_CATEGORIES = 50  # the most frequent; a column of numbers for each
_LEAST_ROWS = 2  # of a category: from one row nothing general is learnt
_NEARLY_ALL = 0.5  # more different texts than this share of the values: no categories
_ROW_LABELS = {"column 1", "id", "index", "row", "rownames", "unnamed: 0"}  # in small letters


def kind_of(name: str, cells: Cells) -> Column:
    """The column that treats such values."""
    there = ~cells.missing()
    given, gaps = int(np.count_nonzero(there)), not np.all(there)
    if not given:
        return Omitted(name, "no value in the training rows")
    known = _known(cells.numbers())
    if len(known) >= MOSTLY * given:
        if known.min() == known.max() and not gaps:
            return _constant(name, cells)
        if name.lower() in _ROW_LABELS and len(np.unique(known)) == len(cells):
            return Omitted(name, "labels the rows")
        return Number(name, *_middle(known), len(known) < len(cells))
    dates = _known(cells.days())
    if len(dates) >= MOSTLY * given and (gaps or dates.min() < dates.max()):
        return Date(name, *_middle(dates), _periods(dates), len(dates) < len(cells))
    different = cells.texts().counts()
    if len(different) == 1 and not gaps:
        return _constant(name, cells)
    words = {value.lower() for value in different}
    for no, yes in FLAGS:
        if words == {no, yes}:
            return Flag(name, no, yes)
    if len(different) > _NEARLY_ALL * given:
        return Omitted(name, _many_texts(cells, there, given))
    return _category(name, different, gaps)


def _known(values: np.ndarray) -> np.ndarray:
    return values[~np.isnan(values)]


def _constant(name: str, cells: Cells) -> Omitted:
    return Omitted(name, f"always {shown(cells.text(0))!r}")


def _middle(known: np.ndarray) -> tuple[float, float, float]:
    return float(np.median(known)), *mean_and_scale(known)


def _periods(days: np.ndarray) -> tuple[float, ...]:
    """Of a year, if there are more than one; of a week and a day, where days and hours differ."""
    whole = np.floor(days)
    tells = {
        YEAR: np.ptp(days) > YEAR,
        WEEK: np.ptp(np.mod(whole, WEEK)) > 0,
        DAY: np.ptp(days - whole) > 0,
    }
    return tuple(period for period, useful in tells.items() if useful)


def _many_texts(cells: Cells, there: np.ndarray, given: int) -> str:
    """Why such a column is left out; an example shows what keeps it from being one of numbers."""
    texts = there & np.isnan(cells.numbers())
    (example,) = examples(cells, texts, 1)
    others = given - np.count_nonzero(texts)
    some = f"; {others:,} of {given:,} are numbers" if others else ""
    return f"text, nearly all values different, such as {shown(example)!r}{some}"


def _category(name: str, different: Counter[str], some_missing: bool) -> Column:
    """The most frequent ones, in the order of the alphabet."""
    frequent = sorted(different, key=lambda value: (-different[value], value))
    frequent = [v for v in frequent if different[v] >= _LEAST_ROWS][:_MOST_CATEGORIES]
    return Category(name, tuple(sorted(frequent)), len(frequent) < len(different), some_missing)
