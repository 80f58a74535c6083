"""The error of every op is within its bound, and docs/accuracy.md says so."""

import math

import numpy as np
import pytest

import backlit as bl
from backlit.ir.op import REGISTRY

from .measure import measure, points, quietly, study
from .page import PAGE, TABLES, exact, known, table, with_part
from .reference import ELEMENTWISE, KNOWN

INF, NAN = math.inf, math.nan
LIMITS = {  # value at −∞ and ∞; slope there
    "sigmoid": (0, 1, 0, 0),
    "tanh": (-1, 1, 0, 0),
    "relu": (0, INF, 0, 1),
    "leaky_relu": (-INF, INF, 0.01, 1),
    "elu": (-1, INF, 0, 1),
    "softplus": (0, INF, 0, 1),
    "silu": (0, INF, NAN, NAN),  # the page says so
    "gelu": (0, INF, NAN, NAN),
    "normal_cdf": (0, 1, 0, 0),
    "gaussian": (0, 0, NAN, NAN),
    "erf": (-1, 1, 0, 0),
    "exp": (0, INF, 0, INF),
    "expm1": (-1, INF, 0, INF),
    "exp2": (0, INF, 0, INF),
    "arctan": (-math.pi / 2, math.pi / 2, 0, 0),
    "arcsinh": (-INF, INF, 0, 0),
    "cbrt": (-INF, INF, 0, 0),
    "reciprocal": (0, 0, 0, 0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_within_its_bound(name):
    figures = zip(measure(name), TABLES[name].most, strict=True)
    late = [i for i, (worst, most) in enumerate(figures) if worst.ulps > most or worst.warned]
    assert bool(late) == (name in KNOWN)  # a loss that is gone must leave the list
    assert all(i >= 2 for i in late)  # only slopes are there


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_at_infinity(name, dtype):
    op, ends = REGISTRY[name], np.array([-INF, INF, NAN], dtype)
    value, said = quietly(op, ends)
    np.testing.assert_allclose(value, np.array([*LIMITS[name][:2], NAN]), rtol=1e-6)
    assert not said
    with np.errstate(all="ignore"):
        slopes = bl.grad(lambda x: np.sum(op(x)))(ends[:2])
    np.testing.assert_allclose(slopes, LIMITS[name][2:], rtol=1e-6)


def test_an_impossible_class_has_no_chance():
    logits = np.array([1.0, -INF, 1.0])
    np.testing.assert_array_equal(bl.nn.softmax(logits), [0.5, 0, 0.5])
    np.testing.assert_allclose(bl.nn.log_softmax(logits), [-math.log(2), -INF, -math.log(2)])


@pytest.mark.parametrize("naive", ["warns", "loses"])
def test_a_naive_formula_is_seen(naive):
    row = ELEMENTWISE["softplus"]

    def softplus(x):
        return np.log(1 + np.exp(x if naive == "warns" else np.minimum(x, 700)))

    found = study(softplus, row.value, row, [points(np.float64)], np.float64, 0)
    assert found.ulps > 1e6
    assert bool(found.warned) == (naive == "warns")


def test_the_page_is_what_the_tables_say():
    text = PAGE.read_text(encoding="utf-8")
    lines = text.splitlines()
    hardest = {line.split("`")[1]: line.split(" | ")[-1][:-2] for line in lines if "| `" in line}
    parts = {"table": table(hardest), "exact": exact(), "known": known()}
    for mark, part in parts.items():
        assert with_part(text, mark, part) == text, "run make accuracy"


def test_a_stale_page_is_seen(monkeypatch):
    text = PAGE.read_text(encoding="utf-8")
    assert with_part(text, "exact", "`add`") != text
    assert "`add`\n<!-- end -->" in with_part(text, "exact", "`add`")
