"""``backlit evaluate model.safetensors data.csv``: how well a model predicts known answers."""

from pathlib import Path

import click

from ..errors import InputError
from ..models import load
from ..tables import Judgement, Model, read_table
from ..tables import evaluate as judge
from ..tables.judgement import judgement_report
from . import machine, table_arguments


@click.command()
@table_arguments.model
@table_arguments.table
@click.option("--target", metavar="COLUMN", help="What an estimator predicts.")
@table_arguments.delimiter
@table_arguments.machine
def evaluate(
    model: Path, table: Path, target: str | None, delimiter: str | None, as_json: bool
) -> None:
    """Compare a model's predictions with the answers that a table holds.

    Accuracy and confusions for classes, R², RMSE and MAE for a quantity, how many values are below
    each quantile, beside the answer that needs no learning. Rows that the model was trained on tell
    nothing: take others. The file of an estimator (bl.save) does not know the name of its target.

    \b
    backlit evaluate penguins.safetensors new.csv
    backlit evaluate estimator.safetensors new.csv --target y
    """
    judged = judged_by(model, table, target, delimiter)
    click.echo(machine.text(machine.of_judgement(judged)) if as_json else judgement_report(judged))


def judged_by(model: Path, table: Path, target: str | None, delimiter: str | None) -> Judgement:
    """A table's model knows its target; an estimator is told."""
    loaded, rows = load(model), read_table(table, delimiter)
    if not isinstance(loaded, Model):
        from .estimators import judged

        return judged(loaded, rows, target)
    known = loaded.about.target.name
    if target not in (None, known):
        raise InputError(f"{model} predicts {known!r}, not {target!r}: leave --target out.")
    return judge(loaded, rows)
