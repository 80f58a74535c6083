"""A progress bar for work that takes long, on a terminal only."""

import sys
import time
from typing import Any

_PATIENCE = 1.0  # seconds before a bar appears


class Progress:
    """``with Progress(epochs) as p: p.report(epoch, loss)``; quiet when short or redirected."""

    def __init__(self, total: int, words: str = "training") -> None:
        self._total, self._words = total, words
        self._start = time.perf_counter()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "Progress":
        return self

    def report(self, done: int, loss: float) -> None:
        """Say how far the work is."""
        if self._bar is None and not self._wanted():
            return
        if self._bar is None:
            from rich import progress
            from rich.console import Console

            columns = [*progress.Progress.get_default_columns(), "{task.fields[loss]}"]
            self._bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(self._words, total=self._total, loss="")
            self._bar.start()
        self._bar.update(self._task, completed=done, loss=f"loss {loss:.4g}")

    def __exit__(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _wanted(self) -> bool:
        return time.perf_counter() - self._start > _PATIENCE and sys.stderr.isatty()
