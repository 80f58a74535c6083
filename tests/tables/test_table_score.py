"""Scores against figures worked out otherwise; intervals that hold what they promise."""

import numpy as np
import pytest

from backlit.prove.statistics import Estimate
from backlit.tables.score import Accuracy, Error, accuracy, error, figures


def test_accuracy_with_wilsons_interval():
    found = accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0]))
    assert found == Accuracy(3, 4)
    assert str(Accuracy(18, 20)) == "90.0 % [69.9, 97.2]  18 of 20 rows"
    assert str(Accuracy(1, 1)).endswith("1 of 1 row")


def test_better_is_what_chance_does_not_explain():
    assert Accuracy(18, 20).better_than(Accuracy(13, 20))
    assert not Accuracy(18, 20).better_than(Accuracy(14, 20))

    def scored(low, rows=100):
        return Error(Estimate(0.5, low, 0.6), Estimate(1.0, 0.9, 1.1), 1.0, rows)

    constant = Error(Estimate(-0.1, -0.2, 0.0), Estimate(1.0, 0.9, 1.1), 1.0, 100)
    assert scored(0.01).better_than(constant)
    assert scored(-0.09).better_than(constant)
    assert not scored(-0.11).better_than(constant)
    assert not scored(0.01, rows=9).better_than(constant)
    unknown = Error(None, Estimate(1.0, 0.9, 1.1), 1.0, 100)
    assert not unknown.better_than(constant)


def test_few_rows_have_no_interval():
    truth = np.arange(10.0)
    assert error(truth, truth + np.sin(truth)).rmse.known
    few = error(truth[:9], (truth + np.sin(truth))[:9])
    assert not few.rmse.known
    assert not few.r2.known
    assert (few.interval, Accuracy(1, 2).interval) == (False, True)


def test_errors_by_their_definitions():
    truth, predicted = np.array([1.0, 2.0, 4.0, 9.0]), np.array([1.0, 3.0, 4.0, 7.0])
    found = error(truth, predicted)
    assert found.r2.value == pytest.approx(1 - 5 / np.sum((truth - 4) ** 2))
    assert found.rmse.value == pytest.approx(np.sqrt(5 / 4))
    assert found.mae == pytest.approx(3 / 4)


def test_units_change_the_errors_alone():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=50)
    predicted = truth + rng.normal(0, 0.5, 50)
    one, other = error(truth, predicted), error(1e140 * truth, 1e140 * predicted)
    assert other.r2.value == pytest.approx(one.r2.value)
    assert other.rmse.high == pytest.approx(1e140 * one.rmse.high)


def test_rows_of_one_value_have_no_r2():
    found = error(np.full(3, 2.0), np.array([1.0, 2.0, 3.0]))
    assert found.r2 is None
    assert str(found).startswith("R² unknown")
    assert error(np.array([2.0]), np.array([2.0])).rmse.value == 0


@pytest.mark.slow
def test_the_interval_holds_the_true_error_19_times_of_20():
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(100):
        truth = rng.normal(0, 2, 200)
        found = error(truth, truth + rng.normal(size=200))  # RMSE 1, R² 1 − 1/4
        held += (found.rmse.low < 1 < found.rmse.high) + (found.r2.low < 0.75 < found.r2.high)
    assert 180 <= held <= 200


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(59.21, 50.83, 67.02), "59 [51, 67]"),
        (Estimate(1.2345, 1.2, 1.27), "1.234 [1.200, 1.270]"),
        (Estimate(1405123.0, 959000.0, 1975000.0), "1,405,123 [959,000, 1,975,000]"),
        (Estimate(0.5, 0.5, 0.5), "0.5"),
    ],
)
def test_figures_have_the_digits_they_deserve(estimate, text):
    assert figures(estimate) == text
