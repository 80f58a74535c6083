"""An attention layer in plain NumPy, softmax(Q Kᵀ/√d) V, over the 8 rows of a digit.

python examples/attention.py
"""

import numpy as np

import backlit as bl
from backlit import nn
from backlit.data import digits


def logits(params, X):
    """X (n, 8 rows, 8 pixels) → (n, 10): embed the rows, attend, flatten, dense."""
    p = params
    E = X @ p["We"] + p["place"]
    Q, K, V = E @ p["Wq"], E @ p["Wk"], E @ p["Wv"]
    A = nn.softmax(Q @ np.swapaxes(K, 1, 2) / K.shape[-1] ** 0.5)
    H = np.maximum(A @ V + E, 0)
    return H.reshape(len(X), -1) @ p["Wo"] + p["bo"]


def loss(params, X, y):
    return nn.softmax_cross_entropy(logits(params, X), y)


def start(seed=0, width=16):
    rng = np.random.default_rng(seed)

    def normal(rows, columns):
        return rng.normal(0, rows**-0.5, (rows, columns))

    return {
        "We": normal(8, width),
        "place": rng.normal(0, 0.1, (8, width)),
        "Wq": normal(width, width),
        "Wk": normal(width, width),
        "Wv": normal(width, width),
        "Wo": normal(8 * width, 10),
        "bo": np.zeros(10),
    }


def main(epochs=30):
    """Derive, check, train; returns the held-out accuracy."""
    train, test = digits().split(seed=0)
    derivation = bl.derive(loss, start(width=2), train.images[:2], train.labels[:2])
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
