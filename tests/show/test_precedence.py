"""A printed expression, read as a mathematician reads it, has the value of what is run."""

import re
from dataclasses import dataclass

import numpy as np

from backlit.ir.trace import trace
from backlit.show import derive
from backlit.show.document import written
from backlit.show.notation import LATEX, TEXT

A, B, C = np.random.default_rng(0).uniform(0.5, 2, size=(3, 3, 3))


@dataclass
class Read:
    """Python's operators with the meaning, and the precedence, of the printed ones."""

    value: np.ndarray

    def __add__(self, y):
        return Read(self.value + y.value)

    def __sub__(self, y):
        return Read(self.value - y.value)

    def __mul__(self, y):  # ⊙
        return Read(self.value * y.value)

    def __truediv__(self, y):
        return Read(self.value / y.value)

    def __pow__(self, y):  # nothing between two matrices: it binds more tightly than ⊙ and /
        return Read(self.value @ y.value)

    def __neg__(self):
        return Read(-self.value)

    @property
    def T(self):
        return Read(self.value.T)


def read(text):
    text = re.sub(r" ([+−⊙/]) ", r"\1", text).replace(" ", "**")
    for printed, python in (("−", "-"), ("⊙", "*"), ("ᵀ", ".T")):
        text = text.replace(printed, python)
    return eval(text, {"A": Read(A), "B": Read(B), "C": Read(C)}).value


def tree(rng, depth):
    """A random expression of three matrices, as a function of them."""
    if depth == 0:
        return (lambda A, B, C: A, lambda A, B, C: B, lambda A, B, C: C)[rng.integers(3)]
    x, y = tree(rng, depth - 1), tree(rng, depth - rng.integers(1, depth + 1))
    return (
        lambda *a: x(*a) + y(*a),
        lambda *a: x(*a) - y(*a),
        lambda *a: x(*a) * y(*a),
        lambda *a: x(*a) / y(*a),
        lambda *a: x(*a) @ y(*a),
        lambda *a: y(*a) @ x(*a),
        lambda *a: -x(*a),
        lambda *a: x(*a).T,
    )[rng.integers(8)]


def test_what_is_read_is_what_is_run():
    rng = np.random.default_rng(0)
    for _ in range(300):
        function = tree(rng, depth=4)
        graph = trace(lambda A, B, C: function(A, B, C), A, B, C).graph
        text = written(graph, graph.outputs[0], TEXT)
        with np.errstate(all="ignore"):  # A / (B − B)
            meant, value = read(text), function(A, B, C)
        np.testing.assert_allclose(meant, value, rtol=1e-6, err_msg=text)


def test_a_gap_binds_more_tightly_than_a_sign():
    def end(f, notation):
        graph = trace(f, A, B).graph
        return written(graph, graph.outputs[0], notation)

    assert end(lambda A, B: (A * B) @ B, TEXT) == "(A ⊙ B) B"
    assert end(lambda A, B: (A * B) @ B, LATEX) == r"\left(A \odot B\right) \, B"
    assert end(lambda A, B: A / 2 @ B, TEXT) == "(A / 2) B"
    assert end(lambda A, B: A / 2 @ B, LATEX) == r"\frac{A}{2} \, B"
    assert end(lambda A, B: np.abs(A / B) @ B, TEXT) == "|A / B| B"
    assert end(lambda A, B: np.sin(A * B) @ B * A, TEXT) == "sin(A ⊙ B) B ⊙ A"


def test_a_matrix_of_ones_is_no_number_in_a_product():
    def loss(scale, A):
        M = scale * A
        return np.sum(M.T @ M)

    derivation = derive(loss, np.ones(3), A)
    line = derivation.document.lines[-2]
    assert line.left["text"] == "∂L/∂M"
    assert line.right["text"] == "M full(1, 3×3) + M full(1, 3×3)"
    assert r"M \, \operatorname{full}(1, 3 \times 3)" in line.right["latex"]
