"""Files with correct sums whose content is of no use: each is refused when it is loaded."""

from dataclasses import replace

import numpy as np
import pytest

import backlit as bl
from backlit.estimators.settings import Chosen, Function, Schedule, Several
from backlit.estimators.stored import Stored
from backlit.files import dump
from backlit.files import load as load_file

from .small import classes, fitted, quantities

X, Y = classes(3)
ESTIMATORS = {
    "classes": (bl.MLPClassifier(early_stopping=True, batch_size=8), X, Y),
    "texts": (bl.MLPClassifier(), X, np.array(["a", "b", "c"])[Y]),
    "quantity": (bl.MLPRegressor(scale_inputs=True, scale_target=True), *quantities()),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The arrays and the description of each estimator's file."""
    path = tmp_path_factory.mktemp("files") / "m"
    found = {}
    for name, (est, X, y) in ESTIMATORS.items():
        bl.save(fitted(est.set_params(max_iter=2, random_state=0), X, y), path)
        found[name] = load_file(path, Stored, finite=False)
    return found


def refused(path, arrays, about):
    path.write_bytes(dump(arrays, about, finite=False))
    with pytest.raises(bl.FileError) as error:
        bl.load(path)
    return str(error.value)


INF, NAN = float("inf"), float("nan")
RATE = Schedule("_step_decay", (0.1, 3, 0.5))


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_layer_sizes": Several((INF,), True)},
        {"hidden_layer_sizes": Several((NAN,), True)},
        {"activation": Function("dense")},
        {"activation": Function("mse")},
        {"activation": Several((Function("mse"),), False)},
        {"activation": Function("he_normal")},
        {"output_activation": Function("mse")},
        {"init": Function("relu")},
        {"init": Function("dense")},
        {"loss": Function("relu")},
        {"loss": Function("dense")},
        {"learning_rate": Function("relu")},
        {"callbacks": Several((), False)},
        {"callbacks": Several((Function("relu"),), False)},
        {"learning_rate": replace(RATE, numbers=())},
        {"learning_rate": replace(RATE, numbers=(0.1, 3))},
        {"learning_rate": replace(RATE, numbers=(0.1, 3, 0.5, 1))},
        {"learning_rate": replace(RATE, numbers=(0.1, 0, 0.5))},
        {"learning_rate": replace(RATE, numbers=(NAN, 3, 0.5))},
        {"learning_rate": replace(RATE, numbers=(RATE, 3, 0.5))},
        {"learning_rate": Schedule("_inverse_decay", (0.1, 0))},
        {"learning_rate": Schedule("_cosine_decay", (0.1, 0, 0.0))},
        {"learning_rate": Schedule("_warmup", (replace(RATE, numbers=(0.1, 0, 0.5)), 3))},
        {"learning_rate": Schedule("_warmup", (RATE, 0))},
        {"learning_rate": Schedule("number", (0.1, 3))},
        {"optimizer": Chosen("sgd", Schedule("_inverse_decay", (0.1, 0)), {}, {}, None)},
    ],
    ids=str,
)
def test_settings(settings, files, tmp_path):
    arrays, about = files["quantity"]
    refused(tmp_path / "m", arrays, replace(about, settings={**about.settings, **settings}))


def test_settings_that_are_good(files, tmp_path):
    """The same way of changing a file, to what can be: it is the value that is refused above."""
    arrays, about = files["quantity"]
    good = {"activation": Function("erf"), "init": Function("he_normal"), "loss": Function("mae")}
    good |= {"learning_rate": Schedule("_warmup", (RATE, 3)), "solver": "sgd"}
    about = replace(about, settings={**about.settings, **good})
    (tmp_path / "m").write_bytes(dump(arrays, about, finite=False))
    est = bl.load(tmp_path / "m")
    assert (est.activation, est.init, est.loss) == (bl.nn.erf, bl.nn.he_normal, bl.nn.mae)
    assert est.learning_rate(3) == bl.warmup(bl.step_decay(0.1, every=3, factor=0.5), steps=3)(3)


@pytest.mark.parametrize("name", ["input_mean_", "input_scale_", "target_mean_", "target_scale_"])
def test_scales(name, files, tmp_path):
    arrays, about = files["quantity"]
    path, good = tmp_path / "m", arrays[name]
    refused(path, {key: x for key, x in arrays.items() if key != name}, about)
    for bad in (good + NAN, good + INF, good[None], good.astype(int)):
        assert name in refused(path, {**arrays, name: bad}, about)
    if "scale" in name:
        for bad in (0 * good, -good):
            assert name in refused(path, {**arrays, name: bad}, about)


def test_records_and_the_course(files, tmp_path):
    arrays, about = files["classes"]

    def changed(**more):
        return refused(tmp_path / "m", {**arrays, **more}, about)

    assert "sorted" in changed(classes=np.array([0, 2, 1]))
    assert "dtype int64" in changed(classes=np.array([0, 1.5, 2]))
    for name in ("loss_curve_", "validation_scores_", "history loss"):
        assert name in changed(**{name: np.zeros((2, 2))})
        assert name in changed(**{name: np.zeros(2, bool)})
    order = arrays["order"]
    assert "order" in changed(order=np.where(order == 0, 1, order))
    assert "order" in changed(order=order - 1)
    assert "score" in refused(tmp_path / "m", arrays, replace(about, best_score=None))


@pytest.mark.parametrize("rate", [NAN, INF, -1.0])
def test_a_rate_that_is_none(rate, files):
    """As the file is read, before anything is made of it."""
    with pytest.raises(ValueError, match="learning rate"):
        replace(files["classes"][1].going, rate=rate)


def test_texts_that_are_not_sorted(files, tmp_path):
    arrays, about = files["texts"]
    for names in (("b", "a", "c"), ("a", "a", "b")):
        bad = replace(about, targets=replace(about.targets, names=names))
        assert "sorted" in refused(tmp_path / "m", arrays, bad)


def test_after_lbfgs_another_solver_goes_on(tmp_path):
    est = fitted(bl.MLPRegressor(solver="lbfgs", max_iter=2, warm_start=True), *quantities())
    bl.save(est, tmp_path / "m")
    found = bl.load(tmp_path / "m").set_params(solver="adam")
    assert len(fitted(found, *quantities()).loss_curve_) == 2


def test_scales_that_were_set_between_fits(tmp_path):
    """What is left of those before is not in the file; what is set for the next fit is."""
    est = fitted(bl.MLPRegressor(max_iter=1, scale_inputs=True), *quantities())
    for now in (False, True):
        bl.save(est.set_params(scale_inputs=now), tmp_path / "m")
        assert np.array_equal(bl.load(tmp_path / "m").predict(X), est.predict(X))
    fitted(est.set_params(scale_inputs=False), *quantities())
    bl.save(est, tmp_path / "m")
    assert np.array_equal(bl.load(tmp_path / "m").predict(X), est.predict(X))


@pytest.mark.parametrize(
    "settings",
    [
        {"activation": "tanh"}, {"hidden_layer_sizes": 3}, {"output_activation": "softplus"},
        {"loss": "poisson"}, {"batch_size": -1},
    ],
    ids=str,
)  # fmt: skip
def test_what_was_set_after_the_fit_is_in_no_file(settings, tmp_path):
    """A file of it would answer something else, or could not be loaded."""
    est = fitted(bl.MLPRegressor(max_iter=1), *quantities())
    bl.save(est.set_params(alpha=0.5, max_iter=5, dropout=0.1), tmp_path / "good")
    with pytest.raises(ValueError, match=r"settings of|batch_size|W1"):
        bl.save(est.set_params(**settings), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_weights_that_diverged_are_in_no_file(tmp_path):
    est = fitted(bl.MLPRegressor(max_iter=1), *quantities())
    est.coefs_[0][0, 0] = NAN
    with pytest.raises(ValueError, match="NaN"):
        bl.save(est, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_what_cannot_predict(files, tmp_path, monkeypatch):
    """Whatever the reason is."""
    arrays, about = files["texts"]
    monkeypatch.setattr(bl.MLPClassifier, "predict", lambda self, X: 1 // 0)
    assert "zero" in refused(tmp_path / "m", arrays, about)
