"""Files with faults of many kinds: each loads as what it is, or is refused in a sentence.

FUZZ=10000 in the environment asks for more of them.
"""

import os
import time
import tracemalloc
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import backlit as bl
from backlit.errors import FileError, InputError
from backlit.files import load
from backlit.tables import Journal, load_model, read_table, save_model, train
from backlit.tables.course import Course
from backlit.tables.model import About

from ..tables.samples import penguins
from .damage import BLIND, damaged

FILES = int(os.environ.get("FUZZ", "1000"))
ROOM = 64 * 2**20  # bytes, beside those of the file
SECONDS = 5.0  # that none may take


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """A table, a model's file, a checkpoint, and what a training asks that for."""
    place, asked = tmp_path_factory.mktemp("fuzz"), []
    (place / "p.csv").write_text(penguins(), encoding="utf-8")
    table = read_table(place / "p.csv")

    def begin(self, *words):
        asked.append(words)
        return begins(self, *words)

    begins = Course.begin
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Course, "begin", begin)
        journal = Journal(place / "run")
        model = train(table, "species", hidden=(4,), epochs=3, journal=journal).model
    save_model(place / "model", model)
    bl.save(_estimator(), place / "estimator")
    files = {name: place / name for name in ("model", "estimator")}
    files["checkpoint"] = max((place / "run").iterdir())
    return table, {name: path.read_bytes() for name, path in files.items()}, asked[0]


def _estimator():
    """With about all that a file can hold."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), np.array(["no", "yes", "?"])[rng.integers(3, size=40)]
    made = bl.MLPClassifier(
        (4, 3), ["tanh", "relu"], optimizer=bl.adamw(bl.warmup(0.01, steps=3)), max_iter=3,
        early_stopping=True, class_weight={"no": 1, "yes": 2.0, "?": 1}, scale_inputs=True,
        dropout=[0.1, 0], init=bl.nn.he_normal, random_state=0, batch_size=8,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return made.fit(X, y)


def estimator(path, *_):
    """It is read, and answers."""
    found = bl.load(path)
    with np.errstate(all="ignore"):
        found.predict_proba(np.ones((2, found.n_features_in_)))


def model(path, table, _):
    """It is read, and answers."""
    found = load_model(path)
    if {c.name for c in found.about.preparation.columns} <= set(table.names):
        with np.errstate(all="ignore"):
            found.predict(table)


def checkpoint(path, _, asked):
    """It is read, and a training goes on from it."""
    notes = []
    journal = Journal(path.parent, resume=True, say=notes.append)
    Course(journal, "network").begin(*asked)
    for note in notes:
        if "goes on" not in note:
            raise FileError(note)


READ = {"model": model, "estimator": estimator, "checkpoint": checkpoint}


@pytest.mark.slow
@pytest.mark.parametrize("kind", READ)
def test_a_file_with_faults_is_refused_or_as_good(samples, tmp_path, kind):
    table, contents, asked = samples
    path, rng = tmp_path / "step-000000000009.safetensors", np.random.default_rng(0)
    good, most, longest, said = 0, 0, 0.0, set()
    tracemalloc.start()
    try:
        for _ in range(FILES):
            bad = damaged(contents[kind], rng)
            path.write_bytes(bad)
            tracemalloc.reset_peak()
            before, began = tracemalloc.get_traced_memory()[0], time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    READ[kind](path, table, asked)
                    good += 1
                except (FileError, InputError) as error:
                    said.add(sentence(str(error), path))
            longest = max(longest, time.perf_counter() - began)
            taken = tracemalloc.get_traced_memory()[1] - before
            most = max(most, taken)
            assert taken <= len(bad) + ROOM
    finally:
        tracemalloc.stop()
    print(
        f"{kind}: {FILES:,} files, {good:,} load, {FILES - good:,} refused in {len(said)} ways; "
        f"at most {most / 2**20:.2f} MiB and {longest:.2f} s"
    )
    assert longest < SECONDS
    assert 0 < good < FILES / 2
    assert len(said) > 10


@pytest.mark.slow
def test_no_blind_fault_changes_what_is_read(samples, tmp_path):
    """Where the sums are not made to fit: the same model, or none."""
    content, path, rng = samples[1]["model"], tmp_path / "m.safetensors", np.random.default_rng(1)
    path.write_bytes(content)
    arrays, about = load(path, About)
    for i in range(FILES):
        path.write_bytes(BLIND[i % len(BLIND)](content, rng))
        try:
            found, described = load(path, About)
        except FileError:
            continue
        assert described == about
        assert found.keys() == arrays.keys()
        for name, array in found.items():
            np.testing.assert_array_equal(array, arrays[name], strict=True)


def sentence(text, path):
    """The words of an error, without what differs from file to file; it has to be a sentence."""
    assert text.startswith(str(path.parent))
    assert text.endswith(".")
    return "".join(c for c in text.replace(str(path), "") if c.isalpha() or c == " ")[:40]
