"""`evaluate`: a model against a table whose answers are known."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .learn import answerable, constant, judge
from .model import Model
from .report import comparison, covered, page
from .score import Accuracy, Below, Score, coverage
from .table import Table
from .target import Classes, Target, column_of
from .values import counted, several, shown

_MOST_CONFUSIONS = 10  # classes; of more, those that are found least often
_LONGEST = 12  # characters of a class in the table of confusions


@dataclass(frozen=True, eq=False)
class Judgement:
    """How a model did on a table."""

    target: Target
    table: Table
    network: Score
    constant: Score  # the most frequent class, or the mean, of the training rows
    coverage: tuple[Below, ...]  # of each quantile, if there are any
    confusions: Any  # (classes, classes): rows of a class that were taken for another; or None
    without: int  # rows whose answer is missing
    unknown: Counter[str]  # answers that the model cannot give, and in how many rows
    notes: list[str]


def evaluate(model: Model, table: Table) -> Judgement:
    """Predict the rows whose answer is known, and compare. Raises InputError if there are none."""
    target = model.about.target
    column_of(table, target.name)
    answered, notes = model.predict(table)
    return compare(target, table, answered, model.about.settings.quantiles, notes)


def compare(
    target: Target, table: Table, answered: Any, quantiles: Sequence[float], notes: list[str]
) -> Judgement:
    """Answers as `Model.predict` gives them for all rows, against the known ones of the table."""
    cells = column_of(table, target.name)
    rows = answerable(target, cells, table.source)
    given = ~cells.missing()
    others = given.copy()
    others[rows] = False
    truth, answered, confusions = cells.take(rows), answered[rows], None
    if isinstance(target, Classes):
        predicted = np.argmax(answered, axis=1)
        confusions = confused(target.outputs, target.encode(truth), predicted)
    return Judgement(
        target, table,
        judge(target, answered, truth, quantiles),
        judge(target, constant(target, len(rows)), truth),
        coverage(quantiles, truth.numbers(), answered) if quantiles else (),
        confusions, len(cells) - int(np.count_nonzero(given)),
        cells.take(others).texts().counts(), notes,
    )  # fmt: skip


def confused(classes: int, truth: Any, predicted: Any) -> Any:
    """How many rows of each class (a row) were taken for each (a column)."""
    found = np.zeros((classes, classes), int)
    np.add.at(found, (truth, predicted), 1)
    return found


def judgement_report(judgement: Judgement) -> str:
    """Rows, score beside the constant answer, confusions."""
    target, network = judgement.target, judgement.network
    scores = {"network": network, network.simplest: judgement.constant}
    if isinstance(network, Accuracy):
        more = _recalls(target, judgement.confusions)
    else:
        more = [f"mean absolute error {network.mae:.4g}", *covered(judgement.coverage)]
    return page(
        (
            "Table",
            [f"{judgement.table.source}: {counted(len(judgement.table), 'row')}"]
            + _left_out(judgement),
        ),
        ("Unusual", judgement.notes),
        ("Score", [*comparison(f"of {counted(network.rows, 'row')}", scores), *more]),
    )


def _left_out(judgement: Judgement) -> list[str]:
    lines = []
    if judgement.without:
        lines.append(f"left out, without an answer: {counted(judgement.without, 'row')}")
    if judgement.unknown:
        different = several([repr(shown(text)) for text in judgement.unknown])
        count = counted(judgement.unknown.total(), "row")
        lines.append(f"left out, an answer that the model has not: {count}, {different}")
    return lines


def _recalls(target: Classes, confusions: Any) -> list[str]:
    """Every confusion of few classes; of many, the classes that are found least often."""
    names = [shown(name, _LONGEST) for name in target.classes]
    rows, right = confusions.sum(axis=1), np.diag(confusions)
    if len(names) <= _MOST_CONFUSIONS:
        wide = max(len(name) for name in [*names, f"{confusions.max():,}"]) + 2
        table = [f"{'':<{wide}}" + "".join(f"{name:>{wide}}" for name in names)]
        for name, counts in zip(names, confusions, strict=True):
            table.append(f"{name:<{wide}}" + "".join(f"{count:>{wide},}" for count in counts))
        return ["a row for each class, a column for each prediction", *(f"  {x}" for x in table)]
    there = np.flatnonzero(rows)
    worst = there[np.argsort(right[there] / rows[there], kind="stable")][:_MOST_CONFUSIONS]
    found = [f"{names[i]} {right[i]:,} of {rows[i]:,}" for i in worst]
    return [f"right least often: {', '.join(found)}"]
