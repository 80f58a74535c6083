"""Estimators in files: the same answers, the same training from there on, and nothing run."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import make_multilabel_classification

import backlit as bl
from backlit.estimators.stored import Stored
from backlit.files import dump
from backlit.files import load as load_file

from .small import classes, fitted, quantities

X3, Y3 = classes(3)
TEXTS = np.array(["setosa", "virginica", "versicolor"])[Y3]
ESTIMATORS = {
    "default": (bl.MLPClassifier(), X3, Y3),
    "two classes": (bl.MLPClassifier(), *classes(2)),
    "texts": (bl.MLPClassifier(hidden_layer_sizes=(5, 4), activation=["tanh", "relu"]), X3, TEXTS),
    "objects": (bl.MLPClassifier(solver="sgd"), X3, TEXTS.astype(object)),
    "truth": (bl.MLPClassifier(), X3, Y3 > 0),
    "numbers": (bl.MLPClassifier(class_weight={1.0: 2, 2.0: 1, 3.0: 1}), X3, Y3 + 1.0),
    "hinge": (bl.MLPClassifier(loss="hinge", hidden_layer_sizes=()), X3, Y3),
    "float32": (bl.MLPClassifier(batch_size=8, dropout=0.2), X3.astype(np.float32), Y3),
    "early": (bl.MLPClassifier(early_stopping=True, batch_size=8, learning_rate_init=0.1), X3, Y3),
    "labels": (
        bl.MLPClassifier(),
        *make_multilabel_classification(n_samples=40, n_features=4, random_state=0),
    ),
    "quantity": (bl.MLPRegressor(scale_inputs=True, scale_target=True), *quantities()),
    "several": (bl.MLPRegressor(batch_size=16, solver="sgd", alpha=0), *quantities(3)),
    "quantiles": (bl.MLPRegressor(loss="pinball", quantiles=[0.1, 0.9]), *quantities()),
    "lbfgs": (bl.MLPRegressor(solver="lbfgs"), *quantities()),
    "own optimiser": (
        bl.MLPRegressor(
            optimizer=bl.adamw(bl.warmup(bl.cosine_decay(0.01, steps=50), steps=5)).clipped(2.0),
            init=bl.nn.he_normal, activation=bl.nn.gelu,
        ),
        *quantities(),
    ),
}  # fmt: skip


@pytest.fixture(params=ESTIMATORS)
def trained(request):
    est, X, y = ESTIMATORS[request.param]
    return fitted(est.set_params(max_iter=6, warm_start=True, random_state=1), X, y), X, y


def same_answers(one, other, X):
    assert one.predict(X).tobytes() == other.predict(X).tobytes() or np.array_equal(
        one.predict(X), other.predict(X)
    )
    assert one.predict(X).dtype.kind == other.predict(X).dtype.kind
    for name in ("predict_proba", "transform", "decision_function"):
        if hasattr(one, name):
            assert np.array_equal(getattr(one, name)(X), getattr(other, name)(X))


def test_it_answers_and_goes_on_as_before(trained, tmp_path):
    est, X, y = trained
    bl.save(est, tmp_path / "m.safetensors")
    again = bl.load(tmp_path / "m.safetensors")
    same_answers(est, again, X)
    assert repr(est) == repr(again)
    assert est.score(X, y) == again.score(X, y)
    assert est.stop_reason_ == again.stop_reason_
    assert str(est.derivation_) == str(again.derivation_)
    fitted(est, X, y)
    same_answers(est, fitted(again, X, y), X)
    if est.solver != "lbfgs":
        assert est.loss_curve_ == again.loss_curve_


def test_the_same_bytes(trained, tmp_path):
    est, _, _ = trained
    for name in "ab":
        bl.save(est, tmp_path / name)
    bl.save(bl.load(tmp_path / "a"), tmp_path / "c")
    assert (
        (tmp_path / "a").read_bytes()
        == (tmp_path / "b").read_bytes()
        == (tmp_path / "c").read_bytes()
    )


def test_no_clock_is_in_a_file(tmp_path):
    for name in "ab":
        bl.save(fitted(bl.MLPClassifier(max_iter=3, random_state=0), X3, Y3), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_generator_given_by_the_user(tmp_path):
    """The same object cannot be in a file, but where it is can."""
    est = bl.MLPClassifier(max_iter=2, random_state=np.random.RandomState(5), warm_start=True)
    bl.save(fitted(est.set_params(batch_size=8), X3, Y3), tmp_path / "m")
    again = bl.load(tmp_path / "m")
    assert fitted(est, X3, Y3).loss_curve_ == fitted(again, X3, Y3).loss_curve_


def own_loss(prediction, target):
    return np.mean((prediction - target) ** 4)


def own_network(params, X):
    return X @ params


def test_code_of_the_user_is_refused(tmp_path):
    X, y = quantities()
    own = [
        bl.MLPRegressor(loss=own_loss),
        bl.MLPRegressor(activation=np.tanh),
        bl.NetworkRegressor(own_network, np.ones((4, 1))),
        bl.MLPRegressor(optimizer=bl.sgd(lr=own_rate)),
    ]
    for est in own:
        fitted(est.set_params(max_iter=1), X, y)
        with pytest.raises(ValueError, match="saved"):
            bl.save(est, tmp_path / "m")
    with pytest.raises(ValueError, match="not fitted"):
        bl.save(bl.MLPRegressor(), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def own_rate(step):
    return 0.1


def test_what_does_not_fit_together(tmp_path):
    path = tmp_path / "m"
    est = bl.MLPClassifier(max_iter=2, batch_size=8, early_stopping=True, random_state=0)
    fitted(est, X3, Y3)
    bl.save(est, path)
    arrays, about = load_file(path, Stored, finite=False)

    def changed(**more):
        path.write_bytes(dump({**arrays, **more}, about, finite=False))
        with pytest.raises(bl.FileError) as error:
            bl.load(path)
        return str(error.value)

    assert "W1, b1" in changed(W1=arrays["W1"][:2])
    assert "not known" in changed(other=arrays["W1"])
    assert "state1" in changed(state1=arrays["state1"][1:])
    assert "precision" in changed(b1=arrays["b1"].astype(np.float32))
    assert "rows" in changed(training=arrays["training"] + 1)
    assert "classes" in changed(classes=np.zeros(3, np.int64))
    assert "outputs" in changed(classes=np.arange(4))
    assert "Mersenne" in changed(order=arrays["order"], rng=np.zeros(3, np.uint32))


def test_loading_gives_no_warning(trained, tmp_path):
    est, _, _ = trained
    bl.save(est, tmp_path / "m")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bl.load(tmp_path / "m")


def test_a_table_model_is_no_estimator(tmp_path):
    path = tmp_path / "text"
    path.write_text("no model")
    with pytest.raises(bl.FileError, match="no file of backlit"):
        bl.load(path)
    with pytest.raises(ValueError, match="cannot be written"):
        bl.save(fitted(bl.MLPClassifier(max_iter=1), X3, Y3), tmp_path / "none" / "m")
