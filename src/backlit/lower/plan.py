"""Where buffers lie: those whose lives do not meet share memory."""

from collections.abc import Iterable
from itertools import chain

from .program import Buffer, Instruction
from .settle import touched

ALIGN = 16  # numbers: a cache line of floats, two of doubles
PAD = 16  # numbers behind each buffer


def room(size: int) -> int:
    """What a buffer takes, with padding, in whole lines."""
    return -(-(size + PAD) // ALIGN) * ALIGN


def in_a_row(buffers: Iterable[Buffer]) -> int:
    """One after the other; answers how many numbers they take."""
    end = 0
    for buffer in buffers:
        buffer.offset, end = end, end + room(buffer.size)
    return end


def lives(code: list[Instruction], loss: Buffer) -> dict[Buffer, list[int]]:
    """The scratch buffers that have memory of their own: which instructions touch them."""
    found: dict[Buffer, list[int]] = {}
    for i, instruction in enumerate(code):
        for buffer in chain(*touched(instruction)):
            found.setdefault(buffer, []).append(i)
    found.setdefault(loss.root, []).append(len(code))  # it is read at the end of a step
    return {buffer: life for buffer, life in found.items() if buffer.segment == "scratch"}


def plan(lives: dict[Buffer, list[int]]) -> int:
    """Give each scratch buffer its offset, large ones first, and answer the numbers needed.

    The life of a buffer is from the first instruction that touches it to the last.
    """
    placed: list[Buffer] = []
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
