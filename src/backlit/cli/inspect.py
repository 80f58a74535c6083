"""``backlit inspect model.safetensors``: what is in a model."""

from pathlib import Path

import click

from ..models import load
from ..tables import Model, report
from . import machine, table_arguments


@click.command()
@table_arguments.model
@table_arguments.machine
def inspect(model: Path, as_json: bool) -> None:
    """Tell what is in a model: columns, network, training, held-out scores, equations.

    Of an estimator (bl.save): its parameters, features, classes, training and equations. Nothing in
    the file is run. One that is cut, damaged or of another kind is refused.

    \b
    backlit inspect penguins.safetensors
    """
    loaded = load(model)
    if isinstance(loaded, Model):
        told = machine.of_model(loaded) if as_json else report.model_report(loaded)
    else:
        from . import estimators

        told = estimators.described(loaded) if as_json else estimators.report(loaded)
    click.echo(machine.text(told) if as_json else told)
