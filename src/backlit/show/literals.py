"""Values as Python writes them, to the last bit."""

import re
from textwrap import indent, wrap
from typing import Any

import numpy as np

_PLAIN = ("float64", "int64", "bool")  # the dtypes of Python's own numbers
_WIDTH, _SHORT = 100, 70  # columns; of an array that stays on one line


def literal(value: Any) -> str | None:
    """A plain value as Python writes it: numbers, words, None, …, and tuples and slices of them.

    None for anything else.

    >>> literal((slice(None), slice(1, 5, 2), ..., float("inf")))
    '(slice(None), slice(1, 5, 2), ..., np.inf)'
    """
    if value is None or isinstance(value, (bool, int, str)):
        return repr(value)
    if isinstance(value, (float, np.generic)):
        return repr(value).replace("nan", "np.nan").replace("inf", "np.inf")
    if value is Ellipsis:
        return "..."
    if isinstance(value, slice):
        whole = value.start is None and value.step is None
        ends = (value.stop,) if whole else (value.start, value.stop, value.step)
        return f"slice({literal(ends if value.step is not None else ends[:2])[1:-1].rstrip(',')})"
    if isinstance(value, (tuple, list)):
        inside = [literal(x) for x in value]
        if None in inside:
            return None
        comma = "," if isinstance(value, tuple) and len(inside) == 1 else ""
        opened, closed = "()" if isinstance(value, tuple) else "[]"
        return f"{opened}{', '.join(map(str, inside))}{comma}{closed}"
    return None


def array_text(value: Any) -> str:
    """An array as Python writes it: every bit of every number, and their order in memory.

    >>> print(array_text(np.array([[0.1, np.nan], [1, 2]], np.float32)))
    np.array([[0.1, np.nan], [1.0, 2.0]], dtype=np.float32)
    """
    if not isinstance(value, np.ndarray):
        return str(literal(value))
    if value.size and not value.flags.c_contiguous:
        order = sorted(range(value.ndim), key=lambda axis: -value.strides[axis])
        back = ", ".join(map(str, np.argsort(order)))
        turn = "T" if back == "1, 0" else f"transpose({back})"
        return f"{array_text(value.transpose(order))}.{turn}"
    name = value.dtype.name
    if not value.size:
        return f"np.zeros({value.shape}, dtype=np.{name})"
    first = value.flat[0]
    if value.size > 1 and value.tobytes() == np.full_like(value, first).tobytes():
        number = literal(first.item() if name in _PLAIN else first)
        return f"np.full({value.shape}, {number})"
    if name in ("float16", "float32"):  # the shortest decimals that come back
        value = np.array([float(str(x)) for x in value.flat]).reshape(value.shape)
    kind = "" if name in _PLAIN else f", dtype=np.{name}"
    text = re.sub(r"\b(nan|inf)\b", r"np.\1", str(value.tolist()))
    if len(text) <= _SHORT:
        return f"np.array({text}{kind})"
    rows = text.replace("]], ", "]],\n").replace("], ", "],\n").splitlines()
    lines = [part for row in rows for part in wrap(row, _WIDTH - 4)]
    return "np.array(\n" + indent("\n".join(lines), "    ") + f"{kind}\n)"
