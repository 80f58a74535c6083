"""The picture of a proof: the teacher's surface, the student's, and how the trials went."""

from html import escape
from typing import Any

import numpy as np

from ..show.heat import HeatMap
from ..show.plot import Axis, Chart, Series
from .teacher_student import Proof, Trial

_REACH, _GRID = 2.5, 81  # the maps span ±2.5 standard deviations of the inputs
_WIDTH, _HEIGHT = 990, 310  # of a row of pictures


def svg(proof: Proof) -> str:
    """Surfaces of the median trial above, loss curves and scores of all trials below."""
    rows = [surfaces(median(proof), proof.teacher[0]), [losses(proof), scores(proof)]]
    parts = []
    for i, row in enumerate(rows):
        width = _WIDTH // len(row)
        for j, part in enumerate(row):
            drawn = part.svg(width, _HEIGHT)
            parts.append(f'<g transform="translate({j * width} {i * _HEIGHT})">{drawn}</g>')
    size = f'width="{_WIDTH}" height="{len(rows) * _HEIGHT}"'
    box = f'viewBox="0 0 {_WIDTH} {len(rows) * _HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} {size} role="img">'
    return "\n".join([head, f"<title>{escape(str(proof))}</title>", *parts, "</svg>"]) + "\n"


def median(proof: Proof) -> Trial:
    """The trial whose student stands in the middle."""
    return sorted(proof.trials, key=lambda t: t.student.r2)[(len(proof.trials) - 1) // 2]


def surfaces(trial: Trial, inputs: int) -> list[Any]:
    """Teacher, student and their difference over the first two inputs, the others at 0.

    Of several outputs the first is shown; with one input, the two curves.
    """
    across = np.linspace(-_REACH, _REACH, _GRID)
    if inputs == 1:
        return [Chart((
            Series(across, trial.teacher(across[:, None])[:, 0], "line", "teacher"),
            Series(across, trial.learned(across[:, None])[:, 0], "line", "student"),
        ), "The median trial", "x", "y")]  # fmt: skip
    X = np.zeros((_GRID * _GRID, inputs))
    X[:, 0], X[:, 1] = (grid.ravel() for grid in np.meshgrid(across, across))
    taught, learned = (f(X)[:, 0].reshape(_GRID, _GRID) for f in (trial.teacher, trial.learned))
    scale = _symmetric([taught, learned])
    wrong = learned - taught
    titled = f"Student, median trial: R² = {trial.student.r2:.4f}"
    return [
        HeatMap(across, across, taught, "Teacher", "x₁", "x₂", scale),
        HeatMap(across, across, learned, titled, "x₁", "x₂", scale),
        HeatMap(
            across, across, wrong, "Student − teacher, enlarged", "x₁", "x₂", _symmetric(wrong)
        ),
    ]


def _symmetric(heights: Any) -> Axis:
    """The scale on which 0 is white."""
    largest = float(np.max(np.abs(heights)))
    return Axis(-largest, largest) if largest else Axis(-1, 1)


def losses(proof: Proof) -> Chart:
    """The training loss of every trial, epoch by epoch."""
    curves = [t.history["loss"] for t in proof.trials]
    epochs = np.concatenate([[*range(1, len(c) + 1), np.nan] for c in curves])
    heights = np.concatenate([[*c, np.nan] for c in curves])
    series = Series(epochs, heights, "line")
    return Chart((series,), "Training loss, every trial", "epoch", "mean squared error", True)


def scores(proof: Proof) -> Chart:
    """Held-out R² of the three models, trial by trial."""
    number = np.arange(1, len(proof.trials) + 1)
    series = [
        Series(number, [getattr(t, model).r2 for t in proof.trials], "points", model)
        for model in ("student", "linear", "constant")
    ]
    return Chart(tuple(series), "Held-out R²", "trial", "R²")


def html(proof: Proof) -> str:
    """One self-contained page: the sentence, the pictures, the table. It requests nothing."""
    head = ["trial", "student R²", "linear R²", "student loss", "seconds"]
    rows = [
        [str(i), f"{t.student.r2:.5f}", f"{t.linear.r2:.3f}", f"{t.student.loss:.2g}",
         f"{t.seconds:.1f}"]
        for i, t in enumerate(proof.trials, 1)
    ]  # fmt: skip
    cells = "".join(f"<tr><td>{'<td>'.join(row)}</tr>\n" for row in rows)
    sizes = ["-".join(map(str, s)) for s in (proof.teacher, proof.student)]
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Teacher and student</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem }}
svg {{ max-width: 100%; height: auto }}
td, th {{ text-align: right; padding: .1rem .8rem; font-variant-numeric: tabular-nums }}
</style>
<h1>A student learns what a teacher computes</h1>
<p>Teachers {sizes[0]} with random weights, students {sizes[1]}; each student saw examples only.</p>
<p><strong>{escape(str(proof))}</strong></p>
{svg(proof)}
<table><tr><th>{"<th>".join(head)}</tr>
{cells}</table></html>
"""
