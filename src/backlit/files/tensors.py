"""Arrays and one described object in a safetensors file; read without running anything.

The metadata of a file have one key, "backlit", whose text is the JSON
``{"about": …, "sum": …, "sums": {…}}``: the object, its sum and that of each array.
"""

import os
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from ..errors import FileError
from .header import DTYPES, Place, parse, read_header
from .schema import as_plain, from_plain, text

_KEY = "backlit"  # of the metadata: one, since safetensors writes several in any order
T = TypeVar("T")


def dump(arrays: dict[str, Any], about: Any, *, finite: bool = True) -> bytes:
    """The bytes of a file; they depend on the arrays and on `about` (a dataclass) alone.

    Raises FileError for what `load` would refuse: nothing is written that cannot be read.
    """
    from safetensors.numpy import save

    arrays = {name: _little(np.asarray(arrays[name])) for name in sorted(arrays)}
    plain = as_plain(about)
    where = f"this {type(about).__name__}"
    from_plain(type(about), parse(text(plain), where), where)
    for name, array in arrays.items():
        _check(name, array, finite, where)
    sums = {name: array_sum(array) for name, array in arrays.items()}
    content = save(arrays, {_KEY: text({"about": plain, "sum": _sum(plain), "sums": sums})})
    read_header(BytesIO(content), len(content), where)
    return content


def load(path: Path, kind: type[T], *, finite: bool = True) -> tuple[dict[str, Any], T]:
    """The arrays and the dataclass of type `kind` in a file. Raises FileError for any fault.

    A number that is NaN or infinite is a fault where only `finite` ones are expected. No more
    memory is taken than the file has bytes, and 64 MiB.
    """
    where = str(path)
    if path.exists() and not path.is_file():
        raise FileError(f"{where} cannot be read: it is no file.")
    try:
        with path.open("rb") as file:
            metadata, places = read_header(file, os.fstat(file.fileno()).st_size, where)
            about, sums = _described(metadata, kind, where)
            if sums.keys() != {place.name for place in places}:
                raise FileError(f"{where} was changed: its arrays are not those it describes.")
            arrays = {place.name: _array(file, place, where) for place in places}
    except OSError as error:
        raise FileError(f"{where} cannot be read: {error.strerror}.") from error
    for name, array in arrays.items():
        if array_sum(array) != sums[name]:
            raise FileError(f"{where} was damaged: array {name!r} is not what was written.")
        _check(name, array, finite, where)
    return arrays, about


def _little(array: Any) -> Any:
    """An array as it stands in a file: in C order, its least byte first."""
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def is_finite(array: Any) -> bool:
    """Has it no NaN, and nothing infinite? No array of truth values is made to find that out."""
    if array.size == 0 or array.dtype.kind != "f":
        return True
    with np.errstate(invalid="ignore"):
        return bool(np.isfinite(array.min()) and np.isfinite(array.max()))  # a NaN is both


def array_sum(array: Any) -> str:
    """A sum of an array in C order, of its dtype and its shape."""
    found = blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=16)
    found.update(array.reshape(-1).view(np.uint8))
    return found.hexdigest()


def _sum(plain: Any) -> str:
    return blake2b(text(plain).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _described(metadata: dict[str, str], kind: type[T], where: str) -> tuple[T, dict[str, str]]:
    """The object and the sums of the arrays that the metadata tell."""
    plain = parse(metadata[_KEY], f"{where}, metadata") if metadata.keys() == {_KEY} else None
    if not isinstance(plain, dict) or plain.keys() != {"about", "sum", "sums"}:
        raise FileError(f"{where} was not written by this version of backlit: it has other keys.")
    if plain["sum"] != _sum(plain["about"]):
        raise FileError(f"{where} was changed: what it says of itself is not what was written.")
    sums = from_plain(dict[str, str], plain["sums"], f"{where}, sums")
    return from_plain(kind, plain["about"], where), sums


def _array(file: BinaryIO, place: Place, where: str) -> Any:
    """The numbers of an array, in memory of their own."""
    try:
        array = np.empty(place.shape, place.dtype)
    except ValueError as error:  # (0, 2⁶²) has no bytes, but is too much for NumPy
        raise FileError(f"{where}: array {place.name!r} has a shape of no use: {error}.") from None
    if file.readinto(array.reshape(-1).view(np.uint8)) != array.nbytes:
        raise FileError(f"{where} was cut while it was read.")
    return array


def _check(name: str, array: Any, finite: bool, where: str) -> None:
    """Are these numbers that can be used?"""
    if array.dtype not in DTYPES.values():
        raise FileError(
            f"{where}: array {name!r} has dtype {array.dtype}; known: {', '.join(DTYPES)}."
        )
    if array.dtype == bool and array.size and array.view(np.uint8).max() > 1:
        raise FileError(f"{where}: array {name!r} has truth values that are neither 0 nor 1.")
    if finite and not is_finite(array):
        raise FileError(f"{where}: array {name!r} has numbers that are NaN or infinite.")
