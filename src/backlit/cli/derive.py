"""``backlit derive 2-3-1`` or ``my.py:loss``: the derivation as text, LaTeX, Python or a page."""

import re
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
import numpy as np
from click.core import ParameterSource

from .. import optim
from ..errors import InputError
from ..files import check_writable, write_whole
from ..lower import Program
from ..nn import ACTIVATIONS
from ..show import Derivation
from ..show import derive as derive_
from ..train import program as program_
from .example_network import LOSSES, example_network
from .user_file import example_of, explained, load
from .widths import widths

_OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw")
_HOW_TO_READ = """\
Left, what the native player does in a step: blocks of rows × columns (× the length of sums); below
each its tail, entry by entry while the block is in the cache. Right, the equation that is complete
there, or a part of one. [row] [col] [0]: stretched over the block; %: a register; ‖: threads meet.
"""
_NETWORK = ("activation", "loss", "rows", "seed")  # options of a network given by its widths


@click.command()
@click.argument("what", metavar="WIDTHS | FILE.PY:LOSS")
@click.option("--wrt", help="Tell the story of a parameter, W1, or of one weight, W1[0,1].")
@click.option("--numbers", is_flag=True, help="Symbols, shapes and numbers of the example.")
@click.option("--rate", type=float, help="The numbers, and those after an update at this rate.")
@click.option("--digits", type=click.IntRange(1, 17), help="Digits of numbers.  [default: 6]")
@click.option("--latex", is_flag=True, help="LaTeX: an align* environment.")
@click.option("--python", is_flag=True, help="A NumPy script that needs nothing of backlit.")
@click.option("--program", is_flag=True, help="The native player's instructions for a step.")
@click.option("--optimizer", type=click.Choice(_OPTIMIZERS), help="Of --program.  [default: sgd]")
@click.option("--out", type=click.Path(path_type=Path), help="Write it to a file, not here.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page: links and numbers.")
@click.option("--svg", type=click.Path(path_type=Path), help="Draw the graph, forward and back.")
@click.option("--check", is_flag=True, help="Compare every gradient with differences of the loss.")
@click.option(
    "--activation", type=click.Choice([*ACTIVATIONS]), default="sigmoid", show_default=True,
    help="Of each layer; only sigmoid and tanh of the last one, too.",
)  # fmt: skip
@click.option(
    "--loss", type=click.Choice(LOSSES), default="mse", show_default=True,
    help="cross_entropy: of sigmoid (one output) or softmax.",
)  # fmt: skip
@click.option(
    "--rows", type=click.IntRange(1, 10_000), default=4, show_default=True, help="Examples."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the numbers."
)
@click.pass_context
def derive(
    ctx: click.Context, what: str, wrt: str | None, numbers: bool, rate: float | None,
    digits: int | None, latex: bool, python: bool, program: bool, optimizer: str | None,
    out: Path | None, html: Path | None, svg: Path | None, check: bool, **network: Any,
) -> None:  # fmt: skip
    """Derive the gradient of a network, equation by equation.

    A dense network is given by its widths; weights and data are random. Your own loss is a
    function in a file, traced on the arguments that the file calls example:
    example = (params, X, Y).

    \b
    backlit derive 2-3-1
    backlit derive 2-3-1 --wrt W1
    backlit derive 2-3-1 --wrt "W1[0,1]"
    backlit derive 3-4-4-2 --loss cross_entropy --html derivation.html
    backlit derive 2-3-1 --python --out gradients.py
    backlit derive 2-3-1 --program --optimizer adam
    backlit derive examples/mazur.py:loss --numbers --digits 9 --rate 0.5

    Exit code 1 if --check finds a gradient that is wrong.
    """
    for path in filter(None, (out, html, svg)):
        check_writable(path)
    if not html and (rate is not None or digits is not None):  # they ask for numbers
        if (latex or python) and not numbers:
            raise InputError("--digits and --rate are for numbers: add --numbers or --html.")
        numbers = True
    if (program and wrt) or (optimizer and not program):
        raise InputError("--program goes without --wrt, and --optimizer with --program.")
    function, example, blame = _function(ctx, what, network)
    with blame:
        full, narrow = _derivations(function, example, wrt)
        step = _step(function, example, optimizer or "sgd") if program else None
    asked = latex or python or program or numbers or check or ((html or svg) and not out)
    verdict = narrow.check() if check else None
    shown = []
    if wrt and ("[" in wrt or not asked):
        shown.append(full.story(wrt))
    elif not asked:
        columns = shutil.get_terminal_size((110, 24)).columns
        shown.append(narrow.text(width=min(max(columns, 60), 110)))
    if latex:
        shown.append(narrow.latex())
    if numbers:
        shown.append(narrow.numbers(digits=digits or 6, rate=rate))
    if verdict is not None:
        shown.append(str(verdict))
    if python:
        shown.append(narrow.python().rstrip())
    if step:
        shown.append(f"{_HOW_TO_READ}\n{step.disassemble(full)}")
    if out:
        write_whole(out, "\n\n".join(shown) + "\n")
        shown = [f"Written: {out}"]
    if html:
        write_whole(html, narrow.html(digits=digits or 6, rate=rate))
        shown.append(f"Page: {html}")
    if svg:
        write_whole(svg, narrow.svg())
        shown.append(f"Picture: {svg}")
    click.echo("\n\n".join(shown))
    ctx.exit(0 if verdict is None or verdict else 1)


def _function(
    ctx: click.Context, what: str, network: dict[str, Any]
) -> tuple[Callable[..., Any], tuple[Any, ...], AbstractContextManager[None]]:
    """The loss, an example of its arguments, and what explains its errors."""
    sizes = widths(what)
    file = re.fullmatch(r"(.+\.py)(?::(\w+))?", what)
    if len(sizes) > 1:
        return *example_network(sizes, **network), nullcontext()
    if file:
        _refuse_settings(ctx, what)
        path = Path(file[1])
        loss, module = load(path, file[2] or "loss")
        return loss, example_of(path, loss, module), explained(path)
    raise InputError(
        f"{what!r}: expected the widths of a network, two or more, such as 2-3-1, or a file "
        "and its function, such as my.py:loss."
    )


def _step(loss: Callable[..., Any], example: tuple[Any, ...], optimizer: str) -> Program:
    """The program of a training step on the rows of the example."""
    params, *data = example
    for i, x in enumerate(data, 2):
        if np.ndim(x) == 0:
            raise InputError(
                f"--program is a step on rows of data, but value {i} of `example` is one number. "
                "Write it into the function."
            )
    return program_(loss, params, tuple(data), optimizer=getattr(optim, optimizer)())


def _derivations(
    loss: Callable[..., Any], example: tuple[Any, ...], wrt: str | None
) -> tuple[Derivation, Derivation]:
    """All that is derived, which has the line numbers of the text, and the part asked for."""
    full = derive_(loss, *example)
    if wrt is None:
        return full, full
    name = wrt.partition("[")[0].strip()
    narrow = derive_(loss, *example, wrt=name)
    return full if name in [var.name for var in full.wrt] else narrow, narrow


def _refuse_settings(ctx: click.Context, what: str) -> None:
    for name in _NETWORK:
        if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise InputError(
                f"--{name} is for a network given by its widths; {what} has its own. Leave it out."
            )
