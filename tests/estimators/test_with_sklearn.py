"""Inside scikit-learn: searches, pipelines, frames, metadata, callbacks."""

import pickle

import numpy as np
import pandas
import polars
import pyarrow
import pytest
import sklearn
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.ensemble import BaggingRegressor
from sklearn.inspection import permutation_importance
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
    learning_curve,
)
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import backlit as bl

from .small import classes, fitted, quantities, unfinished

X, Y = quantities()
X3, Y3 = classes(3)
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 10, "random_state": 0}


@pytest.fixture(autouse=True)
def _unfinished():
    with unfinished():
        yield


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def small(**more):
    return bl.MLPClassifier(**SMALL | more)


# --- searches, pipelines ---------------------------------------------------------------------


def test_a_search_over_our_settings_in_two_jobs():
    grid = {"mlpclassifier__learning_rate_init": [1e-9, 0.05], "mlpclassifier__dropout": [0.0, 0.1]}
    grid["mlpclassifier__optimizer"] = [None, bl.sgd(1e-9)]
    pipeline = make_pipeline(StandardScaler(), small(max_iter=40))
    one, two = (GridSearchCV(pipeline, grid, cv=3, n_jobs=n).fit(X3, Y3) for n in (1, 2))
    assert one.best_params_["mlpclassifier__learning_rate_init"] == 0.05
    assert one.best_params_["mlpclassifier__optimizer"] is None
    scores = "mean_test_score"
    assert [*one.cv_results_[scores]] == [*two.cv_results_[scores]]
    assert np.array_equal(one.predict_proba(X3), two.predict_proba(X3))
    assert one.score(X3, Y3) > 0.8


@pytest.mark.parametrize("more", [{}, {"early_stopping": True}, {"solver": "lbfgs"}])
def test_scores_of_a_cross_validation_over_one_and_two_jobs(more):
    for est, data in [(small(**more), (X3, Y3)), (bl.MLPRegressor(**SMALL | more), (X, Y))]:
        one, two = (cross_val_score(est, *data, cv=3, n_jobs=n) for n in (1, 2))
        assert [*one] == [*two]


def test_clone_has_the_settings_and_nothing_learnt():
    settings = {"optimizer": bl.adamw(1e-2), "activation": ["tanh"], "init": bl.nn.he_normal}
    est = small(callbacks=[print_nothing], learning_rate=bl.cosine_decay(0.1, steps=9), **settings)
    copy = clone(fitted(est, X3, Y3))
    assert not hasattr(copy, "coefs_")
    assert repr(copy) == repr(est)
    assert np.array_equal(fitted(copy, X3, Y3).coefs_[0], est.coefs_[0])
    assert bl.MLPClassifier(**est.get_params()).get_params() == est.get_params()


def print_nothing(state):
    return None


@pytest.mark.parametrize("make", [bl.MLPClassifier, bl.MLPRegressor])
def test_pickled_it_answers_and_goes_on(make):
    data = (X3, Y3) if make is bl.MLPClassifier else (X, Y)
    est = fitted(make(**SMALL | {"batch_size": 30, "dropout": 0.2, "scale_inputs": True}), *data)
    again = pickle.loads(pickle.dumps(est))
    assert np.array_equal(est.predict(data[0]), again.predict(data[0]))
    for model in (est, again):
        model.partial_fit(*data)
    assert np.array_equal(est.coefs_[0], again.coefs_[0])
    assert est.loss_curve_ == again.loss_curve_
    assert again.derivation_.check()


def test_by_other_estimators():
    calibrated = CalibratedClassifierCV(small(), cv=2).fit(X3, Y3)
    np.testing.assert_allclose(calibrated.predict_proba(X3).sum(axis=1), 1)
    by_margin = CalibratedClassifierCV(small(loss="hinge"), cv=2).fit(X3, Y3)
    assert by_margin.score(X3, Y3) > 0.4
    est = fitted(bl.MLPRegressor(**SMALL | {"max_iter": 300, "learning_rate_init": 0.01}), X, Y)
    importance = permutation_importance(est, X, Y, random_state=0).importances_mean
    assert importance.argmax() == 0  # y is made of the first feature
    sizes, _, _ = learning_curve(small(), X3, Y3, cv=2, train_sizes=[0.5, 1.0])
    assert [*sizes] == [22, 45]
    both = MultiOutputRegressor(bl.MLPRegressor(**SMALL)).fit(*quantities(2))
    alone = fitted(bl.MLPRegressor(**SMALL), X, quantities(2)[1][:, 0])
    np.testing.assert_array_equal(both.predict(X)[:, 0], alone.predict(X))
    bagged = BaggingRegressor(bl.MLPRegressor(**SMALL), 3, random_state=0).fit(X, Y)
    assert np.isfinite(bagged.predict(X)).all()


# --- frames ----------------------------------------------------------------------------------

NAMES = ["age", "height", "weight", "pulse"]
FRAMES = {
    "pandas": lambda X: pandas.DataFrame(X, columns=NAMES),
    "polars": lambda X: polars.DataFrame(X, schema=NAMES),
    "pyarrow": lambda X: pyarrow.table(dict(zip(NAMES, X.T, strict=True))),
}


@pytest.mark.parametrize("library", FRAMES)
def test_a_frame_has_names(library):
    make = FRAMES[library]
    est = fitted(small(), make(X3), Y3)
    plain = fitted(small(), X3, Y3)
    assert [*est.feature_names_in_] == NAMES
    np.testing.assert_array_equal(est.predict_proba(make(X3)), plain.predict_proba(X3))
    with pytest.raises(ValueError, match="feature names"):
        est.predict(make(X3).select(NAMES[::-1]) if library != "pandas" else make(X3)[NAMES[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        est.predict(X3)
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        plain.predict(make(X3))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_column_as_target(library):
    texts = np.array(["a", "b", "c"])[Y3]
    series = pandas.Series if library == "pandas" else polars.Series
    est = fitted(small(), FRAMES[library](X3), series(texts))
    assert np.array_equal(est.predict(FRAMES[library](X3)), fitted(small(), X3, texts).predict(X3))
    reg = fitted(bl.MLPRegressor(**SMALL), FRAMES[library](X), series(Y))
    assert np.array_equal(
        reg.predict(FRAMES[library](X)), fitted(bl.MLPRegressor(**SMALL), X, Y).predict(X)
    )


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output_of_what_the_network_has_made(library):
    est = small(hidden_layer_sizes=(8, 3)).set_output(transform=library)
    frame = fitted(est, X3, Y3).transform(X3)
    assert type(frame).__module__.startswith(library)
    assert (
        [*frame.columns]
        == [*est.get_feature_names_out()]
        == [f"mlpclassifier{i}" for i in range(3)]
    )
    np.testing.assert_array_equal(frame.to_numpy(), est.activations(X3)[-1])
    features = make_pipeline(StandardScaler(), small()).fit(X3, Y3)
    assert features[:-1].transform(X3).shape == (90, 4)
    assert features.transform(X3).shape == (90, 8)


# --- metadata --------------------------------------------------------------------------------


@pytest.mark.usefixtures("routing")
def test_weights_of_rows_are_routed():
    weight = np.random.default_rng(0).integers(0, 3, size=90).astype(float)
    asks = small().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
    params = {"sample_weight": weight}
    found = cross_validate(asks, X3, Y3, cv=KFold(3), params=params, return_estimator=True)
    parts = zip(KFold(3).split(X3), found["estimator"], found["test_score"], strict=True)
    for (train, test), est, score in parts:
        by_hand = fitted(small(), X3[train], Y3[train], weight[train])
        assert np.array_equal(est.coefs_[0], by_hand.coefs_[0])
        assert score == by_hand.score(X3[test], Y3[test], weight[test])
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipeline = make_pipeline(scaler, asks).fit(X3, Y3, sample_weight=weight)
    scaled = StandardScaler().fit_transform(X3)
    assert np.array_equal(pipeline[-1].coefs_[0], fitted(small(), scaled, Y3, weight).coefs_[0])
    assert not np.array_equal(pipeline[-1].coefs_[0], fitted(small(), scaled, Y3).coefs_[0])


@pytest.mark.usefixtures("routing")
def test_validation_rows_are_routed_through_a_pipeline():
    asks = small().set_fit_request(X_val=True, y_val=True, sample_weight_val=True)
    pipeline = make_pipeline(StandardScaler(), asks, transform_input=["X_val"])
    train, val = slice(0, 60), slice(60, 90)
    pipeline.fit(X3[train], Y3[train], X_val=X3[val], y_val=Y3[val], sample_weight_val=np.ones(30))
    assert pipeline.score(X3[val], Y3[val]) == pytest.approx(pipeline[-1].validation_scores_[-1])
    with pytest.raises(Exception, match="X_val"):
        make_pipeline(StandardScaler(), small()).fit(X3, Y3, X_val=X3, y_val=Y3)


# --- scikit-learn's callbacks ----------------------------------------------------------------


class Stop:
    """Asks to stop after so many epochs; writes down what it was called for."""

    def __init__(self, after=3):
        self.after, self.calls = after, []

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X=None, y=None):
        self.calls.append(f"{context.task_name} {context.task_id} begins")

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.calls.append(f"{context.task_name} {context.task_id} ends")
        self.last = fitted_estimator
        return context.task_name == "epoch" and context.task_id + 1 == self.after


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_callback_is_told_of_each_epoch_and_stops(solver):
    stop = Stop()
    est = small(solver=solver).set_callbacks(stop)
    fitted(est, X3, Y3)
    assert est.n_iter_ == 3
    assert est.stop_reason_.kind == "callback"
    epochs = [f"epoch {i} {what}" for i in range(3) for what in ("begins", "ends")]
    assert stop.calls == ["setup", "fit 0 begins", *epochs, "fit 0 ends", "teardown"]
    np.testing.assert_allclose(stop.last.coefs_[0], est.coefs_[0], rtol=1e-12)
    assert np.array_equal(stop.last.predict(X3), est.predict(X3))


def test_a_callback_is_torn_down_after_a_failure():
    stop = Stop()
    with pytest.raises(ValueError, match="y_val has classes"):
        small().set_callbacks(stop).fit(X3, Y3, X_val=X3, y_val=np.full(90, 9))
    diverges = bl.MLPRegressor(optimizer=bl.sgd(1e30)).set_callbacks(stop)
    with pytest.raises(ValueError, match="diverged"):
        diverges.fit(X, Y)
    assert stop.calls.count("setup") == stop.calls.count("teardown")
    assert not hasattr(diverges, "_callback_fit_ctx")


@pytest.mark.parametrize("kind", ["accuracy", "neg_log_loss"])
def test_a_monitor_has_the_score_of_each_epoch(kind):
    monitor = ScoringMonitor(scoring=kind)
    fitted(small(max_iter=4, warm_start=False).set_callbacks(monitor), X3, Y3)
    rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
    scorer, expected = get_scorer(kind), []
    est = small(max_iter=1, warm_start=True)
    for _ in range(4):
        expected.append(scorer(fitted(est, X3, Y3), X3, Y3))
    assert [row[kind] for row in rows] == pytest.approx(expected, rel=1e-12)


def test_a_monitor_with_early_stopping_scores_the_weights_of_the_epoch():
    monitor = ScoringMonitor(scoring="accuracy")
    est = small(early_stopping=True, max_iter=6, learning_rate_init=0.1).set_callbacks(monitor)
    fitted(est, X3, Y3)
    data = monitor.get_logs().data
    epochs, (whole,) = (
        [row["accuracy"] for row in data if row["task_name"] == name] for name in ("epoch", "fit")
    )
    assert whole == est.score(X3, Y3)  # the fit ends with the best weights
    assert whole == epochs[int(np.argmax(est.validation_scores_))]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_progress_bar_comes_to_its_end(solver, capsys):
    fitted(small(solver=solver, max_iter=5).set_callbacks(ProgressBar()), X3, Y3)
    assert "MLPClassifier - fit" in capsys.readouterr().out


def test_callbacks_in_a_pipeline_and_in_a_search():
    stop = Stop(after=2)
    pipeline = make_pipeline(StandardScaler(), small().set_callbacks(stop)).fit(X3, Y3)
    assert pipeline[-1].n_iter_ == 2
    monitor = ScoringMonitor(scoring="accuracy")
    search = GridSearchCV(
        small(max_iter=3).set_callbacks(monitor), {"alpha": [0.1, 1.0]}, cv=2, n_jobs=2
    ).fit(X3, Y3)
    logs = monitor.get_logs(select="all")
    rows = [row for log in logs for row in log.data if row["task_name"] == "epoch"]
    assert len(rows) == 3 * (2 * 2 + 1)
    assert rows[-1]["accuracy"] == pytest.approx(search.best_estimator_.score(X3, Y3))


def test_what_is_no_callback():
    with pytest.raises(TypeError, match="FitCallback"):
        small().set_callbacks(print_nothing)
