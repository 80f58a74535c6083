"""Files that are there whole, or as they were before."""

import os

import pytest

from backlit.errors import InputError
from backlit.files import check_writable, write_whole


def test_a_folder_or_a_device_is_not_replaced(tmp_path):
    (tmp_path / "pages.html").mkdir()
    os.mkfifo(tmp_path / "pipe.html")
    for name in ("pages.html", "pipe.html"):
        with pytest.raises(InputError, match="not a file that can be replaced"):
            check_writable(tmp_path / name, ".html")


def test_what_is_read_is_not_replaced(tmp_path):
    read, other = tmp_path / "in.csv", tmp_path / "out.csv"
    read.write_text("a,b\n")
    (tmp_path / "link.csv").symlink_to(read)
    check_writable(other, reads=[read, tmp_path / "none.csv"])
    other.touch()
    check_writable(other, reads=[read, tmp_path / "none.csv"])
    for path in (read, tmp_path / "link.csv", tmp_path / ".." / tmp_path.name / "in.csv"):
        with pytest.raises(InputError, match="is read, too"):
            check_writable(path, reads=[other, read])


def test_a_folder_without_permission_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError, match="nothing can be written in the folder"):
        check_writable(tmp_path / "tour.html")


def test_a_file_is_written_whole_or_left_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "tour.html"
    write_whole(path, "σ′ old")
    with path.open(encoding="utf-8") as reader:  # who reads at that moment reads the old file
        write_whole(path, "new and longer")
        assert reader.read() == "σ′ old"
    assert path.read_text(encoding="utf-8") == "new and longer"

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: No space left"):
        write_whole(path, "newest")
    assert path.read_text(encoding="utf-8") == "new and longer"
    assert [p.name for p in tmp_path.iterdir()] == ["tour.html"]
