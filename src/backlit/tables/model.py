"""A trained model: what it reads, how it computes, how well it did; and its file."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError
from ..estimators.design import Design
from ..files import dump, is_finite, load, write_whole
from .course import Params
from .network import design_of
from .prepare import Notes, Preparation
from .score import Below, Score
from .settings import OF_CLASSES, Settings
from .table import ROWS, Table
from .target import Classes, Target

FORMAT = 3


@dataclass(frozen=True)
class Scores:
    """On the held-out rows: the network, a linear model, and what needs no learning."""

    network: Score
    linear: Score | None  # None: the network itself is linear
    constant: Score  # the most frequent class, or the mean, of the training rows
    coverage: tuple[Below, ...] = ()  # of each quantile that is learnt


@dataclass(frozen=True)
class About:
    """All of a model but its parameters: the schema of its file."""

    format: int
    preparation: Preparation
    target: Target
    settings: Settings  # complete
    rows: int  # that were trained on, those that decide when to stop among them
    epoch: int  # whose parameters these are
    scores: Scores | None  # None: no rows were held out

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"format {self.format}; this version of backlit reads {FORMAT}")
        settings, classes = self.settings, isinstance(self.target, Classes)
        if not settings.is_complete or classes != (settings.loss in OF_CLASSES):
            raise ValueError("its settings are not those of a training on its target")
        if (settings.loss == "poisson") != (not classes and self.target.positive):
            raise ValueError("its loss and its target do not go together")
        if self.preparation.width < 1 or min(self.rows, self.epoch) < 0:
            raise ValueError("a width, number of rows or epoch is too small")

    @property
    def design(self) -> Design:
        """The equations of its network."""
        return design_of(self.settings, self.target, self.preparation.width)

    @property
    def widths(self) -> tuple[int, ...]:
        """From input to output."""
        return self.design.widths


@dataclass(frozen=True, eq=False)
class Model:
    """A network with all that it needs to answer for the rows of a table."""

    about: About
    params: Params

    @property
    def parameters(self) -> int:
        """How many numbers were learnt."""
        return sum(W.size + b.size for W, b in self.params)

    def predict(self, table: Table) -> tuple[Any, list[str]]:
        """One answer a row, and sentences on what was unusual in the table.

        For classes an array (rows, classes) of probabilities, for a quantity one of numbers (rows),
        for several quantiles of it (rows, quantiles). Raises InputError, naming them, if columns
        are missing. The target column is not read.
        """
        about, notes = self.about, Notes()
        blocks = about.preparation.blocks(table, notes)
        found = [answers(about.design, about.target, self.params, X) for X in blocks]
        return np.concatenate(found), notes.sentences()


def answers(design: Design, target: Target, params: Params, X: Any) -> Any:
    """Probabilities of classes, or a quantity in its units, in float64."""
    exact = [(W.astype(float), b.astype(float)) for W, b in params]
    found = []
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(X) or 1, ROWS):
            found.append(
                in_units(target, design.answer(exact, X[start : start + ROWS].astype(float)))
            )
    return np.concatenate(found)


def in_units(target: Target, answer: Any) -> Any:
    """Probabilities as they are, a quantity in the units of the table."""
    return answer if isinstance(target, Classes) else target.decode(answer)


def save_model(path: Path, model: Model) -> None:
    """Write the file whole or leave what is there: arrays W1, b1, …, and `About` as JSON.

    The same model gives the same bytes: no clock, no name of a machine is in it.
    """
    layers = enumerate(model.params, 1)
    arrays = {f"{n}{i}": x for i, pair in layers for n, x in zip("Wb", pair, strict=True)}
    write_whole(path, dump(arrays, model.about))


def load_model(path: Path) -> Model:
    """Read a model; raises FileError for a file that is not exactly one. Runs nothing of it."""
    return restore(*load(path, About), str(path))


def restore(arrays: dict[str, Any], about: About, where: str) -> Model:
    """The model that was read from a file. Raises FileError if it does not fit together."""
    sizes = list(enumerate(itertools.pairwise(about.widths), 1))
    shapes = {f"W{i}": shape for i, shape in sizes} | {f"b{i}": (n,) for i, (_, n) in sizes}
    found = {name: array.shape for name, array in arrays.items()}
    if found != shapes or any(array.dtype != np.float32 for array in arrays.values()):
        raise FileError(f"{where}: its arrays are not those of a network {about.widths}.")
    if not all(map(is_finite, arrays.values())):
        raise FileError(f"{where}: it has weights that are NaN or infinite.")
    return Model(about, [(arrays[f"W{i}"], arrays[f"b{i}"]) for i, _ in sizes])
