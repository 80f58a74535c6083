"""Where buffers lie: those whose lives do not meet share memory."""

from .program import Buffer, Instruction
from .settle import uses

ALIGN = 16  # numbers: a cache line of floats, two of doubles
PAD = 16  # numbers behind each buffer


def room(size: int) -> int:
    """What a buffer takes, with padding, in whole lines."""
    return -(-(size + PAD) // ALIGN) * ALIGN


def in_a_row(buffers: list[Buffer]) -> int:
    """One after the other; answers how many numbers they take."""
    end = 0
    for buffer in buffers:
        buffer.offset, end = end, end + room(buffer.size)
    return end


def scratch_of(code: list[Instruction]) -> list[Buffer]:
    """The scratch buffers that have memory of their own, as they appear."""
    found: dict[Buffer, None] = {}
    for instruction in code:
        for buffer in _touched(instruction):
            if buffer.segment == "scratch":
                found[buffer] = None
    return [*found]


def _touched(instruction: Instruction) -> list[Buffer]:
    read = [buffer for buffer, _, _ in uses(instruction)]
    written = [step.out.buffer for step in instruction.tail if step.out.kind != "register"]
    own = [instruction.out.buffer] if instruction.out else []
    return [buffer.root for buffer in (*read, *written, *own)]


def plan(code: list[Instruction], loss: Buffer) -> int:
    """Give each scratch buffer its offset, large ones first, and answer the numbers needed.

    The life of a buffer is from the first instruction that touches it to the last.
    """
    lives: dict[Buffer, list[int]] = {loss.root: [len(code)]}  # it is read at the end of a step
    for i, instruction in enumerate(code):
        for buffer in _touched(instruction):
            lives.setdefault(buffer, []).append(i)
    placed: list[Buffer] = []
    lives = {b: life for b, life in lives.items() if b.segment == "scratch"}
    for buffer in sorted(lives, key=lambda b: -b.size):
        first, last = min(lives[buffer]), max(lives[buffer])
        others = [b for b in placed if min(lives[b]) <= last and max(lives[b]) >= first]
        offset = 0
        for other in sorted(others, key=lambda b: b.offset):
            if offset + room(buffer.size) <= other.offset:
                break
            offset = max(offset, other.offset + room(other.size))
        buffer.offset = offset
        placed.append(buffer)
    return max((b.offset + room(b.size) for b in placed), default=0)
