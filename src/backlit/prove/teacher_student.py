"""Proof that backpropagation works: a network learns what another one computes.

A teacher with random weights makes a data set. A student of another depth and other widths, which
knows nothing but the examples, learns it, and is judged on rows that it has never seen.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import nn
from ..errors import InputError
from ..optim import adam, cosine_decay
from ..train import StopReason, fit
from . import statistics
from .statistics import Estimate

GOOD = 0.99  # held-out R² of a student that has learnt its teacher
NONLINEAR = 0.9  # a linear model must stay below this R², or the teacher proves nothing
SHARE = 0.9  # of the students must be good


@dataclass(frozen=True)
class Score:
    """How well one model predicts the held-out rows."""

    r2: float  # 1 − Σ(y − ŷ)² / Σ(y − ȳ)²
    loss: float  # mean squared error of the standardised targets


@dataclass(frozen=True, eq=False)
class Trial:
    """One teacher and its student, both as functions of rows, and the held-out scores."""

    teacher: Callable[[Any], Any]  # (n, inputs) → (n, outputs), standardised
    learned: Callable[[Any], Any]
    student: Score
    linear: Score  # least squares
    constant: Score  # the mean of the training targets
    history: dict[str, list[float]]
    stop_reason: StopReason
    seconds: float


@dataclass(frozen=True, eq=False)
class Proof:
    """The trials and what follows from them. ``bool(proof)`` is whether the claim was shown."""

    teacher: tuple[int, ...]
    student: tuple[int, ...]
    trials: tuple[Trial, ...]

    def __bool__(self) -> bool:
        return self.learned >= math.ceil(SHARE * len(self.trials)) and self.nonlinear

    @property
    def learned(self) -> int:
        """The number of students with a held-out R² of 0.99 or more."""
        return sum(trial.student.r2 >= GOOD for trial in self.trials)

    @property
    def nonlinear(self) -> bool:
        """Did the linear model stay below R² = 0.9 in every trial?"""
        return all(trial.linear.r2 < NONLINEAR for trial in self.trials)

    @property
    def success(self) -> Estimate:
        """The share of students that learnt their teacher, with Wilson's interval."""
        return statistics.share(self.learned, len(self.trials))

    def mean(self, model: str, figure: str = "r2") -> Estimate:
        """The mean over trials of a model's figure: ``proof.mean("student", "loss")``."""
        return statistics.mean([getattr(getattr(t, model), figure) for t in self.trials])

    def __str__(self) -> str:
        highest = max(trial.linear.r2 for trial in self.trials)
        shown = "Shown" if self else "NOT shown"
        text = (
            f"{shown}: {self.learned} of {len(self.trials)} students (share {self.success}) reach "
            f"a held-out R² of {GOOD} or more; the best linear model reaches {highest:.2f}."
        )
        if not self.nonlinear:
            text += f" A teacher that a line follows to {NONLINEAR} or more proves nothing: "
            text += "take a larger gain, more hidden layers or another activation."
        elif not self:
            text += f" The claim asks for {SHARE:.0%} of the students: more rows, epochs or units?"
        return text


def teacher_student(
    *,
    teacher: Sequence[int] = (2, 8, 8, 1),
    student: Sequence[int] = (2, 32, 32, 32, 1),
    activation: Callable[[Any], Any] = np.tanh,
    gain: float = 3.0,
    trials: int = 20,
    seed: int = 0,
    rows: int = 4000,
    epochs: int = 60,
    batch_size: int = 64,
    lr: float = 0.01,
    report: Callable[[Trial], Any] = lambda trial: None,
) -> Proof:
    """Let `trials` students each learn its own random teacher.

    teacher, student: widths from input to output; depth and widths must differ. The teacher's
    weights are N(0, gain²/fan_in) and its biases N(0, 1); no teacher is drawn again. Inputs are
    N(0, I), targets the teacher's outputs, standardised. Each student is trained on `rows` rows by
    Adam, its rate falling from `lr` to 0 along a cosine, in float32, and judged on half as many
    rows that are held out. `report` is called with each finished Trial. Raises InputError for
    settings that cannot be used. The same seed gives the same proof.

    >>> proof = teacher_student(teacher=[1, 3, 1], student=[1, 8, 8, 1], trials=2, rows=200,
    ...                         epochs=20)
    >>> len(proof.trials), proof.trials[0].constant.r2 < 0.01
    (2, True)
    """
    teacher, student = tuple(teacher), tuple(student)
    _check_settings(teacher, student, gain, lr, trials, seed, rows)
    done = []
    for i in range(trials):
        rng = np.random.default_rng([seed, i])
        target = _Teacher(rng, teacher, activation, gain, rows)
        done.append(_trial(rng, target, student, activation, rows, epochs, batch_size, lr))
        report(done[-1])
    return Proof(teacher, student, tuple(done))


class _Teacher:
    """A network with random weights, its outputs standardised on the training rows."""

    def __init__(self, rng, sizes, activation, gain, rows) -> None:
        self.params = [
            (rng.normal(0, gain / math.sqrt(fan_in), (fan_in, fan_out)), rng.normal(size=fan_out))
            for fan_in, fan_out in itertools.pairwise(sizes)
        ]
        self.activation = activation
        self.X = rng.normal(size=(rows + rows // 2, sizes[0]))
        raw = nn.mlp(self.params, self.X[:rows], activation=activation)
        self.mean, self.scale = np.mean(raw, axis=0), np.std(raw, axis=0)
        if not np.all(self.scale > 0):
            raise InputError(
                "a teacher was drawn that answers the same for every row: there is nothing to "
                "learn. Take another seed, wider layers or another activation."
            )

    def __call__(self, X: Any) -> Any:
        return (nn.mlp(self.params, X, activation=self.activation) - self.mean) / self.scale


def _trial(rng, teacher, student, activation, rows, epochs, batch_size, lr) -> Trial:
    X, Y = teacher.X, teacher(teacher.X)

    def loss(params, X, Y):
        return nn.mse(nn.mlp(params, X, activation=activation), Y)

    init_seed, order_seed = (int(n) for n in rng.integers(2**31, size=2))
    steps = max(epochs * math.ceil(rows / batch_size), 1)
    trained = fit(
        loss,
        nn.dense(student, seed=init_seed, dtype=np.float32),
        (X[:rows], Y[:rows]),
        optimizer=adam(cosine_decay(lr, steps=steps)),
        batch_size=batch_size,
        epochs=epochs,
        seed=order_seed,
    )

    def learned(X: Any) -> Any:
        return nn.mlp(trained.params, X, activation=activation)

    held_out, truth = X[rows:], Y[rows:]
    return Trial(
        teacher,
        learned,
        student=_score(truth, learned(held_out)),
        linear=_score(truth, _affine(held_out) @ np.linalg.lstsq(_affine(X[:rows]), Y[:rows])[0]),
        constant=_score(truth, np.mean(Y[:rows], axis=0)),
        history=trained.history,
        stop_reason=trained.stop_reason,
        seconds=trained.seconds,
    )


def _affine(X: Any) -> Any:
    return np.column_stack([X, np.ones(len(X))])


def _score(truth: Any, prediction: Any) -> Score:
    squares = (truth - prediction) ** 2
    spread = np.sum((truth - np.mean(truth, axis=0)) ** 2)
    return Score(float(1 - np.sum(squares) / spread), float(np.mean(squares)))


def _check_settings(teacher, student, gain, lr, trials, seed, rows) -> None:
    for name, sizes in (("teacher", teacher), ("student", student)):
        if len(sizes) < 2 or any(not isinstance(n, int) or n < 1 for n in sizes):
            raise InputError(f"{name}={sizes}, expected whole widths ≥ 1 from input to output")
    if (teacher[0], teacher[-1]) != (student[0], student[-1]):
        raise InputError(
            f"the teacher has {teacher[0]} inputs and {teacher[-1]} outputs, the student "
            f"{student[0]} and {student[-1]}: they must agree"
        )
    if len(teacher) == len(student) or set(teacher[1:-1]) & set(student[1:-1]):
        raise InputError(
            f"teacher {'-'.join(map(str, teacher))} and student {'-'.join(map(str, student))} are "
            "too alike: the proof asks for another depth and other widths of the hidden layers"
        )
    if not 0 < gain < math.inf:
        raise InputError(f"gain={gain}, expected a number > 0")
    if not 0 <= lr < math.inf:
        raise InputError(f"lr={lr}, expected a number ≥ 0")
    for name, value, least in (("trials", trials, 1), ("seed", seed, 0), ("rows", rows, 4)):
        if not isinstance(value, int) or value < least:
            raise InputError(f"{name}={value!r}, expected a whole number ≥ {least}")
