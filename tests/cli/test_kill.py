"""``kill -9`` at any moment, then --resume: the same model file, byte for byte.

KILLS=50 in the environment asks for more of them.
"""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from ..tables.samples import quantities

KILLS = int(os.environ.get("KILLS", "5"))
RUN = """
import sys
from backlit.cli import main
from backlit.tables import course
course.PAUSE, course._SHARE = float(sys.argv.pop()), 0
main()
"""


class Run:
    """``backlit train`` on a table, as a process of its own."""

    def __init__(self, folder, name, pause):
        self.model, self.checkpoints = folder / f"{name}.safetensors", folder / name
        self.words = [
            *(sys.executable, "-c", RUN, "train", folder / "q.csv", "--target", "y"),
            *("--hidden", "48-24", "--epochs", "100", "--batch", "8"),
            *("--out", self.model, "--checkpoint", self.checkpoints),
        ]
        self.pause = str(pause)

    def __call__(self, *more):
        return subprocess.run(
            [*self.words, *more, self.pause], capture_output=True, text=True, check=True
        )

    def killed(self, after, *more):
        """Kill it so many seconds after its start; was it still at work?"""
        process = subprocess.Popen(
            [*self.words, *more, self.pause], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(after)
        process.kill()
        return process.wait() == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_a_killed_training_ends_as_if_it_had_not_been(tmp_path, pause):
    (tmp_path / "q.csv").write_text(quantities(3000), encoding="utf-8")
    whole = Run(tmp_path, "whole", pause)
    began = time.perf_counter()
    whole()
    took = time.perf_counter() - began
    rng = np.random.default_rng()
    killed, resumed = 0, 0
    for i in range(KILLS):
        run = Run(tmp_path, f"run{i}", pause)
        killed += run.killed(took * (i + rng.random()) / KILLS)
        if rng.random() < 0.3:
            killed += run.killed(took * rng.random(), "--resume")
        resumed += "goes on after epoch" in run("--resume").stderr
        assert run.model.read_bytes() == whole.model.read_bytes()
        names = [path.name for path in run.checkpoints.iterdir()]
        assert len(names) <= 3
        assert all(name.startswith("step-") for name in names)
    print(
        f"{killed} kills within {took:.1f} s, {resumed} of {KILLS} runs resumed from a checkpoint"
    )
    assert killed >= KILLS / 2
    assert resumed
