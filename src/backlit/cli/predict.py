"""``backlit predict model.safetensors data.csv``: one answer for each row."""

import csv
import io
from pathlib import Path
from typing import Any

import click
import numpy as np

from ..files import check_writable, write_whole
from ..tables import Table, load_model, read_table
from ..tables.model import About
from ..tables.target import Classes
from ..tables.values import counted, several, shown
from . import table_arguments

_MOST_CLASSES = 20  # whose probabilities have a column each; of more, that of the answer


@click.command()
@table_arguments.model
@table_arguments.table
@click.option("--out", type=click.Path(path_type=Path), help="Write the answers to this CSV file.")
@table_arguments.delimiter
def predict(model: Path, table: Path, out: Path | None, delimiter: str | None) -> None:
    """Predict, for each row of a table, what a trained model says.

    The answers are CSV, one line for each row in its order: the prediction, and for classes the
    probability of each. What is unusual in the table is said on stderr.

    \b
    backlit predict penguins.safetensors new.csv
    backlit predict penguins.safetensors new.csv --out answers.csv
    """
    if out is not None:
        check_writable(out, reads=[model, table])
    loaded, rows = load_model(model), read_table(table, delimiter)
    answered, notes = loaded.predict(rows)
    for note in [*_extra(loaded.about, rows), *notes]:
        click.echo(f"backlit: {note}", err=True)
    text = answers_csv(loaded.about, answered)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)
        click.echo(f"{counted(len(rows), 'prediction')}: {out}", err=True)


def answers_csv(about: About, answered: Any) -> str:
    """The answers as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    target = about.target
    if not isinstance(target, Classes):
        writer.writerow(["prediction"])
        writer.writerows([f"{value:.9g}"] for value in answered)
        return text.getvalue()
    best = np.argmax(answered, axis=1)
    if target.outputs <= _MOST_CLASSES:
        writer.writerow(["prediction", *(f"p({name})" for name in target.classes)])
        shares = answered
    else:
        writer.writerow(["prediction", "probability"])
        shares = np.take_along_axis(answered, best[:, None], axis=1)
    for place, row in zip(best, shares, strict=True):
        writer.writerow([target.classes[place], *(f"{share:.6g}" for share in row)])
    return text.getvalue()


def _extra(about: About, table: Table) -> list[str]:
    """A sentence on columns that the model does not know."""
    known = {about.target.name, *(column.name for column in about.preparation.columns)}
    extra = [shown(name) for name in table.names if name not in known]
    return [f"not in the training table, and not read: {several(extra)}"] if extra else []
