"""What cannot be trained is refused in a sentence of backlit's own."""

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.errors import InputError, TraceError

from .small import X, Y, net, train


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"batch_size": 0}, "batch_size=0, expected a whole number ≥ 1"),
        ({"batch_size": 2.0}, "batch_size=2.0"),
        ({"batch_size": True}, "batch_size=True"),
        ({"epochs": -1}, "epochs=-1, expected a whole number ≥ 0"),
        ({"epochs": 1.5}, "epochs=1.5"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": 2**64}, "seed=18446744073709551616"),
        ({"seed": None}, "seed=None"),
        ({"n_threads": 0}, "n_threads=0"),
        ({"optimizer": "adam"}, "optimizer='adam', expected one such as"),
        ({"optimizer": bl.adam}, "optimizer=<function adam"),
        ({"engine": "torch"}, "engine='torch'"),
        ({"rule": "wrong"}, "rule='wrong'"),
        ({"dtype": "f2"}, "dtype=float16"),
        ({"callbacks": print}, "callbacks=<built-in function print>, expected a list"),
        ({"callbacks": [3]}, r"callbacks=\[3\]"),
        ({"validation": X}, "with the 1 arrays of validation: missing a required argument: 'Y'"),
        ({"validation": 0.2}, r"validation\[0\] has shape \(\)"),
        ({"validation": (X, Y[:3])}, "the arrays of validation have 10 and 3 rows"),
        ({"data": X}, "with the 1 arrays of data: missing a required argument: 'Y'"),
        ({"data": (X, Y, Y)}, "with the 3 arrays of data: too many positional"),
        ({"data": [X.tolist(), Y.tolist()]}, "data is a list"),
        ({"data": (X, np.where(X > 1, np.nan, X))}, r"data\[1\] has .* NaN"),
        ({"params": {"W": None}}, r"params\['W'\] is a NoneType"),
        ({"loss": "mse"}, "'mse' is not a callable object"),
    ],
)
def test_mistakes_are_told(settings, words):
    with pytest.raises(InputError, match=words):
        train(**settings)


def test_class_numbers_beyond_the_classes():
    """In a batch that was not traced: there are no values at tracing."""
    labels = np.r_[np.zeros(8, int), 2, 0]

    def loss(W, X, y):
        return nn.softmax_cross_entropy(X @ W, y)

    def picked(W, X, y):
        return -np.mean((X @ W)[np.arange(len(y)), y])

    settings = {"params": np.ones((3, 2)), "data": (X, labels), "shuffle": False}
    with pytest.raises(InputError, match=r"0 … 1, found 0 … 2"):
        train(loss, **settings, batch_size=2)
    for size, steps in ((2, 4), (10, 0)):
        with pytest.raises(InputError, match=f"after {steps} steps the loss reads outside"):
            train(picked, **settings, batch_size=size)
    with pytest.raises(InputError, match="after 1 steps the loss reads outside"):
        train(picked, np.ones((3, 2)), (X[:8], labels[:8]), validation=(X, labels))


def test_hidden_randomness_is_refused():
    generator = np.random.default_rng(0)
    with pytest.raises(TraceError, match="randomness"):
        train(lambda p, X, Y: net(p, X, Y) * generator.uniform())
