"""Arrays and a dataclass in a file: any dtype of numbers, exact, in no more memory than it has."""

import json
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest

from backlit.errors import FileError
from backlit.files import Real, dump, load
from backlit.files.header import LONGEST

from .damage import described, described_by, join, split

MIB = 2**20


@dataclass(frozen=True)
class Note:
    text: str
    loss: Real = 0.0


@dataclass(frozen=True)
class Words:
    words: tuple[str, ...]


ARRAYS = {
    "truth": np.array([True, False]),
    "bytes": np.arange(3, dtype=np.uint8),
    "counts": np.array([[-1, 2]], np.int32),
    "labels": np.array([2**32 - 1], np.uint32),
    "wide": np.array(-(2**63)),
    "key": np.array([2**64 - 1], np.uint64),
    "W": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "exact": np.array([[0.1]]),
    "none": np.zeros((0, 3)),
    "big": np.arange(3, dtype=">f8"),
    "alone": np.float64(7),
}


def written(tmp_path, arrays, about=Note("σ"), **settings):
    path = tmp_path / "f.safetensors"
    path.write_bytes(dump(arrays, about, **settings))
    return path


def test_arrays_of_any_kind_come_back(tmp_path):
    arrays, about = load(written(tmp_path, ARRAYS), Note)
    assert about == Note("σ")
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array, strict=name != "big")
        assert arrays[name].flags.writeable
        assert arrays[name].flags.aligned


def test_the_same_content_gives_the_same_bytes():
    assert dump(ARRAYS, Note("a")) == dump(dict(reversed(ARRAYS.items())), Note("a"))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_where_they_are_expected(tmp_path, number):
    arrays = {"a": np.array([1.0, number]), "b": np.float32(number)}
    path = written(tmp_path, arrays, Note("", number), finite=False)
    back, about = load(path, Note, finite=False)
    np.testing.assert_array_equal(back["a"], arrays["a"])
    assert back["b"].tobytes() == arrays["b"].tobytes()
    assert repr(about) == repr(Note("", float(number)))
    with pytest.raises(FileError, match="'a' has numbers that are NaN or infinite"):
        load(path, Note)
    with pytest.raises(FileError, match="'a' has numbers that are NaN or infinite"):
        dump(arrays, Note(""))


@pytest.mark.parametrize(
    ("arrays", "about", "sentence"),
    [
        ({"a": np.zeros(2, np.float16)}, Note(""), "dtype float16; known: BOOL, U8"),
        ({"a": np.array(["text"])}, Note(""), "dtype <U4"),
        ({}, Note(3), "this Note.text: expected a text"),
        ({}, Note("\ud800"), "half a character"),
        ({}, Note("x" * LONGEST), "at most 4,194,304 are read"),
        ({}, Words(("",) * 2**18), "more than 262,144 parts"),
    ],
)
def test_what_could_not_be_read_is_not_written(arrays, about, sentence):
    with pytest.raises(FileError, match=sentence):
        dump(arrays, about)


def test_truth_values_are_0_or_1(tmp_path):
    path = written(tmp_path, {"a": np.array([True, False])})
    header, _ = split(path.read_bytes())
    known = described(header)
    header["a"]["dtype"] = "U8"
    numbered = described_by(header, known, b"\x02\x00")
    header["a"]["dtype"] = "BOOL"
    path.write_bytes(numbered)
    load(path, Note)
    path.write_bytes(described_by(header, known, b"\x02\x00"))
    with pytest.raises(FileError, match="neither 0 nor 1"):
        load(path, Note)


def test_a_shape_that_is_too_much_for_numpy(tmp_path):
    path = written(tmp_path, {"a": np.zeros((0, 2))})
    header, numbers = split(path.read_bytes())
    header["a"]["shape"] = [0, 2**62]
    path.write_bytes(join(header, numbers))
    with pytest.raises(FileError, match="of no use"):
        load(path, Note)


def peak_of(path, kind=Note):
    """Bytes that are taken at most while a file is read, or refused."""
    tracemalloc.start()
    try:
        load(path, kind, finite=False)
    except FileError:
        pass
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


def test_a_file_takes_its_size_of_memory(tmp_path):
    path = written(tmp_path, {name: np.zeros((250, 4096)) for name in "abcd"})
    assert peak_of(path) < path.stat().st_size + MIB


def _many(part, count=2**18 - 20):
    """As many parts as are allowed, or as much text as is."""
    return "[" + ",".join([part] * min(count, (LONGEST - 1000) // len(part.encode()))) + "]"


WIDEST = {
    "texts": _many('"ab"'),
    "numbers": _many("1.5"),
    "lists": _many("[]", 2**17 - 20),
    "objects": _many('{"a":1}', 2**16 - 20),
    "deep": "[" * 900 + "]" * 900,
    "letters": _many('"' + "\U0001f600" * 250 + '"', 4000),
    "long": json.dumps("x" * (LONGEST - 1000)),
    "wide": json.dumps("\U0001f600" * ((LONGEST - 1000) // 4), ensure_ascii=False),
}


@pytest.mark.parametrize("form", WIDEST)
def test_the_most_that_a_header_can_take(tmp_path, form):
    """As the header itself, and as what a file with the right sum says of itself."""
    path = tmp_path / "wide.safetensors"
    about = {"about": json.loads(WIDEST[form]), "sums": {}}
    for content in (
        join(WIDEST[form].encode(), b""),
        described_by({"__metadata__": {}}, about, b""),
    ):
        assert len(content) < LONGEST
        path.write_bytes(content)
        assert peak_of(path, Words) < path.stat().st_size + 64 * MIB
