"""The network of a table, and its training: Adam, a falling rate, the best of all epochs kept."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError
from ..optim import adamw, cosine_decay
from ..train import Fit, State, fit
from .target import Classes, Target

DECAY = 0.1  # of the weights: small tables are learnt by heart without it
ACTIVATION = "relu"  # of the hidden layers
_PATIENCE = 0.4  # of all epochs without a better validation loss: the rate has fallen, enough
_STEPS, _FEWEST, _MOST = 6000, 20, 200  # steps that a table usually needs; epochs, by default
_BATCHES = (32, 256)  # rows of a step: few for small tables, more where there are many rows
_PER_EPOCH = 100  # steps of an epoch, before the batch grows
_MOST_WEIGHTS = 50_000_000

Params = list[tuple[Any, Any]]


@dataclass(frozen=True)
class Recipe:
    """How a network is trained."""

    epochs: int
    batch: int
    rate: float
    seed: int

    @classmethod
    def usual(cls, rows: int, rate: float, seed: int, epochs: int | None, batch: int | None):
        """What is not given, by the number of rows."""
        few, many = _BATCHES
        batch = batch or min(max(2 ** round(math.log2(rows / _PER_EPOCH)), few), many)
        if epochs is None:
            epochs = min(max(_STEPS // math.ceil(rows / batch), _FEWEST), _MOST)
        return cls(epochs, batch, rate, seed)


@dataclass(frozen=True, eq=False)
class Learnt:
    """A trained network: the parameters of its best epoch."""

    params: Params
    best: int  # the epoch, from 1
    fit: Fit


def forward(params: Params, X: Any) -> Any:
    """Hidden layers with `ACTIVATION`, the last layer linear. Without hidden layers, all is."""
    return nn.mlp(params, X, activation=ACTIVATION)


def loss_of(target: Target) -> Callable[..., Any]:
    """Softmax cross-entropy for classes; the mean squared error for a quantity."""

    def classes(params, X, y):
        L = nn.softmax_cross_entropy(forward(params, X), y)
        return L

    def quantity(params, X, Y):
        L = nn.mse(forward(params, X), Y)
        return L

    return classes if isinstance(target, Classes) else quantity


def learn(
    target: Target, hidden: Sequence[int], training: Any, validation: Any, recipe: Recipe
) -> Learnt:
    """Train on rows (X, y); keep the parameters of the best epoch on the validation rows, if any.

    Raises InputError if the training diverges, KeyboardInterrupt at Ctrl-C.
    """
    X, _ = training
    sizes = [X.shape[1], *hidden, target.outputs]
    weights = sum(a * b for a, b in itertools.pairwise(sizes))
    if weights > _MOST_WEIGHTS:
        raise InputError(
            f"a network {'-'.join(map(str, sizes))} has {weights:,} weights; at most "
            f"{_MOST_WEIGHTS:,} fit into memory with all that trains them. Take narrower layers."
        )
    steps = recipe.epochs * math.ceil(len(X) / recipe.batch)
    best = _Best(math.ceil(_PATIENCE * recipe.epochs))
    done = fit(
        loss_of(target),
        nn.dense(sizes, seed=recipe.seed, dtype=np.float32),
        training,
        optimizer=adamw(cosine_decay(recipe.rate, steps=steps), weight_decay=DECAY),
        batch_size=recipe.batch,
        epochs=recipe.epochs,
        seed=recipe.seed,
        validation=validation,
        callbacks=[best] if validation is not None else [],
    )
    if done.stop_reason.kind == "interrupted":
        raise KeyboardInterrupt
    if done.stop_reason.kind == "diverged":
        raise InputError(f"the training {done.stop_reason}")
    if best.params is None:
        return Learnt(done.params, len(done.history["loss"]), done)
    return Learnt(best.params, best.epoch, done)


class _Best:
    """A callback that remembers the best epoch, and stops when no better one comes."""

    def __init__(self, patience: int) -> None:
        self.loss, self.epoch, self.patience = math.inf, 0, patience
        self.params: Params | None = None

    def __call__(self, state: State) -> bool:
        loss = state.history["validation_loss"][-1]
        if loss < self.loss:
            self.loss, self.epoch, self.params = loss, state.epoch, state.params
        return state.epoch - self.epoch >= self.patience
