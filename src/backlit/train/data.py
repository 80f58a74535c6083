"""What a training is given, checked: the data's rows, the parameters; and the rows' order."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.trees import Path, leaves, map_tree


def as_arrays(data: Any, dtype: Any, what: str = "data") -> tuple[Any, ...]:
    """The data as arrays of numbers with the same number of rows, checked; floats in `dtype`."""
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
        lambda path, leaf: np.array(_numbers(leaf, dtype, _place(path)), dtype), params
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
    if dtype is not None and kind == "f":
        with np.errstate(over="ignore"):
            array = array.astype(dtype, copy=False)
    bad = int(array.size - np.sum(np.isfinite(array))) if kind == "f" else 0
    if bad:
        raise InputError(f"{where} has {bad} entries that are NaN or infinite in {array.dtype}")
    return array


def order(rows: int, seed: int, epoch: int) -> Any:
    """The rows of one epoch, shuffled: a counter-based generator keyed by (seed, epoch)."""
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
