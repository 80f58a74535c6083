"""What a text in a table means: nothing, a number, one of a few words, the name of a class."""

import math
import re
from collections.abc import Sequence

import numpy as np

MISSING = {"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?"}  # in small letters
FLAGS = (("false", "true"), ("no", "yes"), ("f", "t"), ("n", "y"))
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LARGEST = 1e150  # the square of a larger number may overflow
_NAMED = 6  # of many columns or classes
_LONGEST = 500  # digits: more are no measurement, and take Python long


def missing(text: str) -> bool:
    """Is it one of the marks for "not known"?"""
    return text.lower() in MISSING


def number(text: str, decimal: str = ".") -> float:
    """The number that a text is, or NaN; ``3,14`` is one where the decimal mark is a comma."""
    plain = text.replace(",", ".", 1) if decimal == "," else text
    if len(plain) > _LONGEST or not _NUMBER.fullmatch(plain):
        return math.nan
    value = float(plain)
    return value if abs(value) < LARGEST else math.nan


def numbers(values: Sequence[str], decimal: str) -> np.ndarray:
    """The numbers that the texts are; NaN where a text is none."""
    known = {value: number(value, decimal) for value in set(values)}
    return np.array([known[value] for value in values], float)


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
