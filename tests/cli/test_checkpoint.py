"""``backlit train --checkpoint``, as a user meets it."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from backlit.cli import program
from backlit.tables import course

from ..tables.samples import quantities

FAST = ["--epochs", "4", "--hidden", "4"]


@pytest.fixture
def words(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "PAUSE", 0.0)
    monkeypatch.setattr(course, "_SHARE", 0)
    (tmp_path / "q.csv").write_text(quantities(80), encoding="utf-8")
    table, out, folder = tmp_path / "q.csv", tmp_path / "m.safetensors", tmp_path / "run"
    return ["train", table, "--target", "y", "--out", out, *FAST, "--checkpoint", folder]


def run(*words):
    return CliRunner().invoke(program, [*map(str, words)])


def test_a_finished_training_writes_the_same_file_again(words, tmp_path):
    first = run(*words)
    assert (first.exit_code, first.stderr) == (0, "")
    model = (tmp_path / "m.safetensors").read_bytes()
    (tmp_path / "m.safetensors").unlink()
    again = run(*words, "--resume")
    assert again.exit_code == 0
    assert "run: the network goes on after epoch 4" in again.stderr
    assert (tmp_path / "m.safetensors").read_bytes() == model
    assert again.stdout == first.stdout
    assert run(*words[:5], tmp_path / "n.safetensors", *FAST).exit_code == 0
    assert (tmp_path / "n.safetensors").read_bytes() == model  # nor do checkpoints change it


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            [],
            "run holds the checkpoints of a training: resume it (--resume), or take another folder",
        ),
        (["--resume", "--rate", "0.1"], "with rate 0.005 (now 0.1): resume with the same table"),
    ],
)
def test_other_trainings_are_refused(words, tmp_path, more, sentence):
    assert run(*words).exit_code == 0
    (tmp_path / "m.safetensors").unlink()
    refused = run(*words, *more)
    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert not (tmp_path / "m.safetensors").exists()


def test_resume_alone_is_refused(words):
    refused = run(*words[:-2], "--resume")
    assert refused.exit_code == 2
    assert "--resume needs --checkpoint FOLDER" in refused.stderr


def test_ctrl_c_says_how_to_go_on(words, monkeypatch):
    def interrupt(best, state):
        if state.epoch == 3:
            raise KeyboardInterrupt
        return learnt(best, state)

    learnt = course.Best.__call__
    with monkeypatch.context() as patch:
        patch.setattr(course.Best, "__call__", interrupt)
        stopped = run(*words)
    assert stopped.exit_code == 130
    assert "run keeps how far it is: the same with --resume goes on." in stopped.stderr
    assert "the network goes on after epoch 2" in run(*words, "--resume").stderr


FULL = """
import resource, sys
from backlit.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
main()
"""


def test_a_full_disk_is_a_sentence(words, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"backlit: {tmp_path}/run/step-")
    assert done.stderr.endswith("cannot be written: File too large.\n")
    assert not any((tmp_path / "run").iterdir())
    assert run(*words, "--resume").exit_code == 0
