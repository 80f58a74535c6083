"""`evaluate`: a model against a table whose answers are known."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from .learn import constant, judge
from .model import Model
from .report import comparison, page
from .score import Accuracy, Score
from .table import Table
from .target import Classes, column_of
from .values import counted, several, shown

_MOST_CONFUSIONS = 10  # classes; of more, those that are found least often
_LONGEST = 12  # characters of a class in the table of confusions


@dataclass(frozen=True, eq=False)
class Judgement:
    """How a model did on a table."""

    model: Model
    table: Table
    network: Score
    constant: Score  # the most frequent class, or the mean, of the training rows
    confusions: Any  # (classes, classes): rows of a class that were taken for another; or None
    without: int  # rows whose answer is missing
    unknown: Counter[str]  # answers that the model cannot give, and in how many rows
    notes: list[str]


def evaluate(model: Model, table: Table) -> Judgement:
    """Predict the rows whose answer is known, and compare. Raises InputError if there are none."""
    target = model.about.target
    cells = column_of(table, target.name)
    answered, notes = model.predict(table)
    given = ~cells.missing()
    if isinstance(target, Classes):
        usable = given & (target.encode(cells) >= 0)
    else:
        usable = given & ~np.isnan(cells.numbers())
    rows = np.flatnonzero(usable)
    unknown = cells.take(given & ~usable).texts().counts()
    if not len(rows):
        like = f", such as {shown(next(iter(unknown)))!r}" if unknown else ""
        raise InputError(
            f"{table.source}: no row has a known {target.name!r} that the model can answer{like}."
        )
    truth, confusions = cells.take(rows), None
    if isinstance(target, Classes):
        confusions = np.zeros((target.outputs, target.outputs), int)
        predicted = np.argmax(answered[rows], axis=1)
        np.add.at(confusions, (target.encode(truth), predicted), 1)
    return Judgement(
        model, table,
        judge(target, answered[rows], truth),
        judge(target, constant(target, len(rows)), truth),
        confusions, len(cells) - int(np.count_nonzero(given)), unknown, notes,
    )  # fmt: skip


def judgement_report(judgement: Judgement) -> str:
    """Rows, score beside the constant answer, confusions."""
    target, network = judgement.model.about.target, judgement.network
    scores = {"network": network, network.simplest: judgement.constant}
    if isinstance(network, Accuracy):
        more = _recalls(target, judgement.confusions)
    else:
        more = [f"mean absolute error {network.mae:.4g}"]
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
