"""Heads: what stands at a network's end. A loss, and how its raw outputs become answers."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError
from ..nn.activations import ACTIVATIONS
from ..ops.index import one_hot
from .losses import OF_ANSWERS, OF_OUTPUTS

Named = str | Callable[..., Any]  # a name of the tables, or the user's function
OUTPUTS: dict[str, Callable[[Any], Any]] = {
    **ACTIVATIONS,
    "logistic": nn.sigmoid,
    "softmax": nn.softmax,
    "exp": np.exp,
}


@dataclass(frozen=True)
class Head:
    """The end of a network with raw outputs Z (n, outputs).

    kind: "quantity" with targets (n, outputs), numbers; "binary", one output with targets (n, 1),
    0 or 1; "classes", an output for each with targets (n,), class numbers; "labels", any of them
    at once, with targets (n, outputs), 0 or 1. loss_name: a name, or a function
    ``loss(prediction, target)`` with or without ``sample_weight``, of what the output activation
    gives; its targets of classes are rows of 0 and 1. quantiles: rising; an output for each.
    """

    kind: str
    loss_name: Named
    output: Named
    outputs: int
    quantiles: tuple[float, ...] = ()

    @property
    def named(self) -> bool:
        """Is it made of what backlit knows, without functions of the user?"""
        return isinstance(self.loss_name, str) and isinstance(self.output, str)

    def answer(self, Z):
        """What a prediction gives: quantities, or probabilities."""
        if len(self.quantiles) > 1:
            first, further = rising(self.outputs, Z.dtype)
            return Z @ first + nn.softplus(Z) @ further
        return output_function(self.output)(Z)

    def loss(self, Z, y, weight=None):
        """The mean loss of rows, weighted if `weight` (one number a row) is given."""
        if callable(self.loss_name):
            target = one_hot(y, classes=self.outputs) if self.kind == "classes" else y
            return _own(self.loss_name, self.answer(Z), target, weight)
        direct = OF_OUTPUTS.get((self.loss_name, self.output))
        if direct is not None:
            return direct(self, Z, y, weight)
        return OF_ANSWERS[self.loss_name](self, self.answer(Z), y, weight)

    def example(self, rows: int, rng: Any) -> Any:
        """Targets as a training has them, made up."""
        if self.kind == "classes":
            return np.arange(rows) % self.outputs
        columns = 1 if self.quantiles else self.outputs
        if self.kind == "quantity":
            return np.abs(rng.normal(size=(rows, columns)))
        return rng.randint(2, size=(rows, columns)).astype(float)


def rising(outputs: int, dtype: Any) -> tuple[Any, Any]:
    """Two matrices: Z A + softplus(Z) B = z₁, z₁ + softplus(z₂), … rises in every row.

    >>> [matrix.tolist() for matrix in rising(2, float)]
    [[[1.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]]
    """
    first = np.zeros((outputs, outputs), dtype)
    further = np.triu(np.ones((outputs, outputs), dtype))
    first[0], further[0] = 1, 0
    return first, further


def output_function(name: Named) -> Callable[[Any], Any]:
    """The output activation of a name."""
    return OUTPUTS[name] if isinstance(name, str) and name in OUTPUTS else nn.activation(name)


def _own(loss: Callable[..., Any], prediction: Any, target: Any, weight: Any) -> Any:
    """The user's loss, with weights if there are any."""
    if weight is None:
        return loss(prediction, target)
    if "sample_weight" not in inspect.signature(loss).parameters:
        raise InputError(
            f"the loss {getattr(loss, '__name__', loss)} takes no sample_weight: give it a third "
            "parameter of that name, or train without weights"
        )
    return loss(prediction, target, sample_weight=weight)
