"""A derivation as a picture: forward above, backward below, each gradient under its value."""

import math
from collections.abc import Iterable
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

from ..ir.graph import Var
from .document import Line, shape_text
from .drawing import Writing, arrow, path
from .layout import Box, Edge, lay_out
from .notation import TEXT
from .rules import origin_text, target
from .style import GRAPH

if TYPE_CHECKING:
    from .derivation import Derivation

_LONGEST, _ROWS = 27, 3  # characters of a row in a box, rows of a right side
_MARGIN, _TITLE, _LEGEND = 14, 30, 40  # around the graph, above and below it
_DATA, _PARAMETER = 1, 2  # how far from the axis they would like to be
_SHRUNK = 0.75  # of its size, on a page that is too narrow; then it can be scrolled
_KINDS = {
    "parameter": "parameter",
    "data": "data",
    "forward": "forward",
    "backward": "backward",
    "gradient": "gradient of a parameter",
}
_LINES = {"forth": "values", "back": "gradients", "link": "a value that the way back reads"}


def graph_svg(derivation: "Derivation", anchor: str = "") -> str:
    """The drawing; with `anchor`, each box is a link to its line on the page around it."""
    return _Picture(derivation, anchor).svg()


class _Picture:
    """Boxes for the inputs and the lines of a derivation, and what runs between them."""

    def __init__(self, derivation: "Derivation", anchor: str) -> None:
        self.derivation, self.document, self.anchor = derivation, derivation.document, anchor
        every = [*derivation.graph.inputs, *(line.out for line in self.document.lines)]
        self.known = {*every, *self.document.constants}
        names = [name for var in every for name in (var.name, var.name.removeprefix("d"))]
        names += [*self.document.constants, derivation.loss(TEXT)]
        unnamed = {x.left["text"] for x in self.document.lines if not x.out.named}
        self.writing = Writing({TEXT.name(name) for name in names} | unnamed)
        self.boxes: dict[Var | str, Box] = {}  # what an input, a line or a constant is drawn as
        self.drawn: dict[Box, str] = {}
        self.arrows: list[Edge] = []
        self.links: list[Edge] = []

    def svg(self) -> str:
        lines = self.document.lines
        self.forward([line for line in lines if line.part != "backward"])
        for line in lines:
            if line.part == "backward":
                self.backward(line)
        layout = lay_out([*self.boxes.values()], self.arrows, self.links)
        legend = self.legend()
        width = max(layout.width, legend[1]) + 2 * _MARGIN
        height = layout.height + _TITLE + _LEGEND + _MARGIN
        size = f'width="{width:.0f}" height="{height:.0f}"'
        alone = "" if self.anchor else ' xmlns="http://www.w3.org/2000/svg"'
        least = f' style="min-width: {_SHRUNK * width:.0f}px"' if self.anchor else ""
        kinds = ["back" if a.column > b.column else "forth" for a, b in self.arrows]
        return "\n".join(
            [
                f'<svg{alone} class="backlit-graph" role="img" '
                f'viewBox="0 0 {width:.0f} {height:.0f}" {size}{least}>',
                f"<title>{escape(self.title())}</title>",
                f"<desc>{escape(self.description())}</desc>",
                f"<style>{GRAPH}</style>",
                f'<rect class="ground" {size}/>',
                f'<text class="part" x="{_MARGIN}" y="20">Forward →</text>',
                f'<g transform="translate({_MARGIN} {_TITLE})">',
                *(path(way) for way in layout.links),
                *(arrow(way, kind) for way, kind in zip(layout.arrows, kinds, strict=True)),
                *(self.placed(box) for box in self.drawn),
                "</g>",
                f'<text class="part" x="{_MARGIN}" y="{height - _LEGEND:.0f}">← Backward</text>',
                f'<g transform="translate({_MARGIN} {height - _MARGIN:.0f})">{legend[0]}</g>',
                "</svg>\n",
            ]
        )

    def forward(self, lines: list[Line]) -> None:
        """Each value right before what reads it first, after all that it is made of."""
        columns: dict[object, int] = {}
        for line in lines:
            columns[line.out] = 1 + max([columns.get(x, 0) for x in self.read(line)], default=0)
        loss = self.document.loss
        if loss in columns:  # alone at the end, where the way turns
            columns[loss] = max(n + (x is not loss) for x, n in columns.items())
        readers: dict[object, list[int]] = {}
        for line in reversed(lines):
            if line.out in readers:
                columns[line.out] = min(readers[line.out]) - 1
            for x in self.read(line):
                readers.setdefault(x, []).append(columns[line.out])
        for x in (*self.document.constants, *self.derivation.graph.inputs):
            if x in readers:
                self.input(x, min(readers[x]) - 1)
        for line in lines:
            kind = "loss" if line.part == "loss" else "forward"
            box = self.box(line, kind, columns[line.out], side=0 if kind == "loss" else -1)
            self.arrows += [(self.boxes[x], box) for x in self.read(line)]

    def backward(self, line: Line) -> None:
        """A gradient under the value it belongs to; what has no such value, a step before."""
        read = [self.boxes[x] for x in self.read(line) if x in self.boxes]
        above = [box for box in read if box.side == 1]
        sources = [self.document.line_of(eqn) for eqn in line.because]
        own = self.boxes.get(target(self.document, line))  # type: ignore[arg-type]
        if not above and (not sources or any(x and x.part == "loss" for x in sources)):
            above = [box for box in self.drawn if box.side == 0]
        before = above or [self.boxes[x.out] for x in sources if x] or read
        column = min((box.column for box in before), default=0)
        under = own is not None and (own.column < column or not before)
        kind = "gradient" if line.out in self.document.gradients.values() else "backward"
        place = own.column if own and under else column - (column - math.ceil(column - 1)) / 2
        box = self.box(line, kind, place, side=1)
        box.under = own
        self.arrows += [(x, box) for x in above]
        self.links += [(x, box) for x in read if x.side < 0]
        self.arrows += [(x, box) for x in read if x.side == 0 and x not in above]

    def read(self, line: Line) -> list[Var | str]:
        """The inputs, the results of other lines and the constants that a line reads."""
        atoms = [x for eqn in line.equations for x in eqn.inputs] or [line.copied]
        named = self.document.named
        found = [named[x].name if x in named else x for x in atoms]  # type: ignore
        return list(dict.fromkeys(x for x in found if x in self.known))

    def input(self, x: Var | str, column: int) -> None:
        parameter = x in self.derivation.wrt
        name = x if isinstance(x, str) else x.name
        shape = self.document.constants[x].shape if isinstance(x, str) else x.shape
        kind, rank = ("parameter", _PARAMETER) if parameter else ("data", _DATA)
        words = [TEXT.name(name)]
        box, drawn = self.writing.box(words, shape_text(shape), column, -1, rank)
        title = f"{'constant' if isinstance(x, str) else kind} {words[0]}, {shape_text(shape)}"
        self.boxes[x], self.drawn[box] = box, self.marked(drawn, kind, title, f"-{name}")

    def box(self, line: Line, kind: str, column: float, side: int, rank: int = 0) -> Box:
        left, right = line.left["text"], line.right["text"]
        shape, equation = shape_text(line.out.shape), f"{left} = {right}"
        rows = [equation] if len(equation) <= _LONGEST else [left, *_broken(f"= {right}")]
        below = f"({line.number})  {shape}"
        box, drawn = self.writing.box(rows, below, column, side, rank)
        told = [f"({line.number})  {equation}, {shape}", origin_text(self.document, line)]
        self.boxes[line.out] = box
        self.drawn[box] = self.marked(drawn, kind, "; ".join(filter(None, told)), str(line.number))
        return box

    def marked(self, drawn: str, kind: str, title: str, place: str) -> str:
        inner = f'<g class="{kind}"><title>{escape(title)}</title>{drawn}</g>'
        return f'<a href="#{self.anchor}{place}">{inner}</a>' if self.anchor else inner

    def placed(self, box: Box) -> str:
        return f'<g transform="translate({box.x:.1f} {box.y:.1f})">{self.drawn[box]}</g>'

    def legend(self) -> tuple[str, float]:
        return self.writing.legend(_KINDS, _LINES)

    def title(self) -> str:
        return f"The graph of {self.derivation.loss(TEXT)} and its gradients"

    def description(self) -> str:
        """The lines in words, for those who do not see the picture."""
        words = [f"({x.number}) {x.left['text']} = {x.right['text']}" for x in self.document.lines]
        return "Values run from left to right, gradients back beneath them. " + "; ".join(words)


def _broken(text: str) -> Iterable[str]:
    """At most so many rows of at most so many characters; what is left out is in the title."""
    rows = wrap(text, _LONGEST, subsequent_indent="  ")
    return rows if len(rows) <= _ROWS else [*rows[: _ROWS - 1], f"{rows[_ROWS - 1]} …"]
