"""What a fit tells: norms of gradients, history, callbacks, why it stopped."""

import sys
import warnings

import numpy as np
import pandas
import polars
import pytest
from sklearn.exceptions import ConvergenceWarning

import backlit as bl
from backlit.estimators.design import objective

from .small import fitted, quantities, weights

X, Y = quantities()


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
    assert {*frame.columns} == {
        *("loss", "learning_rate", "validation_loss", "validation_score"),
        *("gradient_norm_1", "gradient_norm_2", "seconds"),
    }
    assert [*frame["loss"]] == est.loss_curve_
    assert (np.diff(frame["seconds"]) >= 0).all()
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert isinstance(est.history_.to_frame(), polars.DataFrame)


def test_a_history_has_a_row_for_each_epoch_of_all_fits():
    est = fitted(bl.MLPRegressor(warm_start=True, max_iter=2), X, Y)
    fitted(est, X, Y, X_val=X, y_val=Y)
    fitted(est.set_params(solver="lbfgs"), X, Y)
    frame = est.history_.to_frame()
    assert len(frame) == 6
    assert [*frame["validation_loss"].notna()] == [False, False, True, True, False, False]
    assert [*frame["learning_rate"].notna()] == [True] * 4 + [False] * 2
