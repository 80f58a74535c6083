"""X_val, y_val, sample_weight_val: they are judged by, and never learnt from."""

import warnings

import numpy as np
import pandas
import pytest
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

import backlit as bl

from .small import classes, fitted, quantities, unfinished, weights

X, Y = quantities()


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


def test_validation_rows_that_tell_nothing_are_refused():
    X, y = classes(3)
    est = bl.MLPClassifier(max_iter=2)
    early = bl.MLPClassifier(early_stopping=True, random_state=0, max_iter=2)
    trained_on, _ = fitted(early, X, y)._course.parts
    weight = np.zeros(len(X))
    weight[trained_on] = 1
    with pytest.raises(ValueError, match="weigh nothing"):
        early.fit(X, y, sample_weight=weight)
    with pytest.raises(ValueError, match="too small"):
        est.fit(X, y, X_val=X[:1], y_val=y[:1])
