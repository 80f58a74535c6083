"""Constant arrays have names, so that a reader can tell one from the other."""

import numpy as np
import pytest

from backlit.show import derive
from backlit.show.constants import constants
from backlit.show.html import equations

rng = np.random.default_rng(0)
W, X = rng.normal(size=(3, 3)), rng.normal(size=(2, 3))
STATE = np.zeros((2, 3))
SCALE = np.array([1.0, 2.0, 4.0])


def shown(loss):
    derivation = derive(loss, W, X)
    return derivation, derivation.text().split("\n\n")[0].splitlines()


def test_a_constant_without_a_name_is_called_c():
    _, head = shown(lambda W, X: np.sum((X @ W) * np.array([1.0, 2.0, 4.0])))
    assert head[2] == "Constants   C 3 [1 2 4]"
    derivation, head = shown(
        lambda W, X: np.sum((X @ W) * np.array([1.0, 2.0, 4.0]) + np.arange(6.0).reshape(2, 3))
    )
    assert head[2] == "Constants   C1 3 [1 2 4], C2 2×3"
    assert "⊙ C1 + C2" in derivation.text()
    assert "C_{1} + C_{2}" in derivation.latex()
    assert "C2" in derivation.numbers().split("Forward")[0]


def test_the_users_name_is_kept_and_its_transpose_is_recognised():
    h = np.zeros((2, 3))

    def loss(W, X):
        return np.sum(np.tanh(X @ W + h @ W))

    derivation, head = shown(loss)
    assert head[2] == "Constants   h 2×3 of 0"
    assert "hᵀ δ1" in derivation.text()
    assert r"h^\top \, \delta_{1}" in derivation.latex()
    assert [c.name for c in constants(derivation.graph).values()] == ["h", "h"]


def test_one_number_all_over_is_that_number():
    derivation, head = shown(lambda W, X: np.sum(X @ W * np.full((2, 3), 3.0)))
    assert len(head) == 2
    assert derivation.document.constants == {}


def test_names_that_are_taken_get_an_index():
    def loss(W, X):
        C = np.array([1.0, 2.0, 3.0]) * W
        C2 = X @ C
        return np.sum(C2 * np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 4.0]]))

    derivation, _ = shown(loss)
    assert [*derivation.document.constants] == ["C1", "C3"]


@pytest.mark.parametrize("other", [SCALE.astype(np.float32), SCALE + 1, SCALE[None]])
def test_only_what_is_equal_shares_a_name(other):
    derivation, _ = shown(lambda W, X: np.sum((X @ W * SCALE) @ W * SCALE.copy()))
    assert [*derivation.document.constants] == ["SCALE"]
    derivation, _ = shown(lambda W, X: np.sum((X @ W * SCALE) @ W * other))
    assert len(derivation.document.constants) == 2


def test_on_the_page_a_constant_has_a_row_that_its_name_leads_to():
    html = equations(derive(lambda W, X: np.sum((X @ W) * SCALE), W, X))
    assert "<h2>Constants</h2>" in html
    assert 'id="eq-SCALE"' in html
    assert 'href="#eq-SCALE"' in html


def test_an_identity_matrix_is_called_i():
    derivation, head = shown(lambda W, X: np.sum(X @ W @ np.eye(3)) + np.sum(np.eye(3)[:2] * X))
    assert head[2] == "Constants   I 3×3, C 2×3"
    assert "∂L/∂W" in derivation.text()
    assert " I" in derivation.document.lines[1].right["text"]
    _, head = shown(lambda I, X: np.sum(I @ np.eye(3)) + np.sum(X))
    assert head[2] == "Constants   I1 3×3"  # I is an input
