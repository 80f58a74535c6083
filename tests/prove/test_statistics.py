"""Intervals cover the truth as often as they say."""

import numpy as np
import pytest

from backlit.prove.statistics import mean, share


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(18, 20, 0.6990, 0.9721), (20, 20, 0.8389, 1.0), (0, 10, 0.0, 0.2775), (1, 1, 0.2065, 1.0)],
)
def test_wilson_by_the_textbook(successes, trials, low, high):
    found = share(successes, trials)
    assert (found.value, found.low, found.high) == pytest.approx(
        (successes / trials, low, high), abs=1e-4
    )


@pytest.mark.parametrize("p", [0.5, 0.9, 0.97])
def test_wilson_covers(p):
    counts = np.random.default_rng(0).binomial(20, p, size=2000)
    found = [share(int(k), 20) for k in counts]
    assert 0.91 < np.mean([e.low <= p <= e.high for e in found]) < 1


@pytest.mark.slow
def test_bootstrap_covers():
    samples = np.random.default_rng(0).exponential(size=(300, 40))  # skewed, of mean 1
    found = [mean(sample) for sample in samples]
    assert 0.88 < np.mean([e.low <= 1 <= e.high for e in found]) < 0.97
    assert found[0].value == pytest.approx(np.mean(samples[0]))


def test_a_mean_stays_inside_its_trials():
    found = mean([0.9, 0.999, 0.9995, 0.9999])
    assert 0.9 < found.low < found.value < found.high < 1


def test_text_shows_as_many_digits_as_the_interval_knows():
    assert str(mean([0.99941, 0.99952, 0.99969])).startswith("0.99954 [0.99941, 0.99969")
    assert str(mean([0.1, 0.9])) == "0.50 [0.10, 0.90]"
    assert str(mean([-0.00001])) == "0.0000"
    assert str(share(20, 20)) == "1.00 [0.84, 1.00]"
