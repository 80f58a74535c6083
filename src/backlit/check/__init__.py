"""Is a gradient right? Differences, complex steps and random directions."""

from .gradient import Check, check, check_gradient

__all__ = ["Check", "check", "check_gradient"]
