"""backlit: backpropagation with the lights on."""

from .derivatives import grad, hvp, jacobian, value_and_grad

__all__ = ["grad", "hvp", "jacobian", "value_and_grad"]
__version__ = "0.1.0"
