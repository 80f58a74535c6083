"""The header of a safetensors file, read strictly: whatever it does not say exactly is refused.

A file is 8 bytes (the length of the header, little-endian), the header (a JSON object: name →
dtype, shape, data_offsets; and ``__metadata__``, name → text), and the numbers of the arrays, one
after the other without a gap.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from ..errors import FileError

LONGEST = 1 << 22  # bytes of a header …
_MOST_PARTS = 1 << 18  # … and of what JSON is made of: what they make takes 30 MiB at most
_MOST_AXES = 32
DTYPES = {
    "BOOL": np.dtype("?"),
    "U8": np.dtype("u1"),
    "I32": np.dtype("<i4"),
    "U32": np.dtype("<u4"),
    "I64": np.dtype("<i8"),
    "U64": np.dtype("<u8"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
}


@dataclass(frozen=True)
class Place:
    """Where in a file the numbers of an array are, counted from the end of the header."""

    name: str
    dtype: Any
    shape: tuple[int, ...]
    start: int
    stop: int


def read_header(file: BinaryIO, size: int, where: str) -> tuple[dict[str, str], list[Place]]:
    """The metadata and the arrays' places, in their order, of a file of so many bytes.

    Raises FileError unless header and arrays fit the file to the byte: one that was cut, damaged
    or made to mislead gets no further, and nothing that it announces is made room for before.
    """
    length = int.from_bytes(file.read(8), "little")
    if size < 8:
        raise FileError(f"{where} is no file of backlit: it has {size} bytes.")
    if length > size - 8:
        raise FileError(
            f"{where} is no file of backlit, or was cut: its first bytes announce a header of "
            f"{length:,} bytes, and the file has {size:,}."
        )
    if length > LONGEST:
        raise FileError(f"{where} has a header of {length:,} bytes; at most {LONGEST:,} are read.")
    header = parse(file.read(length), f"{where}, header")
    if not isinstance(header, dict):
        raise FileError(f"{where}: the header is no JSON object.")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise FileError(f"{where}: __metadata__ does not map names to texts.")
    places = [_place(name, entry, where) for name, entry in header.items()]
    return metadata, _in_order(places, size - 8 - length, where)


def parse(text: bytes | str, where: str) -> Any:
    """JSON as RFC 8259 has it: no key twice, no NaN, UTF-8. Raises FileError."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key stands in an object twice")
        return found

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no number")

    def finite(word: str) -> float:
        return float(word) if math.isfinite(float(word)) else refuse(word)

    try:
        text = text if isinstance(text, str) else text.decode()
        if sum(map(text.count, "[{:,")) > _MOST_PARTS:
            raise ValueError(f"it has more than {_MOST_PARTS:,} parts")
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse, parse_float=finite)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError, JSONDecodeError, too
        raise FileError(f"{where}: it is not the JSON that backlit writes ({error}).") from None


def _place(name: str, entry: Any, where: str) -> Place:
    """What the header says of an array, if it is exact."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise FileError(f"{where}: array {name!r} needs dtype, shape and data_offsets alone.")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise FileError(f"{where}: array {name!r} has dtype {dtype!r}; known: {', '.join(DTYPES)}.")
    if not _whole(shape) or len(shape) > _MOST_AXES or not _whole(offsets) or len(offsets) != 2:
        raise FileError(f"{where}: array {name!r} has a shape or offsets that are no counts.")
    if offsets[1] - offsets[0] != math.prod(shape) * DTYPES[dtype].itemsize:
        raise FileError(f"{where}: array {name!r} has not the bytes that its shape asks for.")
    return Place(name, DTYPES[dtype], tuple(shape), *offsets)


def _in_order(places: list[Place], space: int, where: str) -> list[Place]:
    """As they follow each other; together they fill the rest of the file."""
    places, end = sorted(places, key=lambda place: (place.start, place.stop)), 0
    for place in places:
        if place.start != end:
            raise FileError(f"{where}: its arrays overlap, or leave a gap at byte {end:,}.")
        end = place.stop
    if end != space:
        raise FileError(f"{where} was cut, or has grown: arrays of {end:,} bytes, found {space:,}.")
    return places


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(n) is int and 0 <= n < 2**63 for n in values)
