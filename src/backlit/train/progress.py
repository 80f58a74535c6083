"""A progress bar for work that takes long, on a terminal only."""

import math
import sys
import time
from typing import Any

_PATIENCE = 1.0  # seconds before a bar appears
_PAUSE = 0.1  # seconds from one update of the bar to the next


class Progress:
    """``with Progress(steps) as p: p.report(step, loss)``; quiet when short or redirected."""

    def __init__(self, total: int, words: str = "training") -> None:
        self._total, self._words = total, words
        self._next = time.perf_counter() + _PATIENCE if _terminal(sys.stderr) else math.inf
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "Progress":
        return self

    def report(self, done: int, loss: float) -> None:
        """Say how far the work is; cheap enough to be called after each step."""
        now = time.perf_counter()
        if now < self._next:
            return
        self._next = now + _PAUSE
        if self._bar is None:
            self._start()
        self._bar.update(self._task, completed=done, loss=f"loss {loss:.4g}")

    def __exit__(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _start(self) -> None:
        from rich import progress
        from rich.console import Console

        self._bar = progress.Progress(
            *progress.Progress.get_default_columns(),
            "{task.fields[loss]}",
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=_terminal(sys.stdout),  # what goes to a file is not ours to divert
        )
        self._task = self._bar.add_task(self._words, total=self._total, loss="")
        self._bar.start()


def _terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()  # under pythonw there is no stream
