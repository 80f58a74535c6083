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


def test_negative_factors_in_latex():
    graph, _ = gradient_graph(trace(lambda x: -(x**2), 1.5))
    assert written(graph, graph.outputs[1], LATEX) == r"-2 \, x"
