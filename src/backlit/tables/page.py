"""The report of a training as one page: summary, pictures, every equation with its numbers."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from ..prove.statistics import Estimate
from ..show import html
from ..show.plot import Chart
from . import figures
from .calibration import Bin, bins, expected_error
from .judgement import confused
from .learn import Training
from .report import summary
from .score import Below
from .target import Classes
from .values import counted, shown

_SIZE = 520, 360  # of a picture
_MOST_CLASSES = 30  # whose confusions are shown
# In the dark the whole page is turned to light on dark, its hues kept: pictures, equations and all.
_STYLE = """<style>
.report { overflow-x: auto; font: .8125rem/1.5 ui-monospace, Menlo, Consolas, monospace }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start }
.pictures svg { max-width: 100%; height: auto }
.counts { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums }
.counts caption { text-align: left; padding: .3rem 0; color: #4a5464 }
.counts th, .counts td { padding: .2rem .6rem; text-align: right; border-top: 1px solid #e4e7ec }
.counts th { font-weight: 600 }
.scroll { overflow-x: auto; max-width: 100% }
@media (prefers-color-scheme: dark) {
  html { background: #fff; filter: invert(.9) hue-rotate(180deg) }
}
</style>"""


def page_of(training: Training) -> str:
    """A page that needs nothing else."""
    target, table = training.model.about.target, Path(training.table.source).name
    title = f"{shown(target.name)}, learnt from {shown(table)}"
    pictures = [_svg(figures.curves(training))] if training.learnt.fit.history["loss"] else []
    tables: list[str] = []
    if training.held_out and isinstance(target, Classes):
        pictures, tables = _of_classes(training, target, pictures)
    elif training.held_out:
        pictures, tables = _of_quantity(training, pictures)
    parts = [
        f"{_STYLE}\n<h1>{escape(title)}</h1>",
        f'<pre class="report">{escape(summary(training))}</pre>',
        f'<div class="pictures">\n{"".join(pictures)}</div>',
        f'<div class="pictures">\n{"".join(tables)}</div>',
        html.equations(training.derivation),
    ]
    return html.page(title, "\n".join(parts))


def _of_classes(
    training: Training, target: Classes, pictures: list[str]
) -> tuple[list[str], list[str]]:
    """Calibration, and the confusions of few classes."""
    ranges = bins(training.answered, training.truth)
    tables = [_calibration(ranges)]
    if target.outputs <= _MOST_CLASSES:
        best = training.answered.argmax(axis=1)
        counts = confused(target.outputs, training.truth, best)
        tables.insert(0, _confusions([shown(name) for name in target.classes], counts))
    return [*pictures, _svg(figures.reliability(ranges))], tables


def _of_quantity(training: Training, pictures: list[str]) -> tuple[list[str], list[str]]:
    """Predicted against true, residuals, and the coverage of quantiles."""
    scores = training.model.about.scores
    drawn = [figures.predicted_against_true(training), figures.residuals(training)]
    pictures = [*pictures, *map(_svg, drawn)]
    if not (scores and scores.coverage):
        return pictures, []
    return [*pictures, _svg(figures.covering(scores.coverage))], [_coverage(scores.coverage)]


def _confusions(names: Sequence[str], counts: Any) -> str:
    """A row for each class, a column for each prediction; the darker, the more of its row."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = []
    for name, row in zip(names, counts.tolist(), strict=True):
        shares = [count / max(sum(row), 1) for count in row]
        cells = "".join(
            f'<td style="background: rgba(0, 114, 178, {0.6 * share:.2f})">{count:,}</td>'
            for count, share in zip(row, shares, strict=True)
        )
        rows.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    caption = "Held-out rows: a row for each class, a column for each prediction"
    return _table(caption, f"<tr><th></th>{head}</tr>", rows)


def _calibration(ranges: Sequence[Bin]) -> str:
    error, rows = expected_error(ranges), sum(b.rows for b in ranges)
    caption = (
        f"Expected calibration error {100 * error:.1f} %: how far probabilities are from shares, "
        f"on average over {counted(rows, 'held-out row')}"
    )
    head = "<tr><th>probability</th><th>rows</th><th>mean</th><th>right [95 % interval]</th></tr>"
    lines = [
        f"<tr><td>{b.low:.1f} – {b.high:.1f}</td><td>{b.rows:,}</td><td>{b.confidence:.3f}</td>"
        f"<td>{_percent(b.right)}</td></tr>"
        for b in ranges
    ]
    return _table(caption, head, lines)


def _coverage(quantiles: Sequence[Below]) -> str:
    caption = f"True values at or below each quantile, of {counted(quantiles[0].rows, 'row')}"
    head = "<tr><th>quantile</th><th>rows</th><th>share [95 % interval]</th></tr>"
    lines = [
        f"<tr><td>{b.quantile:g}</td><td>{b.below:,}</td><td>{_percent(b.estimate)}</td></tr>"
        for b in quantiles
    ]
    return _table(caption, head, lines)


def _percent(found: Estimate) -> str:
    value, low, high = (100 * x for x in (found.value, found.low, found.high))
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"


def _table(caption: str, head: str, rows: Sequence[str]) -> str:
    return (
        f'<div class="scroll"><table class="counts"><caption>{escape(caption)}</caption>\n'
        f"{head}\n{''.join(rows)}</table></div>\n"
    )


def _svg(chart: Chart) -> str:
    return chart.svg(*_SIZE)
