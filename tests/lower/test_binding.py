"""Memory and data that do not fit a program are refused; those that do may lie as they like."""

import numpy as np
import pytest

from .native import native_only
from .test_malformed import Given, refused

pytestmark = native_only


def test_a_state_that_is_too_small_or_no_state():
    given = Given()
    given.state = given.state[:40]
    refused(given, "memory")
    for wrong in (given.state.astype(np.float32), given.state[::2], given.state.reshape(1, -1)):
        given.state = wrong
        with pytest.raises(TypeError):
            given.player()
    given.state = Given().state
    given.state.flags.writeable = False
    with pytest.raises(TypeError):
        given.player()


def test_constants_and_scratch_that_are_too_small():
    given = Given()
    refused_by = given.player
    for name, value in (("constants", np.zeros(1)), ("scratch", 10), ("scratch", -1)):
        with pytest.raises(ValueError, match="memory"):
            refused_by(**{name: value})


@pytest.mark.parametrize("threads", [0, -1, 257])
def test_threads_and_lanes(threads):
    with pytest.raises(ValueError, match="threads"):
        Given().player(threads=threads)
    with pytest.raises(ValueError, match="lanes 'sideways': this machine has scalar"):
        Given().player(lanes="sideways")


def test_data_of_other_types_and_widths():
    given = Given()
    ids, y = given.data
    for wrong, error in (
        ([ids], ValueError),
        ([ids[:, :2], y], ValueError),
        ([ids, y.astype(np.float16)], TypeError),
        ([ids, y.astype(complex)], TypeError),
        ([ids, y[:, 0]], TypeError),
        ([ids, np.repeat(y, 2, axis=1)[:, ::2]], ValueError),
        ([ids, y.astype(str)], TypeError),
    ):
        with pytest.raises(error):
            given.player(data=wrong)


def test_fewer_rows_than_asked_for():
    given = Given()
    player, rows = given.player(), len(given.data[0])
    for wrong in (
        {"rows": 2 * rows, "batch": rows, "rates": np.zeros(2)},
        {"first_row": 1},
        {"first_row": -1},
        {"rates": np.zeros(2)},
        {"batch": 0},
        {"batch": -1},
        {"batch": rows - 1},
        {"batch": 2**62, "rates": np.zeros(4)},
        {"index": np.arange(rows - 1), "batch": rows},
    ):
        with pytest.raises(ValueError):
            given.play(player, **wrong)
    for row in (-1, rows, 2**62):
        index = np.arange(rows)
        index[3] = row
        with pytest.raises(IndexError):
            given.play(player, index=index)
    assert given.play(player)[1] == 1
    empty = given.player(data=[x[:0] for x in given.data])
    with pytest.raises(ValueError, match="rows"):
        given.play(empty)


def test_indices_outside_of_an_array():
    """They come with the data: NumPy then says what is wrong."""
    for wrong in (6, -7, 2**40, -(2**40)):
        given = Given()
        given.data[0] = given.data[0].copy()
        given.data[0][2, 1] = wrong
        with pytest.raises(IndexError, match=f"index {wrong} is out of bounds for size 6"):
            given.play(given.player())


def test_data_is_read_as_it_lies():
    """Backwards, with gaps between rows, read-only, from files, of any number type."""
    expected = None
    ids, y = Given().data
    wide = np.zeros((2 * len(y), y.shape[1] + 3))
    wide[::2, : y.shape[1]] = y
    frozen = y.copy()
    frozen.flags.writeable = False
    backwards = y[::-1].copy()[::-1]
    for given_ids in (ids, *(ids.astype(kind) for kind in "bBhHiIqQfd")):
        for given_y in (y, wide[::2, : y.shape[1]], frozen, backwards):
            given = Given()
            given.data = [given_ids, given_y]
            given.state[:] = np.sin(np.arange(given.state.size))
            given.play(given.player(), rates=np.full(1, 0.1))
            expected = given.state.copy() if expected is None else expected
            np.testing.assert_array_equal(given.state, expected)
