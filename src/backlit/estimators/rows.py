"""Rows as a training or a validation takes them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rows:
    """What a training or a validation is given: arrays in the precision of the network."""

    X: Any
    y: Any
    weight: Any = None

    @property
    def arrays(self) -> tuple[Any, ...]:
        """As the loss takes them."""
        return (self.X, self.y) if self.weight is None else (self.X, self.y, self.weight)

    def take(self, rows: Any) -> "Rows":
        """Some of them."""
        return Rows(*(x if x is None else x[rows] for x in (self.X, self.y, self.weight)))
