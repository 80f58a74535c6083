"""Where results live: in the state's own memory, in a register of a tail, or in a buffer."""

from collections.abc import Iterator

from .program import Buffer, Instruction, Operand, Place, TailStep

REGISTERS = 12  # of a tail; each holds one tile of numbers in the L1 cache


def uses(instruction: Instruction) -> Iterator[tuple[Buffer, int, bool]]:
    """(buffer, step of the tail, is it read entry by entry) for all that is read; −1: before."""
    for place in instruction.reads():
        yield place.buffer, -1, False
    for i, step in enumerate(instruction.tail):
        for x in step.inputs:
            if x.kind != "register":
                yield x.buffer, i, x.kind == "full" and x.offset == 0


def touched(instruction: Instruction) -> tuple[list[Buffer], list[Buffer]]:
    """The buffers whose memory is read, and those whose memory is written."""
    written = [step.out.buffer for step in instruction.tail if step.out.kind != "register"]
    written += [instruction.out.buffer] if instruction.out else []
    return [buffer.root for buffer, _, _ in uses(instruction)], [buffer.root for buffer in written]


def may_overwrite(code: list[Instruction], old: Buffer, host: Instruction, at: int) -> bool:
    """May step `at` of the host's tail write where `old` lies? Not if anybody reads it later."""
    where = code.index(host)
    for i, instruction in enumerate(code):
        for buffer, step, entrywise in uses(instruction):
            if buffer is not old:
                continue
            if i > where or (i == where and (not entrywise or step > at)):
                return False
    return True


def settle_state(code: list[Instruction], old: Buffer, new: Buffer) -> bool:
    """Can the new value of a parameter be written over the old one? (Else it must be copied.)"""
    for host in code:
        for at, step in enumerate(host.tail):
            if step.out.buffer is new:
                return may_overwrite(code, old, host, at)
    return False


def copy_of(source: Place, target: Buffer) -> Instruction:
    """A POINTWISE that copies a buffer at the end of a step."""
    full = Operand("full", source.buffer, source.offset)
    step = TailStep("copy", Operand("full", target), (full,))
    return Instruction("POINTWISE", target.size, 1, tail=[step])


def registers(code: list[Instruction], kept: set[Buffer]) -> None:
    """Results that only their own tail reads go to registers; at most `REGISTERS` at a time."""
    readers: dict[Buffer, set[Instruction]] = {}
    for instruction in code:
        for buffer, _, entrywise in uses(instruction):
            readers.setdefault(buffer, set()).add(instruction)
            if not entrywise:
                kept = kept | {buffer}
    for instruction in code:
        _assign(instruction, readers, kept)


def _assign(host: Instruction, readers: dict[Buffer, set[Instruction]], kept: set[Buffer]) -> None:
    last = {x.buffer: i for i, step in enumerate(host.tail) for x in step.inputs}
    number: dict[Buffer, int] = {}
    free = list(range(REGISTERS))
    for i, step in enumerate(host.tail):
        step.inputs = tuple(_renamed(x, number) for x in step.inputs)
        for buffer in [b for b in number if last.get(b, -1) == i]:
            free.append(number.pop(buffer))
        out = step.out.buffer
        if out not in kept and readers.get(out) == {host} and free:
            number[out] = free.pop()
            step.out = Operand("register", out, number[out])


def _renamed(x: Operand, number: dict[Buffer, int]) -> Operand:
    return Operand("register", x.buffer, number[x.buffer]) if x.buffer in number else x


def in_place(code: list[Instruction], kept: set[Buffer]) -> None:
    """Results of a tail take the memory of a block of the same size that dies there."""
    taken = set(kept)
    for host in code:
        for at, step in enumerate(host.tail):
            new = step.out.buffer
            if step.out.kind == "register" or new.segment != "scratch" or new in kept:
                continue
            for x in [x.buffer for s in host.tail[: at + 1] for x in s.inputs]:
                fits = x.size == new.size and x.segment == "scratch" and x is not new
                if fits and x not in taken and may_overwrite(code, x, host, at):
                    new.home = x
                    taken.add(x)
                    break
