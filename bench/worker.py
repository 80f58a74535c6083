"""One contestant in a process of its own: it trains when it is told to, and waits meanwhile.

    python worker.py '{"peer": "numpy", "case": {…}, "epochs": 100, …}'

Each line of its input is a turn, {"epochs": most, "seconds": enough}; each is answered by a line,
{"seconds": […], "losses": […]}. The first line tells what runs. A mistake is {"error": "…"}.
"""

import importlib
import json
import sys
import time
from dataclasses import dataclass

from cases import Case


@dataclass(frozen=True)
class Job:
    """What a contestant is told."""

    peer: str
    case: Case
    epochs: int  # at most, in all turns
    threads: int | None = None  # None: as many as it likes
    engine: str = "auto"  # backlit's


class Report:
    """Called by a contestant after each epoch; between the turns it does not return."""

    def __init__(self):
        self.next_turn()

    def __call__(self, *losses, seconds=None):
        """Note the losses of the epochs since, and the seconds of one. True: that was all."""
        now = time.perf_counter()
        self.losses += losses
        self.seconds += [(now - self.start) / len(losses) if seconds is None else seconds]
        if len(self.losses) >= self.turn["epochs"] or now - self.begun >= self.turn["seconds"]:
            say(seconds=self.seconds, losses=self.losses)
            self.next_turn()
        self.start = time.perf_counter()
        return self.turn is None

    def next_turn(self):
        """Wait until it is this contestant's turn, or the end."""
        line = sys.stdin.readline()
        self.turn = json.loads(line) if line else None
        self.losses, self.seconds = [], []
        self.begun = self.start = time.perf_counter()


def say(**facts):
    """A line to the one who called."""
    print(json.dumps(facts), file=OUT, flush=True)


def main(text):
    """Import the peer, and let it train."""
    given = json.loads(text)
    job = Job(**{**given, "case": Case(**given["case"])})
    try:
        peer = importlib.import_module(f"peers.{job.peer.replace('-', '_')}_peer")
        say(library=peer.LIBRARY, note=getattr(peer, "NOTE", None))
        train = peer.train if job.case.copies == 1 else peer.train_many
        train(job, Report())
    except Exception as error:
        say(error=f"{type(error).__name__}: {error}")


OUT, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
if __name__ == "__main__":
    main(sys.argv[1])
