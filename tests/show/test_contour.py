"""Level lines lie where the surface has that height."""

import numpy as np
import pytest

from backlit.show.contour import level_lines

X, Y = np.linspace(-2, 2, 41), np.linspace(-1, 1, 31)


def segments(z, levels):
    x, y = level_lines(X, Y, z, levels)
    assert np.all(np.isnan(x[2::3]))
    return x.reshape(-1, 3)[:, :2], y.reshape(-1, 3)[:, :2]


def test_a_plane_is_cut_exactly():
    x, y = segments(X[None, :] + 2 * Y[:, None], [0.3])
    np.testing.assert_allclose(x + 2 * y, 0.3, atol=1e-12)
    assert np.hypot(*(np.diff(v, axis=1) for v in (x, y))).sum() == pytest.approx(1.85 * 5**0.5)


def test_a_circle_is_closed_and_has_its_length():
    x, y = segments(X[None, :] ** 2 + Y[:, None] ** 2, [0.6431])
    np.testing.assert_allclose(np.hypot(x, y), 0.6431**0.5, atol=2e-3)
    length = np.hypot(np.diff(x, axis=1), np.diff(y, axis=1)).sum()
    assert length == pytest.approx(2 * np.pi * 0.6431**0.5, rel=2e-3)
    ends = np.round(np.stack([x.ravel(), y.ravel()], axis=1), 9)
    _, counts = np.unique(ends, axis=0, return_counts=True)
    assert set(counts) == {2}


def test_both_branches_of_a_saddle():
    x, y = level_lines([0, 1], [0, 1], [[1, 0], [0, 1]], [0.5])
    assert len(x) == len(y) == 6


def test_no_level_no_line_and_holes_stay_open():
    assert level_lines(X, Y, np.zeros((31, 41)), [1.0])[0].size == 0
    z = X[None, :] + 0 * Y[:, None]
    z[:, :20] = np.nan
    assert np.nanmin(segments(z, [0.5])[0]) == pytest.approx(0.5)
