"""The native engine: a training step as a program, whole epochs played at once."""

import os
import time
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ..lower import Instruction, NumPyOnly, Program
from ..lower.encode import encode
from ..lower.plan import ALIGN
from .engine import Plan, Snapshot, Values

_LINE = 64  # bytes: vectors of the state begin at a cache line
_ALONE = 5e6  # multiply-adds of a step below which meeting costs more than dividing saves
_SLOWEST = 1e9  # of them in a second, before the pace is known
HEARD = 0.05  # seconds of playing after which Python listens for Ctrl-C


def cores() -> int:
    """The cores this process may use: a container or taskset may allow fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def native() -> Any:
    """The native module, or None where it was not built."""
    try:
        from .. import _player
    except ImportError:
        return None
    return _player


class State:
    """Parameters, corrections and optimiser states in one piece of memory, each a view of it."""

    def __init__(self, values: Sequence[Any], program: Program, dtype: Any) -> None:
        end = max(b.offset + b.size for b in program.states) + ALIGN
        raw = np.zeros(end * dtype.itemsize + _LINE, np.uint8)
        start = -raw.ctypes.data % _LINE
        self.memory = raw[start : start + end * dtype.itemsize].view(dtype)
        self._places = [
            (slice(b.offset, b.offset + b.size), np.shape(value))
            for b, value in zip(program.states, values, strict=True)
        ]
        self.views = self._cut(self.memory)
        self.put(values)

    def _cut(self, memory: Any) -> Values:
        return [memory[place].reshape(shape) for place, shape in self._places]

    def put(self, values: Sequence[Any]) -> None:
        """Make these the state."""
        for view, value in zip(self.views, values, strict=True):
            view[...] = value

    def copy(self) -> "Copy":
        """The values now; what comes later does not change them."""
        memory = self.memory.copy()
        return Copy(lambda: self._cut(memory))


class Copy(Sequence[Any]):
    """Values that are cut from a copy of the memory when they are read: few ever are."""

    def __init__(self, cut: Callable[[], Values]) -> None:
        self._cut = cut

    @cached_property
    def _values(self) -> Values:
        return self._cut()

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, place: Any) -> Any:
        return self._values[place]


class PlayerEngine:
    """Plays a training in the native player, many steps at once (see `engine.Engine`).

    Raises NumPyOnly where it cannot, with the reason.
    """

    def __init__(
        self, plan: Plan, values: Values, order: Any, threads: int | None, lanes: str = ""
    ) -> None:
        if native() is None:
            raise NumPyOnly("the native player was not built: see `backlit doctor`")
        check_whole(plan.arrays, plan.dtype)
        self.seconds = 0.0
        self._plan, self._done = plan, 0
        self._tables = [table(x) for x in plan.arrays]
        self._players: dict[int, Any] = {}
        self.program = plan.program(order, 0)
        self._state = State(values, self.program, plan.dtype)
        self._threads = threads or default_threads(self.program)
        self._lanes, self._pace = lanes, first_pace(self.program)
        self._player(order, 0)
        if plan.rows % plan.size:
            self._player(order, plan.rows // plan.size)
        lanes = self._players[plan.size].lanes
        self.name = f"player ({lanes}, {self._threads} thread{'s' * (self._threads > 1)})"

    def _player(self, order: Any, step: int) -> Any:
        """The player for a step on so many rows as this one has."""
        rows = self._plan.weight(step)
        if rows not in self._players:
            program = self._plan.program(order, step)
            self._players[rows] = player(
                program, self._state, self._tables, self._threads, self._lanes
            )
        return self._players[rows]

    @property
    def done(self) -> int:
        return self._done

    @property
    def values(self) -> Values:
        return self._state.views

    def snapshot(self) -> Snapshot:
        return self._done, self._state.copy()

    def restore(self, snapshot: Snapshot) -> None:
        self._done, values = snapshot
        self._state.put(values)

    def finite(self) -> bool:
        with np.errstate(all="ignore"):
            total = self._state.memory.sum()  # finite only if all are, and quickly made
        return bool(np.isfinite(total) or np.isfinite(self._state.memory).all())

    def stride(self, first: int) -> int:
        whole = self._plan.rows // self._plan.size
        return max(1, min(whole - first, int(HEARD / self._pace)))

    def play(self, order: Any, first: int, count: int, total: float) -> tuple[float, int]:
        place, rows = self._plan.rows_of(first).start, self._plan.weight(first)
        rates = self._plan.rates(self._done, count)
        began = time.perf_counter()
        total, played = self._player(order, first).play(
            order, self._plan.rows, place, rows, rates,
            seed=self._plan.seed, step=self._done, total=total,
        )  # fmt: skip
        spent = time.perf_counter() - began
        self.seconds += spent
        self._pace = spent / count
        self._done += min(played + 1, count)
        return total, played

    def play_epochs(self, orders: Sequence[Any]) -> list[float]:
        """Whole epochs in one go: the mean loss of each, until one does not end well.

        Then the state is of no use: `restore` one from before.
        """
        plan, epochs = self._plan, len(orders)
        rates, began = plan.rates(self._done, epochs * plan.steps), time.perf_counter()
        losses = self._player(None, 0).play_epochs(
            self._player(None, plan.steps - 1), None if orders[0] is None else np.stack(orders),
            plan.rows, plan.size, epochs, rates, seed=plan.seed, step=self._done,
        )  # fmt: skip
        spent = time.perf_counter() - began
        self.seconds += spent
        self._pace = spent / (epochs * plan.steps)
        self._done += len(losses) * plan.steps
        return losses

    def epochs_heard(self) -> int:
        """How many epochs may be played in one go, so that Ctrl-C is heard."""
        return max(1, int(HEARD / self._pace / self._plan.steps))

    def profile(self, order: Any, steps: int) -> list[tuple[Instruction, float]]:
        """Where the time goes: each instruction and the seconds it takes, a step on the average.

        Plays the first steps of an epoch; what comes before an instruction's barrier is its own.
        """
        seconds = self._player(order, 0).profile(
            order, self._plan.rows, 0, self._plan.size, self._plan.rates(0, steps)
        )
        return [(x, s / steps) for x, s in zip(self.program.code, seconds, strict=True)]


def default_threads(program: Program) -> int:
    """Threads that pay: one, unless a step is large."""
    return cores() if program.work > _ALONE else 1


def first_pace(program: Program) -> float:
    """Seconds that a step may take, before that was measured; rather too many."""
    return program.work / _SLOWEST


def table(x: Any) -> Any:
    """An array of the data as rows without gaps inside; itself, if it is so."""
    rows = x.reshape(len(x), -1)
    fits = x.dtype.kind in "biu" or x.dtype in (np.float32, np.float64)
    if not fits:
        rows = rows.astype(np.float32)
    return rows if rows.shape[1] == 1 or rows.strides[1] == rows.itemsize else rows.copy()


def check_whole(arrays: Sequence[Any], dtype: Any) -> None:
    """Whole numbers travel as floats: they must be exact there."""
    limit = 2 ** (np.finfo(dtype).nmant + 1)
    for x in arrays:
        if x.dtype.kind in "iu" and x.size and max(abs(int(x.min())), abs(int(x.max()))) > limit:
            raise NumPyOnly(f"whole numbers beyond {limit:,} in the data")


def kind_for(dtype: Any) -> Any:
    """The native class that plays in a dtype."""
    return native().Player32 if np.dtype(dtype) == np.float32 else native().Player64


def player(
    program: Program, state: State, tables: Sequence[Any], threads: int, lanes: str = ""
) -> Any:
    """A player for a program, on the state's memory and the rows of the data."""
    return kind_for(program.dtype)(
        **_words(program), state=state.memory, data=[*tables], threads=threads, lanes=lanes
    )


@lru_cache(maxsize=128)
def _words(program: Program) -> dict[str, Any]:
    """A program as the player reads it: equal trainings share it."""
    return encode(program, native().KERNELS)
