"""The player's order of rows is NumPy's, number for number: seeds that people noted stay good."""

import numpy as np
import pytest

from backlit.train import data
from backlit.train.player_engine import native

PLAYER = native()
needs_player = pytest.mark.skipif(PLAYER is None, reason="the native player was not built")

# Around powers of two the bits that are drawn change; 9 numbers are more than one draw of Philox.
SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 100, 255, 256, 257, 1797, 4096, 65_535, 65_537, 300_000]
KEYS = [(0, 1), (1, 1), (0, 2), (7, 1000), (2**32, 2**32 + 1), (2**63 - 1, 123_456_789)]


@needs_player
@pytest.mark.parametrize("rows", SIZES)
def test_as_numpy_shuffles(rows):
    for seed, epoch in KEYS:
        made = PLAYER.permutation(rows, seed, epoch)
        assert made.dtype == np.int64
        np.testing.assert_array_equal(made, data.numpy_order(rows, seed, epoch))


@needs_player
def test_as_numpy_shuffles_many_small_ones():
    for rows in range(60):
        for epoch in range(1, 20):
            expected = data.numpy_order(rows, 3, epoch)
            np.testing.assert_array_equal(PLAYER.permutation(rows, 3, epoch), expected)


@needs_player
def test_the_order_is_an_array_like_any_other():
    made = PLAYER.permutation(10, 0, 1)
    made[:] = 5
    assert made.flags.writeable
    assert PLAYER.permutation(10, 0, 1).tolist() != made.tolist()


@needs_player
def test_what_cannot_be_shuffled():
    with pytest.raises(ValueError, match="fewer than no rows"):
        PLAYER.permutation(-1, 0, 1)
    with pytest.raises(ValueError, match="more than 2³² rows"):
        PLAYER.permutation(2**32 + 1, 0, 1)


def test_the_same_without_the_player(monkeypatch):
    expected = data.order(1000, 4, 5)
    monkeypatch.setattr(data, "native", lambda: None)
    np.testing.assert_array_equal(data.order(1000, 4, 5), expected)
