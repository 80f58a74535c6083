"""Fitted estimators as models of ONNX: every activation with every kind of output and scale."""

import numpy as np
import pytest
from onnx import checker
from sklearn.datasets import make_multilabel_classification

import backlit as bl

from ..estimators.small import classes, fitted, quantities
from .running import by_onnxruntime, by_reference, close

X, Y3 = classes(3, rows=60)
ANSWERS = {"label": "predict", "probabilities": "predict_proba", "scores": "decision_function"}
TASKS = {
    "squared_error": (bl.MLPRegressor, {}, *quantities(rows=60)),
    "several, scaled": (
        bl.MLPRegressor, {"scale_inputs": True, "scale_target": True}, *quantities(3, rows=60),
    ),
    "poisson": (bl.MLPRegressor, {"loss": "poisson"}, *quantities(rows=60)),
    "pinball": (
        bl.MLPRegressor, {"loss": "pinball", "quantiles": [0.1, 0.9]}, *quantities(rows=60),
    ),
    "two classes": (bl.MLPClassifier, {"scale_inputs": True}, *classes(2, rows=60)),
    "texts": (bl.MLPClassifier, {}, X, np.array(["cat", "dog", "größer"])[Y3]),
    "each class": (bl.MLPClassifier, {"output_activation": "logistic"}, X, Y3),
    "labels": (
        bl.MLPClassifier, {},
        *make_multilabel_classification(60, 4, n_classes=3, random_state=0),
    ),
    "hinge": (bl.MLPClassifier, {"loss": "hinge"}, X, Y3),
    "hinge of two": (bl.MLPClassifier, {"loss": "hinge"}, *classes(2, rows=60)),
}  # fmt: skip


def expected(est, X):
    """What the estimator answers, by the names of the model's outputs."""
    if isinstance(est, bl.MLPRegressor):
        return {"prediction": est.predict(X)}
    return {name: getattr(est, way)(X) for name, way in ANSWERS.items() if hasattr(est, way)}


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("activation", bl.nn.ACTIVATIONS)
def test_answers_agree(activation, task):
    kind, settings, X, y = TASKS[task]
    dtype = np.float32 if len(activation) % 2 else np.float64  # some in each
    est = kind(
        hidden_layer_sizes=(6, 5), activation=activation, max_iter=2, batch_size=20,
        learning_rate_init=0.01, random_state=0, **settings,
    )  # fmt: skip
    X = X.astype(dtype)
    model = bl.to_onnx(fitted(est, X, y))
    checker.check_model(model, full_check=True)
    for run in (by_onnxruntime, by_reference) if activation == "gelu" else (by_onnxruntime,):
        found, wanted = run(model, {"X": X}), expected(est, X)
        assert found.keys() == wanted.keys()
        for name, value in wanted.items():
            close(found[name], value)
