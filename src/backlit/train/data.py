"""Batches: rows of the data, in an order that depends on seed and epoch alone."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import InputError


def as_arrays(data: Any, dtype: Any, what: str = "data") -> tuple[Any, ...]:
    """The data as arrays of numbers with the same number of rows, checked."""
    arrays = tuple(np.asarray(x) for x in (data if isinstance(data, (tuple, list)) else (data,)))
    for i, x in enumerate(arrays):
        if x.dtype.kind not in "biuf":
            raise InputError(f"{what}[{i}] has dtype {x.dtype}; expected numbers")
        if x.ndim == 0:
            raise InputError(f"{what}[{i}] is a single number; expected an array with rows")
        if len(x) != len(arrays[0]):
            rows = " and ".join(str(len(y)) for y in arrays)
            raise InputError(f"the arrays of {what} have {rows} rows; expected the same number")
        bad = int(np.size(x) - np.sum(np.isfinite(x))) if x.dtype.kind == "f" else 0
        if bad:
            raise InputError(
                f"{what}[{i}] has {bad} entries that are NaN or infinite: remove or fill them"
            )
    if not arrays or len(arrays[0]) == 0:
        raise InputError(f"{what} has no rows")
    return tuple(x.astype(dtype, copy=False) if x.dtype.kind == "f" else x for x in arrays)


def order(rows: int, seed: int, epoch: int, shuffle: bool) -> Any:
    """The rows of one epoch, in order: a counter-based generator keyed by (seed, epoch)."""
    if not shuffle:
        return np.arange(rows)
    return np.random.Generator(np.random.Philox(key=[seed, epoch])).permutation(rows)


def batches(arrays: Sequence[Any], rows: Any, size: int) -> Iterator[tuple[Any, ...]]:
    """The arrays' rows in slices of `size`; the last may be smaller."""
    for start in range(0, len(rows), size):
        chosen = rows[start : start + size]
        yield tuple(x[chosen] for x in arrays)
