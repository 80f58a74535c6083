"""Dense networks: shapes, seeds, and the forward pass against a plain loop."""

import math

import numpy as np
import pytest

from backlit import nn
from backlit.errors import InputError


def test_shapes_and_dtype():
    params = nn.dense([5, 4, 3, 2], dtype=np.float32)
    assert [(W.shape, b.shape) for W, b in params] == [
        ((5, 4), (4,)),
        ((4, 3), (3,)),
        ((3, 2), (2,)),
    ]
    assert {x.dtype for layer in params for x in layer} == {np.dtype(np.float32)}
    assert not any(np.any(b) for _, b in params)
    assert nn.dense((2, 1))[0][0].dtype == np.float64


def test_the_seed_decides():
    one, same, other = (nn.dense([3, 4, 2], seed=s) for s in (1, 1, 2))
    for (a, _), (b, _), (c, _) in zip(one, same, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.any(a == c)
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(one[0][0], nn.glorot_uniform(rng, 3, 4))
    np.testing.assert_array_equal(one[1][0], nn.glorot_uniform(rng, 4, 2))


def test_init_is_given_fan_in_and_fan_out():
    def init(rng, fan_in, fan_out):
        return np.full((fan_in, fan_out), 10.0 * fan_in + fan_out)

    assert [W[0, 0] for W, _ in nn.dense([2, 3, 4], init=init)] == [23, 34]


def by_hand(params, row, hidden, output):
    """One row, one unit after the other."""
    for i, (W, b) in enumerate(params):
        net = [sum(row[j] * W[j, k] for j in range(len(row))) + b[k] for k in range(W.shape[1])]
        row = [(output if i == len(params) - 1 else hidden[i])(z) for z in net]
    return row


@pytest.mark.parametrize("sizes", [(3, 1), (3, 4, 2), (3, 5, 4, 2), (1, 1, 1, 1, 1)])
def test_forward_pass(sizes):
    rng = np.random.default_rng(0)
    params = [(W, rng.normal(size=b.shape)) for W, b in nn.dense(sizes, seed=3)]
    X = rng.normal(size=(6, sizes[0]))
    hidden = [math.tanh] * (len(sizes) - 2)
    expected = [by_hand(params, row, hidden, lambda z: z) for row in X]
    np.testing.assert_allclose(nn.mlp(params, X), expected, rtol=1e-12)


def test_an_activation_for_each_layer():
    params = nn.dense([2, 3, 3, 1], seed=1)
    X = np.random.default_rng(0).normal(size=(4, 2))
    out = nn.mlp(params, X, activation=[nn.relu, np.tanh], output=nn.sigmoid)
    hidden = [lambda z: max(z, 0), math.tanh]
    expected = [by_hand(params, row, hidden, lambda z: 1 / (1 + math.exp(-z))) for row in X]
    np.testing.assert_allclose(out, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.dense([3]), r"sizes=\[3\], expected at least two whole widths"),
        (lambda: nn.dense([3, 0]), r"sizes=\[3, 0\]"),
        (lambda: nn.dense([2.5, 1]), r"sizes=\[2.5, 1\]"),
        (lambda: nn.dense([2, 1], init="he_normal"), "init='he_normal', expected a function"),
        (lambda: nn.dense([2, 1], seed=-1), "seed=-1"),
        (
            lambda: nn.mlp(nn.dense([2, 3, 1]), np.ones((1, 2)), activation=[np.tanh] * 2),
            "2 activations for 1 hidden layers",
        ),
    ],
)
def test_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_activations_have_names():
    params, X = nn.dense([2, 3, 3, 1], seed=1), np.ones((4, 2))
    by_name = nn.mlp(params, X, activation=["relu", np.tanh], output="sigmoid")
    np.testing.assert_array_equal(
        by_name, nn.mlp(params, X, activation=[nn.relu, nn.tanh], output=nn.sigmoid)
    )
    assert {name: nn.activation(name).__name__ for name in nn.ACTIVATIONS} == dict(
        zip(nn.ACTIVATIONS, nn.ACTIVATIONS, strict=True)
    )
    with pytest.raises(InputError, match=r"no activation 'rellu'. Did you mean 'relu'\?"):
        nn.mlp(params, X, activation="rellu")
    with pytest.raises(InputError, match=r"no activation 3. Known: sigmoid, "):
        nn.activation(3)
