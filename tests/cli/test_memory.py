"""``backlit train`` on a large table, in little memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

# A process of its own: what one has held before counts as held by those it starts
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts otherwise elsewhere")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_million_rows_train_in_a_gigabyte(tmp_path, kind):
    rng, n = np.random.default_rng(0), 1_000_000
    columns = {f"x{i}": rng.normal(size=n) for i in range(17)}
    columns |= {"town": rng.choice(["a", "b", "c"], n), "shop": rng.integers(40, size=n)}
    frame = pl.DataFrame(columns | {"y": columns["x0"] * columns["x1"] + columns["x2"]})
    table, out = tmp_path / f"t.{kind}", tmp_path / "m.safetensors"
    getattr(frame, f"write_{kind}")(table)
    words = ["train", table, "--target", "y", "--epochs", "1", "--out", out]
    backlit = Path(sys.executable).with_name("backlit")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, backlit, *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert out.exists()
    assert int(done.stdout) < 2**30
