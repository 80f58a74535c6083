"""The network of a table, and its training: the settings' optimiser, the best epoch kept."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError
from ..estimators.design import Design, objective
from ..estimators.heads import Head
from ..train import Fit, fit
from .course import Best, Course, Params
from .settings import Settings
from .target import Classes, Target

_MOST_WEIGHTS = 50_000_000


@dataclass(frozen=True, eq=False)
class Learnt:
    """A trained network: the parameters of its best epoch."""

    params: Params
    best: int  # the epoch, from 1
    fit: Fit


def design_of(settings: Settings, target: Target, inputs: int) -> Design:
    """Its equations: hidden layers, the head of its loss; the optimiser decays the weights."""
    head = head_of(settings, target)
    widths = (inputs, *settings.hidden, head.outputs)
    return Design(widths, settings.activation, settings.dropout, head, 0.0)


def head_of(settings: Settings, target: Target) -> Head:
    """Softmax cross-entropy for classes; for a quantity what the settings say.

    A squared error is the mean of squares, not half of it: the loss is then what it is called.
    """
    if isinstance(target, Classes):
        return Head("classes", "log_loss", "softmax", target.outputs)
    loss = nn.mse if settings.loss == "squared_error" else settings.loss or ""
    output = "exp" if target.positive else "identity"
    return Head("quantity", loss, output, len(settings.quantiles) or 1, settings.quantiles)


def learn(
    design: Design, training: Sequence[Any], validation: Sequence[Any] | None, settings: Settings,
    course: Course | None = None, threads: int | None = None,
) -> Learnt:  # fmt: skip
    """Train on rows (X, y), or (X, y, weight); keep the best epoch on validation rows, if any.

    What a course has kept of this training is not done again; the rest is the same, bit for bit.
    Raises InputError if the training diverges, KeyboardInterrupt at Ctrl-C.
    """
    if not settings.epochs or not settings.batch or not settings.patience:
        raise InputError("the settings of a training must be complete")
    params = settings.first(_affordable(design.widths), np.float32)
    best = Best(settings.patience)
    callbacks: list[Any] = [best] if validation is not None else []
    begin, ended = None, 0
    if course:
        words = {"widths": _dashed(design.widths), **settings.words()}
        begin = course.begin(words, [*training, *(validation or ())], params, best)
        callbacks.append(course.keep)
    if begin:
        ended = begin.epoch
    waited = validation is not None and best.waited(ended)
    done = fit(
        objective(design),
        params,
        tuple(training),
        optimizer=settings.optimiser(
            settings.epochs * math.ceil(len(training[0]) / settings.batch)
        ),
        batch_size=settings.batch,
        epochs=0 if waited else settings.epochs - ended,
        seed=settings.seed,
        n_threads=threads,
        validation=None if validation is None else tuple(validation),
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


def _affordable(widths: tuple[int, ...]) -> tuple[int, ...]:
    """The widths of a network, if it fits into memory."""
    weights = sum(a * b for a, b in itertools.pairwise(widths))
    if weights > _MOST_WEIGHTS:
        raise InputError(
            f"a network {_dashed(widths)} has {weights:,} weights; at most "
            f"{_MOST_WEIGHTS:,} fit into memory with all that trains them. Take narrower layers."
        )
    return widths


def _dashed(widths: Sequence[int]) -> str:
    return "-".join(map(str, widths))
