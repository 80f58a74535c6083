"""Arrays and one described object in a safetensors file; read without running anything."""

from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..errors import FileError
from .header import check_header, parse
from .schema import as_plain, from_plain, text
from .whole import read_bytes

_KEY = "backlit"  # of the metadata
_LARGEST = 2**29  # bytes: twice as many as the largest network needs
T = TypeVar("T")


def dump(arrays: dict[str, Any], about: Any) -> bytes:
    """The bytes of a file; they depend on the arrays and on `about` (a dataclass) alone."""
    from safetensors.numpy import save

    return save(arrays, {_KEY: text(as_plain(about))})


def load(path: Path, kind: type[T]) -> tuple[dict[str, Any], T]:
    """The arrays and the dataclass of type `kind` in a file. Raises FileError for any fault."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as load_arrays

    content = _bytes(path)
    metadata = check_header(content, str(path))
    if metadata.keys() != {_KEY}:
        raise FileError(f"{path} was not written by backlit: its metadata do not describe a model.")
    about = from_plain(kind, parse(metadata[_KEY], f"{path}, metadata"), str(path))
    try:
        arrays = load_arrays(content)
    except (SafetensorError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {error}") from None
    wild = [name for name, array in arrays.items() if not np.all(np.isfinite(array))]
    if wild:
        raise FileError(f"{path}: array {wild[0]!r} has numbers that are NaN or infinite.")
    return arrays, about


def _bytes(path: Path) -> bytes:
    content = read_bytes(path, _LARGEST, FileError)
    if len(content) > _LARGEST:
        raise FileError(f"{path} is no model file: none has more than {_LARGEST:,} bytes.")
    return content
