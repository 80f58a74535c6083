"""Files: written whole or not at all, read strictly; nothing in them is ever run."""

from .tensors import dump, load
from .whole import check_writable, read_bytes, write_whole

__all__ = ["check_writable", "dump", "load", "read_bytes", "write_whole"]
