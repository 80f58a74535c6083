"""What a training is given is checked; rows come in an order that seed and epoch decide."""

import collections
import dataclasses

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.train.data import as_arrays, as_parameters, batches, order

X, Y = np.arange(12.0).reshape(6, 2), np.arange(6)


def gathered(rows, size, arrays=(X, Y)):
    return [(share, *part) for share, part in batches(arrays, rows, size)]


def test_every_row_once_in_the_given_order():
    rows = np.array([5, 0, 3, 1, 4, 2])
    parts = gathered(rows, 4)
    assert [len(x) for _, x, _ in parts] == [4, 2]
    assert [share for share, _, _ in parts] == [4 / 6, 2 / 6]
    np.testing.assert_array_equal(np.concatenate([y for _, _, y in parts]), rows)
    np.testing.assert_array_equal(np.concatenate([x for _, x, _ in parts]), X[rows])


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6, 100])
def test_batch_sizes(size):
    parts = gathered(None, size)
    np.testing.assert_array_equal(np.concatenate([x for _, x, _ in parts]), X)
    assert all(np.shares_memory(x, X) for _, x, _ in parts)  # views: nothing is copied
    assert sum(share for share, _, _ in parts) == pytest.approx(1)
    assert [len(y) for *_, y in parts[:-1]] == [size] * (len(parts) - 1)


def test_the_order_depends_on_seed_and_epoch_alone():
    assert sorted(order(100, 0, 1)) == list(range(100))
    np.testing.assert_array_equal(order(100, 3, 7), order(100, 3, 7))
    seen = {tuple(order(100, seed, epoch)) for seed in range(5) for epoch in range(1, 5)}
    assert len(seen) == 20
    np.random.seed(1)
    before = np.random.random()
    np.random.seed(1)
    order(100, 0, 1)
    assert np.random.random() == before
    assert sorted(order(3, 2**63 - 1, 1)) == [0, 1, 2]


def test_the_order_is_pinned():
    """Philox with the key (seed, epoch): another order would break the seeds people wrote down."""
    assert order(6, 0, 1).tolist() == [2, 0, 4, 1, 5, 3]
    assert order(6, 1, 1).tolist() == [3, 1, 4, 2, 0, 5]


def test_floats_take_the_dtype_and_integers_stay():
    x, y, m = as_arrays((X, Y, Y > 2), np.float32)
    assert (x.dtype, y.dtype, m.dtype) == (np.float32, Y.dtype, bool)
    assert as_arrays(X, np.float64)[0] is X  # nothing is copied needlessly
    assert [len(a) for a in as_arrays([X, Y], np.float64)] == [6, 6]
    assert as_arrays(([[1.0, 2.0]], [3]), np.float64)[0].shape == (1, 2)
    swapped = as_arrays(X.astype(">f8"), np.float64)[0]
    np.testing.assert_array_equal(swapped, X)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ((X, Y[:4]), "the arrays of data have 6 and 4 rows; expected the same number"),
        (X.tolist(), r"data is a list, .*np.array\(data\) or a tuple"),
        ([], "data is a list"),
        ((), "data is empty"),
        (([[1.0], [1.0, 2.0]], [1, 2]), r"data\[0\] is no array of numbers"),
        ((x for x in X), r"data\[0\] is a generator of dtype object"),
        ({"X": X}, r"data\[0\] is a dict"),
        ((X, np.array(list("abcdef"))), r"data\[1\] .*np.unique"),
        ((X, np.array([None] * 6)), r"data\[1\] .* of dtype object"),
        ((X, X + 1j), r"data\[1\] .* of dtype complex128"),
        ((X, Y.astype("datetime64[s]")), r"data\[1\] .* of dtype datetime64"),
        ((X, 3.0), r"data\[1\] has shape \(\); expected rows"),
        ((np.zeros((0, 2)),), r"data\[0\] has shape \(0, 2\)"),
        ((np.zeros((3, 0)),), r"data\[0\] has shape \(3, 0\)"),
        ((X, np.where(Y > 3, np.nan, 1.0)), r"data\[1\] has 2 entries that are NaN or infinite"),
        ((X, np.where(Y > 4, np.inf, 1.0)), r"data\[1\] has 1 entries"),
        ((1e300 * X, Y), r"data\[0\] has 11 entries that are NaN or infinite in float32"),
        ((np.ma.masked_greater(X, 3), Y), r"data\[0\] has masked entries"),
    ],
)
def test_data_that_cannot_be_used(data, words):
    with pytest.raises(InputError, match=words):
        as_arrays(data, np.float32)


def test_parameters_are_copied_in_their_containers():
    Pair = collections.namedtuple("Pair", "W b")
    given = {"layers": [Pair(np.ones((2, 3), np.float32), np.zeros(3, np.float32))], "scale": 2.0}
    params, dtype = as_parameters(given, None)
    assert dtype == np.float32  # a plain number takes the dtype of the arrays
    assert type(params["layers"][0]) is Pair
    assert params["scale"].dtype == np.float32
    assert not np.shares_memory(params["layers"][0].W, given["layers"][0].W)

    @dataclasses.dataclass(frozen=True)
    class Net:
        W: np.ndarray

    assert as_parameters(Net(np.array([1, 2])), None)[0].W.dtype == np.float64


@pytest.mark.parametrize(
    ("params", "dtype", "expected"),
    [
        (np.ones(2, np.float32), None, "f4"),
        ([np.ones(2, np.float32), np.ones(2)], None, "f8"),
        ([np.ones(2, np.float32), 1.0, 2], None, "f4"),
        ([np.ones(2, np.float32), np.arange(3)], None, "f4"),
        (np.ones(2), np.float32, "f4"),
        (np.ones(2, np.float16), "float32", "f4"),
        (np.arange(3), None, "f8"),
        (1, None, "f8"),
        (np.float32(1), None, "f4"),
        (np.ones(2, ">f8"), None, "f8"),
    ],
)
def test_the_dtype_of_the_parameters(params, dtype, expected):
    made, found = as_parameters(params, dtype)
    parts = made if isinstance(made, list) else [made]
    assert {np.dtype(expected)} == {found, *[p.dtype for p in parts]}


@pytest.mark.parametrize(
    ("params", "dtype", "words"),
    [
        ([], None, "params holds no arrays"),
        ({"W": {}}, None, "params holds no arrays"),
        ({"W": X, "act": "relu"}, None, r"params\['act'\] is a str"),
        ([(X, None)], None, r"params\[0\]\[1\] is a NoneType"),
        ({"W": X, "bias": True}, None, r"params\['bias'\] is a truth value"),
        ([X + 1j], None, r"params\[0\] is a ndarray of dtype complex128"),
        ([np.where(X > 3, np.inf, X)], None, r"params\[0\] has .* NaN or infinite"),
        ([1e300 * X], np.float32, r"params\[0\] has 11 entries .* in float32"),
        (np.ones(2, np.float16), None, "dtype=float16; known: float32 and float64"),
        (X, int, "dtype=int64; known"),
        (X, "half a float", "dtype=half a float; known"),
    ],
)
def test_parameters_that_cannot_be_used(params, dtype, words):
    with pytest.raises(InputError, match=words):
        as_parameters(params, dtype)
