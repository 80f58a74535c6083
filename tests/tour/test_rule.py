"""Backpropagation with another rule for the sigmoid: what it computes, and how it is judged."""

import numpy as np
import pytest

from backlit import value_and_grad
from backlit.ir.interpret import interpret
from backlit.passes.reverse import EXACT
from backlit.tour.claim import cross_entropy, net_input, squared, weights
from backlit.tour.network import T, X
from backlit.tour.rule import BLOCKED, DROPPED, angles, asymmetry, follow, under

START = [w[0] for w in weights(0, 1, (2, 4, 1))]
MANY = weights(0, 5, (2, 4, 1))


def directions(rules, loss, params):
    return interpret(under(rules, loss, params, X, T).graph, *params, X, T)[1:]


@pytest.mark.parametrize("loss", [squared, cross_entropy])
def test_the_exact_rule_is_the_gradient(loss):
    _, gradient = value_and_grad(loss)(START, X, T)
    for own, other in zip(directions(EXACT, loss, START), gradient, strict=True):
        np.testing.assert_array_equal(own, other)
    assert under(EXACT, loss, START, X, T).check()


def test_dropped_slopes_are_1():
    W1, b1, W2, _ = START
    H = 1 / (1 + np.exp(-(X @ W1 + b1)))
    delta2 = 1 / (1 + np.exp(-net_input(START, X))) - T
    delta1 = delta2 @ W2.T
    expected = [X.T @ delta1, delta1.sum(0, keepdims=True), H.T @ delta2, delta2.sum(0)]
    for loss in (squared, cross_entropy):
        for found, by_hand in zip(directions(DROPPED, loss, START), expected, strict=True):
            np.testing.assert_allclose(found, np.reshape(by_hand, found.shape), atol=1e-14)
        assert not under(DROPPED, loss, START, X, T).check()


def test_a_blocked_sigmoid_passes_nothing_back():
    dW1, db1, *last = directions(BLOCKED, cross_entropy, START)
    assert not np.any(dW1)
    assert not np.any(db1)
    for own, exact in zip(last, directions(EXACT, cross_entropy, START)[2:], strict=True):
        np.testing.assert_array_equal(own, exact)


def test_many_networks_at_once_do_not_mix():
    together = directions(EXACT, cross_entropy, MANY)
    for k in range(5):
        alone = directions(EXACT, cross_entropy, [w[k] for w in MANY])
        for all_, one in zip(together, alone, strict=True):
            np.testing.assert_allclose(all_[k], one, atol=1e-14)


def test_follow_makes_one_step_for_each_batch_with_each_networks_rate():
    rates = np.array([0.0, 0.1, 0.2, 0.3, 0.4])[:, None, None]
    exact = under(EXACT, cross_entropy, MANY, X, T)
    first = follow(exact, MANY, [(X, T)], rates)
    moved = zip(MANY, directions(EXACT, cross_entropy, MANY), first, strict=True)
    for before, slope, after in moved:
        np.testing.assert_allclose(after, before - rates * slope, atol=1e-15)
    twice, again = (
        follow(exact, MANY, [(X, T)] * 2, rates),
        follow(exact, first, [(X, T)], rates),
    )
    for a, b in zip(twice, again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_angles():
    one = [np.array([[[1.0, 0.0]], [[1.0, 1.0]]])]
    other = [np.array([[[0.0, 2.0]], [[-3.0, -3.0]]])]
    np.testing.assert_allclose(angles(one, other), [90, 180])
    np.testing.assert_allclose(angles(one, one), 0, atol=1e-5)


def test_only_a_gradient_has_a_symmetric_derivative():
    one = weights(0, 1, (2, 4, 1))
    skew = {
        name: asymmetry(under(rules, cross_entropy, one, X, T), (X, T))
        for name, rules in (("exact", EXACT), ("dropped", DROPPED))
    }
    assert skew["exact"] < 1e-12
    assert skew["dropped"] > 0.1
