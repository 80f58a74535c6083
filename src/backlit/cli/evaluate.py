"""``backlit evaluate model.safetensors data.csv``: how well a model predicts known answers."""

from pathlib import Path

import click

from ..tables import evaluate as judge
from ..tables import load_model, read_table
from ..tables.judgement import judgement_report
from . import table_arguments


@click.command()
@table_arguments.model
@table_arguments.table
@table_arguments.delimiter
def evaluate(model: Path, table: Path, delimiter: str | None) -> None:
    """Compare a model's predictions with the answers that a table holds.

    Accuracy and confusions for classes, R², RMSE and MAE for a quantity, beside the answer that
    needs no learning. Rows that the model was trained on tell nothing: take others.

    \b
    backlit evaluate penguins.safetensors new.csv
    """
    judged = judge(load_model(model), read_table(table, delimiter))
    click.echo(judgement_report(judged))
