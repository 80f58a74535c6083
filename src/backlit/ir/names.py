"""The user's own names, read from the bytecode that receives a result.

The call that makes a value is at ``frame.f_lasti``. If the next instruction stores the value, the
store's target is its name; if it returns it, the same question is asked of the calling frame. No
profile hook is set, so debuggers and coverage tools are left alone.
"""

import dis
import sys
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

_MACHINERY = ("backlit.ir.", "numpy.")  # frames that hand a result on unchanged
_NAMELESS = (
    "backlit.ops.",
    "backlit.nn.losses.",
    *_MACHINERY,
)  # variables that mean nothing to a user
_PASSING = {"NOP", "COPY", "CACHE", "EXTENDED_ARG"}


@lru_cache(maxsize=1024)
def _next_instructions(code: CodeType) -> dict[int, dis.Instruction | None]:
    """Offset of an instruction → the one that receives its result; none where several do."""
    found: dict[int, dis.Instruction | None] = {}
    following = None
    for instruction in reversed(list(dis.get_instructions(code))):
        several = instruction.opname.startswith("UNPACK_")  # whose names are seen at their use
        found[instruction.offset] = None if several else following
        if instruction.opname not in _PASSING:
            following = instruction
    return found


def _within(frame: FrameType, packages: tuple[str, ...]) -> bool:
    return f"{frame.f_globals.get('__name__', '')}.".startswith(packages)


def _own(name: str) -> bool:
    """Is it a name for people? A leading underscore says that it is not."""
    return name.isidentifier() and not name.startswith("_")


def _target(instruction: dis.Instruction | None) -> str:
    """The variable a store instruction writes, also in 3.13's fused ``STORE_FAST_LOAD_FAST``."""
    if instruction is None or not instruction.opname.startswith("STORE_"):
        return ""
    if instruction.opname in ("STORE_SUBSCR", "STORE_SLICE", "STORE_ATTR"):
        return ""
    value = instruction.argval
    name = value[0] if isinstance(value, tuple) else value
    return name if _own(name) else ""


def assigned_name(stop: CodeType) -> str:
    """The variable that will hold the result of the NumPy call now being recorded, or "".

    `stop` is the code of the function that called the traced one.
    """
    frame = sys._getframe(1)
    while frame is not None and frame.f_code is not stop:
        if not _within(frame, _MACHINERY):
            following = _next_instructions(frame.f_code).get(frame.f_lasti)
            if following is None or following.opname != "RETURN_VALUE":
                return "" if _within(frame, _NAMELESS) else _target(following)
        frame = frame.f_back
    return ""


def held_name(value: Any, stop: CodeType) -> str:
    """The variable that holds `value` now, in the outermost frame inside the traced function.

    `stop` is the code of the function that called the traced one.
    """
    frame, found, outermost = sys._getframe(1), "", None
    while frame is not None and frame.f_code is not stop:
        if not _within(frame, _NAMELESS):
            outermost = frame
            for name, held in frame.f_locals.items():
                if held is value and _own(name):
                    found = name
                    break
        frame = frame.f_back
    if not found and outermost is not None:
        names = (name for name, held in outermost.f_globals.items() if held is value)
        found = next(filter(_own, names), "")
    return found


def unique_names(wanted: list[tuple[Any, str]], taken: set[str]) -> dict[Any, str]:
    """Give every thing a name of its own; a name wanted more than once gets an index.

    ``Z, H, Z, H`` becomes ``Z1, H1, Z2, H2``. Names in `taken` are left alone.
    """
    counts: dict[str, int] = {}
    for _, name in wanted:
        counts[name] = counts.get(name, 0) + 1
    single = {n for n, count in counts.items() if count == 1}
    used = taken | single
    result: dict[Any, str] = {}
    index: dict[str, int] = {}
    for thing, name in wanted:
        if name in single and name not in taken:
            result[thing] = name
            continue
        numbered = name
        while numbered == name or numbered in used:
            index[name] = index.get(name, 0) + 1
            numbered = f"{name}_{index[name]}" if name[-1].isdigit() else f"{name}{index[name]}"
        used.add(numbered)
        result[thing] = numbered
    return result


def entry_name(name: str, place: tuple[Any, ...]) -> str:
    """One entry of an array: ``W1[0,1]``; of a number, its name."""
    return f"{name}[{','.join(map(str, place))}]" if place else name


def here() -> str:
    """Where in the user's code we are: ``in loss (net.py, line 12)``, for error messages."""
    frame = sys._getframe(1)
    while frame is not None:
        if not _within(frame, ("backlit.", "numpy.")):
            file = frame.f_code.co_filename.rsplit("/", 1)[-1]
            return f"in {frame.f_code.co_name} ({file}, line {frame.f_lineno})"
        frame = frame.f_back
    return "in the traced function"
