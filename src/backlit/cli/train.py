"""``backlit train data.csv --target y --out model.safetensors``: a table in, a model out."""

from html import escape
from pathlib import Path

import click

from ..errors import InputError
from ..files import check_writable, write_whole
from ..show import html
from ..tables import Journal, Training, read_table, report, save_model
from ..tables import train as learn
from ..tables.settings import MOST_HELD_OUT, RATES, Settings
from ..tables.values import shown
from . import table_arguments
from .widths import widths


@click.command()
@table_arguments.table
@click.option("--target", required=True, metavar="COLUMN", help="What to predict.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the model: a .safetensors file."
)
@click.option("--report", "page", type=click.Path(path_type=Path), help="Write a page: .html.")
@click.option(
    "--hidden", default="-".join(map(str, Settings.hidden)), show_default=True, metavar="WIDTHS",
    help="Widths of the hidden layers; 0: none, a linear model.",
)  # fmt: skip
@click.option(
    "--classify/--regress", default=None,
    help="The target is a class, or a quantity.  [default: as its values look]",
)  # fmt: skip
@click.option(
    "--held-out", default=Settings.held_out, show_default=True, type=click.FloatRange(0, MOST_HELD_OUT),
    help="Share of the rows that only judge.",
)  # fmt: skip
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0),
    help="Of the split, the first weights, the order of rows.",
)  # fmt: skip
@click.option("--epochs", type=click.IntRange(1), help="Passes over the rows.  [default: by rows]")
@click.option("--batch", type=click.IntRange(1), help="Rows of a step.  [default: by rows]")
@click.option(
    "--rate", default=RATES["adamw"], show_default=True, type=click.FloatRange(0, min_open=True),
    help="Adam's first learning rate.",
)  # fmt: skip
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Keep there, every second, how far the training is.",
)  # fmt: skip
@click.option(
    "--resume", is_flag=True, help="Go on from the checkpoint; all other flags as before."
)
@table_arguments.delimiter
def train(
    table: Path, target: str, out: Path | None, page: Path | None, hidden: str,
    classify: bool | None, held_out: float, seed: int, epochs: int | None, batch: int | None,
    rate: float, checkpoint: Path | None, resume: bool, delimiter: str | None,
) -> None:  # fmt: skip
    """Train a network to predict a column of a table from the others.

    TABLE is CSV in UTF-8, whose first line names the columns, or Parquet. Numbers and dates are
    standardised, texts become categories, gaps are filled; rows held out judge the network beside
    a linear model.

    \b
    backlit train penguins.csv --target species --out penguins.safetensors
    backlit train houses.csv --target price --hidden 128-64 --epochs 100 --seed 1
    backlit train houses.csv --target price --out m.safetensors --checkpoint run --resume
    """
    if out is not None:
        check_writable(out, ".safetensors", reads=[table])
    if page is not None:
        check_writable(page, ".html", reads=[table])
    journal = journal_in(checkpoint, resume)
    try:
        training = learn(
            read_table(table, delimiter), target, hidden=hidden_layers(hidden), epochs=epochs,
            batch=batch, rate=rate, held_out=held_out, seed=seed, classify=classify,
            journal=journal,
        )  # fmt: skip
    except KeyboardInterrupt:
        if journal and journal.entries:
            journal.say(f"{checkpoint} keeps how far it is: the same with --resume goes on.")
        raise
    if page is not None:
        write_whole(page, page_of(training))
    if out is not None:
        save_model(out, training.model)
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


def hidden_layers(text: str) -> list[int]:
    """The widths of hidden layers from ``64-32``; none from ``0``."""
    if text == "0" or widths(text):
        return widths(text)
    raise InputError(f"--hidden {text!r}: expected widths such as 64-32, or 0 for none.")


def page_of(training: Training) -> str:
    """The report, and every equation of a step with its numbers."""
    target, table = training.model.about.target.name, Path(training.table.source).name
    title = f"{shown(target)}, learnt from {shown(table)}"
    summary = f'<pre style="overflow-x: auto">{escape(report.summary(training))}</pre>'
    equations = html.equations(training.derivation)
    return html.page(title, f"<h1>{escape(title)}</h1>\n{summary}\n{equations}")
