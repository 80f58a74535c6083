"""The same training as scikit-learn's, step by step: weights, losses, scores, when it stops."""

import numpy as np
import pytest
import sklearn.neural_network as sk
from sklearn.datasets import make_multilabel_classification

import backlit as bl

from .small import classes, fitted, named, quantities

RATES = [{}, {"learning_rate": "adaptive", "tol": 1e-2}, {"learning_rate": "invscaling"}]
SOLVERS = [
    *({"solver": "sgd", **rate} for rate in RATES),
    {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.5},
    {"solver": "sgd", "momentum": 0},
    {"solver": "adam", "beta_1": 0.8, "epsilon": 1e-3},
    {"solver": "adam", "batch_size": 16},
    {"solver": "adam", "batch_size": 16, "shuffle": False, "alpha": 1.0},
    {"solver": "adam", "early_stopping": True, "learning_rate_init": 0.01},
    {"solver": "sgd", "early_stopping": True, "learning_rate": "adaptive", "tol": 1e-2},
]


def agree(name, settings, *data, sample_weight=None):
    """Fit both; compare all that scikit-learn's users read."""
    ours, theirs = (
        fitted(getattr(m, name)(random_state=3, max_iter=40, **settings), *data, sample_weight)
        for m in (bl, sk)
    )
    for a, b in zip(
        [*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)
        assert a.dtype == b.dtype
    for what in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(ours, what) == getattr(theirs, what), what
    for what in ("loss_", "best_loss_", "best_validation_score_", "validation_scores_"):
        a, b = getattr(ours, what), getattr(theirs, what)
        assert (a is None) == (b is None), what
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=1e-7, err_msg=what)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-7)
    np.testing.assert_allclose(ours.predict(data[0]), theirs.predict(data[0]), rtol=1e-7)
    return ours, theirs


@pytest.mark.parametrize("settings", SOLVERS, ids=named)
@pytest.mark.parametrize("count", [2, 3])
def test_a_classifier_takes_the_same_steps(settings, count):
    ours, theirs = agree("MLPClassifier", settings, *classes(count))
    X, _ = classes(count)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-7)
    np.testing.assert_allclose(ours.predict_log_proba(X), theirs.predict_log_proba(X), rtol=1e-6)


@pytest.mark.parametrize("settings", SOLVERS, ids=named)
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_a_regressor_takes_the_same_steps(settings, loss):
    agree("MLPRegressor", {**settings, "loss": loss}, *quantities())


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_activations_and_their_first_weights(activation):
    settings = {"activation": activation, "hidden_layer_sizes": (7, 5)}
    agree("MLPClassifier", settings, *classes(3))
    agree("MLPRegressor", settings, *quantities())


def test_weights_of_rows():
    weight = np.random.default_rng(0).uniform(size=90)
    for settings in ({}, {"batch_size": 16}, {"early_stopping": True}):
        agree("MLPClassifier", settings, *classes(3), sample_weight=weight)
        agree("MLPRegressor", settings, *quantities(), sample_weight=weight)
        agree("MLPRegressor", {"loss": "poisson", **settings}, *quantities(), sample_weight=weight)


def test_several_labels():
    X, Y = make_multilabel_classification(n_samples=60, n_features=5, random_state=0)
    agree("MLPClassifier", {}, X, Y)
    agree("MLPClassifier", {"early_stopping": True}, X, Y)


def test_several_targets_take_the_same_steps():
    """scikit-learn reports the mean over targets of a loss whose gradient is that of the sum."""
    X, Y = quantities(3)
    ours, theirs = (
        fitted(m.MLPRegressor(random_state=0, max_iter=30, alpha=0), X, Y) for m in (bl, sk)
    )
    for a, b in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours.loss_curve_, 3 * np.array(theirs.loss_curve_), rtol=1e-7)


def test_float32_stays():
    ours, theirs = (
        fitted(m.MLPClassifier(random_state=0, max_iter=20), *classes(3, dtype=np.float32))
        for m in (bl, sk)
    )
    assert {x.dtype for x in ours.coefs_} == {np.dtype(np.float32)}
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], atol=1e-5)


def test_lbfgs_reaches_the_same_minimum():
    X, y = quantities()
    settings = {"solver": "lbfgs", "alpha": 1.0, "activation": "tanh", "hidden_layer_sizes": (3,)}
    ours, theirs = (fitted(m.MLPRegressor(random_state=0, **settings), X, y) for m in (bl, sk))
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-3)
    assert ours.stop_reason_.kind in ("converged", "budget")


def test_the_same_words(capsys):
    X, y = classes()
    for m in (bl, sk):
        fitted(m.MLPClassifier(max_iter=2, verbose=True, random_state=0, early_stopping=True), X, y)
    ours, theirs = np.array_split(capsys.readouterr().out.splitlines(), 2)
    assert list(ours) == list(theirs)


def test_what_cannot_be_asked_says_the_same():
    for settings, message in [
        ({"alpha": -1}, "The 'alpha' parameter of MLPClassifier must be a float in the range"),
        ({"solver": "newton"}, "The 'solver' parameter of MLPClassifier must be a str among"),
        ({"hidden_layer_sizes": (3, 0)}, "hidden_layer_sizes must be > 0, got \\[3, 0\\]"),
    ]:
        for m in (bl, sk):
            with pytest.raises(ValueError, match=message):
                m.MLPClassifier(**settings).fit(*classes())


def test_every_parameter_and_default_is_there():
    for name in ("MLPClassifier", "MLPRegressor"):
        theirs = getattr(sk, name)().get_params()
        ours = getattr(bl, name)().get_params()
        assert {k: ours[k] for k in theirs} == theirs
