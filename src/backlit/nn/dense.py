"""Dense networks of any depth."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from ..errors import InputError
from .activations import activation as function_of
from .activations import identity
from .initial import glorot_uniform


def dense(sizes: Sequence[int], *, seed: int = 0, init: Callable = glorot_uniform, dtype=float):
    """Parameters of a dense network: a list of (W, b), W of shape (fan_in, fan_out), b zeros.

    sizes: the widths from input to output. init: one of the initialisers, such as
    ``nn.he_normal``. Raises InputError for fewer than two widths, or one that is not whole or < 1.

    >>> [W.shape for W, b in dense([2, 3, 1])]
    [(2, 3), (3, 1)]
    """
    if len(sizes) < 2 or any(not isinstance(n, (int, np.integer)) or n < 1 for n in sizes):
        raise InputError(f"sizes={list(sizes)}, expected at least two whole widths ≥ 1")
    if not callable(init):
        raise InputError(f"init={init!r}, expected a function such as nn.he_normal")
    if not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"seed={seed!r}, expected a whole number ≥ 0")
    rng = np.random.default_rng(seed)
    return [
        (init(rng, fan_in, fan_out).astype(dtype), np.zeros(fan_out, dtype))
        for fan_in, fan_out in itertools.pairwise(sizes)
    ]


def mlp(params, X, *, activation=np.tanh, output=identity):
    """A dense network: H ← activation(H W + b) layer by layer, `output` on the last.

    X (n, fan_in) → (n, fan_out). `activation` and `output` are functions or names ("relu", see
    `nn.ACTIVATIONS`); `activation` may be a list, one for each hidden layer. Raises InputError if
    it has another length, or for a name that is not known.

    >>> mlp(dense([2, 3, 1], seed=0), np.ones((4, 2)), activation="relu").shape
    (4, 1)
    """
    hidden = len(params) - 1
    activations = (
        list(activation) if isinstance(activation, (list, tuple)) else [activation] * hidden
    )
    if len(activations) != hidden:
        raise InputError(f"{len(activations)} activations for {hidden} hidden layers")
    H = X
    functions = map(function_of, [*activations, output])
    for (W, b), function in zip(params, functions, strict=True):
        Z = H @ W + b
        H = function(Z)
    return H
