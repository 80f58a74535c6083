"""Real data that comes with backlit."""

from .digits import Digits, digits

__all__ = ["Digits", "digits"]
