"""scale_inputs and scale_target: units do not matter."""

import numpy as np
import pytest

import backlit as bl

from .small import fitted, quantities

X, Y = quantities()
STILL = {"optimizer": bl.sgd(0.0), "max_iter": 1, "random_state": 0}


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


@pytest.mark.parametrize("constant", [0.1, 1000.1, 1e200, 0.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_column_without_variation_is_not_blown_up(constant, dtype):
    X, y = quantities(rows=90, dtype=dtype)
    if constant > float(np.finfo(dtype).max):
        return
    flat = np.column_stack([X, np.full(len(X), constant, dtype)])
    model = fitted(bl.MLPRegressor(scale_inputs=True, max_iter=30, random_state=0), flat, y)
    assert model.input_scale_[-1] == 1
    moved = flat.copy()
    moved[:, -1] += dtype(0.01)
    assert np.abs(model.predict(moved) - model.predict(flat)).max() < 0.1


def test_columns_of_any_size_are_standardised():
    X, y = quantities()
    model = fitted(bl.MLPRegressor(scale_inputs=True, max_iter=5, random_state=0), X, y)
    huge = fitted(bl.MLPRegressor(scale_inputs=True, max_iter=5, random_state=0), X * 1e200, y)
    np.testing.assert_allclose(huge.predict(X * 1e200), model.predict(X), rtol=1e-6)
