"""Each backward line tells the rules it is made by, in letters that mean nothing else."""

import runpy
from pathlib import Path

import numpy as np

import backlit as bl
from backlit.show import derive
from backlit.show.rules import origin_text

rng = np.random.default_rng(0)
PARAMS = [(rng.normal(size=shape), rng.normal(size=shape[1])) for shape in ((3, 4), (4, 5), (5, 2))]
X, Y = rng.normal(size=(6, 3)), rng.uniform(size=(6, 2))


def told(derivation):
    """Left side → from where."""
    document = derivation.document
    return {
        line.left["text"].split(" = ")[0]: origin_text(document, line) for line in document.lines
    }


def origins(name, **sizes):
    """Left side → from where, of an example on two digits of 8 rows."""
    file = runpy.run_path(str(Path(__file__).parents[2] / "examples" / f"{name}.py"))
    images = rng.normal(size=(2, 8, 8))[:, : 2 if name == "recurrent" else 8]
    return told(derive(file["loss"], file["start"](**sizes), images, np.array([0, 3])))


def test_each_rule_is_told_where_it_is_applied():
    rules = origins("attention", width=2)
    softmax = "softmax: out ⊙ (grad − sum(grad ⊙ out, axis=2)); divide, to u: grad / 1.41421"
    assert rules["t2"] == f"from (5) {softmax}"
    assert rules["δ2"] == "from (5) matmul, to u: grad vᵀ"  # softmax and divide are told at t2
    assert rules["∂L/∂H"] == "from (7) matmul, to u: grad vᵀ"  # through a reshape
    assert rules["δ1"] == "from (4), (3) and (2) matmul, to u: grad vᵀ"
    rules = origins("recurrent", width=2)
    assert rules["∂L/∂Wh"] == "from (3) and (1) matmul, to v: uᵀ grad"  # the first h is a constant
    rules = origins("convolution", kernels=2)
    assert rules["t2"].startswith("from (4) max, from (5) matmul")  # the rule of max is long


def test_of_a_line_between_two_forward_lines_only_the_way_taken_is_told():
    def loss(params, x):
        W, gain, V = params
        return np.sum((np.maximum(gain * (x @ W), 0) @ V) ** 3)

    params = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(4, 1))
    rules = told(derive(loss, params, np.ones((5, 3))))
    assert rules["t2"].startswith("from (3) matmul, to u: grad vᵀ, from (2) relu: grad ⊙ [u > 0]")


def test_the_letters_of_the_rules_are_not_the_users():
    w = np.ones(2)
    rule = "multiply, to {}: grad ⊙ {}"
    for f, x, y in (
        (lambda w, h: np.sum(np.tanh(w * h)), "x", "y"),
        (lambda w, x: np.sum(np.tanh(w * x)), "u", "v"),
        (lambda x, h: np.sum(np.tanh(x * h)), "u", "v"),
        (lambda v, y: np.sum(np.tanh(v * y)), "a", "b"),
    ):
        derivation = derive(f, w, w)
        assert f"out its result, {x} and {y} its inputs" in derivation.text()
        assert f"out its result, {x} and {y} its inputs" in derivation.html()
        assert f"out its result, {x} and {y} its inputs" in derivation.story(derivation.wrt[0].name)
        assert rule.format(x, y) in derivation.text()
    derivation = derive(lambda E, x: np.sum(E[x] ** 2), np.ones((3, 2)), np.array([0, 2]))
    assert "getitem, to u0: put(grad at [u1])" in derivation.text()


def test_what_an_operation_has_to_say_is_said_once_and_proofs_are_given_once():
    def loss(params, X, Y):
        A = 1 / (1 + np.exp(-(X @ params[0])))
        B = 1 / (1 + np.exp(-(X @ params[1])))
        L1 = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        L2 = -np.mean(Y * np.log(B) + (1 - Y) * np.log(1 - B))
        return L1 + L2

    params = [rng.normal(size=(3, 2)), rng.normal(size=(3, 2))]
    assert derive(loss, params, X, Y).text().count("because ln σ(z)") == 1
    text = derive(softmax_of_library, PARAMS, X, np.array([0, 1, 1, 0, 1, 1])).text()
    assert text.count("a one-hot row y sums to 1") == 1
    assert text.index("Backward") < text.index("a one-hot row y sums to 1")


def softmax_of_library(params, X, y):
    (W1, b1), (W2, b2), (W3, b3) = params
    Z = (X @ W1 + b1) @ W2 + b2
    return bl.nn.softmax_cross_entropy(Z @ W3 + b3, y)


def test_the_learning_rate_is_not_called_like_a_parameter():
    def loss(alpha, x):
        return np.sum((alpha * x) ** 2)

    derivation = derive(loss, 2.0, np.ones(2))
    assert "Update, for a learning rate η\n       α ← α − η ∂L/∂α" in derivation.text()
    assert "Update, for the learning rate η = 0.1\n" in derivation.numbers(rate=0.1)
    assert r"\alpha &\leftarrow \alpha - \eta \frac" in derivation.latex()
    page = derivation.html().partition("Update, for a learning rate η")[2]
    assert "η</mi>" in page
    assert "η" not in derive(loss, 2.0, np.ones(2)).text().split("Update")[0]
    assert "Update, for a learning rate α\n" in derive(lambda w: w**2, 1.0).text()
