"""Any number of rows: what traces of different numbers have in common, and what grows with them.

The sizes in a trace are plain numbers. Which of them is the number of rows is not guessed: the
network is traced three times, and what differs between the traces is what depends on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NoReturn

import numpy as np

from ..errors import InputError
from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from ..ops.shape import broadcast_to


@dataclass(frozen=True)
class Size:
    """A size that grows with the number of rows N: ``times`` · N + ``plus``."""

    times: int
    plus: int = 0

    def __str__(self) -> str:
        many = "N" if self.times == 1 else f"{self.times}N"
        return f"{many}{self.plus:+d}" if self.plus else many


def numbers_of_rows(sizes: set[int]) -> list[int]:
    """Three numbers of rows, none of them a size of the network: no pass may take them for one."""
    free = (n for n in count(11, 2) if n not in sizes)
    return [next(free) for _ in range(3)]


def over_rows(graphs: Sequence[Graph], rows: Sequence[int]) -> Graph:
    """The graph that stands for all of `graphs`, traced for so many `rows`, with `Size` in it.

    Raises InputError where they have something in common neither in number nor in growth.
    """
    return _Merging(rows).merge(graphs)


class _Merging:
    """Things of the traces side by side, as tuples, become one."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows = rows
        self.equations: list[Eqn] = []
        self.new: dict[tuple[Atom, ...], Atom] = {}

    def merge(self, graphs: Sequence[Graph]) -> Graph:
        inputs = tuple(self.define(same) for same in _beside([g.inputs for g in graphs]))
        for same in _beside([g.equations for g in graphs]):
            first = same[0]
            if any(eqn.op is not first.op for eqn in same):
                _refuse("its operations")
            read = tuple(map(self.atom, _beside([eqn.inputs for eqn in same])))
            given = {
                word: self.common([eqn.settings[word] for eqn in same], f"its {first.op.name}")
                for word in first.settings
            }
            out = self.define(tuple(eqn.out for eqn in same))
            self.equations.append(replace(first, out=out, inputs=read, settings=given))
        outputs = tuple(map(self.atom, _beside([g.outputs for g in graphs])))
        return Graph(inputs, tuple(self.equations), outputs)

    def define(self, same: tuple[Var, ...]) -> Var:
        shape = self.common([var.shape for var in same], "a shape")
        self.new[same] = var = replace(same[0], shape=shape)
        return var

    def atom(self, same: tuple[Atom, ...]) -> Atom:
        if same not in self.new:
            if not all(isinstance(x, Lit) for x in same):
                _refuse("its operations")
            self.new[same] = self.constant(same)
        return self.new[same]

    def constant(self, same: Sequence[Any]) -> Atom:
        """One constant; one row of it, spread at run time, if its shape grows with the rows."""
        shape = self.common([x.shape for x in same], "a constant")
        grows = [isinstance(n, Size) for n in shape]
        one = tuple(slice(0, 1) if g else slice(None) for g in grows)
        thin = [np.asarray(x.value)[one] for x in same]
        for part, whole in zip(thin, same, strict=True):
            spread = np.broadcast_to(part, whole.shape)
            if not (_equal(part, thin[0]) and _equal(spread, whole.value)):
                _refuse(f"a constant{f', {whole.name}' * bool(whole.name)}")
        if not any(grows):
            return same[0]
        out = Var(f"_constant{len(self.equations)}", shape, same[0].dtype)
        lit = Lit(thin[0], same[0].name)
        self.equations.append(Eqn(out, broadcast_to, (lit,), {"shape": shape}))
        return out

    def common(self, values: Sequence[Any], what: str) -> Any:
        """What is the same in all; a number that grows steadily with the rows is a `Size`."""
        first = values[0]
        if all(type(v) is type(first) and v == first for v in values):
            return first
        if all(isinstance(v, tuple) and len(v) == len(first) for v in values):
            return tuple(self.common(same, what) for same in zip(*values, strict=True))
        if all(isinstance(v, slice) for v in values):
            ends = zip(*[(v.start, v.stop, v.step) for v in values], strict=True)
            return slice(*(self.common(same, what) for same in ends))
        if all(isinstance(v, int) for v in values):
            times = (values[1] - first) // (self.rows[1] - self.rows[0])
            size = Size(times, first - times * self.rows[0])
            if [size.times * n + size.plus for n in self.rows] == [*values]:
                return size
        _refuse(what)


def _beside(several: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Item by item, those of all the traces as a tuple."""
    if len({len(items) for items in several}) > 1:
        _refuse("its operations")
    return zip(*several, strict=True)


def _equal(x: Any, y: Any) -> bool:
    return np.array_equal(x, y, equal_nan=True)


def _refuse(what: str) -> NoReturn:
    raise InputError(
        f"the network cannot be exported for any number of rows: {what} depends on how many there "
        "are, otherwise than by growing with them. Write it so that each row is computed alone."
    )
