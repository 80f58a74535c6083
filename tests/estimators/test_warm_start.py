"""Going on is exact: many short fits are one long one, bit for bit."""

import pickle

import numpy as np
import pytest
from joblib import Parallel, delayed

import backlit as bl

from .small import classes, fitted, named, quantities, unfinished

SETTINGS = [
    {},
    {"solver": "sgd", "learning_rate": "invscaling", "batch_size": 16},
    {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2},
    {"batch_size": 16, "dropout": 0.3},
    {"batch_size": 16, "early_stopping": True},
    {"batch_size": 20, "learning_rate": bl.cosine_decay(0.01, steps=60)},
    {"optimizer": bl.adamw(bl.step_decay(0.01, every=7)), "batch_size": 16, "clip_norm": 0.5},
    {"scale_inputs": True, "batch_size": 16, "gradient_norms": True},
]


def weights(est):
    return [*est.coefs_, *est.intercepts_]


def same(one, other):
    assert [x.tobytes() for x in weights(one)] == [x.tobytes() for x in weights(other)]
    assert one.loss_curve_ == other.loss_curve_
    assert one.validation_scores_ == other.validation_scores_
    drop = "seconds"
    histories = [{k: v for k, v in e.history_.items() if k != drop} for e in (one, other)]
    assert histories[0] == histories[1]
    assert one.t_ == other.t_


@pytest.mark.parametrize("engine", ["auto", "numpy"])
@pytest.mark.parametrize("settings", SETTINGS, ids=named)
@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_three_fits_are_one(kind, settings, engine):
    make, data = getattr(bl, kind), classes(3) if kind == "MLPClassifier" else quantities()
    settings = {"random_state": 0, "engine": engine, "n_iter_no_change": 20, **settings}
    long = fitted(make(max_iter=12, **settings), *data)
    short = make(max_iter=4, warm_start=True, **settings)
    for _ in range(3):
        short = pickle.loads(pickle.dumps(fitted(short, *data)))
    same(long, short)
    assert short.n_iter_ == 4


def test_partial_fits_are_epochs():
    X, y = classes(3)
    settings = {"random_state": 0, "batch_size": 16, "hidden_layer_sizes": (8,)}
    long = fitted(bl.MLPClassifier(max_iter=6, **settings), X, y)
    short = bl.MLPClassifier(**settings)
    for _ in range(6):
        short.partial_fit(X, y, classes=[0, 1, 2])
    same(long, short)


def test_it_goes_on_from_weights_that_the_user_set():
    X, y = quantities()
    one = fitted(bl.MLPRegressor(max_iter=3, warm_start=True, random_state=0), X, y)
    one.coefs_[0] = np.zeros_like(one.coefs_[0])
    one.coefs_[0][0] = 1
    before = one.coefs_[0].copy()
    one.set_params(max_iter=1, learning_rate_init=1e-6)
    assert not np.any(np.abs(fitted(one, X, y).coefs_[0] - before) > 0.01)


def test_best_weights_are_restored_and_the_last_ones_go_on():
    X, y = classes(3)
    settings = {"early_stopping": True, "random_state": 0, "learning_rate_init": 0.1}
    settings |= {"n_iter_no_change": 30, "batch_size": 16}
    est = fitted(bl.MLPClassifier(max_iter=15, warm_start=True, **settings), X, y)
    best = int(np.argmax(est.validation_scores_)) + 1
    assert best < 15
    stopped_there = fitted(bl.MLPClassifier(max_iter=best, **settings), X, y)
    assert np.array_equal(est.coefs_[0], stopped_there.coefs_[0])
    long = fitted(bl.MLPClassifier(max_iter=30, **settings), X, y)
    assert fitted(est, X, y).loss_curve_ == long.loss_curve_


def test_equal_seeds_over_one_and_two_jobs():
    X, y = classes(3)

    def train(seed):
        return weights(fitted(bl.MLPClassifier(max_iter=5, random_state=seed), X, y))

    one = [train(seed) for seed in range(4)]
    two = Parallel(n_jobs=2)(delayed(train)(seed) for seed in range(4))
    for a, b in zip(one, two, strict=True):
        assert [x.tobytes() for x in a] == [x.tobytes() for x in b]


def test_threads_do_not_change_a_bit():
    X, y = quantities(rows=3000)
    settings = {"random_state": 0, "max_iter": 3, "hidden_layer_sizes": (64, 64)}
    found = [fitted(bl.MLPRegressor(n_threads=n, **settings), X, y) for n in (1, 2)]
    same(*found)


def test_other_classes_are_refused():
    X, y = classes(3)
    with unfinished():
        est = bl.MLPClassifier(max_iter=2, warm_start=True).fit(X, y)
        with pytest.raises(ValueError, match="same classes as in the previous"):
            est.fit(X, np.minimum(y, 1))


@pytest.mark.parametrize("settings", SETTINGS, ids=named)
def test_epochs_played_together_are_as_they_are_alone(settings, capsys):
    """With verbose each epoch comes back to Python; else the player plays some in one go."""
    X, y = classes(3)
    settings = {"random_state": 0, "max_iter": 30, **settings}
    same(*(fitted(bl.MLPClassifier(verbose=v, **settings), X, y) for v in (True, False)))


def test_one_that_diverges_among_epochs_played_together():
    X, y = quantities()
    settings = {"solver": "sgd", "learning_rate_init": 0.05, "max_iter": 100, "random_state": 0}
    settings |= {"activation": "identity", "batch_size": 16, "n_iter_no_change": 50}
    reasons = []
    for verbose in (True, False):
        est = bl.MLPRegressor(verbose=verbose, **settings)
        with pytest.raises(ValueError, match="diverged at epoch"):
            fitted(est, 3 * X, y)
        reasons.append((est.stop_reason_, len(est.loss_curve_)))
    assert reasons[0] == reasons[1]
    assert reasons[0][1] > 1


def test_the_best_of_other_rows_is_judged_by_the_new_ones():
    X, y = classes(3)
    settings = {"early_stopping": True, "warm_start": True, "max_iter": 8, "random_state": 0}
    est = fitted(bl.MLPClassifier(**settings), X, y, X_val=X[:9], y_val=y[:9])
    wrong = (y + 1) % 3  # by which the best so far is worth nothing
    fitted(est.set_params(learning_rate_init=0.1, batch_size=8), X, wrong, X_val=X, y_val=wrong)
    assert est.best_validation_score_ == est.score(X, wrong) > 0.5
    assert np.all(np.diff(est.history_["seconds"]) > 0)
    est.set_params(early_stopping=False, restore_best=True)
    with pytest.raises(ValueError, match="needs rows to judge by"):
        est.fit(X, y)
    assert est.score(X, wrong) > 0.5


def test_scaling_cannot_begin_between_two_fits():
    X, y = quantities()
    for name in ("scale_inputs", "scale_target"):
        est = fitted(bl.MLPRegressor(warm_start=True, max_iter=2), X, y)
        with pytest.raises(ValueError, match="set warm_start=False"):
            est.set_params(**{name: True}).fit(X, y)


def test_an_adaptive_rate_goes_by_the_first_rate_of_now():
    X, y = quantities()
    settings = {"solver": "sgd", "learning_rate": "adaptive", "warm_start": True, "max_iter": 2}
    est = fitted(bl.MLPRegressor(**settings), X, y)
    fitted(est.set_params(learning_rate_init=0.5), 0.1 * X, y)
    assert est.history_["learning_rate"] == [0.001, 0.001, 0.5, 0.5]


def test_a_fit_that_fails_at_once_changes_nothing():
    X, y = classes(3)
    est = fitted(bl.MLPClassifier(max_iter=3, random_state=0), X, y)
    before = est.predict(X)
    with pytest.raises(ValueError, match="whole numbers"):
        est.set_params(hidden_layer_sizes=(2.5,)).fit(X[:, :2], np.array(list("xyz"))[y])
    assert np.array_equal(est.predict(X), before)


def test_widths_are_whole():
    with pytest.raises(ValueError, match="whole numbers"):
        bl.MLPClassifier(hidden_layer_sizes=(3.5,)).fit(*classes())
