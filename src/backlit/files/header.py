"""The header of a safetensors file, read strictly: whatever it does not say exactly is refused.

A file is 8 bytes (the length of the header, little-endian), the header (a JSON object: name →
dtype, shape, data_offsets; and ``__metadata__``, name → text), and the numbers of the arrays, one
after the other without a gap.
"""

import json
import math
from typing import Any

from ..errors import FileError

LONGEST = 100_000_000  # bytes of a header, as in the safetensors library
_SIZES = {"F32": 4, "F64": 8}  # bytes of a number, of the dtypes that a model's arrays have


def check_header(content: bytes, where: str) -> dict[str, str]:
    """The metadata of a file, after a check that header and arrays fit the file to the byte.

    Raises FileError: a file that was cut, damaged or made to mislead gets no further.
    """
    if len(content) < 8:
        raise FileError(f"{where} is no model file: it has {len(content)} bytes.")
    length = int.from_bytes(content[:8], "little")
    if length > min(LONGEST, len(content) - 8):
        raise FileError(
            f"{where} is no model file, or was cut: its first bytes announce a header of "
            f"{length:,} bytes, and the file has {len(content):,}."
        )
    header = parse(content[8 : 8 + length], f"{where}, header")
    if not isinstance(header, dict):
        raise FileError(f"{where}: the header is no JSON object.")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise FileError(f"{where}: __metadata__ does not map names to texts.")
    _check_arrays(header, len(content) - 8 - length, where)
    return metadata


def parse(text: bytes | str, where: str) -> Any:
    """JSON as RFC 8259 has it: no key twice, no NaN, UTF-8. Raises FileError."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key stands in an object twice")
        return found

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no number")

    try:
        text = text if isinstance(text, str) else text.decode()
        return json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError, JSONDecodeError, too
        raise FileError(f"{where}: it is not the JSON that backlit writes ({error}).") from None


def _check_arrays(entries: dict[str, Any], space: int, where: str) -> None:
    """Each array's entry is exact; together they fill the rest of the file."""
    spans = []
    for name, entry in entries.items():
        if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
            raise FileError(f"{where}: array {name!r} needs dtype, shape and data_offsets alone.")
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if not isinstance(dtype, str) or dtype not in _SIZES:
            raise FileError(f"{where}: array {name!r} has dtype {dtype!r}; known: F32, F64.")
        if not _whole(shape) or not _whole(offsets) or len(offsets) != 2:
            raise FileError(f"{where}: array {name!r} has a shape or offsets that are no counts.")
        if offsets[1] - offsets[0] != math.prod(shape) * _SIZES[dtype]:
            raise FileError(f"{where}: array {name!r} has not the bytes that its shape asks for.")
        spans.append(offsets)
    end = 0
    for start, stop in sorted(spans):
        if start != end:
            raise FileError(f"{where}: its arrays overlap, or leave a gap at byte {end:,}.")
        end = stop
    if end != space:
        raise FileError(f"{where} was cut, or has grown: arrays of {end:,} bytes, found {space:,}.")


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(n) is int and 0 <= n < 2**63 for n in values)
