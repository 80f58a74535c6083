"""Short formulas read as a person would write them, and mean what they meant."""

import numpy as np
import pytest

from backlit.derivatives import gradient_graph
from backlit.ir.interpret import interpret
from backlit.ir.trace import trace
from backlit.show.document import written
from backlit.show.notation import LATEX, TEXT


@pytest.mark.parametrize(
    ("f", "text", "slope"),
    [
        (lambda x: x**4 - 3 * x**2 + x, "x^4 − 3 x² + x", "1 − 6 x + 4 x^3"),
        (lambda x: -(x**2), "−x²", "−2 x"),
        (lambda x: 1 / x + x, "1 / x + x", "1 − 1 / x / x"),
        (lambda x: x * np.exp(-x), "x exp(−x)", "exp(−x) − x exp(−x)"),
        (lambda x: x + -3 * x**2, "x − 3 x²", "1 − 6 x"),
        (lambda x: x - -3 * x**2, "x + 3 x²", "1 + 6 x"),
        (lambda x: x**2 + -3.0, "x² − 3", "2 x"),
        (lambda x: x**2 - -3.0, "x² + 3", "2 x"),
        (lambda x: -2 / x - 1, "−2 / x − 1", "2 / x / x"),
        (lambda x: 2 / x * (x - 2), "2 / x · (x − 2)", "2 / x + (2 − x) (2 / x) / x"),
    ],
)
def test_formula_and_slope(f, text, slope):
    graph, _ = gradient_graph(trace(f, 1.5))
    assert [written(graph, end, TEXT) for end in graph.outputs] == [text, slope]
    value, derivative = interpret(graph, 1.5)
    assert value == pytest.approx(f(1.5), rel=1e-15)
    assert derivative == pytest.approx((f(1.5 + 1e-6) - f(1.5 - 1e-6)) / 2e-6, rel=1e-8)


@pytest.mark.parametrize(
    ("f", "latex"),
    [
        (lambda W1: np.sum(W1[0, :] ** 2), r"\sum(W_{1}[0, {:}]^{2})"),
        (lambda W1: np.sum(W1) ** 2, r"\left(\sum(W_{1})\right)^{2}"),
        (lambda W1: np.sum(np.exp(-W1)), r"\sum(\mathrm{e}^{-W_{1}})"),
        (lambda W1: np.sum(W1 * (1 / W1)), r"\sum(W_{1} \odot \frac{1}{W_{1}})"),
        (lambda W1: np.sum(np.maximum(W1, -np.inf)), r"\sum(\max(W_{1}, -\infty))"),
        (
            lambda W1: np.einsum("ij,ij->", W1, W1),
            r"\operatorname{einsum}_{\mathrm{ij},\mathrm{ij} \to }(W_{1}, W_{1})",
        ),
    ],
)
def test_latex(f, latex):
    graph = trace(f, np.ones((2, 2))).graph
    assert written(graph, graph.outputs[0], LATEX) == latex


def test_negative_factors_in_latex():
    graph, _ = gradient_graph(trace(lambda x: -(x**2), 1.5))
    assert written(graph, graph.outputs[1], LATEX) == r"-2 \, x"
