"""Where the boxes of a graph stand: columns from left to right, rows away from a middle axis.

Above the axis what runs to the right (forward), below it what runs to the left (backward). Long
arrows get a place in each column that they pass. A value that is used below the axis gets there
through the gaps between columns and the corridor along the axis, so no line runs behind a box.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS = 8  # back and forth over the columns, looking for an order with fewer crossings
_GAP, _ROW_GAP, _LANE = 42.0, 18.0, 7.0  # between columns, between rows, between parallel lines
_AXIS = 26.0  # height of the corridor without lines


@dataclass(eq=False)
class Box:
    """A box of some size; once laid out, with the place of its centre. Without size: a bend."""

    column: float
    side: int  # −1 above the axis, 1 below it, 0 on it
    width: float = 0.0
    height: float = 0.0
    rank: int = 0  # before the order is improved: 0 next to the axis
    under: "Box | None" = None  # the box above the axis whose rank it takes
    x: float = 0.0
    y: float = 0.0
    row: int = 0
    span: tuple[float, float] = (0.0, 0.0)  # left and right end of its column

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2


Edge = tuple[Box, Box]
Point = tuple[float, float]


@dataclass
class Layout:
    """Arrows as the boxes and bends they pass, links as corner points, and the whole's size."""

    arrows: list[list[Box]] = field(default_factory=list)
    links: list[list[Point]] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0


def lay_out(boxes: Sequence[Box], arrows: Iterable[Edge], links: Iterable[Edge]) -> Layout:
    """Give every box its place. Arrows join boxes of different columns; links go from a box above
    the axis to one below it."""
    links = list(links)
    places = {c: i for i, c in enumerate(sorted({box.column for box in boxes}))}
    for box in boxes:
        box.column = places[box.column]
    layout = Layout()
    bends: dict[tuple[Box, int], Box] = {}
    for start, end in arrows:
        layout.arrows.append([start, *_bends(start, end, bends), end])
    every = [*boxes, *bends.values()]
    columns = [[box for box in every if box.column == c] for c in range(len(places))]
    for side in (-1, 1):
        for box in boxes:
            box.rank = box.under.row if box.under else box.rank
        own = [[b for b in column if b.side == side] for column in columns]
        steps = dict.fromkeys(step for way in layout.arrows for step in pairwise(way))
        _order(own, [(a, b) for a, b in steps if a.side == b.side == side])
    lanes = _lanes(links)
    _place(columns, links, lanes, layout)
    layout.links = [_way(link, lanes, columns, links) for link in links]
    return layout


def _bends(start: Box, end: Box, known: dict[tuple[Box, int], Box]) -> list[Box]:
    """A bend in each column that is passed; what leaves, or enters, the same box shares them."""
    side = start.side or end.side
    trunk = start if side < 0 else end
    step = 1 if end.column > start.column else -1
    passed = range(int(start.column) + step, int(end.column), step)
    return [known.setdefault((trunk, c), Box(c, side, rank=trunk.rank)) for c in passed]


def _order(columns: list[list[Box]], edges: list[Edge]) -> None:
    """Rows for the boxes of each column, such that few arrows cross."""
    near: dict[Box, dict[int, list[Box]]] = {}
    for a, b in edges:
        for x, y in ((a, b), (b, a)):
            near.setdefault(x, {}).setdefault(int(y.column), []).append(y)
    for column in columns:
        column.sort(key=lambda box: box.rank)
        _number(column)
    best = _crossings(edges), {box: box.row for column in columns for box in column}
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        for c in range(len(columns))[:: 1 if forth else -1]:

            def middle(box: Box, beside: int = c - 1 if forth else c + 1) -> float:
                others = near.get(box, {}).get(beside, [])
                return sum(o.row for o in others) / len(others) if others else box.row

            columns[c].sort(key=middle)
            _number(columns[c])
        found = _crossings(edges)
        if found < best[0]:
            best = found, {box: box.row for column in columns for box in column}
    for box, row in best[1].items():
        box.row = row


def _number(column: list[Box]) -> None:
    for row, box in enumerate(column):
        box.row = row


def _crossings(edges: list[Edge]) -> int:
    """How many pairs of arrows between the same two columns cross."""
    by_gap: dict[int, list[tuple[int, int]]] = {}
    for edge in edges:
        a, b = sorted(edge, key=lambda box: box.column)
        by_gap.setdefault(int(a.column), []).append((a.row, b.row))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0
        for pairs in by_gap.values()
        for i, a in enumerate(pairs)
        for b in pairs[:i]
    )


@dataclass
class _Lanes:
    """Who runs where: the lane of a box in the gap right of a column, and along the axis."""

    down: dict[tuple[int, Box], int]
    along: dict[Box, int]

    def count(self, column: int) -> int:
        return sum(c == column for c, _ in self.down)


def _lanes(links: list[Edge]) -> _Lanes:
    down: dict[tuple[int, Box], int] = {}
    spans: dict[Box, list[int]] = {}
    for start, end in sorted(links, key=lambda link: (link[0].column, link[0].row)):
        for column in dict.fromkeys((int(start.column), int(end.column))):
            lane = sum(c == column for c, _ in down)
            down.setdefault((column, start), lane)
            spans.setdefault(start, []).append(column)
    along: dict[Box, int] = {}
    ends: list[int] = []  # of each lane, the last column that is taken
    for box, span in sorted(spans.items(), key=lambda item: min(item[1])):
        first, last = min(span), max(span)
        if first < last:
            free = [i for i, end in enumerate(ends) if end < first]
            along[box] = free[0] if free else len(ends)
            ends[along[box] : along[box] + 1] = [last]
    return _Lanes(down, along)


def _place(columns: list[list[Box]], links: list[Edge], lanes: _Lanes, layout: Layout) -> None:
    x = 0.0
    for c, column in enumerate(columns):
        width = max(box.width for box in column)
        for box in column:
            box.x, box.span = x + width / 2, (x, x + width)
        x += width + _GAP + _LANE * lanes.count(c) * (c < len(columns) - 1)
    layout.width = x - _GAP
    heights: dict[tuple[int, int], float] = {}
    for column in columns:
        for box in column:
            key = box.side, box.row
            heights[key] = max(heights.get(key, 0.0), box.height)
    above = sum(h + _ROW_GAP for (side, _), h in heights.items() if side < 0)
    below = sum(h + _ROW_GAP for (side, _), h in heights.items() if side > 0)
    on_axis = max([box.height for column in columns for box in column if not box.side], default=0)
    corridor = max(_AXIS + _LANE * len({*lanes.along.values()}), on_axis / 2)
    middle = above + corridor / 2
    for column in columns:
        for box in column:
            before = sum(heights[box.side, r] + _ROW_GAP for r in range(box.row)) if box.side else 0
            half = corridor / 2 + before + heights[box.side, box.row] / 2
            box.y = middle + box.side * half
    layout.height = above + corridor + below


def _way(link: Edge, lanes: _Lanes, columns: list[list[Box]], links: list[Edge]) -> list[Point]:
    """Out at the right, down, along the axis, down, and in from the right."""
    start, end = link
    others = [other for other in links if other[1] is end]
    into = end.y - end.height / 2 + end.height * (others.index(link) + 1) / (len(others) + 1) / 2

    def gap(column: float) -> float:
        return columns[int(column)][0].span[1] + _GAP / 3 + _LANE * lanes.down[int(column), start]

    out = start.y + start.height / 4
    points = [(start.right, out), (gap(start.column), out)]
    if start in lanes.along and start.column != end.column:
        middle = _middle(columns)
        level = middle + _LANE * (lanes.along[start] - (len({*lanes.along.values()}) - 1) / 2)
        points += [(gap(start.column), level), (gap(end.column), level)]
    return [*points, (gap(end.column), into), (end.right, into)]


def _middle(columns: list[list[Box]]) -> float:
    above = [b.y + b.height / 2 for column in columns for b in column if b.side < 0 and b.height]
    below = [b.y - b.height / 2 for column in columns for b in column if b.side > 0 and b.height]
    return (max(above) + min(below)) / 2
