"""`train`: a table in, a model and all that there is to say about it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..show import Derivation, derive
from . import score
from .cells import Cells
from .course import Course, Journal
from .model import FORMAT, About, Model, Scores, answers
from .network import ACTIVATION, Learnt, Recipe, learn, loss_of
from .prepare import Preparation
from .score import Score
from .split import split
from .table import Table
from .target import Choice, Classes, Target, choose, make, spellings
from .values import counted, label, shown

HIDDEN, RATE, HELD_OUT = (64, 32), 0.005, 0.2
MOST_HELD_OUT = 0.9
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
    held_out: int
    recipe: Recipe
    learnt: Learnt
    notes: list[str]  # what was unusual in the table
    derivation: Derivation  # of the loss on the first batch


def train(
    table: Table,
    target: str,
    *,
    hidden: Sequence[int] = HIDDEN,
    epochs: int | None = None,
    batch: int | None = None,
    rate: float = RATE,
    held_out: float = HELD_OUT,
    seed: int = 0,
    classify: bool | None = None,
    journal: Journal | None = None,
) -> Training:
    """Learn the column `target` from the others.

    hidden: widths of the hidden layers, none for a linear model. epochs and batch (rows of a step):
    by default what the number of rows asks for. rate: Adam's first learning rate, which falls to 0
    along a cosine. held_out: share of rows that only judge. seed: of the split, the initial
    weights and the order of rows. classify: True for classes, False for a quantity, None to decide
    by the column. journal: keeps how far the training is; one that was killed goes on from there,
    to the same model, bit for bit. Raises InputError for a table that nothing can be learnt from.
    Ctrl-C is a KeyboardInterrupt: there is no half-trained model.
    """
    if not 0 <= held_out <= MOST_HELD_OUT:
        raise InputError(f"held_out={held_out}, expected a share of 0 to {MOST_HELD_OUT}")
    choice = choose(table, target, classify)
    fitted, validating, drawn = parts(table, target, choice, held_out, seed)
    known = np.sort(np.concatenate([fitted, validating]))  # the rows that may be looked at
    if len(known) < _FEWEST_TO_TRAIN:
        raise InputError(
            f"{table.source}: {counted(len(known), 'row')} to train on, with {len(drawn)} held "
            f"out; at least {_FEWEST_TO_TRAIN} are needed. Hold out fewer."
        )
    preparation = Preparation.fit(table, known, target)
    cells = table[target]
    goal = make(choice, target, cells.take(known))
    X, notes = preparation.apply(table, np.concatenate([fitted, validating, drawn]))
    notes = [*(f"{shown(target)}: {note}" for note in spellings(goal)), *notes]

    def pairs(rows: Any, X: Any) -> tuple[Any, Any] | None:
        return (X, goal.encode(cells.take(rows))) if len(rows) else None

    def judged(params: Any) -> Score:
        return judge(goal, answers(goal, params, X[len(known) :]), truth)

    recipe = Recipe.usual(len(fitted), rate, seed, epochs, batch)
    training = pairs(fitted, X[: len(fitted)])
    validation = pairs(validating, X[len(fitted) : len(known)])
    truth = cells.take(drawn)

    def learnt_by(name: str, hidden: Sequence[int]) -> Learnt:
        course = Course(journal, name) if journal else None
        return learn(goal, hidden, training, validation, recipe, course)

    learnt = learnt_by("network", hidden)
    scores = None
    if len(drawn):
        linear = judged(learnt_by("linear model", ()).params) if hidden else None
        simplest = judge(goal, constant(goal, len(drawn)), truth)
        scores = Scores(judged(learnt.params), linear, simplest)
    widths = (preparation.width, *hidden, goal.outputs)
    about = About(
        FORMAT, preparation, goal, widths, ACTIVATION, seed, len(known), learnt.best, scores
    )
    first = [x[: recipe.batch].astype(float if x.dtype.kind == "f" else int) for x in training]
    exact = [(W.astype(float), b.astype(float)) for W, b in learnt.params]
    return Training(
        Model(about, learnt.params), table, choice, len(validating), len(drawn), recipe, learnt,
        notes, derive(loss_of(goal), exact, *first),
    )  # fmt: skip


def judge(target: Target, answered: Any, truth: Cells) -> Score:
    """The score of answers (as `Model.predict` gives them) against the cells of a table."""
    if isinstance(target, Classes):
        return score.accuracy(target.encode(truth), np.argmax(answered, axis=1))
    return score.error(truth.numbers(), answered)


def constant(target: Target, rows: int) -> Any:
    """The answers that need no learning: the most frequent class, or the mean."""
    if isinstance(target, Classes):
        return np.tile(np.eye(target.outputs)[target.most_frequent], (rows, 1))
    return np.full(rows, target.mean)


def parts(table: Table, target: str, choice: Choice, share: float, seed: int) -> tuple[Any, ...]:
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
    enough = len(stay) >= _FEWEST_FOR_VALIDATION
    deciding = min(_VALIDATION, _MOST_VALIDATING / len(stay)) if enough else 0.0
    kept, chosen = split(groups[stay], deciding, rng)
    return rows[stay[kept]], rows[stay[chosen]], rows[drawn]
