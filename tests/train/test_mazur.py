"""Mazur's worked example, by `fit`: every digit of his text."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import backlit as bl

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "mazur.py"


@pytest.fixture(scope="module")
def mazur():
    spec = importlib.util.spec_from_file_location("mazur", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mazur(mazur):
    """Every digit of his text: errors, the gradient of w5, the weights after one update."""

    def loss(weights, X, T):
        return mazur.loss(weights, X, T, mazur.b1, mazur.b2)

    def errors(epochs):
        done = bl.fit(
            loss,
            [mazur.W1, mazur.W2],
            (mazur.X, mazur.T),
            optimizer=bl.sgd(lr=0.5),
            epochs=epochs,
        )
        return done.params, done.history["loss"]

    (W1, W2), _ = errors(1)
    w1, w3, w2, w4 = W1.ravel()
    w5, w7, w6, w8 = W2.ravel()
    assert [f"{w:.9f}" for w in (w1, w2, w3, w4)] == [
        "0.149780716", "0.199561432", "0.249751144", "0.299502287",
    ]  # fmt: skip
    assert [f"{w:.9f}" for w in (w5, w6, w7, w8)] == [
        "0.358916480", "0.408666186", "0.511301270", "0.561370121",
    ]  # fmt: skip
    assert f"{(0.40 - w5) / 0.5:.9f}" == "0.082167041"
    _, history = errors(10_001)
    assert f"{history[0]:.9f}" == "0.298371109"
    assert f"{history[1]:.9f}" == "0.291027774"
    assert f"{history[10_000]:.4e}" == "3.5102e-05"


def test_mazur_with_biases(mazur):
    """His biases are one number a layer; trained, there is one for each unit."""

    def loss(params, X, T):
        W1, W2, b1, b2 = params
        return mazur.loss([W1, W2], X, T, b1, b2)

    start = [mazur.W1, mazur.W2, np.full(2, 0.35), np.full(2, 0.60)]
    done = bl.fit(loss, start, (mazur.X, mazur.T), optimizer=bl.sgd(lr=0.5), epochs=2)
    assert f"{done.history['loss'][1]:.9f}" == "0.280471447"
