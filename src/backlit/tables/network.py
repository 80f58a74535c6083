"""The network of a table, and its training: Adam, a falling rate, the best of all epochs kept."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError
from ..optim import adamw, cosine_decay
from ..train import Fit, fit
from .course import Best, Course, Params
from .target import Classes, Target

DECAY = 0.1  # of the weights: small tables are learnt by heart without it
ACTIVATION = "relu"  # of the hidden layers
_PATIENCE = 0.4  # of all epochs without a better validation loss: the rate has fallen, enough
_STEPS, _FEWEST, _MOST = 6000, 20, 200  # steps that a table usually needs; epochs, by default
_BATCHES = (32, 256)  # rows of a step: few for small tables, more where there are many rows
_PER_EPOCH = 100  # steps of an epoch, before the batch grows
_MOST_WEIGHTS = 50_000_000


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

    def words(self) -> dict[str, str]:
        """What it says, by name."""
        return {name: str(value) for name, value in asdict(self).items()}


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
    target: Target, hidden: Sequence[int], training: Any, validation: Any, recipe: Recipe,
    course: Course | None = None,
) -> Learnt:  # fmt: skip
    """Train on rows (X, y); keep the parameters of the best epoch on the validation rows, if any.

    What a course has kept of this training is not done again; the rest is the same, bit for bit.
    Raises InputError if the training diverges, KeyboardInterrupt at Ctrl-C.
    """
    rows, inputs = training[0].shape
    sizes = _sizes(inputs, *hidden, target.outputs)
    params = nn.dense(sizes, seed=recipe.seed, dtype=np.float32)
    best = Best(math.ceil(_PATIENCE * recipe.epochs))
    callbacks: list[Any] = [best] if validation is not None else []
    begin, ended = None, 0
    if course:
        settings = {"widths": "-".join(map(str, sizes)), **recipe.words()}
        begin = course.begin(settings, [*training, *(validation or ())], params, best)
        callbacks.append(course.keep)
    if begin:
        ended = begin.epoch
    waited = validation is not None and best.waited(ended)
    done = fit(
        loss_of(target),
        params,
        training,
        optimizer=adamw(
            cosine_decay(recipe.rate, steps=recipe.epochs * math.ceil(rows / recipe.batch)),
            weight_decay=DECAY,
        ),
        batch_size=recipe.batch,
        epochs=0 if waited else recipe.epochs - ended,
        seed=recipe.seed,
        validation=validation,
        callbacks=callbacks,
        start=begin,
    )
    if done.stop_reason.kind == "interrupted":
        raise KeyboardInterrupt
    if done.stop_reason.kind == "diverged":
        raise InputError(f"the training {done.stop_reason}")
    if course and done.position and done.position.epoch > ended:
        course.save(done.position)
    if waited:
        done = replace(done, stop_reason=replace(done.stop_reason, kind="callback"))
    if best.params is None:
        return Learnt(done.params, len(done.history["loss"]), done)
    return Learnt(best.params, best.epoch, done)


def _sizes(*sizes: int) -> tuple[int, ...]:
    """The widths of a network, if it fits into memory."""
    weights = sum(a * b for a, b in itertools.pairwise(sizes))
    if weights > _MOST_WEIGHTS:
        raise InputError(
            f"a network {'-'.join(map(str, sizes))} has {weights:,} weights; at most "
            f"{_MOST_WEIGHTS:,} fit into memory with all that trains them. Take narrower layers."
        )
    return sizes
