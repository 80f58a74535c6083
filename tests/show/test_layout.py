"""Boxes do not overlap, links keep to the gaps, and arrows cross as little as they can."""

import itertools

import pytest

from backlit.show.layout import Box, lay_out


def overlap(a, b):
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2


def overlaps(boxes):
    return [pair for pair in itertools.combinations(boxes, 2) if overlap(*pair)]


def strikes(points, boxes):
    """The boxes that a broken line runs through."""
    return [
        box
        for (x1, y1), (x2, y2) in itertools.pairwise(points)
        for box in boxes
        if min(x1, x2) < box.x + box.width / 2 - 0.1
        and max(x1, x2) > box.x - box.width / 2 + 0.1
        and min(y1, y2) < box.y + box.height / 2 - 0.1
        and max(y1, y2) > box.y - box.height / 2 + 0.1
    ]


def box(column, side=-1, **more):
    return Box(column, side, **{"width": 60.0, "height": 30.0} | more)


def test_columns_run_to_the_right_and_rows_away_from_the_axis():
    a, b, c = box(0), box(1), box(2, side=0)
    wide, low = box(1, width=140.0), box(1, side=1)
    layout = lay_out([a, b, c, wide, low], [(a, b), (b, c), (a, wide), (c, low)], [])
    assert a.x < b.x < c.x
    assert b.x == wide.x
    assert wide.y < b.y < c.y < low.y
    assert not overlaps([a, b, c, wide, low])
    assert layout.width >= c.right
    assert layout.height >= low.y + low.height / 2


def test_columns_between_whole_ones_take_their_place():
    a, half, b = box(1), box(0.5), box(0)
    lay_out([a, half, b], [], [])
    assert [x.column for x in (b, half, a)] == [0, 1, 2]
    assert b.x < half.x < a.x


def test_crossings_are_undone():
    left, right = [box(0) for _ in range(4)], [box(1) for _ in range(4)]
    lay_out([*left, *right], list(zip(left, reversed(right), strict=True)), [])
    pairs = zip(left, reversed(right), strict=True)
    assert all(a.y == b.y for a, b in pairs)


def test_a_long_arrow_has_a_place_of_its_own_in_each_column():
    a, b, c = box(0), box(1), box(2)
    layout = lay_out([a, b, c], [(a, b), (b, c), (a, c)], [])
    way = layout.arrows[-1]
    assert way[0] is a
    assert way[-1] is c
    assert [x.column for x in way] == [0, 1, 2]
    assert abs(way[1].y - b.y) > b.height / 2


def test_a_box_below_stands_in_the_row_of_the_one_it_belongs_to():
    above = [box(0, rank=rank) for rank in (2, 0, 1)]
    below = [box(0, side=1, under=other) for other in above]
    lay_out([*above, *below], [], [])
    assert [b.row for b in below] == [b.row for b in above] == [2, 0, 1]


@pytest.mark.parametrize("ends", [[(0, 0)], [(1, 0), (0, 2)], [(0, 2), (1, 2), (2, 0), (0, 1)]])
def test_links_run_through_gaps_only(ends):
    above = [box(i % 3) for i in range(6)]
    below = [box(i % 3, side=1) for i in range(6)]
    links = [(above[i], below[j + 3 * k]) for i, j in ends for k in (0, 1)]
    layout = lay_out([*above, *below], [], links)
    for (start, end), way in zip(links, layout.links, strict=True):
        assert not strikes(way, [*above, *below])
        assert way[0][0] == start.right
        assert abs(way[0][1] - start.y) < start.height / 2
        assert way[-1][0] == end.right
        assert abs(way[-1][1] - end.y) < end.height / 2
        assert all(x1 == x2 or y1 == y2 for (x1, y1), (x2, y2) in itertools.pairwise(way))
    tips = [way[-1] for way in layout.links]
    assert len(set(tips)) == len(tips)
