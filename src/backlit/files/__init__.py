"""Files: written whole or not at all, read strictly; nothing in them is ever run."""

from .checkpoint import Checkpoints
from .schema import Real
from .tensors import array_sum, dump, is_finite, load
from .whole import check_writable, read_bytes, write_whole

__all__ = [
    "Checkpoints",
    "Real",
    "array_sum",
    "check_writable",
    "dump",
    "is_finite",
    "load",
    "read_bytes",
    "write_whole",
]
