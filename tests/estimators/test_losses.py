"""Every loss with every output activation: the number it reports, and what it is good for."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax
from sklearn.linear_model import PoissonRegressor
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import label_binarize

import backlit as bl
from backlit.errors import DerivativeError, InputError

from .small import classes, fitted, quantities

STILL = {"optimizer": bl.sgd(0.0), "alpha": 0, "batch_size": 90, "max_iter": 1, "random_state": 0}
OUTPUTS = {  # activation → what it makes of raw outputs
    "identity": lambda Z: Z,
    "logistic": expit,
    "softplus": lambda Z: np.logaddexp(0, Z),
    "exp": np.exp,
    "tanh": np.tanh,
    "relu": lambda Z: np.maximum(Z, 0),
    "softmax": lambda Z: softmax(Z, axis=1),
}
LOSSES = {  # loss → of one prediction p and its target y
    "squared_error": lambda p, y: (p - y) ** 2 / 2,
    "absolute_error": lambda p, y: abs(p - y),
    "huber": lambda p, y: np.where(abs(p - y) < 1, (p - y) ** 2 / 2, abs(p - y) - 0.5),
    "pinball": lambda p, y: np.where(y > p, (y - p) / 2, (p - y) / 2),
    "poisson": lambda p, y: p - y + np.where(y > 0, y * np.log(np.where(y > 0, y, 1) / p), 0),
}
PAIRS = [
    (loss, output)
    for loss in LOSSES
    for output in OUTPUTS
    if loss != "poisson" or output in ("exp", "softplus", "logistic", "softmax")  # p > 0
]


def raw(est, X):
    """The network in plain NumPy: ReLU, then the outputs before their activation."""
    *hidden, (W, b) = zip(est.coefs_, est.intercepts_, strict=True)
    for V, a in hidden:
        X = np.maximum(X @ V + a, 0)
    return X @ W + b


@pytest.mark.parametrize(("loss", "output"), PAIRS)
@pytest.mark.parametrize("targets", [1, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_reported_loss_is_its_formula(loss, output, targets, weighted):
    X, y = quantities(targets)
    y = np.where(np.random.default_rng(1).uniform(size=y.shape) < 0.2, 0, y)  # poisson at 0, too
    weight = np.random.default_rng(0).uniform(size=90) if weighted else None
    est = fitted(bl.MLPRegressor(loss, output_activation=output, **STILL), X, y, weight)
    answer = OUTPUTS[output](raw(est, X))
    rows = LOSSES[loss](answer, y.reshape(90, -1)).sum(axis=1)
    assert est.loss_ == pytest.approx(np.average(rows, weights=weight), rel=1e-12)
    np.testing.assert_allclose(est.predict(X), answer[:, 0] if targets == 1 else answer, rtol=1e-12)


def cross_entropy(Z, y):
    return -log_softmax(Z, axis=1)[np.arange(len(y)), y]


def each_yes_or_no(Z, y):
    Y = np.eye(Z.shape[1])[y] if Z.shape[1] > 1 else y.reshape(-1, 1)
    return -np.sum(Y * np.log(expit(Z)) + (1 - Y) * np.log(expit(-Z)), axis=1)


def hinge(Z, y):
    if Z.shape[1] == 1:
        return np.maximum(0, 1 - np.where(y == 1, 1, -1) * Z[:, 0])
    own = Z[np.arange(len(y)), y]
    margins = 1 + Z - own[:, None]
    margins[np.arange(len(y)), y] = 0
    return margins.max(axis=1)


@pytest.mark.parametrize(
    ("count", "settings", "formula"),
    [
        (2, {}, each_yes_or_no),
        (3, {}, cross_entropy),
        (3, {"output_activation": "softmax"}, cross_entropy),
        (3, {"output_activation": "logistic"}, each_yes_or_no),
        (2, {"loss": "hinge"}, hinge),
        (3, {"loss": "hinge"}, hinge),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_reported_loss_of_classes_is_its_formula(count, settings, formula, weighted):
    X, y = classes(count)
    weight = np.random.default_rng(0).uniform(size=90) if weighted else None
    est = fitted(bl.MLPClassifier(**settings, **STILL), X, y, weight)
    expected = np.average(formula(raw(est, X), y), weights=weight)
    assert est.loss_ == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("loss", ["log_loss", "hinge"])
def test_several_labels_add_up(loss):
    X, y = classes(3)
    Y = label_binarize(y, classes=range(3))
    Y[:, 1] = 1 - Y[:, 1]  # rows with two labels, and with none
    est = fitted(bl.MLPClassifier(loss=loss, **STILL), X, Y)
    rows = {"log_loss": each_yes_or_no, "hinge": hinge}[loss]
    Z = raw(est, X)
    expected = sum(rows(Z[:, [k]], Y[:, k]) for k in range(3)).mean()
    assert est.loss_ == pytest.approx(expected, rel=1e-12)
    np.testing.assert_array_equal(est.predict(X), Z > 0)


@pytest.mark.parametrize("count", [2, 3])
def test_decay_is_in_the_loss(count):
    X, y = classes(count)
    bare, decayed = (
        fitted(bl.MLPClassifier(**{**STILL, "alpha": alpha}), X, y) for alpha in (0, 3.0)
    )
    squares = sum(np.sum(W**2) for W in bare.coefs_)
    assert decayed.loss_ - bare.loss_ == pytest.approx(3.0 / 2 * squares / 90, rel=1e-10)


@pytest.mark.parametrize(
    "settings",
    [{"loss": loss} for loss in LOSSES]
    + [{"loss": "pinball", "quantiles": [0.1, 0.6, 0.9]}, {"output_activation": "tanh"}],
    ids=str,
)
def test_the_derivation_of_a_regressor_prints_and_is_right(settings):
    est = fitted(bl.MLPRegressor(hidden_layer_sizes=4, max_iter=2, **settings), *quantities())
    assert "∂W1" in str(est.derivation_)
    assert est.derivation_.check()
    assert est.derive(*quantities(rows=5)).check()


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("settings", [{}, {"loss": "hinge"}, {"output_activation": "logistic"}])
def test_the_derivation_of_a_classifier_prints_and_is_right(count, settings):
    est = fitted(bl.MLPClassifier(hidden_layer_sizes=4, max_iter=2, **settings), *classes(count))
    assert "∂W1" in str(est.derivation_)
    assert est.derivation_.check()
    assert est.derive(*classes(count, rows=7)).check()


# --- what each is good for ------------------------------------------------------------------------


def line(outliers, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(300, 1))
    y = 2 * X[:, 0] + 0.1 * rng.normal(size=300)
    y[:outliers] += 50
    return X, y


def test_outliers_move_huber_and_absolute_error_less():
    X, y = line(15)
    clean = 2 * np.array([-1.0, 0.0, 1.0])
    settings = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 0}
    off = {
        loss: np.abs(
            fitted(bl.MLPRegressor(loss, **settings), X, y).predict([[-1.0], [0], [1]]) - clean
        ).max()
        for loss in ("squared_error", "huber", "absolute_error")
    }
    assert off["squared_error"] > 1
    assert off["huber"] < 0.2
    assert off["absolute_error"] < 0.2


def test_counts_with_zeros():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(2000, 1))
    y = rng.poisson(np.exp(1.5 * X[:, 0] - 1))
    assert np.mean(y == 0) > 0.4
    est = fitted(bl.MLPRegressor("poisson", (), solver="lbfgs", alpha=0, tol=1e-8), X, y)
    linear = PoissonRegressor(alpha=0, tol=1e-8).fit(X, y)
    assert est.coefs_[0][0, 0] == pytest.approx(linear.coef_[0], rel=1e-4)
    assert est.intercepts_[0][0] == pytest.approx(linear.intercept_, rel=1e-4)
    assert np.all(est.predict(100 * X) >= 0)
    assert est.predict(X).mean() == pytest.approx(y.mean(), rel=1e-3)  # as the link makes it


def test_a_hinge_separates_and_gives_scores():
    X, y = classes(3)
    est = bl.MLPClassifier(loss="hinge", max_iter=400, learning_rate_init=0.01, random_state=0)
    scores = fitted(est, X, y).decision_function(X)
    assert scores.shape == (90, 3)
    assert est.score(X, y) > 0.95
    np.testing.assert_array_equal(est.classes_[scores.argmax(axis=1)], est.predict(X))
    assert not hasattr(est, "predict_proba")
    assert not hasattr(bl.MLPClassifier(), "decision_function")
    two = fitted(bl.MLPClassifier(loss="hinge", max_iter=100), *classes(2))
    np.testing.assert_array_equal(two.decision_function(X) > 0, two.predict(X) == 1)


def test_a_yes_or_no_for_each_class_is_one_against_the_rest():
    X, y = classes(3)
    settings = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 1.0, "tol": 1e-8}
    est = fitted(bl.MLPClassifier(output_activation="logistic", **settings), X, y)
    rest = OneVsRestClassifier(bl.MLPClassifier(**settings)).fit(X, y)
    np.testing.assert_allclose(est.predict_proba(X), rest.predict_proba(X), atol=1e-4)
    np.testing.assert_allclose(est.predict_proba(X).sum(axis=1), 1, rtol=1e-12)


# --- the user's own -------------------------------------------------------------------------------


def fourth(prediction, target):
    return np.mean((prediction - target) ** 4)


def weighted_square(prediction, target, sample_weight=None):
    e = 0.5 * np.sum((prediction - target) ** 2, axis=1)
    if sample_weight is None:
        return np.mean(e)
    return np.sum(e * sample_weight) / np.sum(sample_weight)


def brier(probabilities, target):
    return np.mean(np.sum((probabilities - target) ** 2, axis=1))


def test_a_loss_of_the_user():
    X, y = quantities()
    est = fitted(bl.MLPRegressor(fourth, **STILL), X, y)
    assert est.loss_ == pytest.approx(np.mean((est.predict(X) - y) ** 4), rel=1e-12)
    weight = np.random.default_rng(0).uniform(size=90)
    for w in (None, weight):
        own, named = (
            fitted(bl.MLPRegressor(loss, max_iter=5, random_state=0), X, y, w)
            for loss in (weighted_square, "squared_error")
        )
        np.testing.assert_allclose(own.coefs_[0], named.coefs_[0], rtol=1e-9)
        np.testing.assert_allclose(own.loss_curve_, named.loss_curve_, rtol=1e-9)
    with pytest.raises(InputError, match="fourth takes no sample_weight"):
        fitted(bl.MLPRegressor(fourth), X, y, weight)
    assert est.derivation_.check()


def test_a_loss_of_the_user_for_classes():
    for count in (2, 3):
        X, y = classes(count)
        est = fitted(bl.MLPClassifier(loss=brier, **STILL), X, y)
        Y = np.eye(3)[y] if count == 3 else y[:, None]
        answered = est.predict_proba(X) if count == 3 else est.predict_proba(X)[:, 1:]
        expected = np.mean(np.sum((answered - Y) ** 2, axis=1))
        assert est.loss_ == pytest.approx(expected, rel=1e-12)
        better = bl.MLPClassifier(loss=brier, max_iter=300, learning_rate_init=0.01)
        assert fitted(better, X, y).score(X, y) > 0.9


def test_losses_and_outputs_that_need_a_sentence():
    X, y = quantities()
    wrong = [
        ({"loss": "pinball", "quantiles": [0.9, 0.1]}, "rising numbers"),
        ({"loss": "pinball", "quantiles": [0.1, 0.1]}, "rising numbers"),
        ({"loss": "pinball", "quantiles": [0.0]}, "rising numbers"),
        ({"loss": "pinball", "quantiles": [1.5]}, "rising numbers"),
        ({"loss": "pinball", "quantiles": []}, "rising numbers"),
        ({"loss": "pinball", "quantiles": ["a"]}, "quantiles"),
        ({"loss": "pinball", "quantiles": 0.5}, "quantiles"),
        ({"loss": "pinball", "quantiles": [[0.1, 0.2]]}, "quantiles"),
        ({"loss": "pinball", "quantiles": [0.1, np.nan]}, "quantiles"),
        ({"quantiles": [0.5]}, "for loss='pinball'"),
        ({"loss": "poisson", "scale_target": True}, "scale_target"),
        ({"output_activation": "relu", "scale_target": True}, "scale_target"),
        ({"loss": "log_loss"}, "'loss' parameter"),
        ({"output_activation": "hardly"}, "'output_activation' parameter"),
    ]
    for settings, sentence in wrong:
        with pytest.raises(ValueError, match=sentence):
            fitted(bl.MLPRegressor(max_iter=1, **settings), X, y)
    with pytest.raises(DerivativeError, match="it must return one number"):
        bl.MLPRegressor(lambda prediction, target: (prediction - target) ** 2).fit(X, y)
    with pytest.raises(ValueError, match="more than one column"):
        bl.MLPRegressor("pinball", quantiles=[0.1, 0.9]).fit(*quantities(2))
    with pytest.raises(ValueError, match="out of the valid range of the loss 'poisson'"):
        bl.MLPRegressor("poisson").fit(X, -y)
    with pytest.raises(ValueError, match="'loss' parameter"):
        bl.MLPClassifier(loss="squared_error").fit(*classes())
    with pytest.raises(InputError, match="more than two classes"):
        bl.MLPClassifier(output_activation="softmax").fit(*classes(2))
    with pytest.raises(ValueError, match="hinge"):
        bl.MLPClassifier(loss="hinge", output_activation="logistic").fit(*classes(2))
