"""Networks that are not plainly dense: a step of the player against `interpret`."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from backlit import nn

from .native import assert_agrees, native_only

pytestmark = native_only
RNG = np.random.default_rng(4)
normal = RNG.normal


def norm(Z, p, axis):
    centred = Z - np.mean(Z, axis=axis, keepdims=True)
    return centred / np.sqrt(np.var(Z, axis=axis, keepdims=True) + 1e-5) * p["g"] + p["b"]


def convolution(p, X, y):
    windows = sliding_window_view(X, (3, 3), axis=(1, 2))
    H = np.maximum(np.einsum("nijab,abk->nijk", windows, p["K"]) + p["c"], 0)
    P = np.max(H.reshape(len(X), 3, 2, 3, 2, -1), axis=(2, 4))
    return nn.softmax_cross_entropy(P.reshape(len(X), -1) @ p["W"], y)


def two_convolutions(p, X, y):
    H = np.tanh(np.einsum("nijab,abk->nijk", sliding_window_view(X, (3, 3), axis=(1, 2)), p["K"]))
    windows = sliding_window_view(H, (3, 3), axis=(1, 2))
    H = np.tanh(np.einsum("nijkab,abkq->nijq", windows, p["M"]))
    return nn.softmax_cross_entropy(H.reshape(len(X), -1) @ p["W"], y)


def convolution_3d(p, X, y):
    windows = sliding_window_view(X, (2, 3, 2), axis=(1, 2, 3))
    H = nn.relu(np.einsum("nijkabc,abcq->nijkq", windows, p["K"]) + p["c"])
    return np.mean((np.mean(H, axis=(1, 2, 3)) - y) ** 2)


def attention(p, X, y):
    n = len(X)
    Q, K, V = (np.transpose((X @ W).reshape(n, 8, 2, 3), (0, 2, 1, 3)) for W in p["QKV"])
    later = np.triu(np.ones((8, 8)), 1) > 0
    A = nn.softmax(np.where(later, -1e9, Q @ np.swapaxes(K, 2, 3)))
    H = np.transpose(A @ V, (0, 2, 1, 3)).reshape(n, -1)
    return nn.softmax_cross_entropy(H @ p["W"], y)


def recurrent(p, X, y):
    h = np.zeros((len(X), 7))
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ p["Wx"] + h @ p["Wh"])
    return nn.softmax_cross_entropy(h @ p["W"], y)


def lstm(p, X, y):
    h = c = np.zeros((len(X), 7))
    for t in range(X.shape[1]):
        gates = np.concatenate([X[:, t], h], axis=1) @ p["G"] + p["b"]
        i, f, o, new = np.split(gates, 4, axis=1)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * np.tanh(new)
        h = nn.sigmoid(o) * np.tanh(c)
    return nn.softmax_cross_entropy(h @ p["W"], y)


X, IMAGES, LABELS = normal(size=(9, 5)), normal(size=(11, 8, 8)), RNG.integers(0, 10, 11)
IDS = RNG.integers(0, 6, (9, 4))
FORMS = {
    "convolution": (
        convolution,
        {"K": normal(size=(3, 3, 4)), "c": normal(size=4), "W": normal(size=(36, 10))},
        IMAGES,
        LABELS,
    ),
    "two convolutions": (
        two_convolutions,
        {"K": normal(size=(3, 3, 4)), "M": normal(size=(3, 3, 4, 5)), "W": normal(size=(80, 10))},
        IMAGES,
        LABELS,
    ),
    "convolution of volumes": (
        convolution_3d,
        {"K": normal(size=(2, 3, 2, 5)), "c": normal(size=5)},
        normal(size=(4, 3, 5, 4)),
        normal(size=(4, 5)),
    ),
    "attention": (
        attention,
        {"QKV": [normal(size=(8, 6)) for _ in range(3)], "W": normal(size=(48, 10))},
        IMAGES,
        LABELS,
    ),
    "recurrent": (
        recurrent,
        {"Wx": normal(size=(8, 7)), "Wh": normal(0, 0.3, (7, 7)), "W": normal(size=(7, 10))},
        IMAGES,
        LABELS,
    ),
    "lstm": (
        lstm,
        {"G": normal(size=(15, 28)), "b": normal(size=28), "W": normal(size=(7, 10))},
        IMAGES,
        LABELS,
    ),
    "layer norm": (
        lambda p, X: np.mean(np.tanh(norm(X @ p["W"], p, -1)) ** 3),
        {"W": normal(size=(5, 7)), "g": normal(size=7), "b": normal(size=7)},
        X,
    ),
    "batch norm": (
        lambda p, X: np.mean(np.tanh(norm(X @ p["W"], p, 0)) ** 3),
        {"W": normal(size=(5, 7)), "g": normal(size=7), "b": normal(size=7)},
        X,
    ),
    "embedding": (
        lambda p, i, y: np.mean((np.mean(p["E"][i], axis=1) @ p["W"] - y) ** 2),
        {"E": normal(size=(6, 8)), "W": normal(size=(8, 3))},
        IDS,
        normal(size=(9, 3)),
    ),
    "embedding by small integers from the end": (
        lambda p, i, y: np.mean((np.sum(p[i], axis=1) - y) ** 2),
        normal(size=(6, 3)),
        (IDS - 6).astype(np.int8),
        normal(size=(9, 3)),
    ),
    "picked": (
        lambda p, X, y: -np.mean(nn.log_softmax(X @ p)[np.arange(9), y]),
        normal(size=(5, 6)),
        X,
        IDS[:, 0],
    ),
    "picked along": (
        lambda p, X, y: -np.mean(np.take_along_axis(nn.log_softmax(X @ p), y[:, None], 1)),
        normal(size=(5, 6)),
        X,
        IDS[:, 0],
    ),
    "shared weights": (
        lambda p, X: np.mean(np.tanh(np.tanh(X @ p[0]) @ p[0].T @ p[0] + p[1]) @ p[0]),
        [normal(size=(5, 5)), normal(size=5)],
        X,
    ),
    "residual": (
        lambda p, X: np.mean((X + np.tanh((X + np.tanh(X @ p[0])) @ p[1])) ** 2),
        [normal(size=(5, 5)), normal(size=(5, 5))],
        X,
    ),
    "a line": (
        lambda p, x, y: np.mean((p["a"] * x + p["b"] - y) ** 2),
        {"a": np.array(0.5), "b": np.array(0.1)},
        normal(size=11),
        normal(size=11),
    ),
    "truth values": (
        lambda p, X, m: np.mean(np.where(m, np.tanh(X @ p), 0) ** 2) + np.mean(m * (X @ p)),
        normal(size=(5, 4)),
        X,
        IDS > 2,
    ),
    "bytes": (
        lambda p, x: np.mean(np.tanh(x / 255 @ p) ** 2),
        normal(size=(4, 4)),
        (IDS * 40).astype(np.uint8),
    ),
    "sorted": (
        lambda p, X: np.mean(np.sort(X @ p, axis=0)[::-2] ** 2) + np.mean(np.median(X @ p, axis=1)),
        normal(size=(5, 6)),
        X,
    ),
    "products": (
        lambda p, X: np.mean(np.prod(X @ p, axis=1)) + np.mean(np.prod(1 + 0.1 * X @ p, axis=0)),
        normal(size=(5, 6)),
        X,
    ),
    "running sums": (
        lambda p, X: np.mean(np.cumsum(X @ p, axis=0) ** 2),
        normal(size=(5, 6)),
        X,
    ),
    "pairs": (
        lambda p, X: np.mean(np.exp(-(np.sum((X @ p)[:, None] - (X @ p)[None], axis=-1) ** 2))),
        normal(size=(5, 2)),
        X,
    ),
    "joined": (
        lambda p, X: np.mean(np.tanh(np.concatenate([np.zeros((9, 2)), X @ p, X], axis=1)) ** 2),
        normal(size=(5, 2)),
        X,
    ),
    "the largest": (
        lambda p, X: np.mean((X @ p)[np.arange(9), np.argmax(X @ p, axis=1)]),
        normal(size=(5, 3)),
        X,
    ),
    "penalties": (
        lambda p, X: np.mean((X @ p) ** 2) + 0.1 * np.sum(np.abs(p)) + np.sqrt(np.sum(p**2)),
        normal(size=(5, 1)),
        X,
    ),
    "data with gaps": (
        lambda p, X: np.mean(np.tanh(X @ p)),
        normal(size=(5, 3)),
        normal(size=(18, 10))[::2, ::2],
    ),
    "wide": (
        lambda p, X: np.mean(np.tanh(np.tanh(X @ p[0]) @ p[1])),
        [normal(size=(5, 1300)), normal(0, 0.03, (1300, 2))],
        X,
    ),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("threads", [1, 3])
def test_networks_of_other_forms(name, threads):
    loss, params, *batch = FORMS[name]
    assert_agrees(loss, params, batch, within=1e-13, threads=threads)
