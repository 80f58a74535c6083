"""Which kind a column is, from its training rows."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from .columns import Category, Column, Flag, Number, Omitted
from .values import FLAGS, mean_and_scale, missing, numbers, shown

MOSTLY = 0.9  # of the values given are numbers: a column of numbers; the others are missing
_MOST_CATEGORIES = 50  # the most frequent; a column of numbers for each
_LEAST_ROWS = 2  # of a category: from one row nothing general is learnt
_NEARLY_ALL = 0.5  # more different texts than this share of the values: no categories
_ROW_LABELS = {"column 1", "id", "index", "row", "rownames", "unnamed: 0"}  # in small letters


def kind_of(name: str, values: Sequence[str], decimal: str) -> Column:
    """The column that treats such values."""
    given = [value for value in values if not missing(value)]
    if not given:
        return Omitted(name, "no value in the training rows")
    found = numbers(values, decimal)
    known = found[~np.isnan(found)]
    numeric = len(known) >= MOSTLY * len(given)
    different = Counter(given)
    if len(set(known) if numeric else different) == 1 and len(given) == len(values):
        return Omitted(name, f"always {shown(given[0])!r}")
    if numeric:
        if name.lower() in _ROW_LABELS and len(set(known)) == len(values):
            return Omitted(name, "labels the rows")
        return _number(name, known, len(known) < len(values))
    words = {value.lower() for value in given}
    for no, yes in FLAGS:
        if words == {no, yes}:
            return Flag(name, no, yes)
    if len(different) > _NEARLY_ALL * len(given):
        return Omitted(name, _many_texts(given, decimal))
    return _category(name, different, len(given) < len(values))


def _number(name: str, known: np.ndarray, indicator: bool) -> Column:
    return Number(name, float(np.median(known)), *mean_and_scale(known), indicator)


def _many_texts(given: Sequence[str], decimal: str) -> str:
    """Why such a column is left out; an example shows what keeps it from being one of numbers."""
    texts = np.isnan(numbers(given, decimal))
    example = shown(given[int(np.argmax(texts))])
    others = len(given) - np.count_nonzero(texts)
    some = f"; {others:,} of {len(given):,} are numbers" if others else ""
    return f"text, nearly all values different, such as {example!r}{some}"


def _category(name: str, different: Counter[str], some_missing: bool) -> Column:
    """The most frequent ones, in the order of the alphabet."""
    frequent = sorted(different, key=lambda value: (-different[value], value))
    frequent = [v for v in frequent if different[v] >= _LEAST_ROWS][:_MOST_CATEGORIES]
    return Category(name, tuple(sorted(frequent)), len(frequent) < len(different), some_missing)
