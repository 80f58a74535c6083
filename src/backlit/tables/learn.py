"""`train`: a table in, a model and all that there is to say about it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..estimators.design import objective
from ..show import Derivation, derive
from . import score
from .cells import Cells
from .course import Course, Journal
from .model import FORMAT, About, Model, Scores, answers
from .network import Learnt, design_of, learn
from .prepare import Preparation
from .score import Score
from .settings import Settings
from .split import split
from .table import Table
from .target import Choice, Classes, Target, choose, column_of, make, spellings
from .values import counted, label, shown
from .weights import weights_of

_FEWEST_TO_TRAIN = 5
_VALIDATION = 0.1  # of the training rows decide which epoch was best …
_MOST_VALIDATING = 25_000  # … which so many tell as well as more …
_FEWEST_FOR_VALIDATION = 50  # … unless there are fewer than these


@dataclass(frozen=True, eq=False)
class Training:
    """A model, and how it came about."""

    model: Model
    table: Table
    choice: Choice
    validation: int  # rows that decide which epoch was best
    elsewhere: str  # the table that these are of, if it is another one
    learnt: Learnt
    answered: Any  # by the network for the held-out rows
    truth: Any  # class numbers, or a quantity, of these rows
    notes: list[str]  # what was unusual in the table
    derivation: Derivation  # of the loss on the first batch

    @property
    def held_out(self) -> int:
        """Rows that only judge."""
        return len(self.truth)


def train(
    table: Table,
    target: str,
    *,
    classify: bool | None = None,
    validation: Table | None = None,
    journal: Journal | None = None,
    threads: int | None = None,
    **settings: Any,
) -> Training:
    """Learn the column `target` from the others.

    classify: True for classes, False for a quantity, None to decide by the column. validation: a
    table whose rows decide which epoch was best; otherwise a tenth of the rows do. journal: keeps
    how far the training is; one that was killed goes on from there, to the same model, bit for bit.
    threads: of the player; the result is the same for any number. settings: see `Settings`.

    Raises InputError for a table that nothing can be learnt from, and for settings that do not fit.
    Ctrl-C is a KeyboardInterrupt: there is no half-trained model.
    """
    asked = Settings.of(**settings)
    choice = choose(table, target, classify)
    fitted, validating, drawn = parts(
        table, target, choice, asked.held_out, asked.seed, deciding=validation is None
    )
    known = np.sort(np.concatenate([fitted, validating]))  # the rows that may be looked at
    if len(known) < _FEWEST_TO_TRAIN:
        raise InputError(
            f"{table.source}: {counted(len(known), 'row')} to train on, with {len(drawn)} held "
            f"out; at least {_FEWEST_TO_TRAIN} are needed. Hold out fewer."
        )
    chosen = asked.complete(len(fitted), classify=choice.classify)
    preparation = Preparation.fit(table, known, target, _weights_column(table, chosen))
    cells = table[target]
    goal = make(choice, target, cells.take(known), chosen.loss == "poisson")
    X, notes = preparation.apply(table, np.concatenate([fitted, validating, drawn]))
    notes = [*(f"{shown(target)}: {note}" for note in spellings(goal)), *notes]

    def data(table: Table, rows: Any, X: Any) -> list[Any] | None:
        if not len(rows):
            return None
        y = goal.encode(table[target].take(rows))
        weights = weights_of(table, rows, chosen, goal, y)
        return [X, y] if weights is None else [X, y, weights]

    training = data(table, fitted, X[: len(fitted)])
    deciding = data(table, validating, X[len(fitted) : len(known)])
    if validation is not None:
        validating = answerable(goal, column_of(validation, target), validation.source)
        others, unusual = preparation.apply(validation, validating)
        deciding = data(validation, validating, others)
        notes += [f"{validation.source}: {note}" for note in unusual]
    truth = cells.take(drawn)

    def learnt_by(name: str, settings: Settings) -> tuple[Learnt, Any]:
        course = Course(journal, name) if journal else None
        design = design_of(settings, goal, preparation.width)
        learnt = learn(design, training or [], deciding, settings, course, threads)
        return learnt, answers(design, goal, learnt.params, X[len(known) :])

    learnt, answered = learnt_by("network", chosen)
    scores = None
    if len(drawn):
        linear = learnt_by("linear model", chosen.linear)[1] if chosen.hidden else None
        scores = Scores(
            judge(goal, answered, truth, chosen.quantiles),
            None if linear is None else judge(goal, linear, truth, chosen.quantiles),
            judge(goal, constant(goal, len(drawn)), truth),
            score.coverage(chosen.quantiles, truth.numbers(), answered) if chosen.quantiles else (),
        )
    about = About(FORMAT, preparation, goal, chosen, len(known), learnt.best, scores)
    first = [
        x[: chosen.batch].astype(float if x.dtype.kind == "f" else int) for x in training or []
    ]
    exact = [(W.astype(float), b.astype(float)) for W, b in learnt.params]
    return Training(
        Model(about, learnt.params), table, choice, len(validating),
        validation.source if validation else "", learnt, answered, known_answers(goal, truth),
        notes, derive(objective(about.design), exact, *first),
    )  # fmt: skip


def _weights_column(table: Table, settings: Settings) -> str | None:
    """The column of weights; an InputError with the nearest name if there is none."""
    if settings.weights is not None:
        column_of(table, settings.weights)
    return settings.weights


def known_answers(target: Target, cells: Cells) -> Any:
    """Class numbers, or a quantity in its units."""
    return target.encode(cells) if isinstance(target, Classes) else cells.numbers()


def answerable(target: Target, cells: Cells, source: str) -> Any:
    """The places of the rows whose known answer the model can give; at least one."""
    found = known_answers(target, cells)
    usable = found >= 0 if isinstance(target, Classes) else ~np.isnan(found)
    given = ~cells.missing()
    rows = np.flatnonzero(given & usable)
    if not len(rows):
        unknown = cells.take(given).texts().counts()
        like = f", such as {shown(next(iter(unknown)))!r}" if unknown else ""
        raise InputError(
            f"{source}: no row has a known {target.name!r} that the model can answer{like}."
        )
    return rows


def judge(target: Target, answered: Any, truth: Cells, quantiles: Sequence[float] = ()) -> Score:
    """The score of answers (as `Model.predict` gives them) against the cells of a table.

    Of several quantiles the middle one is judged.
    """
    if isinstance(target, Classes):
        return score.accuracy(target.encode(truth), np.argmax(answered, axis=1))
    return score.error(truth.numbers(), score.middle(quantiles, answered))


def constant(target: Target, rows: int) -> Any:
    """The answers that need no learning: the most frequent class, or the mean."""
    if isinstance(target, Classes):
        return np.tile(np.eye(target.outputs)[target.most_frequent], (rows, 1))
    return np.full(rows, target.mean)


def parts(
    table: Table, target: str, choice: Choice, share: float, seed: int, *, deciding: bool = True
) -> tuple[Any, ...]:
    """The rows to fit, to choose the epoch by and to judge by; classes in each by their share."""
    rows = choice.rows
    groups = np.zeros(len(rows), int)
    if choice.classify:
        texts = table[target].take(rows).texts()
        names = sorted({label(text) for text in texts.words.texts})
        places = {name: i for i, name in enumerate(names)}
        groups = texts.each(lambda text: places[label(text)])
    rng = np.random.default_rng(seed)
    stay, drawn = split(groups, share, rng)
    enough = deciding and len(stay) >= _FEWEST_FOR_VALIDATION
    some = min(_VALIDATION, _MOST_VALIDATING / len(stay)) if enough else 0.0
    kept, chosen = split(groups[stay], some, rng)
    return rows[stay[kept]], rows[stay[chosen]], rows[drawn]
