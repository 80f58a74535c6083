"""Graph → program: the flat list of instructions that the native player plays."""

from . import moves, structured  # they register their rules
from .lower import lower
from .lowering import NumPyOnly
from .program import Instruction, Program

__all__ = ["Instruction", "NumPyOnly", "Program", "lower", "moves", "structured"]
