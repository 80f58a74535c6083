"""Descents on a function, step by step; the training loop: batches, history, why it stopped."""

from .descent import Descent, descend
from .fit import Fit, State, fit
from .many import fit_many
from .position import Position
from .program import program
from .stop import StopReason

__all__ = [
    "Descent",
    "Fit",
    "Position",
    "State",
    "StopReason",
    "descend",
    "fit",
    "fit_many",
    "program",
]
