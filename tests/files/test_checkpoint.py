"""Checkpoints: the newest good state counts, whatever became of the files."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.files import Checkpoints, write_whole


@dataclass(frozen=True)
class Place:
    epoch: int


def saved(folder, *steps, keep=3):
    checkpoints = Checkpoints(folder, keep)
    for step in steps:
        checkpoints.save(step, {"w": np.array([step, np.nan])}, Place(step))
    return checkpoints


def newest(checkpoints):
    found = checkpoints.newest(Place)
    if found is None:
        return None
    arrays, about = found
    np.testing.assert_array_equal(arrays["w"], [about.epoch, np.nan])
    return about.epoch


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_of_the_last_few(tmp_path):
    folder = tmp_path / "new" / "run"
    checkpoints = Checkpoints(folder)
    assert newest(checkpoints) is None
    saved(folder, 1, 2, 9, 10)
    assert newest(checkpoints) == 10
    assert checkpoints.steps() == [2, 9, 10]
    assert names(folder)[0] == "step-000000000002.safetensors"
    assert checkpoints.notes == []


def test_what_a_killed_process_left_goes_and_what_others_wrote_stays(tmp_path):
    others = ["mine.part", ".mine.part", "step-5.txt", "step-7.safetensors", "model.safetensors"]
    for name in (*others, ".step-000000000007.safetensors.99.part"):
        (tmp_path / name).write_bytes(b"half")
    saved(tmp_path, 8)
    assert names(tmp_path) == sorted([*others, "step-000000000008.safetensors"])


def test_one_killed_at_its_last_state_leaves_nothing_more_once_it_is_read(tmp_path):
    """It may never be saved again: there is nothing left to train."""
    saved(tmp_path, 1, 2, 3, 4, keep=4)
    (tmp_path / ".step-000000000004.safetensors.99.part").write_bytes(b"half")
    assert newest(Checkpoints(tmp_path)) == 4
    assert names(tmp_path) == [f"step-{step:012}.safetensors" for step in (2, 3, 4)]


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c[:-3] + b"\1" + c[-2:], bytes])
def test_a_damaged_file_gives_way_to_the_one_before(tmp_path, change):
    saved(tmp_path, 1, 2, 3)
    checkpoints = Checkpoints(tmp_path)
    last = tmp_path / "step-000000000003.safetensors"
    last.write_bytes(change(last.read_bytes()) if change is not bytes else b"")
    assert newest(checkpoints) == 2
    (note,) = checkpoints.notes
    assert note.startswith(str(last))
    checkpoints.save(2, {}, Place(2))
    assert checkpoints.steps() == [1, 2, 3]


def test_another_future_begins_where_a_state_is_saved(tmp_path):
    checkpoints = saved(tmp_path, 1, 2, 3)
    checkpoints.save(2, {}, Place(2))
    assert checkpoints.steps() == [1, 2]


def test_what_was_not_read_is_not_removed(tmp_path):
    saved(tmp_path, 1, 2, 9)
    (tmp_path / "step-000000000002.safetensors").write_bytes(b"of another format")
    saved(tmp_path, 3, 4, keep=1)
    assert Checkpoints(tmp_path).steps() == [1, 2, 4, 9]
    checkpoints = Checkpoints(tmp_path)
    assert newest(checkpoints) == 9
    assert not checkpoints.notes
    for step in (10, 11, 12):
        checkpoints.save(step, {}, Place(step))
    assert checkpoints.steps() == [2, 10, 11, 12]


def test_nothing_good_is_nothing(tmp_path):
    checkpoints = saved(tmp_path, 1, 2)
    for path in tmp_path.iterdir():
        path.write_bytes(b"x" * 20)
    assert newest(checkpoints) is None
    assert len(checkpoints.notes) == 2


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from backlit.errors import InputError
from backlit.files import Checkpoints
from tests.files.test_checkpoint import Place
checkpoints = Checkpoints(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    checkpoints.save(2, {"w": np.zeros(4096)}, Place(2))
except InputError as error:
    print(error)
"""


def test_a_full_disk_is_a_sentence_and_leaves_what_was_there(tmp_path):
    checkpoints = saved(tmp_path, 1)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "step-000000000002.safetensors cannot be written: File too large." in done.stdout
    assert names(tmp_path) == ["step-000000000001.safetensors"]
    assert newest(checkpoints) == 1


def test_places_where_no_folder_can_be_are_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for place in ("file", "file/inside"):
        with pytest.raises(InputError, match="no folder can be made there"):
            Checkpoints(tmp_path / place)
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        write_whole(tmp_path / "file" / "inside", "text")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(InputError, match="nothing can be written in this folder"):
        Checkpoints(tmp_path)


def test_nothing_old_goes_before_the_new_one_is_there(tmp_path, monkeypatch):
    checkpoints = saved(tmp_path, 1, 2, 3)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left"):
        saved(tmp_path, 4)
    assert checkpoints.steps() == [1, 2, 3]
