"""Files that are there whole, or as they were before."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import BacklitError, InputError


def check_writable(path: Path, *suffixes: str, reads: Sequence[Path] = ()) -> None:
    """Refuse, before the work and not after it, a place where no such file can be written.

    Nor is a file replaced that the work reads.
    """
    if suffixes and path.suffix.lower() not in suffixes:
        raise InputError(f"{path}: expected a name that ends in {' or '.join(suffixes)}.")
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist.")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is not a file that can be replaced.")
    if any(path.exists() and read.exists() and path.samefile(read) for read in reads):
        raise InputError(f"{path} is read, too: write to a file of another name.")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: nothing can be written in the folder {path.parent}.")


def read_bytes(path: Path, most: int, error: type[BacklitError]) -> bytes:
    """What is in a file, to one byte beyond `most`: more need not be held to refuse it.

    Raises `error` if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as fault:
        raise error(f"{path} cannot be read: {fault.strerror}.") from fault


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside the file, flush, rename. Raises InputError if the disk does not take it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):  # it is gone, or was never there
            part.unlink()
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Let a new name in a folder outlive a power cut, where the system can promise that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
