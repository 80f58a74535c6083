"""The derivation as one page that needs nothing else: no script, no font, no request."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir.graph import Var
from ..ir.interpret import interpret
from .document import TITLES, Line, number_rows, shape_text
from .graph import graph_svg
from .mathml import mathml
from .notation import LATEX, TEXT
from .rules import origin_text, proofs
from .style import CELL, EQUATIONS, PAGE

if TYPE_CHECKING:
    from .derivation import Derivation

_SMALL = 12  # numbers that are shown at once; more are shown when they are asked for
_DRAWN = 24  # lines of a derivation whose graph is shown at once
_LEAD = """<p class="lead">Every equation is one that runs, and the numbers are its own. A name
links to the line that defines it; <em>from (n)</em> names the forward line whose rule a backward
line applies.</p>"""


def page(title: str, body: str) -> str:
    """A whole page around a body of HTML: head and style sheet; it requests nothing.

    >>> page("x < y", "<h1>Hello</h1>").splitlines()[2]
    '<title>x &lt; y</title>'
    """
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>
{PAGE}{EQUATIONS}</style></head>
<body><main>
{body}
</main></body></html>
"""


def equations(
    derivation: "Derivation",
    *,
    numbers: bool = True,
    digits: int = 6,
    rate: float | None = None,
    anchor: str = "eq",
) -> str:
    """The equations as a fragment of a page: parameters, forward, loss, backward, update.

    numbers: with the values of the example, to so many `digits`; with `rate`, also those after one
    step of gradient descent. anchor: line n has the id anchor + n; two derivations on one page
    need different ones.
    """
    return _Fragment(derivation, numbers, digits, rate, anchor).html()


def derivation_page(derivation: "Derivation", digits: int, rate: float | None) -> str:
    """The page of one derivation: what it derives, how to read it, its equations."""
    slopes = [slope for _, slope in derivation.updates(TEXT)]
    shown = slopes if len(slopes) < 7 else [*slopes[:3], "…", slopes[-1]]
    title = f"Derivation of {', '.join(shown)}".replace("/", "/\N{WORD JOINER}")
    body = equations(derivation, digits=digits, rate=rate)
    return page(title, f"<h1>{escape(title)}</h1>\n{_LEAD}\n{_graph(derivation)}\n{body}")


def _graph(derivation: "Derivation") -> str:
    """The drawing, to be opened where it is large."""
    small = len(derivation.document.lines) <= _DRAWN
    return (
        f'<details class="graph"{" open" * small}><summary>The whole as a graph</summary>\n'
        f'<div class="wide">{graph_svg(derivation, anchor="eq")}</div></details>'
    )


def notebook_cell(derivation: "Derivation") -> str:
    """The equations with their own style and anchors: a notebook has more than one derivation."""
    anchor = f"d{zlib.crc32(derivation.text().encode()):08x}-"
    return f"<style>{EQUATIONS}{CELL}</style>\n{equations(derivation, anchor=anchor)}"


class _Fragment:
    """Writes the rows of one derivation; a row is a line, an input or an update."""

    def __init__(
        self, derivation: "Derivation", numbers: bool, digits: int, rate: float | None, anchor: str
    ) -> None:
        self.derivation, self.digits, self.rate, self.anchor = derivation, digits, rate, anchor
        self.values: dict[str, Any] = derivation.values_of() if numbers else {}
        self.notation = replace(
            LATEX,
            prose=escape,
            formula=mathml,
            reference=lambda n: f'<a href="#{anchor}{n}">({n})</a>',
        )
        given = [v.name for v in derivation.graph.inputs] + [*derivation.document.constants]
        self.links = {LATEX.name(name): f"#{anchor}-{name}" for name in given}
        for line in derivation.document.lines:
            names = line.left["latex"].split(" = ")
            self.links |= dict.fromkeys(names, f"#{anchor}{line.number}")

    def html(self) -> str:
        document, wrt = self.derivation.document, self.derivation.wrt
        given = [var for var in document.graph.inputs if var not in wrt]
        sections = [_section("Parameters", map(self.input, wrt))]
        if given:
            sections.append(_section("Given", map(self.input, given)))
        if document.constants:
            sections.append(_section("Constants", map(self.constant, document.constants)))
        proved = proofs(document)
        for part, lines in groupby(document.lines, lambda line: line.part):
            legend = (
                [f'<p class="legend">{document.legend.capitalize()}.</p>']
                if part == "backward"
                else []
            )
            rows = [self.line(line, proved[line]) for line in lines]
            sections.append(_section(TITLES[part], legend + rows))
        return f'<div class="backlit">\n{"".join(sections)}{self.update()}</div>'

    def input(self, var: Var) -> str:
        anchor = f"{self.anchor}-{var.name}"
        return self.row([LATEX.name(var.name)], var.shape, self.values.get(var.name), anchor)

    def constant(self, name: str) -> str:
        value = self.derivation.document.constants[name]
        shown = value if self.values else None
        return self.row([LATEX.name(name)], value.shape, shown, f"{self.anchor}-{name}")

    def line(self, line: Line, because: Sequence[str]) -> str:
        left, *more = [*line.left["latex"].split(" = "), line.right["latex"]]
        why = [origin_text(self.derivation.document, line, self.notation)]
        why += [f"because {escape(proof)}" for proof in because]
        return self.row(
            [left, *(f"= {side}" for side in more)],
            line.out.shape,
            self.values.get(line.out.name),
            f"{self.anchor}{line.number}",
            self.notation.reference(line.number),
            "<br/>".join(filter(None, why)),
        )

    def update(self) -> str:
        """Each parameter after the step, and the loss then; without a rate, the equations only."""
        new: dict[Var, Any] = {}
        if self.rate is not None and self.values:
            after = self.derivation.after_step(self.rate)
            new = dict(zip(self.derivation.graph.inputs, after, strict=True))
        rate = LATEX.name(self.derivation.document.rate)
        rows = [
            self.row([w, rf"\leftarrow {w} - {rate} \, {slope}"], var.shape, new.get(var))
            for var, (w, slope) in zip(
                self.derivation.wrt, self.derivation.updates(LATEX), strict=True
            )
        ]
        if new:
            loss, *_ = interpret(self.derivation.graph, *new.values())
            rows.append(self.row([self.derivation.loss(LATEX)], (), loss, why="after this step"))
        return _section(self.derivation.document.update_title(self.rate), rows)

    def row(
        self,
        formulas: Sequence[str],
        shape: tuple[int, ...],
        value: Any,
        anchor: str = "",
        place: str = "",
        why: str = "",
    ) -> str:
        others = {name: at for name, at in self.links.items() if at != f"#{anchor}"}
        formula = "".join(mathml(part, display=True, links=others) for part in formulas)
        cells = {
            "place": place,
            "equation": _div("formula", formula) + _div("shape", shape_text(shape)),
            "why": why,
            "value": "" if value is None else self.value(value),
        }
        mark = f' id="{anchor}"' if anchor else ""
        inner = "".join(_div(kind, content) for kind, content in cells.items() if content)
        return f'<div class="row"{mark}>{inner}</div>\n'

    def value(self, value: Any) -> str:
        array = np.asarray(value)
        kind = "matrix" if array.ndim in (1, 2) else "plain"
        rows = escape("\n".join(number_rows(array, self.digits)))
        shown = f'<pre class="{kind}">{rows}</pre>'
        if array.size <= _SMALL:
            return shown
        return f"<details><summary>{array.size} numbers</summary>{shown}</details>"


def _div(kind: str, content: str) -> str:
    return f'<div class="{kind}">{content}</div>'


def _section(title: str, rows: Iterable[str]) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{''.join(rows)}</section>\n"
