"""A recurrent network in plain NumPy: it reads the 8 rows of a digit one after the other.

    python examples/recurrent.py

The loop over time is a Python loop; it is traced as eight steps that share their weights, so the
gradient of a weight is the sum over the steps: backpropagation through time, without the name.
"""

import numpy as np

import backlit as bl
from backlit import nn
from backlit.data import digits


def logits(params, X):
    """X (n, 8 steps, 8 inputs) → (n, 10): state h ← tanh(x Wx + h Wh + b), read out at the end."""
    Wx, Wh, b, Wo, bo = (params[name] for name in ("Wx", "Wh", "b", "Wo", "bo"))
    h = np.zeros((len(X), len(b)))
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ Wx + h @ Wh + b)
    return h @ Wo + bo


def loss(params, X, y):
    return nn.softmax_cross_entropy(logits(params, X), y)


def start(seed=0, width=48):
    rng = np.random.default_rng(seed)
    return {
        "Wx": rng.normal(0, 8**-0.5, (8, width)),
        "Wh": rng.normal(0, width**-0.5, (width, width)),
        "b": np.zeros(width),
        "Wo": rng.normal(0, width**-0.5, (width, 10)),
        "bo": np.zeros(10),
    }


def main(epochs=30):
    """Derive, check, train; returns the held-out accuracy."""
    train, test = digits().split(seed=0)
    two_steps = train.images[:2, 3:5]
    derivation = bl.derive(loss, start(width=2), two_steps, train.labels[:2])
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
