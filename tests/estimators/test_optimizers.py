"""Weights of classes, optimisers, schedules, clipping."""

import numpy as np
import pytest
from sklearn.metrics import recall_score
from sklearn.utils.class_weight import compute_class_weight

import backlit as bl
from backlit.estimators.design import objective

from .small import classes, fitted, quantities, weights

X, Y = quantities()


# --- weights of classes ---------------------------------------------------------------------------


def rare(rows=400, seed=0):
    """One row in twelve or so is of class 'yes', and overlaps with the others."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.uniform(size=rows) < 0.08, "yes", "no")
    return rng.normal(size=(rows, 2)) + 1.2 * (y == "yes")[:, None], y


def test_balanced_finds_more_of_a_rare_class():
    (X, y), (X_new, y_new) = rare(), rare(seed=1)
    recall = {}
    for weight in (None, "balanced"):
        est = bl.MLPClassifier((5,), class_weight=weight, solver="lbfgs", alpha=1, random_state=0)
        predicted = fitted(est, X, y).predict(X_new)
        recall[weight] = recall_score(y_new, predicted, pos_label="yes")
    assert recall["balanced"] > recall[None] + 0.3


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("more", [{}, {"solver": "lbfgs"}, {"early_stopping": True}])
def test_weights_of_classes_are_weights_of_rows(count, more):
    X, y = classes(count)
    own = np.random.default_rng(0).uniform(size=90)
    each = dict(enumerate([3.0, 1.0, 0.5][:count]))
    by_rows = np.array([each[c] for c in y])
    balanced = compute_class_weight("balanced", classes=np.arange(count), y=y)[y]
    for class_weight, sample_weight, together in [
        (each, None, by_rows), (each, own, by_rows * own), ("balanced", None, balanced)
    ]:  # fmt: skip
        one, other = bl.MLPClassifier(max_iter=6, random_state=0, **more), None
        other = fitted(bl.MLPClassifier(max_iter=6, random_state=0, **more), X, y, together)
        one.set_params(class_weight=class_weight)
        np.testing.assert_allclose(
            weights(fitted(one, X, y, sample_weight)), weights(other), rtol=1e-6, atol=1e-9
        )


def test_class_weights_that_cannot_be():
    X, y = classes(3)
    with pytest.raises(ValueError, match="several labels"):
        bl.MLPClassifier(class_weight={0: 1}).fit(X, np.eye(3, dtype=int)[y])
    with pytest.raises(ValueError, match=r"balanced.*partial_fit"):
        bl.MLPClassifier(class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])
    partly = bl.MLPClassifier(class_weight={0: 2.0}).partial_fit(X, y, classes=[0, 1, 2])
    assert partly.n_iter_ == 1


# --- optimisers -----------------------------------------------------------------------------------


OPTIMIZERS = [
    bl.sgd(0.1), bl.momentum(0.05), bl.nesterov(0.05), bl.rmsprop(0.01), bl.adagrad(0.1),
    bl.adam(0.01), bl.adamw(0.01), bl.adam(bl.warmup(bl.cosine_decay(0.02, steps=40), steps=5)),
    bl.adam(lambda step: 0.01 / (1 + step)),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.name)
def test_any_optimiser_takes_the_steps_of_fit(optimizer):
    settings = {"hidden_layer_sizes": (6,), "activation": "tanh", "random_state": 0, "alpha": 0.1}
    start = fitted(bl.MLPRegressor(**settings, optimizer=bl.sgd(0.0), max_iter=1), X, Y)
    est = bl.MLPRegressor(
        **settings, optimizer=optimizer, max_iter=12, shuffle=False, batch_size=30
    )
    fitted(est, X, Y)
    own = bl.fit(
        objective(start._design), start._params, (X, Y[:, None]), optimizer=optimizer,
        batch_size=30, epochs=12, shuffle=False, dtype="float64",
    )  # fmt: skip
    np.testing.assert_allclose(est.coefs_[0], own.params[0][0], rtol=1e-9)
    np.testing.assert_allclose(est.loss_curve_, own.history["loss"], rtol=1e-9)
    rate = [optimizer.rate(3 * epoch) for epoch in range(12)]
    np.testing.assert_allclose(est.history_["learning_rate"], rate)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_a_schedule_instead_of_a_rate(solver):
    schedule = bl.cosine_decay(0.05, steps=30)
    est = bl.MLPRegressor(solver=solver, learning_rate=schedule, max_iter=10, batch_size=30)
    rates = fitted(est, X, Y).history_["learning_rate"]
    np.testing.assert_allclose(rates, [schedule(3 * epoch) for epoch in range(10)])
    constant = bl.MLPRegressor(solver=solver, learning_rate=lambda step: 0.003, random_state=0)
    named = bl.MLPRegressor(solver=solver, learning_rate_init=0.003, random_state=0)
    one, other = (weights(fitted(e.set_params(max_iter=4), X, Y)) for e in (constant, named))
    np.testing.assert_allclose(one, other, rtol=1e-12)


def test_a_callable_learning_rate_is_not_for_lbfgs():
    """It has none; scikit-learn ignores learning_rate there, and so do we."""
    one, other = (
        weights(fitted(bl.MLPRegressor(solver="lbfgs", max_iter=5, random_state=0, **more), X, Y))
        for more in ({}, {"learning_rate": "invscaling"})
    )
    assert np.array_equal(one, other)


def test_clip_norm_shortens_the_gradient_of_all_parameters():
    rate, most = 0.1, 0.01
    settings = {"optimizer": bl.sgd(rate), "clip_norm": most, "batch_size": 90, "random_state": 0}
    before, after = (
        fitted(bl.MLPRegressor(**settings | more), X, Y)
        for more in ({"max_iter": 1, "optimizer": bl.sgd(0.0)}, {"max_iter": 1})
    )
    step = weights(after) - weights(before)
    assert np.linalg.norm(step) == pytest.approx(rate * most, rel=1e-9)
    free = fitted(bl.MLPRegressor(**settings | {"clip_norm": None, "max_iter": 1}), X, Y)
    along = weights(free) - weights(before)
    np.testing.assert_allclose(
        step / np.linalg.norm(step), along / np.linalg.norm(along), atol=1e-9
    )
    assert np.linalg.norm(along) > rate * most
    wide = fitted(bl.MLPRegressor(**settings | {"clip_norm": 1e6, "max_iter": 1}), X, Y)
    np.testing.assert_allclose(weights(wide), weights(free), rtol=1e-12)


def test_clip_norm_saves_a_training_with_a_huge_target():
    far = Y.copy()
    far[0] = 1e150
    settings = {"solver": "sgd", "learning_rate_init": 0.1, "max_iter": 20, "random_state": 0}
    with pytest.raises(ValueError, match="non-finite"):
        fitted(bl.MLPRegressor(**settings), X, far)
    est = fitted(bl.MLPRegressor(clip_norm=1.0, **settings), X, far)
    assert np.isfinite(weights(est)).all()
