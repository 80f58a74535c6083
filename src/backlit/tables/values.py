"""What a text in a table means: nothing, a number, one of a few words, the name of a class."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

MISSING = {"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?"}  # in small letters
FLAGS = (("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"))
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MOSTLY = 0.9  # of the values given are numbers: a column of numbers; the others are missing
LARGEST = 1e150  # of a number: the square of a larger one may overflow
_NAMED = 6  # of many columns or classes
LONGEST = 500  # digits: more are no measurement, and take Python long


def missing(text: str) -> bool:
    """Is it one of the marks for "not known"?"""
    return text.lower() in MISSING


def number(text: str, decimal: str = ".") -> float:
    """The number that a text is, or NaN; ``3,14`` is one where the decimal mark is a comma."""
    plain = text.replace(",", ".", 1) if decimal == "," else text
    if len(plain) > LONGEST or not _NUMBER.fullmatch(plain):
        return math.nan
    value = float(plain)
    return value if abs(value) < LARGEST else math.nan


def days(text: str) -> float:
    """Days since 1970 to a date, or a date and a time, as ISO 8601 writes them; or NaN.

    >>> days("1970-01-02"), days("1970-01-01 12:00"), days("1969-12-31T18:00:00Z")
    (1.0, 0.5, -0.25)
    """
    if not _DATE.fullmatch(text):
        return math.nan
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() / 86400
    except ValueError:  # there is no 30th of February
        return math.nan


def date(days: float) -> str:
    """The text of a date, to the second; the time of day where it is not midnight.

    >>> date(1.0), date(0.5)
    ('1970-01-02', '1970-01-01 12:00:00')
    """
    text = str(np.datetime64(round(days * 86400), "s")).replace("T", " ")
    return text.removesuffix(" 00:00:00")


def mean_and_scale(known: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation, 1 for equal numbers, in steps that do not over- or underflow."""
    mean = float(np.mean(known))
    size = float(np.max(np.abs(known - mean))) or 1.0
    return mean, float(np.std((known - mean) / size)) * size or 1.0


def label(text: str) -> str:
    """The name of a class: ``1.0``, as some programs write the whole number 1, is ``1``."""
    return re.sub(r"^([+-]?\d+)\.0+$", r"\1", text)


def shown(text: str, most: int = 30) -> str:
    """A text for a report: what would not print is written as an escape; cut when it is long."""
    clean = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: most + 1])
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def several(names: Sequence[str]) -> str:
    """A, B, C and 61 more."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def counted(number: int, what: str) -> str:
    """``1 row``, ``1,797 rows``."""
    return f"{number:,} {what}{'s' * (number != 1)}"
