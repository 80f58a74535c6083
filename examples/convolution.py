"""A convolutional network in plain NumPy, on the 8×8 digits: the same backpropagation.

    python examples/convolution.py

A convolution is a product of every 3×3 window of the image with the kernels, summed: windows by
`sliding_window_view`, the sum by `einsum`. Nothing in backlit knows what a convolution is; its
gradient comes from the rules of those two.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import backlit as bl
from backlit import nn
from backlit.data import digits


def logits(params, X):
    """X (n, 8, 8) → (n, 10): convolution, ReLU, 2×2 maximum, dense."""
    K, c, W, b = params["K"], params["c"], params["W"], params["b"]
    windows = sliding_window_view(X, (3, 3), axis=(1, 2))  # (n, 6, 6, 3, 3)
    Z1 = np.einsum("nijab,abk->nijk", windows, K) + c
    H1 = np.maximum(Z1, 0)
    P = np.max(H1.reshape(len(X), 3, 2, 3, 2, -1), axis=(2, 4))
    return P.reshape(len(X), -1) @ W + b


def loss(params, X, y):
    return nn.softmax_cross_entropy(logits(params, X), y)


def start(seed=0, kernels=12):
    rng = np.random.default_rng(seed)
    return {
        "K": rng.normal(0, (2 / 9) ** 0.5, (3, 3, kernels)),
        "c": np.zeros(kernels),
        "W": rng.normal(0, (1 / (9 * kernels)) ** 0.5, (9 * kernels, 10)),
        "b": np.zeros(10),
    }


def main(epochs=15):
    """Derive, check, train; returns the held-out accuracy."""
    train, test = digits().split(seed=0)
    derivation = bl.derive(loss, start(kernels=2), train.images[:2], train.labels[:2])
    print(derivation, "\n")
    print(derivation.check(), "\n")
    fit = bl.fit(
        loss,
        start(),
        (train.images, train.labels),
        optimizer=bl.adam(lr=3e-3),
        batch_size=32,
        epochs=epochs,
    )
    right = np.argmax(logits(fit.params, test.images), axis=1) == test.labels
    print(
        f"loss {fit.history['loss'][0]:.3f} → {fit.history['loss'][-1]:.3f} in {fit.seconds:.1f} s"
    )
    print(f"{right.sum()} of {right.size} held-out digits right: {right.mean():.1%}")
    return right.mean()


if __name__ == "__main__":
    main()
