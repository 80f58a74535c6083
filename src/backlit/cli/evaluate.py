"""``backlit evaluate model.safetensors data.csv``: how well a model predicts known answers."""

from pathlib import Path

import click

from ..tables import evaluate as judge
from ..tables import load_model, read_table
from ..tables.judgement import judgement_report
from ..tables.read import DELIMITERS


@click.command()
@click.argument("model", metavar="MODEL.SAFETENSORS", type=click.Path(path_type=Path))
@click.argument("table", metavar="TABLE.CSV", type=click.Path(path_type=Path))
@click.option(
    "--delimiter", type=click.Choice([*DELIMITERS]), help="Between values.  [default: found]"
)
def evaluate(model: Path, table: Path, delimiter: str | None) -> None:
    """Compare a model's predictions with the answers that a table holds.

    Accuracy and confusions for classes, R², RMSE and MAE for a quantity, beside the answer that
    needs no learning. Rows that the model was trained on tell nothing: take others.

    \b
    backlit evaluate penguins.safetensors new.csv
    """
    judged = judge(load_model(model), read_table(table, delimiter))
    click.echo(judgement_report(judged))
