"""Is a gradient right? Differences, complex steps and random directions."""

from .gradient import Check, check_gradient, check_grad

__all__ = ["Check", "check_grad", "check_gradient"]
