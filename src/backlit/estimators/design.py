"""A dense network as a value: its widths, activations, dropout, head and decay; and its loss."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError
from .heads import Head, Named, output_function

Params = list[tuple[Any, Any]]  # (W, b) of each layer


@dataclass(frozen=True)
class Design:
    """All that the equations of a training depend on, but the data's shapes and the optimiser.

    widths: from input to output. activations and dropout: of each hidden layer. alpha: the decay
    of weights, α/2 Σ W² / (weight of the batch), as scikit-learn has it; biases do not decay.
    """

    widths: tuple[int, ...]
    activations: tuple[Named, ...]
    dropout: tuple[float, ...]
    head: Head
    alpha: float

    def __post_init__(self) -> None:
        for name in self.activations:
            output_function(name)  # raises for one that is not known
        for rate in self.dropout:
            if not 0 <= rate < 1:
                raise InputError(f"dropout={rate}, expected numbers in [0, 1)")

    @property
    def named(self) -> bool:
        """Is it made of what backlit knows, without functions of the user?"""
        return self.head.named and all(isinstance(f, str) for f in self.activations)

    def hidden(self, params: Params, X: Any) -> list[Any]:
        """The activations of each hidden layer."""
        H, found = X, []
        layers = zip(params, self.activations, self.dropout, strict=False)
        for (W, b), name, rate in layers:
            Z = H @ W + b
            H = output_function(name)(Z)
            if rate:
                H = nn.dropout(H, rate)
            found.append(H)
        return found

    def last_hidden(self, params: Params, X: Any) -> Any:
        """The activations before the last layer; X itself where it is the only one."""
        return [X, *self.hidden(params, X)][-1]

    def raw(self, params: Params, X: Any) -> Any:
        """The outputs before the output activation."""
        H = self.last_hidden(params, X)
        W, b = params[-1]
        Z = H @ W + b
        return Z

    def answer(self, params: Params, X: Any) -> Any:
        """What a prediction gives: quantities, or probabilities."""
        return self.head.answer(self.raw(params, X))

    def weights(self, params: Params) -> list[Any]:
        """The parameters that decay."""
        return [W for W, _ in params]


def objective(design: Any) -> Callable[..., Any]:
    """What is minimised: loss(params, X, y) or loss(params, X, y, weight), traced by the loop."""

    def loss(params, X, y, weight=None):
        Z = design.raw(params, X)
        L = design.head.loss(Z, y, weight)
        if design.alpha:
            squares = sum(np.sum(W * W) for W in design.weights(params))
            L = L + 0.5 * design.alpha / _total(X, weight) * squares
        return L

    return loss


def _total(X: Any, weight: Any) -> Any:
    """The weight of a batch: of all rows together."""
    if weight is None:
        return np.shape(X)[0]
    total = np.sum(weight)
    return np.where(total > 0, total, 1)
