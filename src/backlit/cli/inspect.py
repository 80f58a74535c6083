"""``backlit inspect model.safetensors``: what is in a model."""

from pathlib import Path

import click

from ..tables import load_model, report
from . import table_arguments


@click.command()
@table_arguments.model
def inspect(model: Path) -> None:
    """Tell what is in a model: columns, network, held-out scores, equations.

    Nothing in the file is run. One that is cut, damaged or of another kind is refused.

    \b
    backlit inspect penguins.safetensors
    """
    click.echo(report.model_report(load_model(model)))
