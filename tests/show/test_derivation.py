"""The derivation must read like the article's, and its numbers must be the numbers that run."""

import itertools
import re

import numpy as np
import pytest

import backlit as bl
from backlit.errors import InputError
from backlit.ir.trace import trace
from backlit.show import derive
from backlit.show.document import value_text, written
from backlit.show.notation import LATEX, TEXT, number

rng = np.random.default_rng(0)
SIZES = (3, 4, 5, 2)
PARAMS = [
    (rng.normal(size=shape), rng.normal(size=shape[1])) for shape in itertools.pairwise(SIZES)
]
X, Y = rng.normal(size=(6, 3)), rng.uniform(size=(6, 2))


def three_layers(params, X, Y):
    H = X
    for W, b in params:
        Z = H @ W + b
        H = 1 / (1 + np.exp(-Z))
    L = np.mean((H - Y) ** 2)
    return L


def equations(derivation, key="text"):
    return [f"{line.left[key]} = {line.right[key]}" for line in derivation.document.lines]


def test_three_layer_sigmoid_network_reads_like_the_article():
    assert equations(derive(three_layers, PARAMS, X, Y)) == [
        "Z1 = X W1 + b1",
        "H1 = σ(Z1)",
        "Z2 = H1 W2 + b2",
        "H2 = σ(Z2)",
        "Z3 = H2 W3 + b3",
        "H3 = σ(Z3)",
        "L = mean((H3 − Y)²)",
        "∂L/∂H3 = 1/6 (H3 − Y)",
        "δ3 = ∂L/∂Z3 = ∂L/∂H3 ⊙ H3 ⊙ (1 − H3)",
        "∂L/∂b3 = sum(δ3, axis=0)",
        "∂L/∂H2 = δ3 W3ᵀ",
        "∂L/∂W3 = H2ᵀ δ3",
        "δ2 = ∂L/∂Z2 = ∂L/∂H2 ⊙ H2 ⊙ (1 − H2)",
        "∂L/∂b2 = sum(δ2, axis=0)",
        "∂L/∂H1 = δ2 W2ᵀ",
        "∂L/∂W2 = H1ᵀ δ2",
        "δ1 = ∂L/∂Z1 = ∂L/∂H1 ⊙ H1 ⊙ (1 − H1)",
        "∂L/∂b1 = sum(δ1, axis=0)",
        "∂L/∂W1 = Xᵀ δ1",
    ]


def test_each_backward_line_names_its_forward_line_and_rule():
    text = derive(three_layers, PARAMS, X, Y).text()
    assert "(9)  δ3 = ∂L/∂Z3 = ∂L/∂H3 ⊙ H3 ⊙ (1 − H3)" in text
    assert re.search(r"\(9\) .* 6×2 +from \(6\) sigmoid: grad ⊙ out ⊙ \(1 − out\)", text)
    assert re.search(r"\(11\) .* from \(5\) matmul, to x: grad yᵀ", text)
    assert re.search(r"\(19\) .* from \(1\) matmul, to y: xᵀ grad", text)
    assert "W1 ← W1 − α ∂L/∂W1" in text


def test_text_fits_the_width_that_there_is():
    derivation = derive(three_layers, PARAMS, X, Y)
    for width in (70, 90, 110):
        assert max(map(len, derivation.text(width=width).splitlines())) <= width


def test_parts_come_in_the_article_s_order():
    parts = [line.part for line in derive(three_layers, PARAMS, X, Y).document.lines]
    assert parts == ["forward"] * 6 + ["loss"] + ["backward"] * 12


def softmax_by_hand(params, X, y):
    (W1, b1), (W2, b2), (W3, b3) = params
    Z = np.tanh(np.tanh(X @ W1 + b1) @ W2 + b2) @ W3 + b3
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y]))


def test_softmax_with_cross_entropy_gives_p_minus_y():
    derivation = derive(softmax_by_hand, PARAMS, X, np.array([0, 1, 1, 0, 1, 1]))
    assert "δ3 = ∂L/∂Z = 1/6 (P − Y)" in equations(derivation)


def sigmoid_by_hand(params, X, Y):
    (W1, b1), (W2, b2), (W3, b3) = params
    A = 1 / (1 + np.exp(-(np.tanh(np.tanh(X @ W1 + b1) @ W2 + b2) @ W3 + b3)))
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def test_sigmoid_with_cross_entropy_gives_a_minus_y_with_its_proof():
    derivation = derive(sigmoid_by_hand, PARAMS, X, Y)
    assert "δ3 = ∂L/∂Z3 = 1/12 (A − Y)" in equations(derivation)
    assert "whose slope in z is y − σ(z)" in " ".join(derivation.text().split())


def test_latex_has_every_line_and_balanced_braces():
    derivation = derive(three_layers, PARAMS, X, Y)
    latex = derivation.latex()
    assert latex.count(r"\tag") == len(derivation.document.lines)
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left(") == latex.count(r"\right)")
    assert r"\frac{\partial L}{\partial W_{1}} &= X^\top \, \delta_{1}" in latex


def test_values_are_those_of_the_gradient():
    values = derive(three_layers, PARAMS, X, Y).values_of()
    gradient = bl.grad(three_layers)(PARAMS, X, Y)
    for layer, (dW, db) in enumerate(gradient, 1):
        np.testing.assert_array_equal(values[f"dW{layer}"], dW)
        np.testing.assert_array_equal(values[f"db{layer}"], db)


def test_numbers_take_other_inputs_and_refuse_wrong_ones():
    derivation = derive(lambda w, x: np.sum(w * x), np.ones(2), np.ones(2))
    assert "L = sum(w ⊙ x)  number  7" in derivation.numbers(np.array([1.0, 2.0]), np.array([3, 2]))
    with pytest.raises(InputError, match="w has shape"):
        derivation.numbers(np.ones(3), np.ones(2))
    with pytest.raises(InputError, match="reads w, x"):
        derivation.numbers(np.ones(2))


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        (lambda w, x: np.sum(w * x), "∂L/∂w = x"),
        (lambda w, x: np.sum(w), "∂L/∂w = 1"),
        (lambda w, x: np.sum(x), "∂L/∂w = 0"),
        (lambda w, x: np.sum(np.round(w, 1) * w), "∂L/∂w = t1"),
        (lambda w, x: np.exp(w[0]), None),
    ],
)
def test_gradients_that_need_no_equation_are_lines_too(loss, gradient):
    derivation = derive(loss, np.ones(3), np.arange(3.0))
    assert gradient is None or equations(derivation)[-1] == gradient
    assert [line.part for line in derivation.document.lines][-1] == "backward"
    assert all("∂" not in e for e in equations(derivation)[:-1])


def test_each_parameter_has_a_line_for_its_gradient():
    def loss(a, b, dc, c):
        return np.exp(np.sum(a + b)) + np.sum(dc * c)

    ones = [np.ones(2)] * 4
    derivation = derive(loss, *ones, wrt=["a", "b", "c"])
    assert equations(derivation)[-2:] == ["∂L/∂b = ∂L/∂a", "∂L/∂c = dc"]
    values = derivation.values_of()
    np.testing.assert_array_equal(values["db"], values["da"])
    copied = derive(np.exp, 1.0)
    assert equations(copied) == ["L = exp(x)", "∂L/∂x = L"]
    for each in (derivation, copied):
        assert each.svg().count('class="gradient"') == len(each.wrt) + 1  # and the legend
        for w in each.wrt:
            assert f"\\partial L}}{{\\partial {w.name}}}" in each.latex().split(r"\\ ")[0]


def test_a_gradient_does_not_take_the_name_of_an_input():
    derivation = derive(
        lambda c, k, dc: np.sum(c * k) + np.sum(dc), np.ones(2), np.ones(2), np.full(2, 3.0)
    )
    assert equations(derivation)[-1] == "∂L/∂c = k"
    np.testing.assert_array_equal(derivation.values_of()["dc"], [3, 3])


def test_numbers_can_be_parameters_by_name():
    derivation = derive(lambda v, w: (v * w - 1) ** 2, 2.0, 3.0, wrt=["v", "w"])
    assert [w.name for w in derivation.wrt] == ["v", "w"]
    assert derivation.values_of()["dw"] == 20


def test_wrt_by_name_and_by_position():
    by_name = derive(three_layers, PARAMS, X, Y, wrt="W2")
    assert equations(by_name)[-1] == "∂L/∂W2 = H1ᵀ δ2"
    assert not any("∂L/∂W1 =" in line for line in equations(by_name))
    assert [v.name for v in derive(three_layers, PARAMS, X, Y, wrt=1).wrt] == ["X"]
    with pytest.raises(InputError, match=r"W9.*known: W1"):
        derive(three_layers, PARAMS, X, Y, wrt="W9")
    with pytest.raises(InputError, match="3 arguments"):
        derive(three_layers, PARAMS, X, Y, wrt=7)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.3333"),
        (7, "7"),
        (np.float32(-0.0), "0"),
        ([True, False], "[1 0]"),
        ([[1.5, -20], [0.25, 3]], "[[1.5  -20]\n [0.25   3]]"),
        ([[1e-5], [-0.5]], "[[ 1e-05]\n [-0.5  ]]"),
        (np.arange(7.0), "[0 1 … 5 6]"),
        (np.arange(9)[:, None], "[[0]\n [1]\n […]\n [7]\n [8]]"),
        (np.zeros((2, 0)), "[[]\n []]"),
    ],
)
def test_arrays_are_aligned_and_shortened(value, text):
    assert value_text(value, 4) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.2"),
        (1 / 3, "1/3"),
        (1 - 0.9, "0.1"),
        (-2, "−2"),
        (np.pi, "3.14159"),
        (True, "1"),
        (np.inf, "inf"),
    ],
)
def test_numbers_are_written_short_and_true(value, text):
    assert number(value) == text


def test_names_in_both_notations():
    names = {
        "W1": "W_{1}",
        "delta12": r"\delta_{12}",
        "Out": r"\mathrm{Out}",
        "lam": r"\lambda",
        "β_t": r"\beta_{t}",
        "W_hidden": r"W_{\mathrm{hidden}}",
        "w1_2": "w_{1,2}",
    }
    assert {n: LATEX.name(n) for n in names} == names
    text = ["W1", "δ12", "Out", "λ", "β_t", "W_hidden", "w1_2"]
    assert [TEXT.name(n) for n in names] == text


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda a, b, c: np.sum((a - (b - c)) * -a), "sum((a − (b − c)) ⊙ (−a))"),
        (lambda a, b, c: np.sum(a / (b * c)), "sum(a / (b ⊙ c))"),
        (lambda a, b, c: np.sum((a + b) ** 3 * c), "sum((a + b)^3 ⊙ c)"),
        (lambda a, b, c: np.sum(np.exp(a - b) / -c), "sum(exp(a − b) / (−c))"),
        (lambda a, b, c: np.sum(-(a + b) - c), "sum(−(a + b) − c)"),
        (lambda a, b, c: np.sum((a / b) / c), "sum(a / b / c)"),
        (lambda a, b, c: np.sum(np.exp(a) ** 2 * bl.nn.gelu(b)), "sum(exp(a)^2 ⊙ gelu(b))"),
        (lambda a, b, c: np.sum(a + -2 * b), "sum(a − 2 b)"),
        (lambda a, b, c: np.sort(a)[0], "sort(a)[0]"),
    ],
)
def test_parentheses_keep_the_meaning(function, text):
    graph = trace(function, np.ones(2), np.ones(2), np.ones(2)).graph
    assert written(graph, graph.outputs[0], TEXT) == text
