"""A program as the arrays of whole numbers that csrc/instruction.hpp describes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .lowering import NumPyOnly
from .plan import room
from .program import LINES, OPS, REDUCTIONS, Instruction, Operand, Place, Program, TailStep

_SEGMENTS = {"state": 0, "scratch": 1, "constant": 2}
_SPLITS = {"rows": 0, "columns": 1, "none": 2}
_KINDS = ("register", "full", "row", "column", "scalar")
_INPUTS = 6


def encode(program: Program, kernels: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    """instructions, steps, extras, constants, the loss's address: what a player is made from.

    kernels: name → (number, operands), as the player lists them.
    """
    instructions: list[int] = []
    steps: list[int] = []
    extras: list[int] = []
    for x in program.code:
        first, begin = len(steps) // (4 + 2 * _INPUTS), len(extras)
        for step in x.tail:
            steps += _step(step, kernels)
        extras += _extras(x)
        instructions += [
            OPS.index(x.op), _SPLITS[x.split], int(x.barrier), x.m, x.n, x.k,
            _address(x.out), _address(x.a), _address(x.b),
            begin, len(extras) - begin, first, len(x.tail),
        ]  # fmt: skip
    constants = np.zeros(sum(room(b.size) for b, _ in program.constants) or 1, program.dtype)
    for buffer, value in program.constants:
        constants[buffer.offset : buffer.offset + buffer.size] = np.ravel(value)
    return {
        "instructions": np.array(instructions, np.int64),
        "steps": np.array(steps, np.int64),
        "extras": np.array(extras, np.int64),
        "constants": constants,
        "scratch": program.scratch,
        "loss": _address(program.loss),
    }


def _address(place: Place | None) -> int:
    if place is None:
        return -1
    root = place.buffer.root
    return _SEGMENTS[root.segment] << 48 | root.offset + place.offset


def _step(step: TailStep, kernels: Mapping[str, tuple[int, int]]) -> list[int]:
    number, operands = kernels.get(step.kernel, (0, 0))
    if operands != len(step.inputs):
        raise NumPyOnly(f"{step.kernel} has no native kernel")
    inputs = [word for x in step.inputs for word in _operand(x)]
    padding = [0] * (2 * (_INPUTS - len(step.inputs)))
    return [number, *_operand(step.out), len(step.inputs), *inputs, *padding]


def _operand(x: Operand) -> list[int]:
    where = x.offset if x.kind == "register" else _address(Place(x.buffer, x.offset))
    return [_KINDS.index(x.kind), where]


def _extras(x: Instruction) -> list[int]:
    names = {"REDUCE": REDUCTIONS, "LINE": LINES}.get(x.op)
    kind = [names.index(x.note)] if names else []
    return [*kind, *x.numbers, *x.lists, *map(_address, x.indices)]
