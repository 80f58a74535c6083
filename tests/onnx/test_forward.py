"""A function of rows as a model: names, shapes, free rows, and what is refused."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import numpy_helper

from backlit import nn
from backlit.errors import BacklitError, GraphError, InputError, ShapeError
from backlit.onnx import forward_model, to_onnx
from backlit.onnx.network import BUILDERS
from backlit.onnx.rows import Size

from .running import same_answers, shapes

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
X = np.random.default_rng(0).normal(size=(6, 4))


def names(model):
    return [out for node in model.graph.node for out in node.output]


def constants(model):
    return {x.name: numpy_helper.to_array(x) for x in model.graph.initializer}


def test_the_users_names_and_shapes_are_kept():
    params = nn.dense([4, 5, 3], seed=0)

    def answer(params, X):
        (W1, b1), (W2, b2) = params
        Z1 = X @ W1 + b1
        hidden = np.tanh(Z1)
        return nn.softmax(hidden @ W2 + b2)

    model = forward_model(
        answer, X, params=params, kind="classes", names=["a", "b", "c", "d"], name="mine"
    )
    assert [*map(shapes, (model.graph.input, model.graph.output))] == [
        {"X": ("N", 4)},
        {"label": ("N",), "probabilities": ("N", 3)},
    ]
    known = shapes(model.graph.value_info)
    assert known["Z1"] == known["hidden"] == ("N", 5)
    assert {"W1", "b1", "W2", "b2"} == constants(model).keys()
    for (W, b), i in zip(params, "12", strict=True):
        np.testing.assert_array_equal(constants(model)[f"W{i}"], W)
        np.testing.assert_array_equal(constants(model)[f"b{i}"], b)
    assert model.graph.name == "mine"
    assert json.loads(model.metadata_props[0].value) == ["a", "b", "c", "d"]
    assert len({*names(model), *constants(model)}) == len(names(model)) + 4


def test_arrays_of_a_closure_keep_their_names():
    W, slope = np.ones((4, 2)), np.array([1.0, 2.0])
    model = forward_model(lambda X: np.exp(X @ W) * slope, X)
    assert constants(model).keys() == {"W", "slope"}


def test_outputs_keep_their_names_whatever_the_user_calls_his():
    def answer(params, X):
        label, probabilities = params["label"], X @ params["probabilities"]
        class_number = nn.softmax(probabilities + label)
        return class_number

    params = {"label": np.ones(2), "probabilities": np.ones((4, 2))}
    model = forward_model(answer, X, params=params, kind="classes", classes=["a", "b"])
    P = answer(params, X)
    same_answers(model, {"X": X}, {"label": np.array(["a"] * 6), "probabilities": P})


def test_the_rows_are_called_X_whatever_is_called_so_later():
    def answer(X):
        X = X * 2
        X = np.exp(X)
        return X @ np.ones(4)

    model = forward_model(answer, X)
    assert shapes(model.graph.input) == {"X": ("N", 4)}
    same_answers(model, {"X": X}, {"prediction": answer(X)})


NETWORKS = {
    "the mean of all rows taken away": lambda X: X - np.mean(X, axis=0),
    "each row beside every other": lambda X: nn.softmax(X @ X.T) @ X,
    "all entries in one line": lambda X: np.reshape(np.ravel(X) * 2, (-1, 2))[: len(X)],
    "two lines a row, one of them kept": lambda X: np.reshape(X, (2 * len(X), 2))[::2],
    "zeros for each row": lambda X: np.concatenate([np.zeros((len(X), 2)), X], axis=1),
    "a row more, and one less": lambda X: np.concatenate([X[:1], X])[1:],
    "a row spread over all": lambda X: np.broadcast_to(X[0], X.shape) + 0 * X,
    "an axis between": lambda X: np.sum(X[:, None, :] * X[None, :, :], axis=1),
    "rows in reverse": lambda X: X[::-1],
    "the rest of the rows": lambda X: np.concatenate([X[len(X) - 1 :], X[: len(X) - 1]]),
    "padded": lambda X: np.pad(X, ((0, 0), (1, 2)), constant_values=3.0),
    "padded with a row": lambda X: np.pad(X, ((1, 0), (0, 0)))[:-1],
    "nothing at all": lambda X: X,
    "a sum over rows so far": lambda X: np.cumsum(X, axis=0),
    "rows in order": lambda X: np.sort(X, axis=0),
    "written out": lambda X: nn.logsumexp(X, axis=1),
    "a standard deviation": lambda X: X / np.std(X, axis=1, keepdims=True),
    "truth": lambda X: X > 0,
    "whole numbers": lambda X: np.argmax(X, axis=1) + 2,
}


@pytest.mark.parametrize("rows", [2, 7, 1000])
@pytest.mark.parametrize("name", NETWORKS)
def test_any_number_of_rows(name, rows):
    answer = NETWORKS[name]
    x = np.random.default_rng(rows).normal(size=(rows, 4))
    same_answers(forward_model(answer, X), {"X": x}, {"prediction": answer(x)})


REFUSED = {
    "by name": (lambda X: np.linalg.inv(X.T @ X)[:1] + X, "inv has no form in ONNX"),
    "places of rows": (lambda X: X * np.arange(len(X))[:, None], "any number of rows: a constant"),
    "their number": (lambda X: np.var(X, axis=0) * X, "any number of rows: a constant"),
    "other equations": (lambda X: X if len(X) > 11 else np.exp(X), "rows: its operations"),
    "a square of rows": (lambda X: np.reshape(X @ X.T, (len(X) ** 2,)), "rows: its reshape"),
    "one answer for all": (lambda X: np.sum(X, axis=0), r"has the shape \(4\) for N rows"),
    "windows over rows": (
        lambda X: np.lib.stride_tricks.sliding_window_view(X, 2, axis=0)[..., 0],
        "windows over rows",
    ),
    "a number and places": (lambda X: X[:, None][:, 0, np.array([0, 1])], "by an array and a numb"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_sentence(name):
    answer, sentence = REFUSED[name]
    with pytest.raises(BacklitError, match=sentence):
        forward_model(answer, X)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"kind": "class"}, "known kinds: values, binary"),
        ({"kind": "classes", "classes": ["a"]}, r"classes of shape \(1,\) for 4"),
        ({"kind": "classes", "classes": ["a", 1, 2, 3.5]}, "numbers, or texts alone"),
        ({"kind": "binary"}, r"expected \(n,\) or \(n, 1\)"),
    ],
)
def test_settings_that_do_not_fit(settings, sentence):
    settings = {k: np.array(v, object) if k == "classes" else v for k, v in settings.items()}
    with pytest.raises((InputError, ShapeError), match=sentence):
        forward_model(lambda X: X, X, **settings)


@pytest.mark.parametrize("example", [np.ones((0, 3)), np.float64(1), np.array([["a"]])])
def test_examples_that_are_none(example):
    with pytest.raises(InputError, match="X_example of"):
        forward_model(lambda X: X, example)


def test_what_is_no_model():
    with pytest.raises(InputError, match="a dict cannot be exported"):
        to_onnx({})


def test_a_size_is_written_as_it_grows():
    assert [*map(str, (Size(1), Size(3), Size(1, 2), Size(2, -1)))] == ["N", "3N", "N+2", "2N-1"]


def test_a_label_follows_from_what_was_compared(monkeypatch):
    monkeypatch.setitem(BUILDERS, "softmax", lambda w, x, *, axis: w.Softmax(w.Neg(x), axis=axis))
    with pytest.raises(GraphError, match="answers otherwise"):
        forward_model(nn.softmax, X, kind="classes")


@pytest.mark.parametrize("name", ["convolution", "recurrent", "attention"])
def test_the_examples_networks(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    params = module.start()
    images = np.random.default_rng(1).uniform(size=(9, 8, 8))
    model = forward_model(module.logits, images[:3], params=params)
    assert constants(model).keys() >= params.keys()
    for rows in (1, 9):
        expected = module.logits(params, images[:rows])
        same_answers(model, {"X": images[:rows]}, {"prediction": expected})


def test_without_the_package_a_sentence_names_the_extra():
    code = (
        "import sys; sys.modules['onnx'] = None\n"
        "import numpy as np, backlit.onnx\n"
        "try: backlit.onnx.forward_model(np.exp, np.ones((2, 2)))\n"
        "except backlit.onnx.InputError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'backlit[onnx]'" in done.stdout
