"""The report of a training as one page: summary, pictures, every equation with its numbers."""

from html import escape
from pathlib import Path

from ..show import html
from .learn import Training
from .report import summary
from .values import shown


def page_of(training: Training) -> str:
    """A page that needs nothing else."""
    target, table = training.model.about.target.name, Path(training.table.source).name
    title = f"{shown(target)}, learnt from {shown(table)}"
    said = f'<pre style="overflow-x: auto">{escape(summary(training))}</pre>'
    equations = html.equations(training.derivation)
    return html.page(title, f"<h1>{escape(title)}</h1>\n{said}\n{equations}")
