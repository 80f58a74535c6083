"""What a fitted estimator shows, and its answers: for many rows, of any kind, elsewhere too."""

import tracemalloc

import numpy as np
import pandas
import pytest
import sklearn.neural_network as sk
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import backlit as bl
from backlit.errors import InputError
from backlit.estimators import answers

from .small import classes, fitted, quantities

X, Y = quantities()
X3, Y3 = classes(3)
SMALL = {"hidden_layer_sizes": (6, 5), "activation": "tanh", "max_iter": 5, "random_state": 0}
LABELS = np.stack([Y3 > 0, Y3 == 1, X3[:, 0] > 0], axis=1).astype(int)


def test_activations_are_those_of_the_layers():
    est = fitted(bl.MLPRegressor(**SMALL), X, Y)
    H1 = np.tanh(X @ est.coefs_[0] + est.intercepts_[0])
    H2 = np.tanh(H1 @ est.coefs_[1] + est.intercepts_[1])
    one, two = est.activations(X)
    np.testing.assert_allclose(one, H1, rtol=1e-12)
    np.testing.assert_allclose(two, H2, rtol=1e-12)
    assert np.array_equal(est.transform(X), two)
    linear = fitted(bl.MLPRegressor(hidden_layer_sizes=(), max_iter=2), X, Y)
    assert linear.activations(X) == []
    assert np.array_equal(linear.transform(X), X)


# --- sensitivity -----------------------------------------------------------------------------

MODELS = {
    "quantity": (bl.MLPRegressor(**SMALL), X, Y),
    "scaled": (bl.MLPRegressor(scale_inputs=True, scale_target=True, **SMALL), 9 * X + 5, 70 * Y),
    "several": (bl.MLPRegressor(**SMALL), *quantities(3)),
    "quantiles": (bl.MLPRegressor("pinball", quantiles=[0.1, 0.5, 0.9], **SMALL), X, Y),
    "poisson": (bl.MLPRegressor("poisson", **SMALL), X, Y),
    "two classes": (bl.MLPClassifier(**SMALL), *classes(2)),
    "classes": (bl.MLPClassifier(scale_inputs=True, **SMALL), X3 * 7 + 1, Y3),
    "each": (bl.MLPClassifier(output_activation="logistic", **SMALL), X3, Y3),
    "labels": (bl.MLPClassifier(**SMALL), X3, LABELS),
}


@pytest.fixture(params=MODELS)
def model(request):
    est, X, y = MODELS[request.param]
    return fitted(est, X, y), X


def answered(est, X):
    if hasattr(est, "predict_proba"):
        found = est.predict_proba(X)
        return found
    return est.predict(X).reshape(len(X), -1)


def test_the_input_gradient_is_that_of_differences(model):
    est, X = model
    count, h = answered(est, X).shape[1], 1e-6
    for output in range(count):
        found = est.input_gradient(X, output=output)
        assert found.shape == X.shape
        for i, direction in enumerate(np.eye(4) * h):
            up, down = answered(est, X + direction), answered(est, X - direction)
            differences = (up - down)[:, output] / (2 * h)
            np.testing.assert_allclose(found[:, i], differences, rtol=1e-5, atol=1e-7)
    chosen = answered(est, X).argmax(axis=1) if count != 2 else [1] * len(X)
    by_default = np.array([est.input_gradient(X, int(k))[i] for i, k in enumerate(chosen)])
    np.testing.assert_allclose(est.input_gradient(X), by_default)
    with pytest.raises(InputError, match=f"output={count}"):
        est.input_gradient(X, output=count)


def test_the_input_gradient_of_rows_of_other_kinds():
    est = fitted(bl.MLPClassifier(**SMALL), pandas.DataFrame(X3, columns=list("abcd")), Y3)
    frame = pandas.DataFrame(X3[:5], columns=list("abcd"))
    with pytest.raises(ValueError, match="feature names"):
        est.input_gradient(frame[list("dcba")])
    plain = fitted(bl.MLPClassifier(**SMALL), X3, Y3)
    np.testing.assert_array_equal(est.input_gradient(frame), plain.input_gradient(X3[:5]))
    np.testing.assert_array_equal(
        plain.input_gradient(sparse.csr_array(X3[:5])), plain.input_gradient(X3[:5])
    )


@pytest.mark.parametrize("name", ["quantity", "scaled", "quantiles", "classes", "labels"])
def test_derive_has_the_numbers_of_the_rows(name):
    """One epoch more on seven rows, from the same weights and without a step, has their loss."""
    est, X, y = MODELS[name]
    est = fitted(clone(est), X, y)
    derivation = est.derive(X[:7], y[:7])
    est.set_params(optimizer=bl.sgd(0.0)).partial_fit(X[:7], y[:7])
    values = derivation.values_of()
    assert values[derivation.graph.outputs[0].name] == pytest.approx(est.loss_, rel=1e-9)
    np.testing.assert_array_equal(values["W1"], est.coefs_[0])
    assert derivation.check()
    with pytest.raises(ValueError, match="rows"):
        est.derive(X[:7], y[:6])


def test_the_derivation_shows_layers_by_their_names():
    text = str(fitted(bl.MLPClassifier(**SMALL), X3, Y3).derivation_)
    for symbol in ("X W1 + b1", "H1 W2 + b2", "H2 W3 + b3", "∂W1", "∂b3", "softmax"):
        assert symbol in text, text


@pytest.mark.parametrize(
    "name", ["predict", "transform", "activations", "input_gradient", "exported"]
)
def test_not_before_a_fit(name):
    with pytest.raises(NotFittedError):
        getattr(bl.MLPRegressor(), name)(*([X] if name != "exported" else []))
    with pytest.raises(NotFittedError):
        _ = bl.MLPRegressor().derivation_


# --- files of other kinds --------------------------------------------------------------------


def network(params, X):
    W, v = params
    return np.tanh(X @ W) @ v


TEXTS = np.array(["setosa", "versicolor", "virginica"])[Y3]
EXPORTED = {
    **MODELS,
    "texts": (bl.MLPClassifier(scale_inputs=True, **SMALL), X3, TEXTS),
    "two texts": (bl.MLPClassifier(**SMALL), X3, np.where(Y3 > 0, "yes", "no")),
    "truth": (bl.MLPClassifier(**SMALL), X3, Y3 > 0),
    "hinge": (bl.MLPClassifier(loss="hinge", **SMALL), X3, TEXTS),
    "two by hinge": (bl.MLPClassifier(loss="hinge", **SMALL), *classes(2)),
    "float32": (bl.MLPRegressor(scale_target=True, **SMALL), X.astype(np.float32), Y),
    "own": (
        bl.NetworkRegressor(network, [np.ones((4, 3)), np.ones((3, 1))], max_iter=4), X, Y
    ),
    "own classes": (
        bl.NetworkClassifier(network, [np.eye(4), np.eye(4)[:, :3]], max_iter=4), X3, TEXTS
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTED)
def test_onnx_gives_the_same_answers(name, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    est, X, y = EXPORTED[name]
    fitted(est, X, y)
    path = tmp_path / "m.onnx"
    path.write_bytes(bl.to_onnx(est).SerializeToString())
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    dtype = np.float64 if "double" in given.type else np.float32
    answers = dict(
        zip(
            [o.name for o in session.get_outputs()],
            session.run(None, {given.name: X[:40].astype(dtype)}),
            strict=True,
        )
    )
    first, *further = answers.values()
    expected = est.predict(X[:40])
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(first.reshape(expected.shape), expected, rtol=1e-5, atol=1e-5)
    else:
        assert [*map(str, np.ravel(first))] == [*map(str, np.ravel(expected))] or np.array_equal(
            first.astype(expected.dtype), expected
        )
        proba = (est.predict_proba if hasattr(est, "predict_proba") else est.decision_function)(
            X[:40]
        )
        np.testing.assert_allclose(further[0].reshape(proba.shape), proba, rtol=1e-5, atol=1e-5)


# --- many rows, rows of any kind -------------------------------------------------------------


def test_predict_takes_little_memory_for_many_rows():
    est = fitted(
        bl.MLPRegressor(hidden_layer_sizes=512, max_iter=1), np.eye(50)[:20], np.arange(20.0)
    )
    rows = np.random.default_rng(0).normal(size=(200_000, 50))
    tracemalloc.start()
    found = est.predict(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.shape == (200_000,)
    assert peak < 40 << 20  # all hidden activations at once would be 819 MB


@pytest.mark.parametrize("what", ["predict", "predict_proba", "transform"])
def test_parts_give_what_the_whole_gives(what, monkeypatch):
    est = fitted(bl.MLPClassifier(scale_inputs=True, **SMALL), X3, Y3)
    whole = getattr(est, what)(X3)
    monkeypatch.setattr(answers, "_NUMBERS", 6 * 7)
    calls = []
    answer = type(est._design).hidden
    monkeypatch.setattr(
        type(est._design), "hidden", lambda *a: calls.append(len(a[2])) or answer(*a)
    )
    np.testing.assert_allclose(getattr(est, what)(X3), whole, rtol=1e-12, atol=1e-14)
    assert calls == [7] * 12 + [6]
    for kind in (sparse.csr_array, sparse.csc_array, sparse.coo_matrix):
        np.testing.assert_allclose(getattr(est, what)(kind(X3)), whole, rtol=1e-12, atol=1e-14)


def test_sparse_rows_train_like_dense_ones():
    gappy = np.where(np.abs(X3) > 1, X3, 0)
    dense = fitted(bl.MLPClassifier(**SMALL), gappy, Y3)
    for kind in (sparse.csr_array, sparse.csc_matrix):
        est = fitted(bl.MLPClassifier(**SMALL), kind(gappy), Y3)
        assert np.array_equal(est.coefs_[0], dense.coefs_[0])


def test_rows_of_another_precision():
    est = fitted(bl.MLPRegressor(**SMALL), X, Y)
    single = X.astype(np.float32)
    np.testing.assert_allclose(est.predict(single), est.predict(X), rtol=1e-5)
    assert est.predict(single).dtype == np.float64
    low = fitted(bl.MLPRegressor(**SMALL), single, Y)
    assert low.predict(single).dtype == np.float32
    whole = fitted(bl.MLPRegressor(**SMALL), np.round(10 * X).astype(int), Y)
    np.testing.assert_array_equal(
        whole.predict(np.round(10 * X).astype(np.int8)), whole.predict(np.round(10 * X))
    )
    np.testing.assert_array_equal(est.predict(X[::-1])[::-1], est.predict(X))
    np.testing.assert_allclose(est.predict(np.asfortranarray(X)), est.predict(X), rtol=1e-12)
    np.testing.assert_allclose(est.predict(X.tolist()), est.predict(X), rtol=1e-12)


WRONG = {
    "NaN": np.where(np.arange(4) == 2, np.nan, X[:3]),
    "infinity": np.where(np.arange(4) == 2, -np.inf, X[:3]),
    "both infinities": np.array([[np.inf, -np.inf, 0, 0]]),
    "NaN in float32": np.full((2, 4), np.nan, np.float32),
    "narrow": X[:, :3],
    "wide": np.ones((2, 5)),
    "no rows": X[:0],
    "one axis": X[0],
    "three axes": X.reshape(3, 30, 4),
    "texts": np.array([["a", "b", "c", "d"]]),
    "objects": np.array([[None, 1, 2, 3]], dtype=object),
    "complex": X + 1j,
    "a number": 3.0,
    "sparse NaN": sparse.csr_array(np.full((2, 4), np.nan)),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_rows_that_cannot_be_answered_for_are_refused_as_by_scikit_learn(name, method):
    said = []
    for m in (bl, sk):
        est = fitted(m.MLPClassifier(max_iter=2), X3, Y3)
        with pytest.raises(Exception) as error:
            getattr(est, method)(WRONG[name])
        said.append(error.value)
    assert type(said[0]) is type(said[1])
    assert str(said[0]).splitlines()[0] == str(said[1]).splitlines()[0]


def test_numbers_whose_sum_overflows_are_answered_for():
    """They are finite, each of them, and scikit-learn answers."""
    est, theirs = (
        fitted(m.MLPRegressor(random_state=0, max_iter=2, activation="tanh"), X, Y)
        for m in (bl, sk)
    )
    far = np.full((3, 4), 1e308)
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(est.predict(far), theirs.predict(far))


def test_the_derivation_has_the_weights_of_rows():
    X, y = classes(3)
    plain = fitted(bl.MLPClassifier(max_iter=2), X, y)
    weighted = fitted(bl.MLPClassifier(max_iter=2, class_weight="balanced"), X, y)
    assert "weight" in str(weighted.derivation_)
    assert "weight" not in str(plain.derivation_)
    assert weighted.derivation_.check()
