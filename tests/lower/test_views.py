"""Entries that lie otherwise than in a row: sliced, flipped, stretched, picked by index arrays."""

import numpy as np
import pytest

from backlit.ir.interpret import interpret
from backlit.ir.trace import trace
from backlit.passes import reverse

from .native import assert_close, native_only, play, program_of

pytestmark = native_only
normal = np.random.default_rng(5).normal
I, J = np.array([2, 0, -1]), np.array([[1], [0]])
A, S, W = normal(size=(4, 3, 5, 3)), normal(size=(6, 5)), normal(size=(5, 4))


def assert_plays(function, *arrays):
    """The value, and the gradient of the sum of its sines."""
    values = trace(function, *arrays, wrt=range(len(arrays))).graph

    def loss(*arrays):
        return np.sum(np.sin(function(*arrays)))

    slopes = trace(loss, *arrays, wrt=range(len(arrays))).graph
    for graph in (values, reverse(slopes, slopes.inputs)):
        expected = interpret(graph, *arrays)
        for a, b in zip(play(graph, *arrays, threads=2), expected, strict=True):
            assert_close(a, b, np.float64, str(graph))


KEYS = [
    np.s_[:, I],
    np.s_[:, I, :, I],
    np.s_[0, I],
    np.s_[:, 0, I],
    np.s_[0, :, I],
    np.s_[..., I],
    np.s_[I, ..., I],
    np.s_[:, I, I],
    np.s_[:, J, I],
    np.s_[1:3, J],
    np.s_[::-1, I],
    np.s_[::-1, I, 1:],
    np.s_[None, :, I],
    np.s_[:, None, I],
    np.s_[I, None, I],
    np.s_[I, :, 0],
    np.s_[-1, ..., J],
    np.s_[I, 1:, J, -1],
    np.s_[I, I, I, I],
    np.s_[0, 0, 0, I],
    np.s_[:, I, None, None, I],
    np.s_[:, np.array(2)],
    np.s_[np.array([True, False, True, True])],
    np.s_[:, np.array([[True] * 5, [False] * 5, [True] * 5])],
    np.s_[1:-1, ::-2],
    np.s_[..., -1, None, ::-1],
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_entries_by_any_key(key):
    assert_plays(lambda a: a[key], A)


def test_places_from_the_data():
    def loss(a, i):
        return np.mean(np.sin(a[:, i, 1:, i]))

    graph = trace(loss, A, I).graph
    graph = reverse(graph, graph.inputs[:1])
    for a, b in zip(play(graph, A, I), interpret(graph, A, I), strict=True):
        assert_close(a, b, np.float64, "")


PRODUCTS = {
    "flipped rows": (lambda a, b: a[::-1] @ b, S, W),
    "a flipped inner axis": (lambda a, b: a[:, ::-1] @ b[::-1], S, W),
    "flipped columns": (lambda a, b: a @ b[:, ::-1], S, W),
    "every other, from the end": (lambda a, b: a[::-2] @ b[:, ::-2], S, W),
    "both transposed": (lambda a, b: b.T @ a.T, S, W),
    "vectors": (lambda a, b: a @ b, S[0], W[:, 0]),
    "a flipped vector": (lambda a, b: a[::-1] @ b, S[0], W),
    "a vector with gaps": (lambda a, b: a @ b[:, 2], S, W),
    "a vector and a stack": (lambda a, b: a @ b, S[0], A[0, :, :, :]),
    "a stack and a vector": (lambda a, b: a @ b, A[0], W[:3, 0]),
    "a stretched row": (lambda a, b: np.broadcast_to(a, (4, 5)) @ b, S[:1], W),
    "a stretched column": (lambda a, b: np.broadcast_to(a, (6, 5)) @ b, S[:, :1], W),
    "a stack from the end": (lambda a, b: a[::-1] @ b, A, normal(size=(4, 3, 3, 2))),
    "stacks stretched": (lambda a, b: a[:, None] @ b[None], A[:, 0], normal(size=(2, 3, 2))),
    "a matrix and a stack": (lambda a, b: a @ b, S, normal(size=(3, 5, 2))),
    "a stack of transposed": (lambda a, b: a.transpose(2, 0, 1) @ b, A[0], normal(size=(3, 5, 2))),
    "a diagonal": (lambda a, b: np.diagonal(a[:5]) @ b, S, W),
    "a column of a column": (lambda a, b: a @ b[:, :, 0][:, 1:2], S, normal(size=(5, 3, 4))),
    "a row and such a column": (lambda a, b: a @ b[:, :, 0][:, 1:2], S[:1], normal(size=(5, 3, 4))),
    "such a column and a row": (
        lambda a, b: a[:, :, 0][:, 1:2] @ b, normal(size=(70_000, 2, 2)), normal(size=(1, 128))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name):
    assert_plays(*PRODUCTS[name])


def test_a_vector_without_gaps_is_not_copied():
    graph = trace(lambda a, b: a @ b, S, W[:, 0].copy(), wrt=(0, 1)).graph
    assert "COPY" not in program_of(graph).disassemble()


ELEMENTWISE = {
    "a transposed sum": (lambda a: np.sum(a.T, axis=0) + np.sum(a[::-1], axis=1), S[:5]),
    "axes apart": (lambda a: np.max(a, axis=(0, 2), keepdims=True) * a, A[0]),
    "columns and rows": (lambda a, b: a * b[:, None] + np.sum(a, 1)[:, None] - b, S[:5], S[0]),
    "three shapes": (
        lambda a, b, c: a[:, None, :] * b[None] + c[:, :, None],
        S[:2],
        S[2:5],
        W[:2, :3],
    ),
    "longer than a tile": (lambda a, b: np.exp(a[:, None] - b[None]), S[0], normal(size=1100)),
    "joined and flipped": (lambda a: np.concatenate([a[::-1], a.T[::-1], a]), S[:5]),
    "numbers alone": (lambda a, b: (a * b + np.sin(a)) / b, np.array(2.0), np.array(3.0)),
    "a column of one": (lambda a: a * np.arange(4.0)[:, None], np.ones((1, 1))),
    "long sums": (lambda a: np.mean(a) + np.mean(a, axis=0), normal(size=(5000, 7))),
    "sums in between": (lambda a: np.sum(a, axis=1), normal(size=(7, 300, 33))),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_blocks_of_any_form(name):
    assert_plays(*ELEMENTWISE[name])
