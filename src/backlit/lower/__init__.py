"""Graph → program: the flat list of instructions that the native player plays."""

from . import moves, structured  # they register their rules
from .lower import lower
from .lowering import NumPyOnly
from .program import Program

__all__ = ["NumPyOnly", "Program", "lower", "moves", "structured"]
