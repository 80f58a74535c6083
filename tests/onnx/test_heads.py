"""Every activation with every kind of output, in both precisions and both runtimes."""

from types import SimpleNamespace

import numpy as np
import pytest

from backlit import nn
from backlit.estimators.exported import Exported
from backlit.onnx import to_onnx

from .running import by_onnxruntime, close, same_answers, shapes

LABELS = {
    "texts": np.array(["cat", "dog", "größer"]),
    "numbers": np.array([3, 5, 70], np.int32),
    "floats": np.array([-0.5, 0.0, 2.5]),
}


def quantiles(Z):
    """Three that do not cross: steps upwards from the first."""
    first, steps = Z[:, :1], nn.softplus(Z[:, 1:])
    return np.concatenate([first, first + np.cumsum(steps, axis=1)], axis=1)


HEADS = {  # outputs of the network, what becomes of them, kind, classes
    "one quantity": (1, lambda Z: 40 + 7 * Z[:, 0], "values", None),
    "quantities": (3, lambda Z: Z * [1.0, 20.0, 300.0] - [0.0, 5.0, 9.0], "values", None),
    "rate": (1, lambda Z: np.exp(Z[:, 0]), "values", None),
    "quantiles": (3, quantiles, "values", None),
    "ordered": (3, lambda Z: np.sort(Z, axis=1), "values", None),
    "classes as texts": (3, nn.softmax, "classes", LABELS["texts"]),
    "classes as numbers": (3, nn.softmax, "classes", LABELS["numbers"]),
    "classes as floats": (3, nn.softmax, "classes", LABELS["floats"]),
    "binary, texts": (1, nn.sigmoid, "binary", LABELS["texts"][:2]),
    "binary, truth": (1, lambda Z: nn.sigmoid(Z[:, 0]), "binary", np.array([False, True])),
    "labels": (4, nn.sigmoid, "multilabel", None),
    "scores of two": (1, nn.identity, "binary", LABELS["texts"][:2]),
    "scores": (3, nn.identity, "classes", LABELS["texts"]),
    "scores of labels": (3, nn.identity, "multilabel", None),
}


def exported(activation, head, dtype):
    """A network 5-7-6-outputs on scaled inputs, as an estimator hands it out."""
    outputs, end, kind, classes = HEADS[head]
    params = nn.dense([5, 7, 6, outputs], seed=len(activation), init=nn.standard, dtype=dtype)
    scale = np.linspace(0.5, 2, 5).astype(dtype)

    def answer(params, X):
        S = (X - np.asarray(0.25, dtype)) / scale
        return end(nn.mlp(params, S, activation=activation)).astype(dtype)

    return Exported(answer, params, 5, np.dtype(dtype), kind, classes, "scores" in head)


def expected(made, X):
    """The outputs, computed with NumPy alone."""
    answer = made.answer(made.params, X)
    if made.kind == "values":
        return {"prediction": answer}
    if made.kind == "multilabel":
        label = (answer > (0 if made.scores else 0.5)).astype(np.int64)
    elif made.kind == "classes":
        label = made.classes[np.argmax(answer, axis=1)]
    else:
        line = answer.reshape(len(X))
        label = made.classes[(line > (0 if made.scores else 0.5)).astype(int)]
        answer = line if made.scores else np.column_stack([1 - line, line])
    return {"label": label, "scores" if made.scores else "probabilities": answer}


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("activation", nn.ACTIVATIONS)
def test_answers_agree(activation, head, dtype):
    made = exported(activation, head, dtype)
    model = to_onnx(SimpleNamespace(exported=lambda: made))
    for rows in (0, 1, 7):
        X = np.random.default_rng(rows).normal(size=(rows, 5)).astype(dtype)
        same_answers(model, {"X": X}, expected(made, X))


@pytest.mark.parametrize("head", HEADS)
def test_outputs_and_their_shapes(head):
    outputs, _, kind, _ = HEADS[head]
    model = to_onnx(SimpleNamespace(exported=lambda: exported("relu", head, "float32")))
    assert shapes(model.graph.input) == {"X": ("N", 5)}
    if kind == "values":
        one = ("N",) if head in ("one quantity", "rate") else ("N", outputs)
        assert shapes(model.graph.output) == {"prediction": one}
        return
    label = ("N", outputs) if kind == "multilabel" else ("N",)
    if "scores" in head:
        second = {"scores": ("N",) if kind == "binary" else ("N", outputs)}
    else:
        second = {"probabilities": ("N", 2 if kind == "binary" else outputs)}
    assert shapes(model.graph.output) == {"label": label, **second}


def test_two_probabilities_that_are_equal():
    """As predict of scikit-learn: a half is not yet the second class; the first of the largest."""
    for kind, n in (("binary", 1), ("multilabel", 2), ("classes", 2)):
        params = [(np.zeros((5, n)), np.zeros(n))]
        made = Exported(lambda p, X: nn.sigmoid(nn.mlp(p, X)), params, 5, np.dtype(float), kind)
        model = to_onnx(SimpleNamespace(exported=lambda made=made: made))
        label = by_onnxruntime(model, {"X": np.ones((2, 5))})["label"]
        close(label, np.zeros((2, 2) if kind == "multilabel" else 2, np.int64))
