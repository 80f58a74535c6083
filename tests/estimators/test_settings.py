"""What can be set beyond scikit-learn: each setting does what it says, and nothing else."""

import itertools
import warnings

import numpy as np
import pandas
import polars
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, recall_score
from sklearn.utils.class_weight import compute_class_weight

import backlit as bl
from backlit.errors import InputError
from backlit.estimators.design import objective

from .small import classes, fitted, quantities, unfinished

X, Y = quantities()
STILL = {"optimizer": bl.sgd(0.0), "max_iter": 1, "random_state": 0}


def weights(est):
    return np.concatenate([x.ravel() for x in [*est.coefs_, *est.intercepts_]])


# --- layers ----------------------------------------------------------------------------------


def test_an_activation_for_each_layer():
    est = fitted(
        bl.MLPRegressor(
            hidden_layer_sizes=(5, 4, 3), activation=["tanh", np.exp, "logistic"], **STILL
        ),
        X, Y,
    )  # fmt: skip
    H = X
    for f, W, b in zip(
        [np.tanh, np.exp, lambda z: 1 / (1 + np.exp(-z))], est.coefs_, est.intercepts_, strict=False
    ):
        H = f(H @ W + b)
    np.testing.assert_allclose(est.predict(X), (H @ est.coefs_[-1])[:, 0] + est.intercepts_[-1])


@pytest.mark.parametrize("name", sorted(bl.nn.ACTIVATIONS))
def test_every_activation_trains(name):
    settings = {"hidden_layer_sizes": (8, 8), "activation": name, "max_iter": 60}
    est = fitted(bl.MLPRegressor(learning_rate_init=0.01, random_state=0, **settings), X, Y)
    assert est.loss_curve_[-1] < 0.7 * est.loss_curve_[0]
    assert est.derivation_.check()


def test_one_value_for_all_layers_or_one_for_each():
    for name, value in [("activation", ["tanh"]), ("dropout", [0.1, 0.2, 0.3])]:
        with pytest.raises(InputError, match=f"{name} has {len(value)} entries for 2 hidden"):
            bl.MLPRegressor(hidden_layer_sizes=(3, 3), **{name: value}).fit(X, Y)
    with pytest.raises(ValueError, match="activation"):
        bl.MLPRegressor(hidden_layer_sizes=(3, 3), activation=["tanh", "unheard-of"]).fit(X, Y)
    with pytest.raises(ValueError, match="dropout"):
        bl.MLPRegressor(hidden_layer_sizes=(3, 3), dropout=[0.1, 1.5]).fit(X, Y)


def test_init_makes_the_first_weights():
    est = fitted(bl.MLPRegressor(init=lambda rng, i, o: np.full((i, o), 0.5), **STILL), X, Y)
    assert all(np.all(W == 0.5) for W in est.coefs_)
    assert all(np.all(b == 0) for b in est.intercepts_)
    wide = {"hidden_layer_sizes": 2000, "init": bl.nn.he_normal, **STILL}
    est, again = (fitted(bl.MLPRegressor(**wide), X, Y) for _ in range(2))
    assert est.coefs_[0].std() == pytest.approx((2 / 4) ** 0.5, rel=0.05)
    assert np.array_equal(est.coefs_[0], again.coefs_[0])


# --- dropout ---------------------------------------------------------------------------------


def test_dropout_is_drawn_by_the_seed_and_is_not_in_predict():
    def train(seed, dropout=0.5):
        est = bl.MLPRegressor(max_iter=5, random_state=seed, dropout=dropout, shuffle=False)
        return fitted(est, X, Y)

    assert np.array_equal(weights(train(0)), weights(train(0)))
    assert not np.array_equal(weights(train(0)), weights(train(0, 0.0)))
    est = train(0)
    H = np.maximum(X @ est.coefs_[0] + est.intercepts_[0], 0)
    np.testing.assert_allclose(est.predict(X), (H @ est.coefs_[1])[:, 0] + est.intercepts_[1])
    np.testing.assert_allclose(est.transform(X), H)


def test_dropout_keeps_the_expectation():
    """The loss of a linear network of which half is left out: that of the whole, and a variance."""
    settings = {"activation": "identity", "alpha": 0, **STILL, "max_iter": 400}
    settings |= {"n_iter_no_change": np.inf, "hidden_layer_sizes": 200}
    whole = fitted(bl.MLPRegressor(**settings), X, Y)
    half = fitted(bl.MLPRegressor(dropout=0.5, **settings), X, Y)
    W1, W2 = half.coefs_
    units = (X @ W1 + half.intercepts_[0]) * W2[:, 0]
    variance = np.sum(units**2, axis=1).mean()  # of Σ units · m, m = 0 or 2 with equal chances
    assert np.array_equal(W1, whole.coefs_[0])
    assert len({*half.loss_curve_}) == 400
    assert np.mean(half.loss_curve_) == pytest.approx(whole.loss_ + variance / 2, rel=0.03)


def test_dropout_of_one_layer_only():
    one, other = (
        fitted(
            bl.MLPRegressor(hidden_layer_sizes=(9, 9), dropout=d, max_iter=2, random_state=0), X, Y
        )
        for d in ([0.0, 0.5], [0.5, 0.0])
    )
    assert not np.array_equal(weights(one), weights(other))
    assert "drop(H2, 0.5)" in str(one.derivation_)
    assert "drop(H1, 0.5)" in str(other.derivation_)


def test_dropout_trains_to_a_good_network():
    X, y = classes(3, rows=400)
    est = bl.MLPClassifier(dropout=0.2, learning_rate_init=0.01, max_iter=150, random_state=0)
    assert fitted(est, X[:300], y[:300]).score(X[300:], y[300:]) > 0.9


# --- weights of classes ----------------------------------------------------------------------


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


# --- optimisers ------------------------------------------------------------------------------


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


# --- validation rows -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_validation_rows_are_scored_after_each_epoch(kind):
    X, y = classes(3, rows=150) if kind == "MLPClassifier" else quantities(rows=150)
    val, weight = slice(90, 150), np.random.default_rng(0).uniform(size=60)
    make = getattr(bl, kind)
    est = make(max_iter=8, random_state=0)
    fitted(est, X[:90], y[:90], X_val=X[val], y_val=y[val], sample_weight_val=weight)
    plain = make(random_state=0, warm_start=True, max_iter=1)
    for epoch in range(8):
        fitted(plain, X[:90], y[:90])
        score = plain.score(X[val], y[val], weight)
        assert est.validation_scores_[epoch] == pytest.approx(score, rel=1e-9)
        if kind == "MLPClassifier":
            loss = log_loss(y[val], plain.predict_proba(X[val]), sample_weight=weight)
        else:
            loss = np.average((plain.predict(X[val]) - y[val]) ** 2 / 2, weights=weight)
        assert est.history_["validation_loss"][epoch] == pytest.approx(loss, rel=1e-9)
    assert est.history_["validation_score"] == est.validation_scores_
    assert est.best_validation_score_ == max(est.validation_scores_)
    assert np.array_equal(weights(est), weights(plain))  # they are watched, not learnt from


def test_early_stopping_and_restore_best_use_them():
    X, y = classes(3, rows=120)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 3, size=60)  # nothing to be learnt: the score soon stands still
    settings = {"learning_rate_init": 0.05, "random_state": 0, "n_iter_no_change": 5}
    est = bl.MLPClassifier(early_stopping=True, max_iter=200, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        est.fit(X[:60], y[:60], X_val=X[60:], y_val=noise)
    assert est.stop_reason_.kind == "patience"
    assert est.score(X[60:], noise) == pytest.approx(est.best_validation_score_)
    last = est.best_validation_score_ - est.validation_scores_[-1]
    best = int(np.argmax(est.validation_scores_)) + 1
    kept = bl.MLPClassifier(max_iter=best, **settings)
    assert np.array_equal(weights(fitted(kept, X[:60], y[:60])), weights(est))
    as_last = bl.MLPClassifier(early_stopping=True, max_iter=200, restore_best=False, **settings)
    fitted(as_last, X[:60], y[:60], X_val=X[60:], y_val=noise)
    assert as_last.score(X[60:], noise) == pytest.approx(as_last.validation_scores_[-1])
    assert last > 0
    only_kept = bl.MLPClassifier(restore_best=True, max_iter=est.n_iter_, **settings)
    fitted(only_kept, X[:60], y[:60], X_val=X[60:], y_val=noise)
    assert only_kept.stop_reason_.kind in ("budget", "converged")
    assert np.array_equal(weights(only_kept), weights(est))


def test_lbfgs_is_judged_by_them_too():
    est = bl.MLPRegressor(solver="lbfgs", max_iter=40, random_state=0, restore_best=True)
    fitted(est, X[:30], Y[:30], X_val=X[30:], y_val=Y[30:])
    assert len(est.validation_scores_) == len(est.history_["validation_loss"]) == est.n_iter_
    assert est.score(X[30:], Y[30:]) == max(est.validation_scores_)
    assert np.argmax(est.validation_scores_) < est.n_iter_ - 1
    last = fitted(est.set_params(restore_best=False), X[:30], Y[:30], X_val=X[30:], y_val=Y[30:])
    assert last.score(X[30:], Y[30:]) == pytest.approx(last.validation_scores_[-1])


def test_validation_rows_of_other_kinds():
    X, y = classes(3)
    texts = np.array(["a", "b", "c"])[y]
    frame = pandas.DataFrame(X, columns=list("pqrs"))
    est = fitted(bl.MLPClassifier(max_iter=2), frame, texts, X_val=frame[:20], y_val=texts[:20])
    assert len(est.history_["validation_loss"]) == 2
    est = fitted(bl.MLPClassifier(max_iter=2), X, y, X_val=sparse.csr_array(X), y_val=list(y))
    assert est.validation_scores_[-1] == pytest.approx(est.score(X, y))
    labels = np.eye(3, dtype=int)[y]
    est = fitted(bl.MLPClassifier(max_iter=2), X, labels, X_val=X, y_val=labels)
    assert est.validation_scores_[-1] == pytest.approx(est.score(X, labels))
    est = fitted(bl.MLPRegressor(max_iter=2), *quantities(2), X_val=X, y_val=quantities(2)[1])
    assert est.validation_scores_[-1] == pytest.approx(est.score(*quantities(2)))


def test_validation_rows_that_cannot_be():
    X, y = classes(3)
    fit = bl.MLPClassifier(max_iter=1).fit
    for more, sentence in [
        ({"X_val": X}, "without y_val"),
        ({"X_val": X, "y_val": y[:9]}, "X_val has 90 rows, y_val 9"),
        ({"X_val": X[:, :2], "y_val": y}, "2 features"),
        ({"X_val": X, "y_val": np.full(90, 7)}, "classes that y has not: \\[7\\]"),
        ({"X_val": X * np.nan, "y_val": y}, "NaN"),
        ({"X_val": X, "y_val": y, "sample_weight_val": -np.ones(90)}, "[Nn]egative"),
        ({"X_val": X, "y_val": y, "sample_weight_val": np.ones(9)}, "sample_weight"),
        ({"y_val": y}, "y_val"),
        ({"sample_weight_val": np.ones(90)}, "X_val"),
    ]:
        with unfinished(), pytest.raises(ValueError, match=sentence):
            fit(X, y, **more)
    for more, sentence in [
        ({"X_val": X, "y_val": y[:9]}, "X_val has 90 rows, y_val 9"),
        ({"X_val": X, "y_val": y * np.nan}, "NaN"),
        ({"X_val": X, "y_val": np.ones((90, 2))}, "y_val has 2 targets, y 1"),
    ]:
        with unfinished(), pytest.raises(ValueError, match=sentence):
            bl.MLPRegressor(max_iter=1).fit(X, y * 1.0, **more)


# --- scales ----------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scaled_estimators_do_not_feel_units(solver):
    settings = {"scale_inputs": True, "scale_target": True, "solver": solver, "random_state": 0}
    units, shift = np.array([1e-3, 1.0, 1e4, 7.0]), np.array([5.0, -1.0, 1e4, 0.0])
    one = fitted(bl.MLPRegressor(max_iter=20, **settings), X, Y)
    two = fitted(bl.MLPRegressor(max_iter=20, **settings), X * units + shift, 1e5 * Y - 3e4)
    new = np.random.default_rng(1).normal(size=(10, 4))
    np.testing.assert_allclose(
        two.predict(new * units + shift), 1e5 * one.predict(new) - 3e4, rtol=1e-5, atol=1e-3
    )
    np.testing.assert_allclose(one.loss_, two.loss_, rtol=1e-6)


def test_a_scale_is_that_of_the_weighted_rows():
    weight = np.random.default_rng(0).integers(0, 3, size=90)
    one = fitted(bl.MLPRegressor(scale_inputs=True, **STILL), X, Y, weight)
    twice = np.repeat(X, weight, axis=0)
    np.testing.assert_allclose(one.input_mean_, twice.mean(axis=0))
    np.testing.assert_allclose(one.input_scale_, twice.std(axis=0))
    flat = X.copy()
    flat[:, 2] = 0.1
    assert np.isfinite(
        fitted(bl.MLPRegressor(scale_inputs=True, max_iter=2), flat, Y).predict(X)
    ).all()


def test_scaled_inputs_in_every_answer():
    far = 100 + 50 * X
    by_hand = (far - far.mean(axis=0)) / far.std(axis=0)
    one = fitted(bl.MLPRegressor(scale_inputs=True, max_iter=5, random_state=0), far, Y)
    two = fitted(bl.MLPRegressor(max_iter=5, random_state=0), by_hand, Y)
    for name in ("predict", "transform"):
        np.testing.assert_allclose(getattr(one, name)(far), getattr(two, name)(by_hand), rtol=1e-9)
    np.testing.assert_allclose(
        one.input_gradient(far), two.input_gradient(by_hand) / far.std(axis=0), rtol=1e-9
    )
    assert one.score(far, Y) == pytest.approx(two.score(by_hand, Y))
    again = fitted(
        bl.MLPRegressor(scale_inputs=True, max_iter=5, random_state=0), far, Y, X_val=far, y_val=Y
    )
    assert again.validation_scores_[-1] == pytest.approx(one.score(far, Y))


def test_float32_stays_with_scales():
    X32 = (1e3 + X).astype(np.float32)
    est = bl.MLPRegressor(scale_inputs=True, scale_target=True, max_iter=30, random_state=0)
    fitted(est, X32, Y)
    assert est.predict(X32).dtype == np.float32
    exact = fitted(bl.MLPRegressor(**est.get_params()), X32.astype(float), Y)
    np.testing.assert_allclose(est.predict(X32), exact.predict(X32.astype(float)), rtol=1e-2)


# --- what a fit tells ------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [90, 32])
def test_gradient_norms_are_those_of_the_gradient(batch_size):
    est = bl.MLPRegressor(
        hidden_layer_sizes=(5, 4), alpha=0.3, max_iter=6, gradient_norms=True, random_state=0,
        batch_size=batch_size,
    )  # fmt: skip
    weight = np.random.default_rng(0).uniform(size=90)
    fitted(est, X, Y, weight)
    found = bl.grad(objective(est._design))(est._params, X, Y[:, None], weight)
    for layer, (dW, db) in enumerate(found, 1):
        length = np.sqrt(np.sum(dW**2) + np.sum(db**2))
        assert est.history_[f"gradient_norm_{layer}"][-1] == pytest.approx(length, rel=1e-9)
    assert len(est.history_["gradient_norm_1"]) == 6
    without = fitted(bl.MLPRegressor(**est.get_params() | {"gradient_norms": False}), X, Y, weight)
    assert np.array_equal(weights(without), weights(est))
    assert "gradient_norm_1" not in without.history_


def test_callbacks_see_the_parameters_and_stop():
    seen, asked = [], []

    def look(state):
        seen.append((state.epoch, state.params[0][0].copy(), state.history["loss"][-1]))
        state.params[0][0][...] = 0  # a copy: it changes nothing

    est = bl.MLPRegressor(callbacks=[look, lambda state: state.epoch == 4, asked.append])
    fitted(est.set_params(random_state=0), X, Y)
    assert est.stop_reason_.kind == "callback"
    assert est.n_iter_ == 4
    assert [epoch for epoch, _, _ in seen] == [1, 2, 3, 4]
    assert len(asked) == 4  # every one is asked
    assert np.array_equal(seen[-1][1], est.coefs_[0])
    assert [loss for *_, loss in seen] == est.loss_curve_
    plain = fitted(bl.MLPRegressor(random_state=0, max_iter=4), X, Y)
    assert np.array_equal(weights(plain), weights(est))


def test_callbacks_of_lbfgs():
    seen = []

    def look(state):
        seen.append(state.params[0][0])
        return len(seen) == 3

    est = fitted(bl.MLPRegressor(solver="lbfgs", callbacks=[look], random_state=0), X, Y)
    assert est.stop_reason_.kind == "callback"
    assert est.n_iter_ == 3
    np.testing.assert_allclose(seen[-1], est.coefs_[0], rtol=1e-12)


def test_why_it_stopped():
    def reason(expected=None, **settings):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore" if expected else "error", expected or UserWarning)
            est = bl.MLPRegressor(random_state=0, **settings).fit(X, Y)
        assert str(est.stop_reason_)
        return est.stop_reason_

    assert reason(ConvergenceWarning, max_iter=3).kind == "budget"
    assert reason(ConvergenceWarning, max_iter=3).epoch == 3
    assert reason(tol=10.0).kind == "converged"
    assert reason(tol=10.0, early_stopping=True).kind == "patience"
    assert reason(solver="lbfgs", alpha=10.0, max_iter=2000).kind == "converged"
    assert reason(ConvergenceWarning, solver="lbfgs", max_iter=2).kind == "budget"
    assert reason(callbacks=[lambda state: True]).kind == "callback"


def test_a_training_that_diverges_says_where():
    est = bl.MLPRegressor(optimizer=bl.sgd(1e6), random_state=0, max_iter=50)
    with pytest.raises(ValueError, match=r"non-finite.*diverged at epoch"):
        fitted(est, X, Y)
    assert est.stop_reason_.kind == "diverged"
    assert "smaller learning rate" in str(est.stop_reason_)
    kept = bl.MLPRegressor(optimizer=bl.sgd(1e6), random_state=0, restore_best=True)
    with pytest.warns(ConvergenceWarning, match="diverged at epoch"):
        kept.fit(X, Y, X_val=X, y_val=Y)
    assert kept.stop_reason_.kind == "diverged"
    assert np.isfinite(kept.predict(X)).all()


def test_ctrl_c_keeps_what_was_learnt():
    def interrupt(state):
        if state.epoch == 3:
            raise KeyboardInterrupt

    est = bl.MLPRegressor(callbacks=[interrupt], random_state=0)
    with pytest.warns(UserWarning, match="interrupted by user"):
        est.fit(X, Y)
    assert est.stop_reason_.kind == "interrupted"
    assert est.n_iter_ == 3
    assert np.array_equal(
        weights(est), weights(fitted(bl.MLPRegressor(max_iter=3, random_state=0), X, Y))
    )


def test_history_as_a_frame(monkeypatch):
    est = bl.MLPRegressor(max_iter=3, early_stopping=True, gradient_norms=True, random_state=0)
    frame = fitted(est, X, Y).history_.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert [*frame.columns] == [
        *("loss", "learning_rate", "validation_loss", "validation_score"),
        *("gradient_norm_1", "gradient_norm_2", "seconds"),
    ]
    assert [*frame["loss"]] == est.loss_curve_
    assert (np.diff(frame["seconds"]) >= 0).all()
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    assert isinstance(est.history_.to_frame(), polars.DataFrame)


def test_a_history_has_a_row_for_each_epoch_of_all_fits():
    est = fitted(bl.MLPRegressor(warm_start=True, max_iter=2), X, Y)
    fitted(est, X, Y, X_val=X, y_val=Y)
    fitted(est.set_params(solver="lbfgs"), X, Y)
    frame = est.history_.to_frame()
    assert len(frame) == 6
    assert [*frame["validation_loss"].notna()] == [False, False, True, True, False, False]
    assert [*frame["learning_rate"].notna()] == [True] * 4 + [False] * 2


# --- what is set between two fits ------------------------------------------------------------


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


# --- who plays -------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["auto", "numpy"])
@pytest.mark.parametrize("more", [{}, {"dropout": 0.3}, {"solver": "lbfgs"}, {"clip_norm": 0.1}])
def test_engines_agree(engine, more):
    settings = {"max_iter": 5, "random_state": 0, "batch_size": 20, **more}
    ours = fitted(bl.MLPRegressor(engine=engine, **settings), X, Y)
    other = fitted(bl.MLPRegressor(engine="player", **settings), X, Y)
    np.testing.assert_allclose(weights(ours), weights(other), rtol=1e-6, atol=1e-9)
    assert other.engine_.startswith("player")
    assert ours.engine_.startswith("NumPy" if engine == "numpy" else "player")


def test_what_is_refused():
    for settings, name in [
        ({"rule": "feedback_alignment"}, "rule"), ({"engine": "cuda"}, "engine"),
        ({"n_threads": 0}, "n_threads"), ({"clip_norm": -1}, "clip_norm"),
        ({"clip_norm": 0}, "clip_norm"), ({"optimizer": "adamw"}, "optimizer"),
        ({"optimizer": bl.adamw}, "optimizer"), ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"), ({"init": "he_normal"}, "init"),
        ({"callbacks": print}, "callbacks"), ({"scale_inputs": "yes"}, "scale_inputs"),
        ({"restore_best": "always"}, "restore_best"), ({"activation": "softmax2"}, "activation"),
        ({"class_weight": "even"}, "class_weight"), ({"learning_rate": 0.1}, "learning_rate"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=f"The '{name}' parameter of MLPClassifier must be"):
            bl.MLPClassifier(**settings).fit(*classes())


def test_settings_in_pairs():
    """Settings that meet: each pair trains, and gives finite answers."""
    more = [
        {"dropout": 0.2}, {"clip_norm": 1.0}, {"scale_inputs": True}, {"scale_target": True},
        {"optimizer": bl.rmsprop(1e-3)}, {"early_stopping": True}, {"gradient_norms": True},
        {"restore_best": True}, {"loss": "huber"}, {"loss": "pinball", "quantiles": [0.2, 0.8]},
        {"activation": ["gelu", "tanh"]}, {"callbacks": [lambda state: False]},
        {"learning_rate": bl.step_decay(0.01, every=5)}, {"warm_start": True},
        {"solver": "lbfgs"}, {"hidden_layer_sizes": (1, 1)}, {"batch_size": 1},
    ]  # fmt: skip
    for one, other in itertools.combinations(more, 2):
        if {*one} & {*other}:
            continue
        settings = {"hidden_layer_sizes": (3, 2), "max_iter": 2, "random_state": 0, **one, **other}
        est = fitted(bl.MLPRegressor(**settings), X[:30], Y[:30])
        fitted(est, X[:30], Y[:30])
        assert np.isfinite(est.predict(X)).all(), settings
