"""Dropout, the layer."""

from typing import Any

from ..errors import InputError
from ..ops.dropout import drop


def dropout(x: Any, rate: float) -> Any:
    """While a training runs, each entry is 0 with probability `rate`, else divided by 1 − rate.

    Elsewhere (in a validation, a derivation, a prediction) x itself: the same mean. Each call in a
    network drops entries of its own; which ones depends on the training's seed and step alone.
    Raises InputError unless 0 ≤ rate < 1. Source: Srivastava et al. 2014, in its inverted form.

    >>> import numpy as np
    >>> dropout(np.ones(3), 0.5)
    array([1., 1., 1.])
    """
    if not 0 <= rate < 1:
        raise InputError(f"dropout: rate={rate}, expected a number in [0, 1)")
    return drop(x, rate=float(rate), stream=0) if rate else x
