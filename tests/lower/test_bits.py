"""The player's bits: the same for every instruction set, any number of threads, any machine.

After a change that is meant to change them: python tests/lower/test_bits.py, and copy what it says.
"""

import hashlib
from functools import cache

import numpy as np
import pytest

from backlit import nn
from backlit.ir.trees import leaves
from backlit.optim import adam, sgd
from backlit.train.data import order
from backlit.train.engine import Plan, start
from backlit.train.player_engine import PlayerEngine, native
from backlit.train.training import Training

pytestmark = pytest.mark.skipif(native() is None, reason="the player was not built")
ROWS, EPOCHS = 61, 3  # in batches of 26, and one of 9: shares of threads are 8, 16, … rows

GOLDEN = {
    ("perceptron", "float32"): "948d778b12b5eda6",
    ("perceptron", "float64"): "c2c0fa62ad0394b7",
    ("attention", "float32"): "5d638b1d9551fddf",
    ("attention", "float64"): "6c782089f7567d74",
    ("gates", "float32"): "78ffc1a49bbdaeca",
    ("gates", "float64"): "fae9dff023807f96",
}


def numbers(*shape):
    """Numbers in [−1, 1] that depend on nothing but the shape."""
    return (np.arange(np.prod(shape)) * 7919 % 1013).reshape(shape) / 506 - 1


def perceptron(p, X, y):
    H = nn.mlp(p[:-1], X, activation=["gelu", "tanh"], output="elu")
    return nn.softmax_cross_entropy(nn.mlp(p[-1:], H), y)


def attention(p, X, y):
    E = X.reshape(len(X), 6, 3) @ p["E"]
    A = nn.softmax(E @ p["Q"] @ np.swapaxes(E, 1, 2))
    H = np.sin(A @ E).reshape(len(X), -1)
    return nn.softmax_cross_entropy(H @ p["W"], y)


def gates(p, X, y):
    Z = nn.silu(X @ p["W"]) * np.exp(-np.abs(X @ p["V"])) + nn.softplus(p["E"][y]) ** p["power"]
    scaled = (Z - np.mean(Z, axis=0)) / np.std(Z, axis=0)
    return np.mean(np.arctan(scaled)) + np.mean(np.log1p(np.prod(1 + Z**2 / 4, axis=1)))


NETWORKS = {
    "perceptron": (
        perceptron,
        [(numbers(n, m), numbers(m)) for n, m in ((18, 40), (40, 33), (33, 20), (20, 4))],
    ),
    "attention": (attention, {"E": numbers(3, 5), "Q": numbers(5, 5), "W": numbers(30, 4)}),
    "gates": (
        gates,
        {"W": numbers(18, 13), "V": numbers(18, 13), "E": numbers(4, 13), "power": np.array(1.7)},
    ),
}


@cache
def plan(name: str, kind: str) -> Plan:
    """What is trained; it keeps its graphs and programs."""
    loss, example = NETWORKS[name]
    arrays = (numbers(ROWS, 18).astype(kind), np.arange(ROWS) * 7 % 4)
    return Plan(loss, example, arrays, 26, adam(lr=0.01), np.dtype(kind))


def digest(name: str, kind: str, threads: int, lanes: str = "") -> str:
    """The bits of all that a training has moved."""
    it = plan(name, kind)
    params = [x.astype(kind) for _, x in leaves(it.example)]
    values = start(params, it.optimizer, it.dtype)
    engine = PlayerEngine(it, values, order(ROWS, 0, 1), threads, lanes)
    training = Training(it, engine, len(params))
    for epoch in range(1, EPOCHS + 1):
        assert training.epoch(order(ROWS, 0, epoch), epoch, lambda *_: None) < 10
    return hashlib.sha256(b"".join(x.tobytes() for x in engine.values)).hexdigest()[:16]


@pytest.mark.parametrize(("name", "kind"), GOLDEN)
def test_bits_are_those_of_every_machine(name, kind):
    assert digest(name, kind, 1) == GOLDEN[name, kind]


@pytest.mark.parametrize(("name", "kind"), GOLDEN)
def test_bits_do_not_depend_on_the_instruction_set_or_the_threads(name, kind):
    ways = [(lanes, threads) for lanes, _ in native().LANES for threads in (1, 2, 3)]
    found = {way: digest(name, kind, way[1], way[0]) for way in ways}
    assert len({*found.values()}) == 1, found


def test_a_loss_too_small_for_a_usual_number_does_not_depend_on_the_threads():
    """With many threads some have no part of the update."""

    def loss(w, X):
        return np.mean(X @ w) * 1e-300

    it = Plan(loss, np.ones((24, 1)), [np.full((4, 24), 1e-10)], 4, sgd(0.1), np.dtype(float))
    totals = {
        PlayerEngine(it, [np.ones((24, 1))], None, threads).play(None, 0, 1, 0.0)[0]
        for threads in (1, 2, 3, 7, 8)
    }
    assert len(totals) == 1
    assert 0 < totals.pop() < np.finfo(float).smallest_normal


def test_another_training_has_other_bits():
    assert len({digest(name, kind, 1) for name, kind in GOLDEN}) == len(GOLDEN)


if __name__ == "__main__":
    for key in GOLDEN:
        print(f'    {key}: "{digest(*key, 1)}",'.replace("'", '"'))
