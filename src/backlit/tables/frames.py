"""Columns of data frames, whoever made them (through narwhals), as cells."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..errors import InputError
from .cells import Cells, Reals, Texts, Words
from .gather import Gathering
from .table import check_names
from .values import LARGEST

_SECOND, _DAY = 1e6, 86_400e6  # microseconds


def columns(frame: Any) -> tuple[tuple[str, ...], tuple[Cells, ...]]:
    """Names and columns of a data frame. Raises InputError for what is none."""
    narwhals = _narwhals()
    try:
        frame = narwhals.from_native(frame, eager_only=True)
    except TypeError as error:
        raise InputError(
            f"a {type(frame).__name__} is no data frame: expected one of pandas, polars, PyArrow "
            f"({error})."
        ) from None
    names = check_names([str(name) for name in frame.columns], "the data frame")
    if not names:
        raise InputError("the data frame has no columns.")
    return names, tuple(cells_of_series([series]) for series in frame.iter_columns())


def cells_of_series(parts: Iterable[Any]) -> Cells:
    """The cells of one column, in one or several series of one type, of narwhals or polars."""
    texts, values, dates = Gathering(), [], False
    for part in parts:
        series = _narwhals().from_native(part, series_only=True)
        found, dates = _numbers(series)
        if found is None:
            texts.add(_texts(series))
        else:
            values.append(found)
    return _reals(np.concatenate(values), dates) if values else texts.cells()


def _numbers(series: Any) -> tuple[Any, bool]:
    """In float64, NaN where it is missing, and are they dates?; None for texts."""
    nw, kind = _narwhals(), series.dtype
    if kind == nw.Duration:
        return _float(series.dt.total_microseconds()) / _SECOND, False
    if kind == nw.Datetime:  # by the clock of its time zone
        return _float(series.dt.replace_time_zone(None).dt.timestamp("us")) / _DAY, True
    if kind == nw.Date:
        return _float(series.dt.timestamp("us")) / _DAY, True
    return (_float(series) if kind.is_numeric() else None), False


def _float(series: Any) -> np.ndarray:
    return np.array(series.cast(_narwhals().Float64).to_numpy(), float)


def _texts(series: Any) -> list[str]:
    gone = series.is_null().to_list()
    pairs = zip(series.to_list(), gone, strict=True)
    return ["" if missing else str(value).strip() for value, missing in pairs]


def _reals(values: np.ndarray, dates: bool) -> Reals:
    """What is infinite, or too large to reckon with, is a text, as it is in a CSV file."""
    with np.errstate(invalid="ignore"):
        wild = np.flatnonzero(np.abs(values) >= LARGEST)
    codes, words = np.broadcast_to(np.int32(0), len(values)), [""]
    if len(wild):
        found, places = np.unique(values[wild], return_inverse=True)
        words += [repr(float(value)) for value in found]
        codes = np.zeros(len(values), np.int32)
        codes[wild], values[wild] = 1 + places, np.nan
    return Reals(values, Texts(codes, Words(words)), dates)


def _narwhals() -> Any:
    try:
        import narwhals
    except ImportError:
        raise InputError(
            "data frames and Parquet files need polars and narwhals: pip install 'backlit[data]'"
        ) from None
    return narwhals
