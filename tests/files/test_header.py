"""The header of a model file: exact to the byte, or refused in a sentence."""

import json

import pytest

from backlit.errors import FileError
from backlit.files.header import check_header

ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def file(header, numbers=8):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(numbers)


def test_a_good_header_gives_its_metadata():
    header = {"__metadata__": {"backlit": "{}"}, "b": ENTRY}
    assert check_header(file(header), "m") == {"backlit": "{}"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"abc", "it has 3 bytes"),
        ((2**63).to_bytes(8, "little") + b"{}", "announce a header of 9,223,372,036,854,775,808"),
        (file(b'{"a": 1'), "not the JSON"),
        (file(b"\xff\xfe"), "not the JSON"),
        (file(b"[" * 200_000), "not the JSON"),
        (file(b'{"a": ' + b"1" * 5000 + b"}"), "not the JSON"),
        (file(b'{"__metadata__": {"a": "1", "a": "2"}}', 0), "stands in an object twice"),
        (file(b'{"a": NaN}'), "NaN is no number"),
        (file([]), "no JSON object"),
        (file({"__metadata__": {"a": 1}}, 0), "does not map names to texts"),
        (file({"a": {**ENTRY, "more": 1}}), "dtype, shape and data_offsets alone"),
        (file({"a": {**ENTRY, "dtype": "I8"}}), "dtype 'I8'"),
        (file({"a": {**ENTRY, "dtype": ["F32"]}}), "has dtype"),
        (file({"a": {**ENTRY, "shape": [-2]}}), "no counts"),
        (file({"a": {**ENTRY, "shape": [True]}}), "no counts"),
        (file({"a": {**ENTRY, "shape": [3]}}), "not the bytes that its shape asks for"),
        (file({"a": {**ENTRY, "data_offsets": [8, 16]}}, 16), "leave a gap at byte 0"),
        (file({"a": ENTRY, "b": ENTRY}), "overlap"),
        (file({"a": ENTRY}, 9), "arrays of 8 bytes, found 9"),
        (file({"a": ENTRY}, 7), "arrays of 8 bytes, found 7"),
    ],
)
def test_faults_are_named(content, sentence):
    with pytest.raises(FileError, match=r"^m") as caught:
        check_header(content, "m")
    assert sentence in str(caught.value)
