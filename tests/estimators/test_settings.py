"""What can be set beyond scikit-learn: each setting does what it says, and nothing else."""

import itertools

import numpy as np
import pytest

import backlit as bl
from backlit.errors import InputError

from .small import classes, fitted, quantities, weights

X, Y = quantities()
STILL = {"optimizer": bl.sgd(0.0), "max_iter": 1, "random_state": 0}


# --- layers ---------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "init",
    [
        lambda rng, fan_in, fan_out: np.ones((fan_out, fan_in)),
        lambda rng, fan_in, fan_out: 0.0,
        lambda rng, fan_in, fan_out: np.full((fan_in, fan_out), np.nan),
    ],
)
def test_an_init_that_cannot_be_harms_no_later_fit(init):
    with pytest.raises(InputError, match=r"shape \(4, 13\)"):
        bl.MLPRegressor(hidden_layer_sizes=13, init=init).fit(X, Y)
    assert fitted(bl.MLPRegressor(hidden_layer_sizes=13, **STILL), X, Y).n_iter_ == 1


def test_weights_set_by_hand_harm_no_later_fit():
    """Equal designs share their equations; arrays of other shapes do not."""
    est = fitted(bl.MLPRegressor(hidden_layer_sizes=14, warm_start=True, max_iter=1), X, Y)
    est.coefs_[0] = est.coefs_[0].T
    with pytest.raises(ValueError, match="shape"):
        fitted(est, X, Y)
    assert fitted(bl.MLPRegressor(hidden_layer_sizes=14, **STILL), X, Y).n_iter_ == 1


# --- dropout --------------------------------------------------------------------------------------


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


# --- who plays ------------------------------------------------------------------------------------


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
        {"early_stopping": True, "restore_best": False}, {"loss": "huber"},
        {"loss": "pinball", "quantiles": [0.2, 0.8]},
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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dropout": [1.5]}, "expected numbers in \\[0, 1\\)"),
        ({"activation": ["rellu"]}, "Did you mean 'relu'"),
        ({"activation": ["relu", "tanh"]}, "2 entries for 1 hidden layers"),
    ],
)
def test_lists_for_layers_are_looked_at(settings, message):
    with pytest.raises(ValueError, match=message):
        bl.MLPClassifier(hidden_layer_sizes=(3,), **settings).fit(*classes())
