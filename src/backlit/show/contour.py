"""Level lines of a surface, as a map shows heights."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def level_lines(x: Any, y: Any, z: Any, levels: Sequence[float]) -> tuple[Any, Any]:
    """Where z crosses the levels: x and y of line segments, with nan between the segments.

    z has shape (len(y), len(x)). In each cell of the grid the crossings of its four edges are
    found by linear interpolation and joined in pairs (marching squares).

    >>> xs, ys = level_lines([0, 1], [0, 1], [[0, 1], [0, 1]], [0.25])
    >>> xs, ys
    (array([0.25, 0.25,  nan]), array([ 0.,  1., nan]))
    """
    x, y, z = (np.asarray(values, float) for values in (x, y, z))
    corners = np.stack([*np.broadcast_arrays(x[None, :], y[:, None]), z])  # (x, y, z) by place
    a, b = corners[:, :-1, :-1], corners[:, :-1, 1:]
    c, d = corners[:, 1:, 1:], corners[:, 1:, :-1]
    first = np.stack([a, b, d, a]).reshape(4, 3, -1)  # edges of each cell: a–b, b–c, d–c, a–d
    last = np.stack([b, c, c, d]).reshape(4, 3, -1)
    found = [np.empty((0, 3, 2))]
    for level in levels:
        crossed = (first[:, 2] > level) != (last[:, 2] > level)
        with np.errstate(all="ignore"):
            share = (level - first[:, 2]) / (last[:, 2] - first[:, 2])
            place = first[:, :2] + share[:, None] * (last[:, :2] - first[:, :2])
        cell, edge = np.nonzero(crossed.T)  # two or four for each cell, one after the other
        ends = place[edge, :, cell].reshape(-1, 2, 2)
        found.append(np.concatenate([ends, np.full((len(ends), 1, 2), np.nan)], axis=1))
    lines = np.concatenate(found).reshape(-1, 2)
    return lines[:, 0], lines[:, 1]
