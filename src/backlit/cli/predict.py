"""``backlit predict model.safetensors data.csv``: one answer for each row."""

from pathlib import Path

import click

from ..files import check_writable, write_whole
from ..models import load
from ..tables import Model, Table, read_table
from ..tables.model import About
from ..tables.values import counted, several, shown
from . import answers, table_arguments


@click.command()
@table_arguments.model
@table_arguments.table
@click.option("--out", type=click.Path(path_type=Path), help="Write the answers to this file.")
@table_arguments.delimiter
@click.option("--json", "as_json", is_flag=True, help="JSON, an object on a line for each row.")
def predict(
    model: Path, table: Path, out: Path | None, delimiter: str | None, as_json: bool
) -> None:
    """Predict, for each row of a table, what a trained model says.

    The answers are CSV, one line for each row in its order: the prediction, and for classes the
    probability of each; or a column for each quantile. What is unusual in the table is said on
    stderr. The file of an estimator (bl.save) reads the columns that have the names of its
    features, or if they have none, all columns in their order.

    \b
    backlit predict penguins.safetensors new.csv
    backlit predict penguins.safetensors new.csv --out answers.csv
    """
    if out is not None:
        check_writable(out, reads=[model, table])
    loaded, rows = load(model), read_table(table, delimiter)
    if isinstance(loaded, Model):
        answered, notes = loaded.predict(rows)
        found = answers.of_table(loaded.about, answered)
        for note in [*_extra(loaded.about, rows), *notes]:
            click.echo(f"backlit: {note}", err=True)
    else:
        from .estimators import features, predicted

        found = predicted(loaded, features(loaded, rows))
    text = found.json() if as_json else found.csv()
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)
        click.echo(f"{counted(len(rows), 'prediction')}: {out}", err=True)


def _extra(about: About, table: Table) -> list[str]:
    """A sentence on columns that the model does not know."""
    known = {about.target.name, *(column.name for column in about.preparation.columns)}
    extra = [shown(name) for name in table.names if name not in known]
    return [f"not in the training table, and not read: {several(extra)}"] if extra else []
