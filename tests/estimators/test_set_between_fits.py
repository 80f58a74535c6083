"""What is set between two fits is heard, or refused."""

import numpy as np
import pytest

import backlit as bl

from .small import classes, fitted, quantities, weights

X, Y = quantities()


@pytest.mark.parametrize(
    "more",
    [
        {"alpha": 50.0}, {"learning_rate_init": 1e-5}, {"loss": "huber"}, {"activation": "tanh"},
        {"dropout": 0.5}, {"clip_norm": 1e-3}, {"batch_size": 10}, {"shuffle": False},
        {"output_activation": "softplus"}, {"optimizer": bl.sgd(0.1)}, {"momentum": 0.1},
        {"learning_rate": bl.step_decay(0.1, every=1)}, {"solver": "adam"}, {"solver": "lbfgs"},
        {"early_stopping": True}, {"learning_rate": "adaptive", "tol": 10.0, "n_iter_no_change": 1},
        {"learning_rate": "invscaling"},
    ],
    ids=lambda more: "-".join(more),
)  # fmt: skip
def test_a_warm_start_hears_what_is_set(more):
    """Of two equal fits one goes on as it was, the other with something else: they differ."""
    settings = {"solver": "sgd", "warm_start": True, "max_iter": 4, "batch_size": 30}
    one, other = (fitted(bl.MLPRegressor(random_state=0, **settings), X, Y) for _ in range(2))
    assert np.array_equal(weights(one), weights(other))
    fitted(one, X, Y)
    fitted(other.set_params(**more), X, Y)
    assert not np.array_equal(weights(one), weights(other))


def test_a_warm_start_takes_the_new_learning_rate_and_decay():
    est = bl.MLPRegressor(warm_start=True, max_iter=1, batch_size=90, alpha=0, random_state=0)
    fitted(est, X, Y)
    fitted(est.set_params(learning_rate_init=0.25, alpha=90.0, optimizer=None), X, Y)
    assert est.history_["learning_rate"] == [0.001, 0.25]
    fitted(est.set_params(optimizer=bl.sgd(0.0)), X, Y)
    error = np.mean((est.predict(X) - Y) ** 2) / 2
    squares = sum(np.sum(W**2) for W in est.coefs_)
    assert est.loss_ == pytest.approx(error + squares / 2)


def test_a_warm_start_cannot_change_widths():
    est = fitted(bl.MLPRegressor(hidden_layer_sizes=5, warm_start=True, max_iter=1), X, Y)
    with pytest.raises(ValueError, match=r"\(4, 5, 1\).*\(4, 6, 1\).*warm_start=False"):
        est.set_params(hidden_layer_sizes=6).fit(X, Y)


def test_answers_are_those_of_the_last_fit():
    X, y = classes()
    est = fitted(bl.MLPClassifier(max_iter=30, random_state=0), X, y)
    before, proba = est.predict(X), est.predict_proba(X)
    est.set_params(loss="hinge", activation="tanh", hidden_layer_sizes=3, output_activation="auto")
    assert np.array_equal(est.predict(X), before)
    assert np.array_equal(est.predict_proba(X), proba)
    assert not hasattr(est, "decision_function")
    assert fitted(est, X, y).decision_function(X).shape == (90,)
