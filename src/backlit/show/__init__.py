"""One document, many readers: text, LaTeX, numbers, the story of one weight."""

from .derivation import Derivation, derive

__all__ = ["Derivation", "derive"]
