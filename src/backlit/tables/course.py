"""The course of a training: its best epoch, and where it is, kept so that it can be resumed."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileError, InputError
from ..files import Checkpoints, Real, array_sum
from ..train import Position, State

FORMAT = 2  # of a checkpoint; another one if the same command trains otherwise
PAUSE = 1.0  # seconds from one checkpoint to the next, at least …
_SHARE = 10  # … and so many times as long as one takes to write
_DATA = "data"  # of the settings: the sums of all arrays that are trained on

Params = list[tuple[Any, Any]]


@dataclass(eq=False)
class Best:
    """A callback that remembers the best epoch, and stops when no better one comes."""

    patience: int  # epochs
    epoch: int = 0
    loss: float = math.inf
    params: Params | None = None

    def __call__(self, state: State) -> bool:
        loss = state.history["validation_loss"][-1]
        if loss < self.loss:
            self.loss, self.epoch, self.params = loss, state.epoch, state.params
        return self.waited(state.epoch)

    def waited(self, epoch: int) -> bool:
        """Was there no better one for too long?"""
        return epoch - self.epoch >= self.patience


@dataclass(frozen=True)
class Entry:
    """A training at the end of an epoch."""

    settings: dict[str, str]  # what it was begun with
    epoch: int
    step: int
    best: int  # the best epoch so far …
    best_loss: Real  # … in validation; infinite before there is one

    def __post_init__(self) -> None:
        if not 0 <= self.best <= self.epoch <= self.step:
            raise ValueError("its epochs and steps do not go together")


@dataclass(frozen=True)
class Entries:
    """The trainings of a command, by name: the schema of a checkpoint.

    Its arrays are, for each of them, values/0000, … (see `Position`), best/0000, … (parameters)
    and history/loss, …; before each name stands that of the training.
    """

    format: int
    trainings: dict[str, Entry]

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"format {self.format}; this version of backlit resumes {FORMAT}")


class Journal:
    """The trainings of one command in a folder of checkpoints.

    Raises InputError if there are any and `resume` is False, FileError if there are some and none
    can be read. `say` is told what happens.
    """

    def __init__(
        self, folder: Path, *, resume: bool = False, say: Callable[[str], None] = lambda note: None
    ) -> None:
        self.folder, self.say = folder, say
        self.entries: dict[str, Entry] = {}
        self.arrays: dict[str, Any] = {}
        self._checkpoints = Checkpoints(folder)
        self._next = time.monotonic() + PAUSE
        if self._checkpoints.steps():
            self._read(resume)

    def _read(self, resume: bool) -> None:
        if not resume:
            raise InputError(
                f"{self.folder} holds the checkpoints of a training: resume it (--resume), or take "
                "another folder."
            )
        found = self._checkpoints.newest(Entries)
        if found is None:
            raise FileError(
                f"{self._checkpoints.notes[0]} No checkpoint in {self.folder} can be read: take "
                "another folder, or remove it."
            )
        for note in self._checkpoints.notes:
            self.say(f"{note} It is left out.")
        self.arrays, about = found
        self.entries = about.trainings

    @property
    def due(self) -> bool:
        """Is it time for a checkpoint? When there is one changes no result."""
        return time.monotonic() >= self._next

    def save(self, name: str, entry: Entry, arrays: dict[str, Any]) -> None:
        """Write where a training is, beside those that ended before it."""
        began = time.monotonic()
        self.entries[name] = entry
        self.arrays |= {f"{name}/{key}": array for key, array in arrays.items()}
        step = sum(entry.step for entry in self.entries.values())
        self._checkpoints.save(step, self.arrays, Entries(FORMAT, self.entries))
        now = time.monotonic()
        self._next = now + max(PAUSE, _SHARE * (now - began))


class Course:
    """One training of a journal."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._journal, self._name = journal, name

    def begin(
        self, settings: dict[str, str], data: Sequence[Any], params: Params, best: Best
    ) -> Position | None:
        """Where it was, if it is known, and in `best` what was best until then.

        params: of a training that begins. Raises InputError if the journal is of another one.
        """
        sums = " ".join(array_sum(np.ascontiguousarray(x)) for x in data)
        self._settings, self._best = {**settings, _DATA: sums}, best
        entry = self._journal.entries.get(self._name)
        if entry is None:
            return None
        self._refuse_another(entry.settings)
        kept = [*self._arrays("best").values()]
        history = {name: losses.tolist() for name, losses in self._arrays("history").items()}
        shapes = [(x.shape, x.dtype) for pair in params for x in pair]
        if [(x.shape, x.dtype) for x in kept] not in ([], shapes) or any(
            np.shape(losses) != (entry.epoch,) for losses in history.values()
        ):
            raise FileError(f"{self._journal.folder}: its arrays are not those of this training.")
        best.epoch, best.loss = entry.best, entry.best_loss
        best.params = list(zip(kept[::2], kept[1::2], strict=True)) if kept else None
        self._journal.say(
            f"{self._journal.folder}: the {self._name} goes on after epoch {entry.epoch:,}."
        )
        return Position(entry.epoch, entry.step, [*self._arrays("values").values()], history)

    def keep(self, state: State) -> None:
        """A callback: save an epoch's end, now and then."""
        if self._journal.due and state.position:
            self.save(state.position)

    def save(self, position: Position) -> None:
        """Save the end of an epoch."""
        best = [x for pair in self._best.params or [] for x in pair]
        history = {name: np.array(losses, float) for name, losses in position.history.items()}
        groups = {"values": _numbered(position.values), "best": _numbered(best), "history": history}
        arrays = {f"{group}/{name}": x for group in groups for name, x in groups[group].items()}
        best = self._best.epoch, self._best.loss
        entry = Entry(self._settings, position.epoch, position.step, *best)
        self._journal.save(self._name, entry, arrays)

    def _refuse_another(self, known: dict[str, str]) -> None:
        """What is resumed must have been begun with the same settings and data."""
        others = [
            f"other {name}" if name == _DATA else f"{name} {known.get(name)} (now {value})"
            for name, value in self._settings.items()
            if known.get(name) != value
        ]
        if others:
            raise InputError(
                f"{self._journal.folder} holds the checkpoints of another training, with "
                f"{', '.join(others)}: resume with the same table and settings, or take another "
                "folder."
            )

    def _arrays(self, group: str) -> dict[str, Any]:
        """What the journal holds of this training under that name."""
        start = f"{self._name}/{group}/"
        found = {k: x for k, x in self._journal.arrays.items() if k.startswith(start)}
        return {key.removeprefix(start): found[key] for key in sorted(found)}


def _numbered(arrays: Sequence[Any]) -> dict[str, Any]:
    """Names that sort as the arrays stand."""
    return {f"{i:04}": x for i, x in enumerate(arrays)}
