"""Values as they come from NumPy, in files of estimators: nothing of them is lost."""

import numpy as np
import pytest

import backlit as bl

from .small import classes, fitted, quantities
from .test_stored import same_answers

X, Y = classes(3)


def again(est, path):
    """The estimator, from its file."""
    bl.save(est, path)
    return bl.load(path)


def test_numbers_of_numpy(tmp_path):
    """As a search over `np.arange` sets them."""
    est = bl.MLPClassifier(
        np.array([5, 4]), batch_size=np.int64(8), max_iter=np.int64(2), random_state=np.int64(3),
        class_weight={np.int64(1): np.float32(2)}, alpha=np.float32(0.5), shuffle=np.bool_(True),
        learning_rate=bl.step_decay(np.float64(0.1), every=np.int64(3)), clip_norm=np.float64(1),
        n_iter_no_change=np.int8(4),
    )  # fmt: skip
    found = again(fitted(est, X, Y), tmp_path / "m")
    same_answers(est, found, X)
    assert (found.batch_size, found.random_state, found.alpha) == (8, 3, 0.5)
    assert found.class_weight == {1: 2.0}


def test_numbers_of_numpy_with_lbfgs(tmp_path):
    est = bl.MLPRegressor(
        hidden_layer_sizes=np.int64(5), solver="lbfgs", max_iter=np.int64(2), max_fun=np.int64(50)
    )
    assert again(fitted(est, *quantities()), tmp_path / "m").hidden_layer_sizes == 5


@pytest.mark.parametrize("dtype", ["bool", *np.typecodes["AllInteger"], *"efd"])
def test_classes_keep_their_dtype(dtype, tmp_path):
    y = (Y > 0).astype(dtype)
    est = fitted(bl.MLPClassifier(max_iter=1), X, y)
    found = again(est, tmp_path / "m")
    assert found.predict(X).dtype == est.predict(X).dtype == y.dtype
    same_answers(est, found, X)


def test_a_generator_is_kept_by_its_place_and_callbacks_are_not(tmp_path):
    est = bl.MLPClassifier(
        max_iter=1, random_state=np.random.RandomState(0), callbacks=[lambda state: None]
    )
    found = again(fitted(est, X, Y), tmp_path / "m")
    assert found.random_state is found.callbacks is None
    assert np.array_equal(found._course.rng.random(3), est._course.rng.random(3))
