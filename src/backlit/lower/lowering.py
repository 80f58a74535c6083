"""Graph → instructions, equation by equation; elementwise ones join the tail of what they read."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from .program import Buffer, Instruction, Operand, Place, TailStep
from .views import View, dense, dense_strides, kind_in

Rule = Callable[["Lowering", Eqn], View]
RULES: dict[str, Rule] = {}  # the ops that are not elementwise; structured.py and moves.py


def rule(*names: str) -> Callable[[Rule], Rule]:
    """The function below lowers these ops: it answers where their result lies."""

    def register(function: Rule) -> Rule:
        RULES.update(dict.fromkeys(names, function))
        return function

    return register


class NumPyOnly(Exception):  # noqa: N818 - it is an answer, not an error
    """The player cannot play a graph; the message says why, in words for the user."""


class Lowering:
    """The instructions so far, and where each Var lies."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self.code: list[Instruction] = []
        self.views: dict[Var, View] = {}
        self.made: dict[Buffer, Instruction] = {}  # who writes a buffer of ours
        self.constants: list[tuple[Buffer, Any]] = []
        self._known: dict[Any, View] = {}  # constants and copies, to make each once

    def play(self, eqn: Eqn) -> None:
        """Lower one equation."""
        if 0 in eqn.out.shape:
            return  # there is nothing to compute
        if reads_nothing(eqn) and eqn.op.name != "concatenate":
            raise NumPyOnly(f"{eqn.op.name} of an array without entries")
        if eqn.op.only_numpy:
            raise NumPyOnly(f"{eqn.op.name}: {eqn.op.only_numpy}")
        _refuse_whole_numbers(eqn, self.dtype)
        if eqn.op.name in RULES:
            self.views[eqn.out] = _called(eqn.out.name, RULES[eqn.op.name](self, eqn))
        else:
            self.pointwise(eqn)

    def view(self, atom: Atom) -> View:
        """Where an atom lies; a constant is put among the constants."""
        if isinstance(atom, Var):
            return self.views[atom]
        value = np.asarray(atom.value).astype(self.dtype)
        key = (value.shape, value.tobytes())
        if key not in self._known:
            name = atom.name or (f"{atom.value:g}" if atom.scalar else f"c{len(self.constants)}")
            buffer = Buffer(name, value.size, "constant")
            self.constants.append((buffer, value))
            self._known[key] = dense(buffer, value.shape)
        return self._known[key]

    def emit(self, op: str, m: int, n: int, name: str, **facts: Any) -> View:
        """Write an instruction whose result is a new buffer of m × n."""
        buffer = Buffer(name, m * n)
        instruction = Instruction(op, m, n, out=Place(buffer), **facts)
        self.code.append(instruction)
        self.made[buffer] = instruction
        return dense(buffer, (m, n))

    def place(self, view: View) -> Place:
        """A dense view as a place; anything else is copied first."""
        lying = self.compact(view)
        return Place(lying.buffer, lying.offset)

    def compact(self, view: View) -> View:
        """The view itself if it is dense, else a copy."""
        return view if view.dense else self.copied(view)

    def copied(self, view: View) -> View:
        """A dense copy of a view (made once)."""
        if view not in self._known:
            m = math.prod(view.shape[:1])
            made = self.emit(
                "COPY", m, view.size // m, f"{view.buffer.name}ᵀ" if _is_transpose(view) else
                f"{view.buffer.name}′", a=Place(view.buffer, view.offset), note="rearranged",
                lists=ways(view, dense_strides(view.shape)), numbers=(0, 0),
                split="rows" if view.shape else "none",
            )  # fmt: skip
            self._known[view] = dense(made.buffer, view.shape)
        return self._known[view]

    def reshaped(self, view: View, shape: tuple[int, ...]) -> View:
        """The same entries in another shape, copied if they must be."""
        found = view.reshaped(shape)
        return found or replace(self.compact(view), shape=shape, strides=dense_strides(shape))

    # ---- elementwise ---------------------------------------------------------------------------

    def pointwise(self, eqn: Eqn, kernel: str = "") -> None:
        """Join the tail of the instruction that makes the inputs, or begin a new one."""
        settings = [] if kernel else map(float, eqn.settings.values())
        atoms = [*eqn.inputs, *map(Lit, settings)]
        views = [self.view(x).stretched(eqn.out.shape) for x in atoms]
        host = self._host(views)
        kinds = host and self._kinds(views, host)
        if host is None or kinds is None:
            host, views, kinds = self._begin(eqn, views)
        out = Buffer(eqn.out.name, math.prod(eqn.out.shape))
        inputs = [
            Operand(kind, view.buffer, view.offset) for kind, view in zip(kinds, views, strict=True)
        ]
        step = TailStep(kernel or kernel_of(eqn), Operand("full", out), (*inputs,))
        host.tail.append(step)
        self.made[out] = host
        self.views[eqn.out] = dense(out, eqn.out.shape)

    def _host(self, views: Sequence[View]) -> Instruction | None:
        """The last of the instructions that make the inputs, if it can have a tail."""
        makers = [self.made[v.buffer] for v in views if v.buffer in self.made]
        if not makers:
            return None
        last = max(makers, key=self.code.index)
        return last if can_have_tail(last) else None

    def _kinds(self, views: Sequence[View], host: Instruction):
        """How the block of an instruction reads each view, or None if one cannot be read so."""
        if not all(v.size == host.m * host.n for v in views):
            return None
        found = []
        for view in views:
            splits = [i for i in range(len(view.shape) + 1) if math.prod(view.shape[:i]) == host.m]
            kinds = [kind for i in splits if (kind := kind_in(view, view.shape, i))]
            if not kinds:
                return None
            kind = "full" if "full" in kinds else kinds[0]
            if self.made.get(view.buffer) is host and (kind != "full" or view.offset):
                return None
            found.append(kind)
        return found

    def _begin(self, eqn: Eqn, views: list[View]):
        """A POINTWISE of its own, in the shape in which the fewest inputs must be copied."""
        shape = eqn.out.shape
        order = sorted(range(len(shape) + 1), key=lambda i: abs(i - 1))

        def misfits(split: int) -> int:
            return sum(kind_in(v, shape, split) is None for v in views)

        split = min(order, key=misfits)
        block = math.prod(shape[:split]), math.prod(shape[split:])
        views = [v if kind_in(v, shape, split) else self.compact(v) for v in views]
        kinds = [kind_in(v, shape, split) for v in views]
        host = self._open(block, views)
        return host, views, kinds

    def _open(self, block: tuple[int, int], views: Sequence[View]) -> Instruction:
        """The last POINTWISE if it fits and makes none of the inputs; else a new one."""
        last = self.code[-1] if self.code else None
        fits = last and last.op == "POINTWISE" and (last.m, last.n) == block
        if last is not None and fits and not any(self.made.get(v.buffer) is last for v in views):
            return last
        self.code.append(Instruction("POINTWISE", *block))
        return self.code[-1]


_AXES = 8  # of a COPY, at most


def ways(source: View, target: tuple[int, ...]) -> tuple[int, ...]:
    """What a COPY goes by: sizes, steps of the source, steps of the target."""
    if len(target) > _AXES:
        raise NumPyOnly(f"an array of {len(target)} axes that must be rearranged")
    return (*source.shape, *source.strides, *target)


def reads_nothing(eqn: Eqn) -> bool:
    """Is there an input without entries?"""
    return any(0 in x.shape for x in eqn.inputs)


def can_have_tail(instruction: Instruction) -> bool:
    """A block that is made by its own thread, from left to right; a stack of products is none.

    A wide product is made in strips: a tail would jump from page to page of the arrays it reads.
    """
    if instruction.op == "MATMUL":
        return instruction.numbers[0] == 1 and instruction.n <= _STRIP
    return instruction.op in ("POINTWISE", "REDUCE")


def kernel_of(eqn: Eqn) -> str:
    """The name of the kernel that computes an elementwise equation."""
    name = eqn.op.name
    if eqn.op.kernel is None:
        raise NumPyOnly(f"{name} has no native kernel")
    if eqn.out.dtype.kind == "b" and name in ("add", "maximum", "multiply", "minimum"):
        return "logical_or" if name in ("add", "maximum") else "logical_and"
    return name


def _is_transpose(view: View) -> bool:
    return len(view.shape) == 2 and view.strides[0] == 1


def _called(name: str, view: View) -> View:
    """A view that is all of a buffer which nobody named gives it its own name."""
    whole = view.dense and view.size == view.buffer.size
    if whole and view.buffer.name.startswith("_"):
        view.buffer.name = name
    return view


_STRIP = 256  # columns: NC of csrc/matmul.hpp
_EXACT = {"float32": 2**24, "float64": 2**53}
_ARITHMETIC = {
    "add", "subtract", "multiply", "negative", "power", "square", "abs", "prod", "cumsum", "sum",
    "floor_divide", "remainder", "fmod", "reciprocal", "sign", "matmul",
}  # fmt: skip


def _refuse_whole_numbers(eqn: Eqn, dtype: Any) -> None:
    """NumPy's whole numbers wrap around; ours are numbers like all others."""
    if eqn.out.dtype.kind not in "iu" or eqn.op.name not in _ARITHMETIC:
        return
    counts = eqn.op.name == "sum" and all(x.dtype.kind == "b" for x in eqn.inputs)
    if not counts or math.prod(eqn.inputs[0].shape) > _EXACT[dtype.name]:
        raise NumPyOnly(f"{eqn.op.name} of whole numbers")


def constant_in_a_step(graph: Graph, equations: Iterable[Eqn]) -> set[Atom]:
    """Numbers made of others that are known before the step, such as α / (1 − β₁ᵗ)."""
    known: set[Atom] = {x for x in graph.inputs if x.shape == () and x.role == "state"}
    for eqn in equations:
        if eqn.out.shape == () and all(isinstance(x, Lit) or x in known for x in eqn.inputs):
            known.add(eqn.out)
    return known


def step_constants_first(graph: Graph, equations: Sequence[Eqn]) -> list[Eqn]:
    """The equations, those of numbers that are constant in a step before all others."""
    early = constant_in_a_step(graph, equations)
    return sorted(equations, key=lambda eqn: eqn.out not in early)
