"""Ctrl-C is heard within an epoch of the player's, and nothing is lost."""

import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import numpy as np, backlit as bl
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(100_000, 50)), rng.normal(size=(100_000, 1))
def loss(p, X, Y):
    return bl.nn.mse(bl.nn.mlp(p, X), Y)
start = bl.nn.dense([50, 64, 1], seed=0)
print("ready", flush=True)
f = bl.fit(loss, start, (X, Y), optimizer=bl.adam(), batch_size=32, epochs=10_000, engine="player")
print(f.stop_reason.kind, f.stop_reason.step > 0, bool(np.any(f.params[0][0] != start[0][0])))
"""


@pytest.mark.slow
def test_ctrl_c_is_heard_within_an_epoch():
    """The promise is 0.2 s; a machine that is busy with other tests may take longer to wake it."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        sent = time.perf_counter()
        said = process.stdout.read()
        waited = time.perf_counter() - sent
    assert said == "interrupted True True\n"
    assert waited < 2
