"""``backlit tour``: the article, live, in the terminal and as one page."""

import shutil
import time
from pathlib import Path

import click

from .. import __version__
from ..files import check_writable, write_whole
from ..tour import page, terminal
from ..tour.chapters import CHAPTERS, LEAD, TITLE


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write the page, an .html file.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True,
    help="Another seed, other random numbers.",
)  # fmt: skip
def tour(out: Path | None, seed: int) -> None:
    """Backpropagation from a parabola to handwritten digits, computed as you read.

    Descent, forward, loss, backward, the slope of the sigmoid, a gradient check, updates, a proof
    by teacher and student, a claim put to the test, and real digits. With --out, the same as one
    page that needs nothing else.

    \b
    backlit tour
    backlit tour --out tour.html --seed 7
    """
    if out is not None:
        check_writable(out, ".html")
    width = max(60, min(shutil.get_terminal_size().columns, 100))
    start, written = time.perf_counter(), []
    click.echo(f"{TITLE}\n\n{terminal.prose(LEAD, width)}\n")
    for number, chapter in enumerate(CHAPTERS, 1):
        click.echo(f"{terminal.title(number, chapter, width)}\n")
        blocks = []
        for block in chapter.write(seed):
            click.echo(f"{terminal.text(block, width)}\n")
            blocks.append(block)
        written.append((chapter, blocks))
    took = (
        f"Computed in {time.perf_counter() - start:.0f} seconds by backlit {__version__}, with "
        f"seed {seed}."
    )
    click.echo(took)
    if out is not None:
        write_whole(out, page.page(written, f"{LEAD} {took}"))
        click.echo(f"Page: {out}")
