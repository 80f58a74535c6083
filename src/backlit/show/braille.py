"""A chart in characters: each cell of a terminal holds 2 × 4 dots of a braille pattern."""

from typing import Any

import numpy as np

from .plot import Axis, Chart, runs, tick_text

_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BLANK = 0x2800
_START, _STEP, _END = "○", "●", "◆"


def drawn(chart: Chart, width: int, height: int) -> str:
    """Lines as dots; points as ●, their first as ○ and their last as ◆."""
    x_axis, y_axis = chart.axes
    labels = {_row(y_axis, y, height): tick_text(y) for y in y_axis.ticks(max(2, height // 3))}
    gutter = max(map(len, labels.values())) + 1
    columns = width - gutter - 1 - max(3, len(chart.x_label) + 1)
    dots = np.zeros((4 * height, 2 * columns), bool)
    marks: dict[tuple[int, int], str] = {}
    for series in chart.series:
        x, y = x_axis.place(series.x), y_axis.place(series.y)
        if series.style == "line":
            _curve(dots, x, y)
        else:
            _marks(marks, x, y, (height, columns))
    cells = _BLANK + np.einsum(
        "ijkl,jl->ik", dots.reshape(height, 4, columns, 2).astype(int), _DOTS
    )
    rows = [[chr(c) if c != _BLANK else " " for c in row] for row in cells]
    for (row, column), mark in marks.items():
        rows[row][column] = mark
    title = [" " * gutter + " " + chart.title] if chart.title else []
    body = [
        f"{labels.get(i, ''):>{gutter}}{'┤' if i in labels else '│'}{''.join(row)}".rstrip()
        for i, row in enumerate(rows)
    ]
    return "\n".join([*title, *body, *_floor(x_axis, columns, gutter, chart.x_label)])


def _row(axis: Axis, value: float, height: int) -> int:
    return round((height - 1) * (1 - float(axis.place(value))))


def _curve(dots: Any, x: Any, y: Any) -> None:
    """Switch on the dots of a polyline, with as many samples as it has dots in length."""
    tall, wide = dots.shape
    for xs, ys in runs(x * (wide - 1), (1 - y) * (tall - 1)):
        length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(xs), np.diff(ys)))])
        at = np.linspace(0, length[-1], int(min(length[-1], 20 * wide)) + 2)
        column, row = np.rint(np.interp(at, length, xs)), np.rint(np.interp(at, length, ys))
        inside = (column >= 0) & (column < wide) & (row >= 0) & (row < tall)
        dots[row[inside].astype(int), column[inside].astype(int)] = True


def _marks(marks: dict[tuple[int, int], str], x: Any, y: Any, size: tuple[int, int]) -> None:
    height, columns = size
    rows, places = np.rint((1 - y) * (height - 1)), np.rint(x * (columns - 1))
    known = np.flatnonzero(np.isfinite(rows + places))
    cells = [(int(rows[i]), int(places[i])) for i in known]
    marks.update(dict.fromkeys(cells, _STEP))
    if cells:
        marks[cells[0]] = _START
        marks[cells[-1]] = _END


def _floor(axis: Axis, columns: int, gutter: int, label: str) -> list[str]:
    """The horizontal axis and the numbers below it."""
    line, words = ["─"] * columns, [" "] * (columns + gutter + 8)
    for value in axis.ticks(max(2, columns // 12)):
        at = round(float(axis.place(value)) * (columns - 1))
        text = tick_text(value)
        start = gutter + 1 + at - len(text) // 2
        line[at] = "┴"
        if set(words[start - 1 : start + len(text) + 1]) == {" "}:
            words[start : start + len(text)] = text
    return [f"{' ' * gutter}└{''.join(line)} {label}".rstrip(), "".join(words).rstrip()]
