"""Arrays and plain values as Python writes them."""

import numpy as np
import pytest

from backlit.show.literals import array_text, literal

rng = np.random.default_rng(0)


@pytest.mark.parametrize(
    "array",
    [
        np.array([0.1, 1 / 3, -0.0, np.nan, np.inf, -np.inf, 5e-324, 1e300]),
        np.array([0.1, 1 / 3, 16777217, np.nan], np.float32),
        np.array([[0.1, 2], [3, 4]], np.float16),
        np.array([[True, False]]),
        np.array([2**62, -1]),
        np.array([1, 2], np.int8),
        np.zeros((3, 400)),
        np.full((2, 3), 0.1, np.float32),
        np.array([0.0, -0.0]),
        np.full(3, -0.0),
        np.full((3,), np.nan),
        np.ones((2, 2), np.uint8),
        np.ones((2, 2), bool),
        np.zeros((0, 3)),
        np.zeros((0, 3), np.float32),
        np.array(0.1),
        np.float64(0.1),
        np.float32(0.1),
        rng.normal(size=(40, 50)),
        rng.normal(size=(4, 5)).T,
        rng.normal(size=(2, 3, 4)).transpose(2, 0, 1),
        rng.normal(size=(2, 3, 30)).astype(np.float32),
    ],
)
def test_arrays_come_back_to_the_bit(array):
    text = array_text(array)
    back = eval(text, {"np": np})
    assert (type(back), back.dtype, back.shape) == (type(array), array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()
    assert back.strides == array.strides or not array.size
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    "value",
    [None, ..., True, 3, -0.5, "ij->j", (), (1,), (slice(None), slice(1, None), slice(3, 0, -2)),
     (slice(None, 4), None), [1, (2, 3)], float("inf"), -np.inf, np.float32(0.1), np.int8(3)],
)  # fmt: skip
def test_plain_values_come_back(value):
    back = eval(literal(value), {"np": np})
    assert back == value
    assert type(back) is type(value)


def test_what_is_not_plain_is_not_written():
    assert literal(np.ones(2)) is None
    assert literal((1, object())) is None


def test_what_is_the_same_all_over_is_short():
    assert array_text(np.zeros((3, 400))) == "np.full((3, 400), 0.0)"
    assert array_text(np.array([0.0, -0.0])) == "np.array([0.0, -0.0])"
