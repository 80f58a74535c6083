"""Chapters 2 to 4, 6 and 7: the small network's figures beside plain NumPy."""

import re

import numpy as np
import pytest

from backlit.show.notation import TEXT
from backlit.tour import backward, network, update
from backlit.tour.blocks import Code, Derived, Equations, Prose, Table
from backlit.tour.figures import plain

SEEDS = [0, 1, 2]


def words(blocks):
    return " ".join(block.text for block in blocks if isinstance(block, Prose))


def by_hand(params):
    """Forward and backward in NumPy, written from the formulas of the article."""
    X, T = network.X, network.T
    (W1, b1), (W2, b2) = params
    out1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    out2 = 1 / (1 + np.exp(-(out1 @ W2 + b2)))
    delta2 = (out2 - T) * out2 * (1 - out2)
    delta1 = delta2 @ W2.T * out1 * (1 - out1)
    slopes = [X.T @ delta1, delta1.sum(0), out1.T @ delta2, delta2.sum(0)]
    return out1, out2, np.sum((T - out2) ** 2) / 2, slopes


@pytest.mark.parametrize("seed", SEEDS)
def test_forward_and_loss(seed):
    out1, out2, loss, _ = by_hand(network.weights(seed))
    shown = [b for b in network.forward(seed) if isinstance(b, Equations)][-1]
    assert [line.write(TEXT).split(" = ")[0] for line in shown.lines] == [
        "Net1", "Out1", "Net2", "Out2",
    ]  # fmt: skip
    np.testing.assert_allclose(shown.lines[1].value, out1, atol=1e-14)
    np.testing.assert_allclose(shown.lines[3].value, out2, atol=1e-14)
    (line,) = next(b for b in network.loss(seed) if isinstance(b, Equations)).lines
    assert line.value == pytest.approx(loss)


def test_the_code_shown_is_the_code_that_runs():
    code = next(block for block in network.forward(0) if isinstance(block, Code)).text
    scope = {"sigmoid": network.sigmoid, "np": np}
    exec(code, scope)
    params = network.weights(0)
    expected = network.network(params, network.X, network.T)
    assert scope["network"](params, network.X, network.T) == expected
    assert '"""' not in code


def test_the_tangent_touches_the_curve_with_its_slope():
    curve, tangent, point = network.curve(network.derivation(0)).series
    rise = np.diff(tangent.y)[0] / np.diff(tangent.x)[0]
    around = np.interp(point.x + [-0.05, 0.05], curve.x, curve.y)
    assert rise == pytest.approx(np.diff(around)[0] / 0.1, rel=0.01)
    assert point.y[0] == pytest.approx(np.interp(point.x[0], curve.x, curve.y), abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_paths_and_the_transpose(seed):
    *_, slopes = by_hand(network.weights(seed))
    blocks = [*backward.backward(seed)]
    derived = next(block for block in blocks if isinstance(block, Derived)).derivation
    values = derived.values_of()
    for name, slope in zip(("dW1", "db1", "dW2", "db2"), slopes, strict=True):
        np.testing.assert_allclose(values[name], slope, atol=1e-14)
    text, (by_paths, by_rows) = words(blocks), [b for b in blocks if isinstance(b, Table)]
    weight = plain(slopes[0][0, 1])
    assert f"add up to {weight}. The matrices above say {weight} " in text
    assert len(by_paths.head) == 3  # two rows in which the input is 1
    numbers = [[float(w.replace("−", "-")) for w in row[1:]] for row in by_paths.rows]
    np.testing.assert_allclose(np.prod(numbers[:-1], axis=0), numbers[-1], atol=2e-4)
    products = [float(row[-1].replace("−", "-")) for row in by_rows.rows]
    assert sum(products[:-1]) == pytest.approx(products[-1], abs=3e-5)
    assert products[-1] == pytest.approx(slopes[2][0, 0], abs=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_weight_is_checked_and_a_planted_mistake_is_caught(seed):
    blocks = [*backward.check(seed)]
    rows = [*backward.nudged(network.derivation(seed))]
    assert len(rows) == 13 == len(next(b for b in blocks if isinstance(b, Table)).rows)
    assert max(abs(own - measured) for _, own, measured in rows) < 1e-9
    right, wrong = (block.text for block in blocks[-2:])
    assert "The gradient agrees with" in right
    assert "The gradient DISAGREES with" in wrong


@pytest.mark.parametrize("seed", SEEDS)
def test_one_update(seed):
    params = network.weights(seed)
    *_, loss, slopes = by_hand(params)
    flat = [w for layer in params for w in layer]
    W1, b1, W2, b2 = (w - update.RATE * slope for w, slope in zip(flat, slopes, strict=True))
    *_, after, _ = by_hand([(W1, b1), (W2, b2)])
    blocks = update.update(seed)
    head, table, told = (next(blocks) for _ in range(3))
    assert "$α = 0.5$" in head.text
    shown = [row[3] for row in table.rows]
    expected = [f"{x:.5f}".replace("-", "−") for w in (W1, b1, W2, b2) for x in w.ravel()]
    assert shown == expected
    assert f"The loss was {plain(loss)}; after this step it is {plain(after)}." in told.text
    assert after < loss


@pytest.mark.parametrize("seed", [0, pytest.param(3, marks=pytest.mark.slow)])
def test_many_updates_solve_the_task(seed):
    text = words(update.many(seed))
    assert "4 of 4 answers are right" in text
    assert float(re.search(r"Loss ([\d.]+):", text)[1]) < 0.01


def test_a_start_that_ends_in_another_valley_says_so(monkeypatch):
    monkeypatch.setattr(update, "EPOCHS", 1)
    assert "This start lies in a valley" in words(update.many(0))
