"""The columns of a table as inputs of a model: what `tables.columns` does to them, in ONNX.

Every column is an input (N, 1): numbers as float64 with NaN where they are missing, dates so, too,
as days since 1970; all else as texts, as they stand in a CSV file but without blanks around them:
ONNX has no node that takes those away.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from onnx import ModelProto, helper

from ..errors import InputError
from ..tables.columns import FURTHEST, Category, Column, Date, Flag, Number
from ..tables.values import LARGEST, MISSING
from .rows import Size
from .writer import ML_OPSET, Writer, value_info

_ML = "ai.onnx.ml"
_FLOATS = (Number, Date)  # the kinds whose input is float64


def with_columns(made: ModelProto, columns: Sequence[Column]) -> ModelProto:
    """The model of rows X (N, width), read from the columns instead. The names are free in it."""
    graph, X = made.graph, made.graph.input[0].name
    nodes = [out for node in graph.node for out in node.output]
    w = Writer("", {*nodes, X, *(x.name for x in graph.initializer)})
    inputs = {column.name: w.name(column.name) for column in columns}
    w.call(_rows(w, columns, inputs), X)
    w.infos.append(value_info(X, float, (Size(1), sum(column.width for column in columns))))
    later = [*graph.node]
    del graph.node[:], graph.input[:]
    graph.node.extend([*w.nodes, *later])
    graph.initializer.extend(w.initializers)
    graph.value_info.extend(w.infos)
    graph.input.extend(
        value_info(inputs[c.name], float if isinstance(c, _FLOATS) else str, (Size(1), 1))
        for c in columns
    )
    made.opset_import.append(helper.make_opsetid(_ML, ML_OPSET))
    return made


def _rows(w: Writer, columns: Sequence[Column], inputs: dict[str, str]) -> str:
    """All columns side by side: first the numbers in one block, then the others; then in order."""
    numbers = [column for column in columns if isinstance(column, Number)]
    others = [column for column in columns if not isinstance(column, Number)]
    parts, places = [], []
    starts = dict(zip(columns, np.cumsum([0, *(c.width for c in columns)]), strict=False))
    if numbers:
        block, unknown = _numbers(w, numbers, [inputs[c.name] for c in numbers])
        parts += [block]
        places += [starts[c] for c in numbers]
        marked = [i for i, c in enumerate(numbers) if c.indicator]
        if marked:
            w.about = "missing"
            parts += [w.cast(w.Gather(unknown, np.array(marked), axis=1), float)]
            places += [starts[numbers[i]] + 1 for i in marked]
    for column in others:
        w.about = inputs[column.name]
        parts += [_BUILDERS[type(column)](w, column, inputs[column.name])]
        places += range(starts[column], starts[column] + column.width)
    w.about = ""
    X = w.Concat(*parts, axis=1)
    return X if places == sorted(places) else w.Gather(X, np.argsort(places), axis=1)


def _numbers(w: Writer, columns: Sequence[Number], inputs: Sequence[str]) -> tuple[str, str]:
    """Standardised, and where they are missing: beyond the largest known, or NaN."""
    w.about = "numbers"
    together = w.Concat(*inputs, axis=1)
    unknown = w.Not(w.Less(w.Abs(together), LARGEST))
    median, mean, scale = (
        w.constant(np.array([getattr(c, word) for c in columns]), w.name(word))
        for word in ("median", "mean", "scale")
    )
    filled = w.Where(unknown, median, together)
    scaled = w.Div(w.Sub(filled, mean), scale)
    return w.Clip(scaled, -FURTHEST, FURTHEST), unknown


def _flag(w: Writer, column: Flag, x: str) -> str:
    codes = dict.fromkeys(_spellings(column.no), -1.0) | dict.fromkeys(_spellings(column.yes), 1.0)
    code = _looked_up(w, x, "values_floats", codes, default_float=0.0)
    return w.cast(code, float)


def _category(w: Writer, column: Category, x: str) -> str:
    """The place of the category, compared with every place; a place that is none gives zeros."""
    places = {category: i for i, category in enumerate(column.categories)}
    nowhere = column.width
    other = len(places) if column.other else nowhere
    gone = column.width - 1 if column.missing else nowhere
    places |= {word: gone for mark in sorted(MISSING) for word in _spellings(mark)}
    place = _looked_up(w, x, "values_int64s", places, default_int64=other)
    return w.cast(w.Equal(place, np.arange(column.width)), float)


def _date(w: Writer, column: Date, x: str) -> str:
    """Standardised, then sine and cosine for each period, then where it is missing."""
    unknown = w.Not(w.Less(w.Abs(x), LARGEST))
    days = w.Where(unknown, column.median, x)
    scaled = w.Div(w.Sub(days, column.mean), column.scale)
    parts = [w.Clip(scaled, -FURTHEST, FURTHEST)]
    for period in column.periods:
        angle = w.Mul(w.Mod(days, period, fmod=1), 2 * np.pi / period)
        parts += [w.Sin(angle), w.Cos(angle)]
    parts += [w.cast(unknown, float)] if column.indicator else []
    return w.Concat(*parts, axis=1) if len(parts) > 1 else parts[0]


_BUILDERS: dict[Any, Any] = {Date: _date, Flag: _flag, Category: _category}


def _looked_up(w: Writer, x: str, values: str, codes: dict[str, Any], **default: Any) -> str:
    settings = {"keys_strings": [*codes], values: [*codes.values()], **default}
    return w.node("LabelEncoder", x, domain=_ML, **settings)


def _spellings(word: str) -> list[str]:
    """A word in all mixtures of small and capital letters: ONNX compares texts as they are."""
    return sorted({"".join(c) for c in product(*zip(word.lower(), word.upper(), strict=True))})


def check_columns(columns: Sequence[Column]) -> None:
    """Refuse a kind of column that has no form in ONNX here."""
    for column in columns:
        if not isinstance(column, (Number, *_BUILDERS)):
            raise InputError(
                f"the column {column.name!r} is a {type(column).__name__}, which has no form in "
                "ONNX that is known here: the model cannot be exported."
            )
