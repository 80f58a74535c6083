"""The training loop: batches, steps, history, and why it stopped."""

from .fit import Fit, State, fit
from .stop import StopReason

__all__ = ["Fit", "State", "StopReason", "fit"]
