"""Checkpoints: the last states of a run, each in a file of its own; the newest good one counts."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from ..errors import FileError, InputError
from .tensors import dump, load
from .whole import write_whole

_NAME = re.compile(r"step-(\d{12})\.safetensors")
_PART = ".step-*.part"  # what a process left that was killed while it wrote
T = TypeVar("T")


class Checkpoints:
    """A folder with the `keep` newest states of one run.

    Their numbers may be NaN or infinite: a run that diverged has them. No file is removed that was
    neither written nor read here. Raises InputError if nothing can be written there.
    """

    def __init__(self, folder: Path, keep: int = 3) -> None:
        self.folder, self.keep = folder, keep
        self.notes: list[str] = []  # why `newest` could not use a newer file
        self._known: set[int] = set()  # the steps of the files that were written or read here
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder}: no folder can be made there: {error.strerror}.") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"{folder}: nothing can be written in this folder.")

    def steps(self) -> list[int]:
        """Of the states that are there, good or not, rising."""
        found = [_NAME.fullmatch(path.name) for path in self.folder.iterdir()]
        return sorted(int(match[1]) for match in found if match)

    def save(self, step: int, arrays: dict[str, Any], about: Any) -> None:
        """Write a state, whole; what it makes superfluous is removed after that.

        Raises InputError if the disk does not take it: the states before stay.
        """
        write_whole(self._path(step), dump(arrays, about, finite=False))
        self._known.add(step)
        self._tidy(step)

    def _tidy(self, step: int) -> None:
        """Remove what this state makes superfluous, and what a killed process had begun."""
        kept = sorted(found for found in self._known if found <= step)[-self.keep :]
        old, self._known = self._known.difference(kept), set(kept)
        for path in (*map(self._path, old), *self.folder.glob(_PART)):
            with suppress(OSError):  # the newest is there: that is what counts
                path.unlink()

    def newest(self, kind: type[T]) -> tuple[dict[str, Any], T] | None:
        """The arrays and the dataclass of the newest state that can be read, or None.

        What is newer and cannot be read is left out with a sentence in `notes`. Older ones are
        read, too: those of them that are superfluous are removed.
        """
        newest = None
        for step in reversed(self.steps()):
            try:
                found = load(self._path(step), kind, finite=False)
            except FileError as error:
                self.notes += [str(error)] if newest is None else []
            else:
                self._known.add(step)
                newest = newest or found
        if newest is not None:
            self._tidy(max(self._known))
        return newest

    def _path(self, step: int) -> Path:
        return self.folder / f"step-{step:012}.safetensors"
