"""What a fit recorded, epoch by epoch."""

import importlib
from typing import Any

from ..errors import InputError


class History(dict[str, list[float]]):
    """Name → one number an epoch, of all fits that a warm start joined.

    loss, learning_rate, seconds; where there are validation rows validation_loss and
    validation_score; where `gradient_norms` asks for it gradient_norm_1, … of each layer.

    >>> history = History()
    >>> history.add(loss=0.5, seconds=0.1)
    >>> history.add(loss=0.25, seconds=0.2)
    >>> history["loss"]
    [0.5, 0.25]
    """

    def add(self, **figures: float) -> None:
        """One more epoch. What it has not, or those before it had not, is NaN."""
        epochs = max(map(len, self.values()), default=0)
        for name in {**self, **figures}:
            column = self.setdefault(name, [])
            column += [float("nan")] * (epochs - len(column))
            column.append(float(figures.get(name, "nan")))

    def to_frame(self) -> Any:
        """A data frame with a row an epoch: of pandas if it is installed, else of polars."""
        for library in ("pandas", "polars"):
            try:
                return importlib.import_module(library).DataFrame(dict(self))
            except ImportError:
                continue
        raise InputError("history_.to_frame() needs pandas or polars: pip install 'backlit[data]'")
