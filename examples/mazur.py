"""Matt Mazur's "A Step by Step Backpropagation Example" (2015): 2-2-2, sigmoid, one row.

    backlit derive examples/mazur.py:loss --numbers --digits 9 --rate 0.5

His w1 … w8 are the entries of W1 and W2, column by column, because backlit writes rows of
examples times matrices: Z = X W + b. His biases are one number for each layer.
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(params, X, T, b1, b2):
    """E = ½ Σ (target − output)²; the biases are not trained in his text."""
    W1, W2 = params
    H = sigmoid(X @ W1 + b1)
    Out = sigmoid(H @ W2 + b2)
    E = np.sum((T - Out) ** 2) / 2
    return E


W1 = np.array([[0.15, 0.25], [0.20, 0.30]])
W2 = np.array([[0.40, 0.50], [0.45, 0.55]])
X = np.array([[0.05, 0.10]])
T = np.array([[0.01, 0.99]])
b1, b2 = np.array(0.35), np.array(0.60)

example = ([W1, W2], X, T, b1, b2)

if __name__ == "__main__":
    import backlit as bl

    print(bl.derive(loss, *example).numbers(digits=9, rate=0.5))
