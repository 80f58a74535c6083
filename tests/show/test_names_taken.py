"""Names that are ours by custom, delta1, dx, t1, but that the user has given already."""

import numpy as np

from backlit.show import derive


def equations(derivation):
    return [f"{line.left['text']} = {line.right['text']}" for line in derivation.document.lines]


def test_names_of_ours_that_the_user_has_taken_mean_his():
    def layer(W, x):
        delta1 = x @ W
        return np.sum(delta1 * np.tanh(delta1))

    lines = equations(derive(layer, np.ones((2, 2)), np.ones((3, 2))))
    assert lines[0] == "δ1 = x W"
    assert lines[-1].startswith("∂L/∂W = xᵀ (")

    def steps(x, t1):
        dx = x[1:] - x[:-1]
        t = np.exp(dx * t1)
        return np.sum(t * np.tanh(np.exp(dx + t1) * np.exp(dx + t1) + np.exp(dx + t1)))

    derivation = derive(steps, np.arange(4.0), np.ones(3))
    lines = equations(derivation)
    assert lines[0] == "dx = x[1:] − x[:-1]"
    assert not any(line.startswith(("∂L/∂x1", "t1 =")) for line in lines)
    assert lines[-1].startswith("∂L/∂x = ")
    assert "∂L/∂x[1] is the sum over" in derivation.story("x[1]")
    assert derivation.story("x[1]").count("∂L/∂x = ") == 1
