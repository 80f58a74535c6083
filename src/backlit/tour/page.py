"""The tour as one page that needs nothing else: a block → HTML."""

import base64
import re
from collections.abc import Sequence
from functools import singledispatch
from html import escape
from typing import Any

import numpy as np

from ..show.document import number_rows
from ..show.heat import png
from ..show.html import equations
from ..show.html import page as scaffold
from ..show.mathml import mathml
from ..show.notation import LATEX
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
)
from .chapters import TITLE
from .markup import spans
from .style import STYLE

_SIZES = {1: (540, 340), 2: (470, 330), 3: (330, 310)}  # of drawings, by how many stand in a row
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789")


def page(chapters: Sequence[tuple[Chapter, Sequence[Block]]], lead: str) -> str:
    """The whole page; `lead` is the paragraph below its title."""
    links = "".join(f'<li><a href="#{c.name}">{escape(c.title)}</a></li>\n' for c, _ in chapters)
    body = "".join(section(i, *written) for i, written in enumerate(chapters, 1))
    head = f'<header><h1>{TITLE}</h1>\n<p class="lead">{inline(lead)}</p></header>'
    nav = f'<nav aria-label="Chapters"><ol>\n{links}</ol></nav>'
    return scaffold(
        TITLE, f'<style>{STYLE}</style>\n<article class="tour">\n{head}\n{nav}\n{body}</article>'
    )


def section(number: int, chapter: Chapter, blocks: Sequence[Block]) -> str:
    """One chapter."""
    head = f'<h2><span class="number">{number}</span> {escape(chapter.title)}</h2>'
    return f'<section id="{chapter.name}">{head}\n{"".join(map(html, blocks))}</section>\n'


@singledispatch
def html(block: Block) -> str:
    """A block as a piece of the page."""
    raise NotImplementedError(type(block))


@html.register
def _(block: Prose) -> str:
    return f"<p>{inline(block.text)}</p>\n"


@html.register
def _(block: Heading) -> str:
    return f"<h3>{escape(block.text)}</h3>\n"


@html.register
def _(block: Code) -> str:
    return f'<pre class="code">{escape(block.text)}</pre>\n'


@html.register
def _(block: Aside) -> str:
    body = f'<pre class="code">{escape(block.text)}</pre>'
    return f"<details><summary>{escape(block.title)}</summary>{body}</details>\n"


@html.register
def _(block: Equations) -> str:
    rows = []
    for line in block.lines:
        formula = mathml(line.write(LATEX), display=True)
        value = "" if line.value is None else f"<span>=</span>{matrix(line.value)}"
        rows.append(f'<div class="line"><div class="formula">{formula}</div>{value}</div>\n')
    return f'<div class="backlit lines">\n{"".join(rows)}</div>\n'


@html.register
def _(block: Derived) -> str:
    return equations(block.derivation, digits=4)


@html.register
def _(block: Picture) -> str:
    size = _SIZES[len(block.drawings)]
    drawn = "".join(drawing.svg(*size) for drawing in block.drawings)
    return f"<figure>{drawn}<figcaption>{inline(block.caption)}</figcaption></figure>\n"


@html.register
def _(block: Table) -> str:
    def row(words: Sequence[str], tag: str) -> str:
        kinds = ["word" if i in block.words else "number" for i in range(len(words))]
        cells = (
            f'<{tag} class="{kind}">{inline(word)}</{tag}>'
            for kind, word in zip(kinds, words, strict=True)
        )
        return f"<tr>{''.join(cells)}</tr>\n"

    head, body = row(block.head, "th"), "".join(row(words, "td") for words in block.rows)
    return f'<div class="table"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>\n'


@html.register
def _(block: Images) -> str:
    shown = []
    for ink, (first, second) in zip(block.ink, block.captions, strict=True):
        grey = np.rint(255 * (1 - np.clip(ink, 0, 1))).astype(np.uint8)
        data = base64.b64encode(png(np.repeat(grey[..., None], 3, axis=-1))).decode()
        image = f'<img alt="{escape(first)}" src="data:image/png;base64,{data}">'
        lines = "<br>".join(escape(line) for line in (first, second) if line)
        shown.append(f"<figure>{image}<figcaption>{lines}</figcaption></figure>")
    return f'<div class="images">{"".join(shown)}</div>\n'


def matrix(value: Any) -> str:
    """Numbers between brackets; a single number without."""
    array = np.asarray(value)
    rows = escape("\n".join(number_rows(array, 4)))
    return f'<pre class="{"matrix" if array.ndim else "plain"}">{rows}</pre>'


def inline(text: str) -> str:
    """Prose with its marks as HTML."""
    tags = {"code": "code", "stress": "em"}
    return "".join(
        maths(words)
        if kind == "maths"
        else f"<{tags[kind]}>{escape(words)}</{tags[kind]}>"
        if kind
        else escape(words).replace(" = ", "&nbsp;=&nbsp;")
        for kind, words in spans(text)
    )


def maths(formula: str) -> str:
    """A short formula in a sentence: names as in the equations, their numbers lowered, ^x raised.

    >>> maths("Net1 ≤ e^−x")
    '<span class="maths">Net<sub>1</sub> ≤ <i>e</i><sup>−<i>x</i></sup></span>'
    """
    text = re.sub(r"\^(−?\w+)", r"<sup>\1</sup>", escape(formula))
    text = re.sub("[⁰¹²³⁴-⁹⁻]+", lambda m: f"<sup>{m[0].translate(_LOWERED)}</sup>", text)
    text = text.replace("ᵀ", "<sup>⊤</sup>")
    text = re.sub(r"(?<![&<A-Za-zα-ω])(?<!</)([A-Za-zα-ω]+)(\d*)(?![\w;>])", _name, text)
    return f'<span class="maths">{text}</span>'


def _name(found: re.Match[str]) -> str:
    """One letter is italic, several are upright, as in the equations."""
    letters, index = found.groups()
    shown = f"<i>{letters}</i>" if len(letters) == 1 else letters
    return f"{shown}<sub>{index}</sub>" if index else shown
