"""Networks of the user's, with scikit-learn's interface."""

import pickle

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import backlit as bl
from backlit.data import digits
from backlit.errors import InputError, TraceError

from .small import classes, fitted, quantities

X, Y = quantities()
X3, Y3 = classes(3)


def convolution(params, X):
    """Rows of 64 pixels → 10 outputs: 3×3 kernels, ReLU, 2×2 maximum, dense."""
    images = np.reshape(X, (len(X), 8, 8))
    windows = sliding_window_view(images, (3, 3), axis=(1, 2))
    Z1 = np.einsum("nijab,abk->nijk", windows, params["K"]) + params["c"]
    H1 = np.maximum(Z1, 0)
    P = np.max(H1.reshape(len(X), 3, 2, 3, 2, -1), axis=(2, 4))
    return P.reshape(len(X), -1) @ params["W"] + params["b"]


def kernels(seed):
    rng = np.random.default_rng(seed)
    return {
        "K": rng.normal(0, 0.5, (3, 3, 8)), "c": np.zeros(8),
        "W": rng.normal(0, 0.1, (72, 10)), "b": np.zeros(10),
    }  # fmt: skip


@pytest.mark.slow
def test_a_convolution_reads_digits():
    train, test = digits().split(seed=0)
    est = bl.NetworkClassifier(
        convolution, kernels, batch_size=32, learning_rate_init=3e-3, max_iter=30, random_state=0
    )
    fitted(est, train.pixels, train.labels)
    assert est.score(test.pixels, test.labels) > 0.95
    assert {*est.params_} == {"K", "c", "W", "b"}
    assert est.engine_.startswith("player")
    assert est.derive(test.pixels[:2], test.labels[:2]).check()
    assert est.input_gradient(test.pixels[:3]).shape == (3, 64)


def shared(params, X):
    """The same matrix, twice, and its transpose."""
    W, v = params
    return np.tanh(np.tanh(X @ W) @ W) @ W.T @ v


SHARED = (np.eye(4) * 0.5 + 0.1, np.ones((4, 1)) * 0.3)


def test_shared_weights_are_one_parameter():
    est = bl.NetworkRegressor(shared, SHARED, alpha=0.5, max_iter=1, optimizer=bl.sgd(0.1))
    fitted(est.set_params(batch_size=90, shuffle=False), X, Y)

    def loss(params):
        squares = sum(np.sum(W * W) for W in params)
        error = shared(params, X) - Y[:, None]
        return np.mean(np.sum(error**2, axis=1)) / 2 + 0.5 / 2 / 90 * squares

    assert est.loss_ == pytest.approx(loss(SHARED), rel=1e-12)
    for after, before, slope in zip(est.params_, SHARED, bl.grad(loss)(SHARED), strict=True):
        np.testing.assert_allclose(after, before - 0.1 * slope, rtol=1e-9)
    assert np.array_equal(SHARED[0], np.eye(4) * 0.5 + 0.1)  # the user's own arrays stay


def as_dense(params, X):
    (W1, b1), (W2, b2) = params
    return np.maximum(X @ W1 + b1, 0) @ W2 + b2


def in_dict(params, X):
    return as_dense([(p["W"], p["b"]) for p in params["layers"]], X)


def one_axis(params, X):
    return as_dense(params, X)[:, 0]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_a_dense_network_written_out_takes_the_same_steps(solver):
    for own, dense, data, outputs in [
        (bl.NetworkRegressor, bl.MLPRegressor, (X, Y), 1),
        (bl.NetworkClassifier, bl.MLPClassifier, classes(2), 1),
        (bl.NetworkClassifier, bl.MLPClassifier, (X3, Y3), 3),
    ]:
        start = nn_start(outputs)
        more = {"solver": solver, "max_iter": 6, "shuffle": False, "alpha": 0.3}
        named = {"layers": [{"W": W, "b": b} for W, b in start]}
        one = fitted(own(as_dense, start, **more), *data)
        two = fitted(own(in_dict, named, **more), *data)
        ready = dense(hidden_layer_sizes=(7,), init=lambda rng, i, o: dict_of(start)[i, o], **more)
        expected = fitted(ready, *data)
        np.testing.assert_allclose(one.params_[0][0], expected.coefs_[0], rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(one.predict(data[0]), expected.predict(data[0]), rtol=1e-6)
        np.testing.assert_array_equal(one.params_[0][0], two.params_["layers"][0]["W"])
        if outputs == 1:
            three = fitted(own(one_axis, start, **more), *data)
            np.testing.assert_allclose(three.params_[0][0], one.params_[0][0], rtol=1e-9)


def nn_start(outputs):
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(4, 7)), np.zeros(7)),
        (rng.normal(size=(7, outputs)), np.zeros(outputs)),
    ]


def dict_of(start):
    return {W.shape: W for W, _ in start}


def test_params_from_a_seed():
    def params(seed):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(4, 3)), rng.normal(size=(3, 1))

    def network(params, X):
        return np.tanh(X @ params[0]) @ params[1]

    one, two, three = (
        fitted(bl.NetworkRegressor(network, params, max_iter=2, random_state=r), X, Y)
        for r in (0, 0, 1)
    )
    assert np.array_equal(one.params_[0], two.params_[0])
    assert not np.array_equal(one.params_[0], three.params_[0])


def test_networks_that_need_a_sentence():
    start = nn_start(1)
    with pytest.raises(InputError, match=r"gives \(2, 1\) for 2 rows; expected \(2, 3\)"):
        bl.NetworkClassifier(as_dense, start).fit(X3, Y3)
    with pytest.raises(InputError, match=r"gives \(2, 3\) for 2 rows; expected \(2, 1\)"):
        bl.NetworkRegressor(as_dense, nn_start(3)).fit(X, Y)
    with pytest.raises(InputError, match=r"gives \(\) for 2 rows"):
        bl.NetworkRegressor(lambda params, X: np.sum(X @ params), np.ones((4, 1))).fit(X, Y)
    with pytest.raises(ValueError, match="'network' parameter of NetworkRegressor"):
        bl.NetworkRegressor("dense", start).fit(X, Y)
    with pytest.raises(TraceError, match=r"np\.asarray of X"):
        bl.NetworkRegressor(lambda W, X: np.asarray(X) @ W, np.ones((4, 1))).fit(X, Y)


@pytest.mark.parametrize("more", [{}, {"early_stopping": True}, {"solver": "sgd"}])
def test_a_warm_start_is_exact_and_survives_pickling(more):
    settings = {"random_state": 0, "batch_size": 20, "n_iter_no_change": 50, **more}
    start = nn_start(3)
    long = fitted(bl.NetworkClassifier(as_dense, start, max_iter=9, **settings), X3, Y3)
    short = bl.NetworkClassifier(as_dense, start, max_iter=3, warm_start=True, **settings)
    for _ in range(3):
        short = pickle.loads(pickle.dumps(fitted(short, X3, Y3)))
    assert long.loss_curve_ == short.loss_curve_
    assert long.params_[0][0].tobytes() == short.params_[0][0].tobytes()
    np.testing.assert_array_equal(long.predict(X3), short.predict(X3))


def test_early_stopping_keeps_the_best():
    est = bl.NetworkClassifier(
        as_dense, nn_start(3), early_stopping=True, learning_rate_init=0.1, max_iter=300,
        random_state=0,
    ).fit(X3, Y3)  # fmt: skip
    assert est.stop_reason_.kind == "patience"
    best = int(np.argmax(est.validation_scores_)) + 1
    again = bl.NetworkClassifier(**est.get_params() | {"max_iter": best})
    np.testing.assert_array_equal(fitted(again, X3, Y3).params_[0][0], est.params_[0][0])


def test_in_a_search():
    est = bl.NetworkClassifier(as_dense, nn_start(3), max_iter=30, random_state=0)
    search = fitted(GridSearchCV(est, {"learning_rate_init": [1e-9, 0.05]}, n_jobs=2, cv=3), X3, Y3)
    assert search.best_params_ == {"learning_rate_init": 0.05}
    assert clone(est).get_params()["network"] is as_dense


def test_several_targets_quantiles_and_losses():
    start = nn_start(3)
    assert fitted(bl.NetworkRegressor(as_dense, start, max_iter=2), *quantities(3)).predict(
        X
    ).shape == (90, 3)
    est = bl.NetworkRegressor(
        as_dense, start, loss="pinball", quantiles=[0.1, 0.5, 0.9], max_iter=9
    )
    assert np.all(np.diff(fitted(est, X, Y).predict(X), axis=1) >= 0)
    est = bl.NetworkRegressor(as_dense, nn_start(1), loss="poisson", max_iter=3)
    assert np.all(fitted(est, X, Y).predict(X) > 0)
    scaled = bl.NetworkRegressor(
        as_dense, nn_start(1), scale_inputs=True, scale_target=True, max_iter=100, random_state=0,
        learning_rate_init=0.01,
    )  # fmt: skip
    assert fitted(scaled, 1e4 * X, 1e6 * Y).score(1e4 * X, 1e6 * Y) > 0.8


def test_a_network_that_reads_what_changes_is_read_again():
    scale = {"by": 1.0}

    def network(params, X):
        return scale["by"] * (X @ params)

    est = bl.NetworkRegressor(network, np.ones((4, 1)), optimizer=bl.sgd(0.0), max_iter=1, alpha=0)
    first = fitted(est, X, Y).loss_
    scale["by"] = 2.0
    assert fitted(est, X, Y).loss_ == pytest.approx(np.mean((2 * X.sum(axis=1) - Y) ** 2) / 2)
    assert first == pytest.approx(np.mean((X.sum(axis=1) - Y) ** 2) / 2)
