"""``backlit descend "(x+2)**2" --start 0``: gradient descent on any expression."""

import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from ..errors import InputError
from ..files import check_writable
from ..show.document import written
from ..show.notation import TEXT, plain
from ..train.descent import Descent
from ..train.descent import descend as follow
from ..train.picture import picture
from ..train.verdict import verdict
from .expression import Expression, number, parse

_HEAD, _TAIL = 8, 3  # rows of the table that stay when the middle is left out
_ANSWER_IS_NO = ("diverged", "unbounded", "undefined")


@click.command(context_settings={"ignore_unknown_options": True})  # so that -x**2 is an expression
@click.argument("expression")
@click.option(
    "--start", "starts", multiple=True, metavar="NUMBER | x=1,y=2",
    help="Where to start; with several variables one value for each.  [default: 0]",
)  # fmt: skip
@click.option("--rate", default=0.1, show_default=True, help="Learning rate α.")
@click.option(
    "--steps", type=click.IntRange(1, 1_000_000), default=200, show_default=True,
    help="Steps at most.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Write the picture: .svg or .png.")
@click.pass_context
def descend(
    ctx: click.Context,
    expression: str,
    starts: tuple[str, ...],
    rate: float,
    steps: int,
    out: Path | None,
) -> None:
    """Follow the slope of EXPRESSION downhill: x ← x − α f′(x).

    EXPRESSION is a formula of one or several variables: numbers, + - * / **, parentheses, pi, e,
    and exp, ln, sqrt, sin, cos, tanh, abs, max, min, sigmoid, relu, softplus and their relatives.

    \b
    backlit descend "(x+2)**2" --start 0
    backlit descend "x**4 - 3*x**2 + x" --start 2 --rate 0.02 --out f.svg
    backlit descend "(1-x)**2 + 5*(y-x**2)**2" --start x=-1,y=1 --rate 0.02

    Exit code 1 if the descent ran away or left the places where f is defined.
    """
    if out:
        check_writable(out, ".svg", ".png")
    formula = parse(expression)
    path = follow(formula, start_of(formula, starts), rate=rate, steps=steps)
    equations = formulas(path)
    width = min(shutil.get_terminal_size().columns, 100)
    with np.errstate(all="ignore"):  # what overflows has no place in the picture
        chart = picture(path, equations[0])
        drawn = chart.text(width)
    if out:
        chart.save(out)
    whole = verdict(path).replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")
    click.echo("\n".join(equations))
    click.echo(f"\nStep by step: {_update(path)}, α = {plain(rate)}")
    click.echo(table(path, width))
    click.echo(f"\n{drawn}")
    click.echo(f"{_marks(path)}\n")
    click.echo(textwrap.fill(whole, width).replace("\N{NO-BREAK SPACE}", " "))
    if out:
        click.echo(f"\nPicture: {out}")
    ctx.exit(1 if path.end in _ANSWER_IS_NO else 0)


def start_of(formula: Expression, starts: Sequence[str]) -> dict[str, float]:
    """The start as variable → number, from ``0`` or ``1`` ``2`` or ``x=1,y=2``; 0 by default."""
    names = formula.variables
    if not names:
        raise InputError(f"{formula.text!r} has no variable: there is nothing to descend on.")
    if not starts:
        return dict.fromkeys(names, 0.0)
    example = ",".join(f"{name}=1" for name in names) if len(names) > 1 else "1"
    words = [word.strip() for start in starts for word in start.split(",")]
    pairs = [
        word.split("=", 1) if "=" in word else (name, word)
        for word, name in zip(words, [*names, *[""] * len(words)], strict=False)
    ]
    found = {name.strip(): number(value, "the start") for name, value in pairs}
    if sorted(found) != sorted(names) or len(words) != len(names):
        given = "the variable" if len(names) == 1 else "the variables"
        raise InputError(
            f"the expression has {given} {', '.join(names)}, and --start gives "
            f"{' '.join(starts)!r}. Write for example --start {example}."
        )
    return {name: found[name] for name in names}


def formulas(path: Descent) -> list[str]:
    """f and its derivatives, as they are computed; for one variable the second one, too."""
    land = path.landscape
    names = land.names
    slopes = [written(land.graph, end, TEXT) for end in land.graph.outputs]
    if len(names) == 1:
        (x,), bend = names, land.second[0]
        second = written(bend, bend.outputs[1], TEXT)
        return [f"f({x}) = {slopes[0]}", f"f′({x}) = {slopes[1]}", f"f″({x}) = {second}"]
    of = ", ".join(names)
    rows = [f"∂f/∂{x} = {text}" for x, text in zip(names, slopes[1:], strict=True)]
    return [f"f({of}) = {slopes[0]}", *rows]


def table(path: Descent, width: int) -> str:
    """step, x, f, slope and the step that follows; the middle of a long table is left out."""
    names = path.landscape.names
    slopes = [f"f′({x})" if len(names) == 1 else f"∂f/∂{x}" for x in names]
    head = ["step", *names, "f", *slopes]
    columns = [path.points, path.values[:, None], path.slopes]
    if len(names) == 1:
        head.append("−α f′")
        with np.errstate(over="ignore"):
            columns.append(-path.rate * path.slopes)
    every = [*enumerate(np.hstack(columns))]
    cut = len(every) > _HEAD + _TAIL + 1
    parts = [every[:_HEAD], every[-_TAIL:]] if cut else [every]
    for digits in (6, 4, 3):  # as many as fit
        blocks = [[[str(i), *(plain(v, digits) for v in row)] for i, row in p] for p in parts]
        rows = [head, *blocks[0], *([["⋮"] * len(head), *blocks[1]] if cut else [])]
        wide = [max(len(row[i]) for row in rows) for i in range(len(head))]
        room = (width - sum(wide)) // (len(head) - 1)
        if room >= 2:
            break
    gap = " " * max(1, min(4, room))
    return "\n".join(
        gap.join(f"{word:>{size}}" for word, size in zip(row, wide, strict=True)) for row in rows
    )


def _update(path: Descent) -> str:
    names = path.landscape.names
    if len(names) == 1:
        return f"{names[0]} ← {names[0]} − α f′({names[0]})"
    return ", ".join(f"{x} ← {x} − α ∂f/∂{x}" for x in names)


def _marks(path: Descent) -> str:
    early = " (the first steps only)" if path.end in ("diverged", "unbounded") else ""
    return f"○ start  ● steps  ◆ {'last of them' if early else 'end'}{early}"
