"""backlit: backpropagation with the lights on."""

from .check import Check, check_grad
from .derivatives import grad, hvp, jacobian, value_and_grad
from .show import Derivation, derive

__all__ = [
    "Check",
    "Derivation",
    "check_grad",
    "derive",
    "grad",
    "hvp",
    "jacobian",
    "value_and_grad",
]
__version__ = "0.1.0"
