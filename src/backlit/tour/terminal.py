"""The tour in a terminal: a block → lines of plain text."""

from collections.abc import Sequence
from functools import singledispatch
from itertools import zip_longest
from textwrap import fill
from typing import Any

import numpy as np

from ..show.document import value_text
from ..show.heat import HeatMap
from ..show.notation import TEXT
from ..show.plot import Axis
from .blocks import (
    Aside,
    Block,
    Chapter,
    Code,
    Derived,
    Equations,
    Heading,
    Images,
    Picture,
    Prose,
    Table,
    lines,
)
from .markup import spans

_TALL, _GAP = 14, 3  # lines of a chart; columns between things side by side
_WIDEST = 80  # columns of prose
_ASIDE = 28  # lines of what is folded away on the page
_SHADES = " ░▒▓█"
_HOLD = "\N{NO-BREAK SPACE}"  # keeps a formula on one line


def title(number: int, chapter: Chapter, width: int) -> str:
    """The head of a chapter."""
    return f"━━ {number}  {chapter.title} ".ljust(width, "━")


def prose(paragraph: str, width: int) -> str:
    """A paragraph without its marks, a formula of it on one line."""
    words = (
        part.replace(" ", _HOLD) if kind in ("maths", "code") else part
        for kind, part in spans(paragraph)
    )
    joined = "".join(words).replace(" = ", f"{_HOLD}={_HOLD}")
    return fill(joined, min(width, _WIDEST), break_on_hyphens=False).replace(_HOLD, " ")


@singledispatch
def text(block: Block, width: int) -> str:
    """A block in at most `width` columns, as far as its numbers allow."""
    raise NotImplementedError(type(block))


@text.register
def _(block: Prose, width: int) -> str:
    return prose(block.text, width)


@text.register
def _(block: Heading, width: int) -> str:
    return f"{block.text}\n{'─' * len(block.text)}"


@text.register
def _(block: Code, width: int) -> str:
    return _indented(block.text)


@text.register
def _(block: Aside, width: int) -> str:
    lines = _indented(block.narrow).split("\n")
    shown = [x if len(x) <= width else f"{x[: width - 1]}…" for x in lines[:_ASIDE]]
    if more := len(lines) - len(shown):
        shown.append(f"  … {more} more lines are on the page that --out writes.")
    return "\n".join([f"{block.title}:", *shown])


@text.register
def _(block: Equations, width: int) -> str:
    formulas = [line.write(TEXT) for line in block.lines]
    values = ["" if x.value is None else value_text(x.value, 4) for x in block.lines]
    longest = max(map(len, formulas))
    widest = max(len(row) for value in values for row in value.split("\n"))
    fits = longest + _GAP + widest + 2 <= width
    shown = [
        _beside([[formula.ljust(longest)], value.split("\n")])
        if fits
        else f"{formula}\n{_indented(value)}".rstrip()
        for formula, value in zip(formulas, values, strict=True)
    ]
    return _indented("\n".join(shown))


@text.register
def _(block: Derived, width: int) -> str:
    rules = block.derivation.text(width=width)
    numbers = text(lines(block.derivation, "backward"), width)
    return f"{rules}\n\nThe backward lines with their numbers\n{numbers}"


@text.register
def _(block: Picture, width: int) -> str:
    maps = [drawing for drawing in block.drawings if isinstance(drawing, HeatMap)]
    charts = [drawing for drawing in block.drawings if not isinstance(drawing, HeatMap)]
    parts = [chart.text(width, _TALL) for chart in charts]
    if maps:
        room = (width - _GAP * (len(maps) - 1)) // len(maps)
        parts.append(_beside([_shaded(part, room) for part in maps]))
    return "\n\n".join([*parts, prose(block.caption, width)])


@text.register
def _(block: Table, width: int) -> str:
    rows = [
        ["".join(part for _, part in spans(word)) for word in row]
        for row in (block.head, *block.rows)
    ]
    wide = [max(len(row[i]) for row in rows) for i in range(len(block.head))]
    room = (width - 2 - sum(wide)) // max(len(wide) - 1, 1)
    gap = " " * max(1, min(_GAP, room))
    shown = [
        gap.join(
            f"{word:<{size}}" if i in block.words else f"{word:>{size}}"
            for i, (word, size) in enumerate(zip(row, wide, strict=True))
        )
        for row in rows
    ]
    return _indented("\n".join(shown))


@text.register
def _(block: Images, width: int) -> str:
    drawn = [
        [*_picture(ink), *caption] for ink, caption in zip(block.ink, block.captions, strict=True)
    ]
    size = max(len(line) for part in drawn for line in part)
    count = max(1, (width + _GAP) // (size + _GAP))
    rows = [drawn[i : i + count] for i in range(0, len(drawn), count)]
    return "\n\n".join(_beside(row) for row in rows)


def _picture(ink: Any) -> list[str]:
    """Two characters a pixel: a character is about twice as high as it is wide."""
    shades = np.rint(np.clip(ink, 0, 1) * (len(_SHADES) - 1)).astype(int)
    return ["".join(2 * _SHADES[k] for k in row) for row in shades]


def _shaded(drawing: HeatMap, width: int) -> list[str]:
    """A map as shades from low to high, its title above and its scale below."""
    z = np.asarray(drawing.z)[::-1]  # the vertical axis points upwards
    scale = drawing.scale or Axis.over(z)
    across = np.linspace(0, z.shape[1] - 1, width).astype(int)
    down = np.linspace(0, z.shape[0] - 1, _TALL).astype(int)
    shades = np.clip(scale.place(z[np.ix_(down, across)]) * len(_SHADES), 0, len(_SHADES) - 1)
    rows = ["".join(_SHADES[int(k)] for k in row) for row in shades]
    ends = f"{_SHADES[0]!r} {scale.low:.3g} … {_SHADES[-1]} {scale.high:.3g}".replace("-", "−")
    head, *more = fill(drawing.title, width).split("\n")
    return [head, more[0] if more else "", *rows, ends]


def _beside(parts: Sequence[Sequence[str]]) -> str:
    """Blocks of lines next to each other."""
    wide = [max(map(len, part)) for part in parts]
    lines = [
        (" " * _GAP).join(f"{line:{size}}" for line, size in zip(row, wide, strict=True)).rstrip()
        for row in zip_longest(*parts, fillvalue="")
    ]
    return "\n".join(lines).rstrip("\n")


def _indented(lines: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in lines.split("\n"))
