"""Data on disk is trained where it lies, and many trainings take no more memory than a few."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import backlit as bl
from backlit.errors import InputError
from backlit.train import data

from .small import PARAMS, X, Y, flat, net

linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")


def mapped(path, array):
    """The same numbers in a file."""
    np.save(path, array)
    return np.load(path, mmap_mode="r")


@pytest.mark.parametrize("engine", ["auto", "numpy"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("stored", ["f4", "f8", ">f8", "f2", "u1", ">i4"])
def test_the_same_bits_from_a_file(tmp_path, engine, dtype, stored):
    x = np.clip(50 * X, 0, 255).astype(stored)
    settings = {"optimizer": bl.sgd(1e-4), "dtype": dtype, "engine": engine, "batch_size": 4}
    for batch_size in (4, None):
        settings["batch_size"] = batch_size
        expected = bl.fit(net, PARAMS, (x, Y), epochs=3, validation=(x, Y), **settings)
        file = mapped(tmp_path / "x.npy", x), mapped(tmp_path / "y.npy", Y)
        found = bl.fit(net, PARAMS, file, epochs=3, validation=file, **settings)
        assert flat(found.params).tobytes() == flat(expected.params).tobytes()
        assert found.history == expected.history
        assert found.engine == expected.engine


@pytest.mark.parametrize("stored", ["f4", "f8", "u1", "i8", "?"])
def test_what_lies_in_a_file_stays_there(tmp_path, stored):
    file = mapped(tmp_path / "x.npy", np.ones((6, 2), stored))
    for dtype in (np.float32, np.float64):
        [found] = data.as_arrays(file, dtype)
        assert np.shares_memory(found, file)
        assert type(found) is np.ndarray
        assert np.shares_memory(data.as_arrays(file[2:], dtype)[0], file)


@pytest.mark.parametrize("chunk", [1, 5, 12, 100])
def test_what_is_not_finite_is_found_in_parts(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(data, "_CHUNK", chunk)
    x = np.arange(24.0).reshape(6, 2, 2)
    x[0, 1, 0], x[3, 0, 1], x[5, 1, 1] = np.nan, 1e300, -np.inf
    for given in (x, mapped(tmp_path / "x.npy", x)):
        for dtype, bad in (("float32", 3), ("float64", 2)):
            words = rf"data\[0\] has {bad} entries that are NaN or infinite in {dtype}"
            with pytest.raises(InputError, match=words):
                data.as_arrays(given, np.dtype(dtype))


SIZE, COLUMNS, ROWS = 200 * 2**20, 1024, 10_000  # bytes, of a row; rows that are written together
IN_PLACE = f"""
import resource, sys
import numpy as np
import backlit as bl

path, stored, engine, megabytes = sys.argv[1:]
x = np.memmap(path, stored, "r").reshape(-1, {COLUMNS})
y = np.zeros(len(x), np.uint8)


def train(x, y):
    return bl.fit(
        lambda params, x, y: bl.nn.bce_with_logits(bl.nn.mlp(params, x / 255)[:, 0], y),
        bl.nn.dense([x.shape[1], 4, 1], dtype=np.float32),
        (x, y),
        optimizer=bl.sgd(0.1),
        batch_size=64,
        engine=engine,
        n_threads=1,
    )


train(np.array(x[:65]), y[:65])  # modules, and memory that Python and NumPy keep
[size] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmData")]
limit = int(size) * 1024 + int(float(megabytes) * 2**20)
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))  # a copy is now a MemoryError
print(train(x, y).engine)
"""


def run(program, *arguments):
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def in_place(path, stored, engine, megabytes):
    """Train with data in a file, in a fresh process that may take so much memory more."""
    rng = np.random.default_rng(0)
    numbers = SIZE // np.dtype(stored).itemsize
    file = np.memmap(path, stored, "w+", shape=(numbers // COLUMNS, COLUMNS))
    for i in range(0, len(file), ROWS):
        part = file[i : i + ROWS]
        part[:] = rng.integers(0, 256, size=part.shape, dtype=np.uint8)
    file.flush()
    return run(IN_PLACE, path, stored, engine, megabytes)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["auto", "numpy"])
@pytest.mark.parametrize("stored", ["float64", "float32", "uint8"])
def test_200_megabytes_are_trained_in_20(tmp_path, stored, engine):
    done = in_place(tmp_path / "x", stored, engine, 20)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("NumPy" if engine == "numpy" else "player")


@linux
@pytest.mark.slow
def test_the_limit_of_memory_is_felt(tmp_path):
    """So that the test above can fail: the order of the rows alone takes more than this."""
    done = in_place(tmp_path / "x", "uint8", "auto", 0.2)
    assert "MemoryError" in done.stderr


AGAIN = """
import gc, sys
import numpy as np
import backlit as bl

x = np.random.default_rng(0).normal(size=(20, 2))


def anonymous():
    gc.collect()
    [size] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("RssAnon")]
    return int(size)


for i in range(1000):
    def loss(w, x):
        return np.mean((np.tanh(x @ w) - 1) ** 2)

    bl.fit(loss, np.zeros(2), x, optimizer=bl.sgd(0.1), batch_size=8, seed=i, engine=sys.argv[1])
    if i == 300:  # Python's and C's allocators have settled by then
        before = anonymous()
print(anonymous() / before)
"""


@linux
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["auto", "numpy"])
def test_a_thousand_trainings_take_no_more_memory_than_300(engine):
    done = run(AGAIN, engine)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1.01
