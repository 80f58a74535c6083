"""Where a training is at the end of an epoch: enough to go on from there, bit for bit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError


@dataclass(frozen=True, eq=False)
class Position:
    """The end of an epoch; ``fit(..., start=position)`` goes on from it.

    The order of rows, dropout and learning rates depend on the seed and on how many epochs and
    steps were done: with the same settings, what follows is what would have followed.
    """

    epoch: int  # how many were done
    step: int
    values: Sequence[Any]  # parameters, the optimiser's corrections, its state of each parameter
    history: dict[str, list[float]]

    def check(self, values: Sequence[Any], dtype: Any, names: Sequence[str]) -> None:
        """Raise InputError unless a training with such values and losses can go on from here."""
        shapes, expected = ([np.shape(x) for x in some] for some in (self.values, values))
        found = {np.asarray(x).dtype for x in self.values}
        if shapes != expected or found != {np.dtype(dtype)}:
            raise InputError(
                f"start holds {_words(shapes, found)}; this training needs "
                f"{_words(expected, [dtype])}: give the network, optimizer and dtype it was made by"
            )
        if [*self.history] != [*names]:
            raise InputError(
                f"start knows {', '.join(self.history)} of each epoch, this training "
                f"{', '.join(names)}: give validation to all parts of a training, or to none"
            )


def _words(shapes: Sequence[Any], dtypes: Any) -> str:
    """Parameters and the state of an optimiser in a few words."""
    several = ", ".join(map(str, shapes[:6])) + ", …" * (len(shapes) > 6)
    return f"{len(shapes)} arrays {several} of {', '.join(sorted(map(str, dtypes)))}"
