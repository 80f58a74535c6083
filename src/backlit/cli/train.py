"""``backlit train data.csv --target y --out model.safetensors``: a table in, a model out."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from ..errors import InputError
from ..files import check_writable, write_whole
from ..nn import ACTIVATIONS
from ..tables import Journal, read_table, report, save_model
from ..tables import train as learn
from ..tables.page import page_of
from ..tables.settings import (
    INITS,
    MOST_HELD_OUT,
    OF_CLASSES,
    OF_QUANTITIES,
    OPTIMIZERS,
    RATES,
    SCHEDULES,
    Settings,
)
from . import machine, table_arguments
from .grouped import Grouped, InGroup, Listed, from_config
from .widths import widths

_PATH = click.Path(path_type=Path)
_COUNT = click.IntRange(1)
_ABOVE_0, _SHARE = click.FloatRange(0, min_open=True), click.FloatRange(0, MOST_HELD_OUT)
_file, _rows, _network, _training, _run = (
    partial(click.option, cls=InGroup, group=group)
    for group in ("Files", "Rows", "Network", "Training", "Running")
)


def hidden_layers(ctx: Any, param: Any, text: str) -> list[int]:
    """The widths of hidden layers from ``64-32`` or ``64,32``; none from ``0``."""
    found = widths(text.replace(",", "-"))
    if text == "0" or found:
        return found
    raise InputError(f"--hidden {text!r}: expected widths such as 64-32, or 0 for none.")


@click.command(cls=Grouped, context_settings={"max_content_width": 100})
@table_arguments.table
@_file("--target", required=True, metavar="COLUMN", help="What to predict.")
@_file("--out", type=_PATH, help="Write the model: a .safetensors file.")
@_file("--report", "page", type=_PATH, help="Write a page: .html.")
@_file("--validation", type=_PATH, metavar="TABLE", help="Its rows choose the epoch that is kept.")
@_file(
    "--config", type=_PATH, metavar="FILE.TOML", is_eager=True, expose_value=False,
    callback=from_config, help="Options, as rate = 0.01; those given here win.",
)  # fmt: skip
@_rows(
    "--classify/--regress", default=None,
    help="The target is a class, or a quantity.  [default: as its values look]",
)  # fmt: skip
@_rows(
    "--held-out", default=Settings.held_out, show_default=True, type=_SHARE, metavar="SHARE",
    help="Share of the rows that only judge.",
)  # fmt: skip
@_rows("--weights", metavar="COLUMN", help="It says what a row weighs in the loss.")
@_rows("--balance", is_flag=True, help="Each class weighs the same, however many rows it has.")
@_network(
    "--hidden", default="-".join(map(str, Settings.hidden)), show_default=True, metavar="WIDTHS",
    callback=hidden_layers, help="Widths of the hidden layers; 0: none, a linear model.",
)  # fmt: skip
@_network(
    "--activation", type=Listed(str, "names"), default=",".join(Settings.activation),
    metavar="NAMES", show_default=True,
    help=f"Of the hidden layers, one or one for each: {', '.join(ACTIVATIONS)}.",
)  # fmt: skip
@_network(
    "--dropout", type=Listed(float, "shares such as 0.2 or 0.5,0.2"), metavar="SHARES",
    help="Of each hidden layer's entries, left out in a step.",
)  # fmt: skip
@_network(
    "--init", type=click.Choice(INITS), metavar="NAME", help=f"First weights: {', '.join(INITS)}."
)
@_training(
    "--loss", type=click.Choice([*OF_QUANTITIES, *OF_CLASSES]), metavar="NAME",
    help=f"For a quantity {', '.join(OF_QUANTITIES)}; for classes {', '.join(OF_CLASSES)}.",
)  # fmt: skip
@_training(
    "--quantiles", type=Listed(float, "numbers such as 0.1,0.5,0.9"), metavar="SHARES",
    help="Predict these quantiles (loss pinball).",
)  # fmt: skip
@_training(
    "--optimizer", type=click.Choice(OPTIMIZERS), metavar="NAME", help=f"{', '.join(OPTIMIZERS)}."
)
@_training(
    "--rate", type=_ABOVE_0, metavar="NUMBER",
    help=f"The first learning rate.  [default: {RATES['adamw']} for Adam]",
)  # fmt: skip
@_training(
    "--schedule", type=click.Choice(SCHEDULES), metavar="NAME",
    help=f"Of the rate: {', '.join(SCHEDULES)}.",
)  # fmt: skip
@_training(
    "--decay", type=click.FloatRange(0), metavar="NUMBER",
    help="Of the weights.  [default: 0.1 for adamw, else 0]",
)  # fmt: skip
@_training(
    "--clip-norm", type=_ABOVE_0, metavar="NUMBER", help="The longest gradient that is followed."
)
@_training("--epochs", type=_COUNT, metavar="N", help="Passes over the rows.  [default: by rows]")
@_training("--batch", type=_COUNT, metavar="N", help="Rows of a step.  [default: by rows]")
@_training(
    "--patience", type=_COUNT, metavar="N",
    help="Epochs without a better validation loss.  [default: 0.4 of all]",
)  # fmt: skip
@_training(
    "--seed", default=0, show_default=True, type=click.IntRange(0), metavar="N",
    help="Of the split, the first weights, the order of rows, dropout.",
)  # fmt: skip
@_run("--threads", type=_COUNT, metavar="N", help="Of the player; the result is the same for any.")
@_run(
    "--checkpoint", type=_PATH, metavar="FOLDER",
    help="Keep there, every second, how far the training is.",
)  # fmt: skip
@_run("--resume", is_flag=True, help="Go on from the checkpoint; all other flags as before.")
@table_arguments.delimiter
@table_arguments.machine
def train(
    table: Path, target: str, out: Path | None, page: Path | None, validation: Path | None,
    classify: bool | None, threads: int | None, checkpoint: Path | None, resume: bool,
    delimiter: str | None, as_json: bool, **settings: Any,
) -> None:  # fmt: skip
    """Train a network to predict a column of a table from the others.

    TABLE is CSV in UTF-8, whose first line names the columns, or Parquet. Numbers and dates are
    standardised, texts become categories, gaps are filled; rows held out judge the network beside
    a linear model.

    \b
    backlit train penguins.csv --target species --out penguins.safetensors
    backlit train houses.csv --target price --quantiles 0.1,0.5,0.9 --report report.html
    backlit train houses.csv --config settings.toml --hidden 128-64 --activation gelu
    backlit train houses.csv --target price --out m.safetensors --checkpoint run --resume
    """
    reads = [path for path in (table, validation) if path]
    if out is not None:
        check_writable(out, ".safetensors", reads=reads)
    if page is not None:
        check_writable(page, ".html", reads=reads)
    journal = journal_in(checkpoint, resume)
    try:
        training = learn(
            read_table(table, delimiter), target, classify=classify, journal=journal,
            validation=read_table(validation, delimiter) if validation else None,
            threads=threads, **settings,
        )  # fmt: skip
    except KeyboardInterrupt:
        if journal and journal.entries:
            journal.say(f"{checkpoint} keeps how far it is: the same with --resume goes on.")
        raise
    if page is not None:
        write_whole(page, page_of(training))
    if out is not None:
        save_model(out, training.model)
    if as_json:
        click.echo(machine.text(machine.of_training(training, model=out, report=page)))
        return
    click.echo(report.summary(training))
    click.echo(report.equations(training))
    click.echo(f"Model      {out or 'not kept: --out model.safetensors writes it'}")
    if page is not None:
        click.echo(f"Page       {page}")


def journal_in(folder: Path | None, resume: bool) -> Journal | None:
    """Where the training is kept, if it is."""
    if folder is None and resume:
        raise InputError("--resume needs --checkpoint FOLDER: what it should go on from.")
    if folder is None:
        return None
    return Journal(folder, resume=resume, say=lambda note: click.echo(f"backlit: {note}", err=True))
