"""NaN, infinities, both zeros, ties: the player against NumPy where a number is no usual one."""

import itertools
import platform

import numpy as np
import pytest

from backlit.ir.interpret import interpret
from backlit.ir.op import REGISTRY
from backlit.ir.trace import trace
from backlit.train.player_engine import native

from .native import native_only, play

pytestmark = native_only
ELEMENTWISE = [op for op in REGISTRY.values() if op.elementwise and not op.only_numpy]
SPECIAL = [
    np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 3.0, 1e300, -1e300, 1e-310,
]  # fmt: skip
ALLOWED = {np.float64: 1e-14, np.float32: 2e-6}


@pytest.mark.parametrize("dtype", ALLOWED)
@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_each_with_each(op, dtype):
    pairs = itertools.product(SPECIAL, repeat=len(op.inputs))
    with np.errstate(all="ignore"):
        columns = [np.array(x).astype(dtype) for x in zip(*pairs, strict=True)]
        inputs = [
            x != 0 if name in op.masks else x for name, x in zip(op.inputs, columns, strict=True)
        ]
        graph = trace(lambda *x: op(*x)[::-1], *inputs, wrt=()).graph  # a copy: see below
        expected = interpret(graph, *inputs)[0].astype(float)
    (found,) = play(graph, *inputs, dtype=dtype)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(found[~finite], expected[~finite])
    np.testing.assert_allclose(
        found[finite], expected[finite], ALLOWED[dtype], np.finfo(dtype).smallest_subnormal
    )


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="kept elsewhere: see docs"
)
@pytest.mark.parametrize("lanes", [name for name, _ in native().LANES] if native() else [])
@pytest.mark.parametrize("dtype", ALLOWED)
def test_no_update_makes_a_subnormal_number(dtype, lanes):
    """Moments would fade into such numbers, and a processor is a hundred times slower then."""
    least = np.finfo(dtype).smallest_normal
    x = np.array([least, -least, 4 * least, 0], dtype)
    (kept,) = play(trace(lambda x: 0.5 * x, x).graph, x, dtype=dtype, lanes=lanes)
    graph = trace(lambda x: (0.5 * x)[::-1], x).graph
    (copied,) = play(graph, x, dtype=dtype, lanes=lanes)
    np.testing.assert_array_equal(kept, [0, 0, 2 * least, 0])
    np.testing.assert_array_equal(copied, [0, 2 * least, -least / 2, least / 2])


ALONG = {
    "max": np.max,
    "min": np.min,
    "sum": np.sum,
    "prod": np.prod,
    "any": np.any,
    "all": np.all,
    "cumsum": np.cumsum,
    "sort": np.sort,
    "argsort": lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
    "argmax": np.argmax,
    "argmin": np.argmin,
    "fraction of NaN": lambda x, axis: np.mean(np.isnan(x), axis=axis),
    "where": lambda x, axis: np.where(x > np.mean(x, axis=axis, keepdims=True), x, -x),
}


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", ALONG)
@pytest.mark.parametrize("strange", [(), (np.nan,), (np.inf,), (np.inf, -np.inf), (-0.0, np.nan)])
def test_along_an_axis(name, axis, strange):
    """In a few rows and columns of whole numbers with many ties."""
    rng = np.random.default_rng(len(strange))
    x = rng.choice([0.0, 1.0, 2.0, -1.0], (40, 37))
    for value in strange:
        x[rng.integers(0, 40, 9), rng.integers(0, 37, 9)] = value
    with np.errstate(all="ignore"):
        graph = trace(lambda x: ALONG[name](x, axis=axis), x).graph
        (expected,) = interpret(graph, x)
    (found,) = play(graph, x)
    np.testing.assert_array_equal(found, expected.astype(float))


def test_of_equal_entries_the_first_is_the_largest_and_the_smallest():
    x = np.array([[2.0, 3.0, 3.0, 1.0, 1.0], [0.0, -0.0, 0.0, -0.0, 0.0]])
    graph = trace(lambda x: (np.argmax(x, axis=1), np.argmin(x, axis=1)), x).graph
    largest, smallest = play(graph, x)
    np.testing.assert_array_equal(largest, [1, 0])
    np.testing.assert_array_equal(smallest, [3, 0])


def test_softmax_of_a_masked_row():
    x = np.array([[1.0, -np.inf, 2.0], [-np.inf, -np.inf, 0.5]])
    softmax = REGISTRY["softmax"]
    graph = trace(softmax, x).graph
    np.testing.assert_allclose(play(graph, x)[0], softmax(x), rtol=1e-15)
