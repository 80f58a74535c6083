"""The contest: every peer in processes of its own, in turns, on the same rows and weights."""

import json
import math
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import numpy as np
from cases import START

from backlit.train.player_engine import cores

HERE = Path(__file__).parent
OURS = "backlit"
TOLERANCES = (1e-4, 1e-3)  # relative, of the first epochs' losses; later, rounding parts the paths
COMPARED = len(TOLERANCES)
EPOCHS, SECONDS = 20, 0.3  # a turn ends with whichever comes first, after one epoch at least
REST = 0.1  # seconds between turns: idle threads of the last one spin for a while
# Of the environment: nobody is held back or helped.
TUNING = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "XLA_FLAGS"}


def environment(threads: int) -> dict[str, str]:
    """For a process whose library is to use so many threads."""
    env = {name: value for name, value in os.environ.items() if name not in TUNING}
    env |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"), str(threads))
    if threads == 1:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return env


class Contestant:
    """A peer at work on a case with a number of threads, in a process; between turns it waits."""

    def __init__(self, peer, case, *, threads, engine, epochs=1):
        self.peer, self.threads = peer, threads
        self.turns: list[float] = []  # the best seconds of an epoch in each
        self.losses: list[float] = []
        self.error = None
        job = {
            "peer": peer,
            "case": asdict(case),
            "epochs": epochs,
            "threads": 1 if threads == 1 else None,
            "engine": engine,
        }
        self.process = subprocess.Popen(
            [sys.executable, HERE / "worker.py", json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(threads),
        )
        self.facts = self._answer()  # its library, and what must be said of its losses

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()  # no more turns: it ends

    def turn(self, epochs=EPOCHS, seconds=SECONDS):
        """Let it train a while, if it can; the first turn is for warming up and is not timed."""
        if self.error:
            return
        request = json.dumps({"epochs": epochs, "seconds": seconds})
        print(request, file=self.process.stdin, flush=True)
        answer = self._answer()
        if self.losses:
            self.turns += [min(answer["seconds"])] if answer else []
        self.losses += answer.get("losses", [])

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.error = f"its process ended with exit code {self.process.wait()}"
            return {}
        answer = json.loads(line)
        self.error = answer.pop("error", None)
        return answer


def race(case, peers, *, rounds, engine="auto"):
    """All peers on a case, each with one thread and with all that there are, as plain data."""
    entered = [p for p in (OURS, *peers) if p == OURS or case.only is None or p in case.only]
    settings = {"engine": engine, "epochs": COMPARED + rounds * EPOCHS}
    with ExitStack() as stack:
        contestants = [
            stack.enter_context(Contestant(peer, case, threads=threads, **settings))
            for peer in entered
            for threads in sorted({1, cores()})
        ]
        for one in contestants:
            one.turn(COMPARED, math.inf)
        for _ in range(rounds):
            for one in contestants:
                time.sleep(REST)
                one.turn()
    found = {}
    for one in contestants:
        peer = found.setdefault(one.peer, {"runs": [], "error": None, **one.facts})
        peer["error"] = peer["error"] or one.error
        losses = one.losses[:COMPARED]
        peer["runs"].append({"threads": one.threads, "turns": one.turns, "losses": losses})
    judge(found)
    return {"case": {**asdict(case), "steps": case.steps, "flops": case.flops}, "peers": found}


def judge(found):
    """Say of each peer how far its losses are from ours; too far is an error."""
    sound = [peer for peer in found.values() if not (peer["error"] or peer["note"])]
    for peer in sound:
        expected = sound[0]["runs"][0]["losses"]
        every = [run["losses"] for run in peer["runs"]]
        gaps = np.max(np.abs(np.divide(every, expected) - 1), axis=0)  # NaN if one is NaN
        peer["gap"] = float(gaps.max())
        if not np.all(gaps <= TOLERANCES):
            peer["error"] = f"the losses of its first epochs are {every}, expected {expected}"


def cold_start(peers, *, rounds, engine="auto"):
    """Seconds from starting Python to the end of a first small training, in every round."""
    found = {peer: {"seconds": [], "error": None} for peer in (OURS, *peers)}
    for _ in range(rounds):
        for peer, facts in found.items():
            start = time.perf_counter()
            with Contestant(peer, START, threads=cores(), engine=engine) as one:
                one.turn(epochs=1)
                facts["seconds"].append(time.perf_counter() - start)
                facts["error"] = one.error
    return found
