"""Where threads must meet: all play the same program, each on rows of its own."""

from dataclasses import dataclass
from typing import Any

from .program import Instruction, Operand, Place

ONE = "one"  # the last thread does it alone
ALL = "all"  # every thread reads all of it


@dataclass(frozen=True)
class Access:
    """Numbers [start, stop) of a segment, and how they are divided: (how many, how long)."""

    segment: str
    start: int
    stop: int
    share: Any
    writes: bool

    def meets(self, other: "Access") -> bool:
        """Could two threads touch the same number here, one of them writing it?"""
        apart = self.stop <= other.start or other.stop <= self.start
        if self.segment != other.segment or apart or not (self.writes or other.writes):
            return False
        if self.share == other.share == ONE:
            return False
        return self.share == ALL or (self.share, self.start) != (other.share, other.start)


def place_barriers(code: list[Instruction]) -> None:
    """A barrier before each instruction that meets one since the last barrier.

    At the end of a step all meet anyway.
    """
    since: list[Access] = []
    for instruction in code:
        now = accesses(instruction)
        if any(a.meets(b) for a in now for b in since):
            instruction.barrier, since = True, []
        since += now


def accesses(x: Instruction) -> list[Access]:
    """All that an instruction touches in the state and in scratch memory."""
    own = _share(x, x.m, x.n)
    found = [_whole(p, share, False) for p, share in _reads(x)]
    if x.out is not None:
        stack = x.op == "MATMUL" and x.numbers[0] > 1
        out = _share(x, x.numbers[0], x.m * x.n) if stack else own
        found.append(_whole(x.out, out, True))
    for step in x.tail:
        found += [_operand(o, x, own, False) for o in step.inputs]
        found.append(_operand(step.out, x, own, True))
    return [a for a in found if a.segment in ("state", "scratch") and a.stop > a.start]


def _share(x: Instruction, count: int, length: int) -> Any:
    """Rows are divided; of a row alone, and by columns of it, so are its entries."""
    if x.split == "none":
        return ONE
    if x.split == "columns":
        return ("columns", count, length) if count > 1 else ("rows", length, 1)
    return ("rows", count, length) if count > 1 else ONE


def _reads(x: Instruction) -> list[tuple[Place, Any]]:
    """The whole buffers that are read, and how they are divided."""
    by_row = x.split == "rows"
    lengths = dict.fromkeys(("LINE", "TAKE_LINE", "PUT_LINE"), x.k)
    lengths |= {"REDUCE": x.k * x.n, "ONE_HOT": 1, "DROP": x.n}
    if x.op == "MATMUL" and x.a is not None and x.b is not None:
        count, a_row, a_col = x.numbers[:3]
        rows = by_row and count == 1 and (a_row, a_col) == (x.k, 1)
        return [(x.a, _share(x, x.m, x.k) if rows else ALL), (x.b, ALL)]
    each = _share(x, x.m, lengths[x.op]) if by_row and x.op in lengths else ALL
    index = {"TAKE": 1, "TAKE_LINE": x.n, "PUT_LINE": x.k}.get(x.op, 0)
    found = [(x.a, each)] if x.a is not None else []
    return found + [(p, _share(x, x.m, index) if by_row and index else ALL) for p in x.indices]


def _whole(place: Place, share: Any, writes: bool) -> Access:
    buffer = place.buffer.root
    start = buffer.offset + place.offset
    if share == ALL:
        start = buffer.offset
    return Access(buffer.segment, start, buffer.offset + buffer.size, share, writes)


def _operand(o: Operand, x: Instruction, own: Any, writes: bool) -> Access:
    if o.kind == "register":
        return Access("register", 0, 0, own, writes)
    size, share = {
        "full": (x.m * x.n, own),
        "column": (x.m, _share(x, x.m, 1) if x.split == "rows" else ALL),
        "row": (x.n, ALL),
        "scalar": (1, ALL),
    }[o.kind]
    start = o.buffer.root.offset + o.offset
    return Access(o.buffer.root.segment, start, start + size, share, writes)
