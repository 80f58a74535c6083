"""The way back to one parameter, and the sum over the paths of one weight."""

import re

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.show import derive
from backlit.show.paths import paths
from backlit.show.story import _parse

rng = np.random.default_rng(0)
PARAMS = [(rng.normal(size=shape), rng.normal(size=shape[1])) for shape in ((3, 4), (4, 5), (5, 2))]
X, Y = rng.normal(size=(6, 3)), rng.uniform(size=(6, 2))


def three_layers(params, X, Y):
    H = X
    for W, b in params:
        Z = H @ W + b
        H = 1 / (1 + np.exp(-Z))
    L = np.mean((H - Y) ** 2)
    return L


def test_story_of_a_parameter_walks_from_the_loss_and_explains_the_transpose():
    story = derive(three_layers, PARAMS, X, Y).story("W1")
    order = [story.index(f"({n}) ") for n in (7, 8, 9, 11, 13, 15, 17, 19)]
    assert order == sorted(order)
    assert "∂L/∂H2[n,i] = Σ_j δ3[n,j] W3[i,j] = (δ3 W3ᵀ)[n,i]" in story
    assert "∂L/∂b3" not in story


@pytest.mark.parametrize("weight", ["W1[0,1]", "W3[4,0]", "b2[1]"])
def test_paths_of_one_weight_add_up_to_its_gradient(weight):
    derivation = derive(three_layers, PARAMS, X, Y)
    name, index = _parse(weight)
    var = next(v for v in derivation.wrt if v.name == name)
    values = derivation.values_of()
    total = sum(p.product for p in paths(derivation.document, values, (var, index)))
    np.testing.assert_allclose(total, values[f"d{name}"][index], rtol=1e-12)
    assert f"∂L/∂{weight} = {total:.6g}" in derivation.story(weight)


def test_number_of_paths_is_rows_times_widths_below():
    story = derive(three_layers, PARAMS, X, Y).story("W1[0,1]")
    assert f"the {6 * 5 * 2} paths" in story


def test_negative_slopes_are_in_brackets():
    story = derive(lambda w: np.sum(-2 * w), np.ones(2)).story("w[1]")
    assert "the one path from w[1]" in story
    assert re.search(r"^ +\(-2\) +=  ?-2$", story, re.MULTILINE)


@pytest.mark.parametrize("bad", ["W9", "W1[9,9]", "W1[0]", "W1[", "", "W1[a]"])
def test_story_refuses_what_is_not_there(bad):
    with pytest.raises(InputError):
        derive(three_layers, PARAMS, X, Y).story(bad)


def test_entry_by_entry_is_told_of_a_line_that_is_one_product_and_of_nothing_else():
    def recurrent(W, X):
        h = np.zeros((6, 3))
        for _ in range(2):
            h = np.tanh(X + h @ W)
        error = np.sum((h @ W.T) ** 3)
        return error

    story = derive(recurrent, np.eye(3), X).story("W")  # the first h is a constant
    assert "entry by entry: Z3" not in story  # ∂error/∂W is a sum of products
    story = derive(lambda W, X: np.sum((X @ W.T - 1) ** 2), np.ones((2, 3)), X).story("W")
    assert "entry by entry" not in story  # Wᵀ is no array with a name

    def named(W, X):
        Out = X @ W
        error = np.sum(Out**3)
        return error

    story = derive(named, np.ones((3, 2)), X).story("W")
    assert (
        "entry by entry: Out[n,j] = Σ_i X[n,i] W[i,j] + …, "
        "so ∂error/∂W[i,j] = Σ_n X[n,i] δ1[n,j] = (Xᵀ δ1)[i,j]"
    ) in story


def test_story_of_gradients_that_are_copied():
    story = derive(lambda p: np.sum((p[0] + p[1]) ** 2), (np.ones(2), np.ones(2)))
    assert story.story("p2").index("(2) ∂L/∂p1 = ") < story.story("p2").index("(3) ∂L/∂p2 = ∂L/∂p1")
    assert "by matrices: (3) ∂L/∂p2 = ∂L/∂p1, entry [1] = 4" in story.story("p2[1]")
