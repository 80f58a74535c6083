"""What a training is given, checked: the data's rows, the parameters; and the rows' order."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.trees import Path, leaves, map_tree
from .player_engine import native

_MOST_SHUFFLED = 2**32  # rows, by the player
_CHUNK = 1 << 18  # entries that are looked at together: what that takes of memory is small


def as_arrays(data: Any, dtype: Any, what: str = "data") -> tuple[Any, ...]:
    """The data as arrays of numbers with the same number of rows, checked; floats in `dtype`.

    Files that are mapped into memory stay where they are: each batch is converted when it is read.
    """
    if isinstance(data, list) and not (data and all(isinstance(x, np.ndarray) for x in data)):
        raise InputError(
            f"{what} is a list, which may be one array or several: give np.array({what}) or a "
            "tuple of arrays, such as (X, Y)"
        )
    several = data if isinstance(data, (tuple, list)) else (data,)
    arrays = tuple(_numbers(x, dtype, f"{what}[{i}]") for i, x in enumerate(several))
    for i, x in enumerate(arrays):
        if x.size == 0 or x.ndim == 0:
            raise InputError(f"{what}[{i}] has shape {x.shape}; expected rows of numbers")
        if len(x) != len(arrays[0]):
            rows = " and ".join(str(len(y)) for y in arrays)
            raise InputError(f"the arrays of {what} have {rows} rows; expected the same number")
    if not arrays:
        raise InputError(f"{what} is empty; expected an array or a tuple of arrays")
    return arrays


def as_parameters(params: Any, dtype: Any) -> tuple[Any, Any]:
    """Copies of the parameters as arrays of one floating dtype, and the dtype.

    By default it is that of the arrays; plain numbers among them take it.
    """
    found = [(path, leaf, _numbers(leaf, None, _place(path))) for path, leaf in leaves(params)]
    if not found:
        raise InputError("params holds no arrays: there is nothing to train")
    for path, _, x in found:
        if x.dtype.kind == "b":
            raise InputError(f"{_place(path)} is a truth value: only numbers can be trained")
    typed = [x.dtype for _, leaf, x in found if hasattr(leaf, "dtype") and x.dtype.kind == "f"]
    with suppress(TypeError):
        dtype = np.dtype(np.result_type(*typed or [np.float64]) if dtype is None else dtype)
    if dtype not in (np.float32, np.float64):
        raise InputError(f"dtype={dtype}; known: float32 and float64. Say dtype=np.float32")
    return map_tree(
        lambda path, leaf: np.array(_numbers(leaf, dtype, _place(path)), dtype, order="C"),
        params,
    ), dtype


def _place(path: Path) -> str:
    """How a user writes where a leaf is: ``params[0]['W']``."""
    return "params" + "".join(f"[{key!r}]" for key in path)


def _numbers(x: Any, dtype: Any, where: str) -> Any:
    """An array of finite numbers, floats in `dtype`, or an InputError that says where."""
    try:
        array = np.asarray(x)
    except (TypeError, ValueError) as error:
        raise InputError(f"{where} is no array of numbers: {error}") from None
    kind = array.dtype.kind
    if kind not in "biuf":
        raise InputError(
            f"{where} is a {type(x).__name__} of dtype {array.dtype}; expected an array of numbers"
            + (". np.unique(it, return_inverse=True)[1] numbers classes" * (kind in "US"))
        )
    if np.ma.is_masked(x):
        raise InputError(f"{where} has masked entries: remove or fill them")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    mapped = isinstance(x, np.memmap) and array.dtype in (np.float32, np.float64)
    dtype = np.dtype(dtype if dtype is not None and kind == "f" else array.dtype)
    with np.errstate(over="ignore"):
        array = array if mapped else array.astype(dtype, copy=False)
        bad = _not_finite(array, dtype)
    if bad:
        raise InputError(f"{where} has {bad} entries that are NaN or infinite in {dtype}")
    return array


def _not_finite(x: Any, dtype: Any) -> int:
    """How many entries are NaN or infinite in a dtype; a few rows are looked at at a time."""
    if x.dtype.kind != "f":
        return 0
    x = np.atleast_1d(x)
    rows = max(1, _CHUNK * len(x) // max(x.size, 1))
    parts = (x[i : i + rows].astype(dtype, copy=False) for i in range(0, len(x), rows))
    return sum(part.size - np.count_nonzero(np.isfinite(part)) for part in parts)


def order(rows: int, seed: int, epoch: int) -> Any:
    """The rows of one epoch, shuffled: a counter-based generator keyed by (seed, epoch)."""
    player = native()
    if player is None or rows > _MOST_SHUFFLED:
        return numpy_order(rows, seed, epoch)
    return player.permutation(rows, seed, epoch)


def numpy_order(rows: int, seed: int, epoch: int) -> Any:
    """What `order` is: the player gives the same faster, and without Python's lock."""
    key = np.array([seed, epoch], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).permutation(rows)


def batches(arrays: Sequence[Any], rows: Any, size: int) -> Iterator[tuple[float, Any]]:
    """Slices of `size` rows, the last may be smaller: (share of all rows, the arrays' slices).

    Copies in the order `rows`; views, in the order in which they stand, if it is None.
    """
    count = len(arrays[0])
    for start in range(0, count, size):
        part = slice(start, min(start + size, count))
        share = (part.stop - start) / count
        if rows is None:
            yield share, tuple(x[part] for x in arrays)
        else:
            chosen = rows[part]
            yield share, tuple(x.take(chosen, axis=0) for x in arrays)
