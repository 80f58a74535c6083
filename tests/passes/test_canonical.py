"""What was written by hand is recognised, and its derivative is the textbook's: a − y, p − y."""

import numpy as np
import pytest

from backlit import grad, value_and_grad
from backlit.ir.interpret import interpret
from backlit.ir.trace import trace
from backlit.nn import softmax_cross_entropy
from backlit.ops.activation import log_softmax, sigmoid, softmax, softplus
from backlit.passes import backpropagate, canonical
from backlit.passes.canonical import TABLE
from backlit.show.document import written
from backlit.show.notation import TEXT

RNG = np.random.default_rng(1)
Z, Y = RNG.normal(size=(5, 3)), RNG.uniform(size=(5, 3))
P = np.exp(Y) / np.sum(np.exp(Y), axis=1, keepdims=True)
LABELS = np.array([2, 0, 1, 1, 2])
ROWS = np.arange(5)

SIGMOIDS = [
    lambda z: 1 / (1 + np.exp(-z)),
    lambda z: 1.0 / (np.exp(-z) + 1.0),
    lambda z: np.exp(z) / (1 + np.exp(z)),
    lambda z: sigmoid(z),
]
ENTROPIES = [
    lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)),
    lambda a, y: -y * np.log(a) - (1 - y) * np.log(1 - a),
    lambda a, y: -((1 - y) * np.log(1 - a) + np.log(a) * y),
    lambda a, y: -1 * (y * np.log(a) + (1 - y) * np.log(1 - a)),
]
SOFTMAXES = [
    lambda z: np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True),
    lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True),
    lambda z: softmax(z),
]


def shifted(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def named(z):
    e = np.exp(z)
    total = np.sum(e, axis=1, keepdims=True)
    p = e / total
    return p


SOFTMAXES += [shifted, named]
LOSSES = [
    lambda p, y: -np.sum(y * np.log(p)),
    lambda p, y: np.sum(np.log(p) * -y),
    lambda p, y: -np.sum(np.sum(y * np.log(p), axis=1)),
]


def ops(graph):
    return [e.op.name for e in graph.equations]


def notes(graph):
    return {e.note for e in graph.equations} - {""}


def gradient(f, *args):
    traced = trace(f, *args)
    graph = backpropagate(traced.graph, traced.graph.inputs[:1])
    value, slope = interpret(graph, *traced.values)
    return graph, value, slope


@pytest.mark.parametrize("f", SIGMOIDS)
def test_a_sigmoid_is_recognised(f):
    graph = canonical(trace(f, Z).graph)
    assert ops(graph)[-1] == "sigmoid"
    assert np.allclose(interpret(graph, Z)[0], f(Z), rtol=1e-15)
    extreme = np.array([-1e4, -800.0, 800.0, 1e4])
    with np.errstate(all="ignore"):
        value, slope = value_and_grad(lambda z: np.sum(f(z)))(extreme[2:])
        assert value == 2
        assert np.array_equal(slope, [0, 0])


@pytest.mark.parametrize("activation", SIGMOIDS)
@pytest.mark.parametrize("entropy", ENTROPIES)
def test_sigmoid_with_cross_entropy_gives_a_minus_y(activation, entropy):
    def loss(Z, Y):
        A = activation(Z)
        return np.sum(entropy(A, Y))

    graph, value, slope = gradient(loss, Z, Y)
    assert value == pytest.approx(loss(Z, Y), rel=1e-13)
    assert np.allclose(slope, sigmoid(Z) - Y, rtol=1e-14, atol=1e-16)
    assert set(ops(graph)) <= {
        "sigmoid", "subtract", "softplus", "multiply", "sum", "negative", "add"
    }  # fmt: skip
    assert any("whose slope in z is y − σ(z)" in note for note in notes(graph))
    with np.errstate(all="ignore"):
        far = grad(loss)(np.array([[-1e4, 1e4, 40.0]]), np.array([[1.0, 0.0, 1.0]]))
    assert np.allclose(far, [[-1, 1, 0]])


def test_the_form_that_is_printed():
    def loss(Z, Y):
        A = 1 / (1 + np.exp(-Z))
        return np.mean(-(Y * np.log(A) + (1 - Y) * np.log(1 - A)))

    graph, _, _ = gradient(loss, Z, Y)
    assert written(graph, graph.outputs[1], TEXT) in ("1/15 (σ(Z) − Y)", "1/15 (A − Y)")

    def soft(Z, Y):
        p = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
        return -np.mean(np.log(p[ROWS, Y]))

    for dtype in (np.float64, np.float32):
        graph, _, _ = gradient(soft, Z.astype(dtype), LABELS)
        text = written(graph, graph.outputs[1], TEXT)
        assert text == "0.2 (softmax(Z) − one_hot(Y))"


@pytest.mark.parametrize("activation", SOFTMAXES)
@pytest.mark.parametrize("entropy", LOSSES)
def test_softmax_with_cross_entropy_gives_p_minus_y(activation, entropy):
    def loss(Z, Y):
        p = activation(Z)
        return entropy(p, Y)

    graph, value, slope = gradient(loss, Z, P)
    assert value == pytest.approx(loss(Z, P), rel=1e-13)
    assert np.allclose(slope, softmax(Z) - P, rtol=1e-13, atol=1e-15)
    assert "log_softmax" in ops(graph)
    assert "exp" not in ops(graph)
    assert "ln softmax(z) = z − ln Σ e^z" in notes(graph)
    with np.errstate(all="ignore"):
        far = grad(loss)(np.array([[1e4, 0.0, -1e4]]), np.array([[0.0, 1.0, 0.0]]))
    assert np.array_equal(far, [[1, -1, 0]])


@pytest.mark.parametrize("activation", SOFTMAXES)
def test_softmax_with_labels_gives_p_minus_y(activation):
    loss = lambda Z, y: -np.mean(np.log(activation(Z)[np.arange(len(Z)), y]))
    graph, value, slope = gradient(loss, Z, LABELS)
    assert value == pytest.approx(loss(Z, LABELS), rel=1e-13)
    assert np.allclose(slope, (softmax(Z) - np.eye(3)[LABELS]) / 5, rtol=1e-13, atol=1e-16)
    assert "scatter" not in ops(graph)
    assert "one_hot" in ops(graph)


@pytest.mark.parametrize(
    "f",
    [
        lambda z, y: np.sum(log_softmax(z)[ROWS[::-1], y]),  # not row by row
        lambda z, y: np.sum(log_softmax(z)[ROWS[:2], y[:2]]),  # not every row
        lambda z, y: np.sum(log_softmax(z)[ROWS[:3], y[:3].reshape(3, 1)]),
        lambda z, y: np.sum(log_softmax(z)[:, y]),
        lambda z, y: np.sum(np.exp(z) / np.sum(np.exp(z))),
        lambda z, y: np.sum(np.exp(z) / np.sum(np.exp(2 * z), axis=1, keepdims=True)),
        lambda z, y: np.sum(np.exp(z) / np.sum(np.exp(z), axis=0)),
        lambda z, y: np.sum(np.exp(z - np.max(z)) / (1 + np.exp(z - np.max(z))) ** 2),
        lambda z, y: np.sum(1 / (2 + np.exp(-z))),
        lambda z, y: np.sum(1 / (1 + np.exp(z))),
        lambda z, y: np.sum(np.log(2 + np.exp(z)) + np.log(1 - np.tanh(z) ** 2)),
        lambda z, y: np.sum(z * np.log(sigmoid(z)) + (2 - z) * np.log(1 - sigmoid(z))),
        lambda z, y: np.sum(z * np.log(sigmoid(z)) + (1 - z) * np.log(1 - sigmoid(2 * z))),
    ],
)
def test_what_only_looks_like_it_keeps_its_value(f):
    traced = trace(f, Z, LABELS)
    graph = canonical(traced.graph)
    own, theirs = interpret(graph, *traced.values), interpret(traced.graph, *traced.values)
    assert own[0] == pytest.approx(theirs[0], rel=1e-13)
    h, at = 1e-5, grad(f)(Z, LABELS)
    d = np.zeros_like(Z)
    d[1, 2] = h
    measured = (f(Z + d, LABELS) - f(Z - d, LABELS)) / (2 * h)
    assert at[1, 2] == pytest.approx(measured, rel=1e-6, abs=1e-9)


def test_square_of_classes_and_labels():
    """As many rows of labels as classes: the shapes fit, but it is another sum."""
    z = RNG.normal(size=(3, 3))
    labels = np.array([[0, 1, 2], [2, 1, 0]])
    f = lambda z, y: np.sum(log_softmax(z)[np.arange(3), y] * np.arange(6).reshape(2, 3))
    value, _ = value_and_grad(f)(z, labels)
    assert value == pytest.approx(f(z, labels), rel=1e-14)


def test_every_row_carries_its_reason():
    for rows in TABLE.values():
        for row in rows:
            assert " = " in row.why


@pytest.mark.parametrize(
    "f",
    [
        lambda z: np.log(1 + np.exp(z)), lambda z: np.log1p(np.exp(z)),
        lambda z: np.log(np.exp(z) + 1),
        lambda z: np.maximum(z, 0), lambda z: np.maximum(0.0, z),
        lambda z: np.log(sigmoid(z)), lambda z: np.log(1 - sigmoid(z)), lambda z: softplus(-z),
    ],
)  # fmt: skip
def test_stable_forms(f):
    graph = canonical(trace(f, Z).graph)
    assert set(ops(graph)) <= {"softplus", "relu", "negative", "sigmoid", "subtract", "exp", "add"}
    assert np.allclose(interpret(graph, Z)[0], f(Z), rtol=1e-14)
    with np.errstate(all="ignore"):
        far = interpret(graph, np.array([-1e4, 1e4]))[0]
        assert np.all(np.isfinite(far))
        assert np.all(np.isfinite(grad(lambda z: np.sum(f(z)))(np.array([-1e4, 800.0]))))


def test_the_library_s_own_loss_gives_p_minus_y_too():
    graph, _, _ = gradient(softmax_cross_entropy, Z, LABELS)
    assert written(graph, graph.outputs[1], TEXT) == "0.2 (softmax(prediction) − one_hot(target))"
