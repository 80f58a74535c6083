"""The header of a model file: exact to the byte, or refused in a sentence."""

import json
from io import BytesIO

import numpy as np
import pytest

from backlit.errors import FileError
from backlit.files.header import LONGEST, Place, read_header

ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def file(header, numbers=8):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(numbers)


def read(content):
    return read_header(BytesIO(content), len(content), "m")


def test_a_good_header_gives_its_metadata_and_the_places_of_its_arrays():
    later = {"dtype": "BOOL", "shape": [2, 3], "data_offsets": [8, 14]}
    metadata, places = read(file({"__metadata__": {"backlit": "{}"}, "c": later, "b": ENTRY}, 14))
    assert metadata == {"backlit": "{}"}
    assert places == [
        Place("b", np.dtype("f4"), (2,), 0, 8),
        Place("c", np.dtype("?"), (2, 3), 8, 14),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"abc", "it has 3 bytes"),
        ((2**63).to_bytes(8, "little") + b"{}", "announce a header of 9,223,372,036,854,775,808"),
        (LONGEST.to_bytes(8, "little") + b" " * LONGEST, "not the JSON"),
        ((LONGEST + 1).to_bytes(8, "little") + b" " * (LONGEST + 1), "at most 4,194,304 are read"),
        (file(b"[" + b"[]," * 150_000), "more than 262,144 parts"),
        (file(b'{"a": 1'), "not the JSON"),
        (file(b"\xff\xfe"), "not the JSON"),
        (file(b"[" * 200_000), "not the JSON"),
        (file(b'{"a": ' + b"1" * 5000 + b"}"), "not the JSON"),
        (file(b'{"__metadata__": {"a": "1", "a": "2"}}', 0), "stands in an object twice"),
        (file(b'{"a": NaN}'), "NaN is no number"),
        (file(b'{"a": 1e999}'), "1e999 is no number"),
        (file([]), "no JSON object"),
        (file({"__metadata__": {"a": 1}}, 0), "does not map names to texts"),
        (file({"a": {**ENTRY, "more": 1}}), "dtype, shape and data_offsets alone"),
        (file({"a": {**ENTRY, "dtype": "I8"}}), "dtype 'I8'"),
        (file({"a": {**ENTRY, "dtype": ["F32"]}}), "has dtype"),
        (file({"a": {**ENTRY, "shape": [-2]}}), "no counts"),
        (file({"a": {**ENTRY, "shape": [True]}}), "no counts"),
        (file({"a": {**ENTRY, "shape": [1] * 33}}), "no counts"),
        (file({"a": {**ENTRY, "shape": [3]}}), "not the bytes that its shape asks for"),
        (file({"a": {**ENTRY, "data_offsets": [8, 16]}}, 16), "leave a gap at byte 0"),
        (file({"a": ENTRY, "b": ENTRY}), "overlap"),
        (file({"a": ENTRY}, 9), "arrays of 8 bytes, found 9"),
        (file({"a": ENTRY}, 7), "arrays of 8 bytes, found 7"),
    ],
)
def test_faults_are_named(content, sentence):
    with pytest.raises(FileError, match=r"^m") as caught:
        read(content)
    assert sentence in str(caught.value)
