"""The order of a program: what threads can do without meeting is brought together."""

from .barriers import Access, accesses
from .program import Buffer, Instruction
from .settle import touched

_READY = 16  # instructions looked at for the next place
_LONG = 400  # a program beyond this stays as it is: barriers matter where steps are few and large


def reordered(code: list[Instruction]) -> list[Instruction]:
    """The same program with fewer barriers: next comes what meets nothing since the last one.

    Weight gradients wait so until all messages have been passed back. Who reads what another
    writes, or writes what another reads, keeps his place behind him.
    """
    if len(code) > _LONG:
        return code
    waits = _waits(code)
    every = [accesses(x) for x in code]
    order: list[int] = []
    done: set[int] = set()
    since: list[Access] = []
    while len(order) < len(code):
        ready = [i for i in range(len(code)) if i not in done and waits[i] <= done][:_READY]
        free = (i for i in ready if not any(a.meets(b) for a in every[i] for b in since))
        best = next(free, None)
        if best is None:
            best, since = ready[0], []
        order.append(best)
        done.add(best)
        since += every[best]
    return [code[i] for i in order]


def _waits(code: list[Instruction]) -> list[set[int]]:
    """For each instruction, those that must be played before it."""
    writer: dict[Buffer, int] = {}
    readers: dict[Buffer, set[int]] = {}
    found: list[set[int]] = []
    for i, instruction in enumerate(code):
        reads, writes = map(set, touched(instruction))
        before = {writer[b] for b in reads | writes if b in writer}
        for buffer in writes:
            before |= readers.pop(buffer, set())
            writer[buffer] = i
        for buffer in reads:
            readers.setdefault(buffer, set()).add(i)
        found.append(before - {i})
    return found
