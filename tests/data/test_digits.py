"""The digits that ship with backlit are the real ones."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from backlit.data import digits
from backlit.errors import InputError


def test_they_are_scikit_learns():
    ours, theirs = digits(), load_digits()
    np.testing.assert_array_equal(16 * ours.images, theirs.images)
    np.testing.assert_array_equal(16 * ours.pixels, theirs.data)
    np.testing.assert_array_equal(ours.labels, theirs.target)


def test_a_split_uses_every_digit_once():
    data = digits()
    train, test = data.split(held_out=300, seed=4)
    assert (len(train), len(test)) == (1497, 300)
    together = np.concatenate([train.pixels, test.pixels])
    order = np.lexsort(together.T), np.lexsort(data.pixels.T)
    np.testing.assert_array_equal(together[order[0]], data.pixels[order[1]])
    np.testing.assert_array_equal(
        np.concatenate([train.labels, test.labels])[order[0]], data.labels[order[1]]
    )


def test_a_seed_gives_the_same_split_and_another_seed_another():
    first, again, other = (digits().split(seed=s)[1].labels for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("held_out", [0, -1, 1797])
def test_a_split_leaves_rows_on_both_sides(held_out):
    with pytest.raises(InputError, match="held_out"):
        digits().split(held_out=held_out)
