"""Many trainings that share a program, played natively: each on one thread, all threads busy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir.trees import leaves, map_tree
from ..lower import NumPyOnly
from .engine import Plan, start
from .fit import Fit
from .player_engine import HEARD, State, check_whole, first_pace, kind_for, native, player, table
from .stop import StopReason
from .training import Report, own

_WINDOW = 1 << 16  # steps whose learning rates are made at a time


@dataclass(frozen=True)
class Task:
    """A training that is ready to begin."""

    plan: Plan  # its graphs are those of the others
    params: Any


class Desks:
    """For each thread the players of a plan: of a whole batch, and of the last one of an epoch.

    Raises NumPyOnly where the player cannot play it.
    """

    def __init__(self, plan: Plan, threads: int) -> None:
        if native() is None:
            raise NumPyOnly
        self.plan, whole = plan, plan.rows // plan.size
        steps = (0, whole if plan.rows % plan.size else 0)
        programs = {plan.weight(i): plan.program(None, i) for i in steps}
        self.program = programs[plan.size]
        tables = [table(x) for x in plan.arrays]
        self.players: list[tuple[Any, Any]] = []
        for _ in range(threads):
            state = State([np.zeros(b.size) for b in self.program.states], self.program, plan.dtype)
            made = {n: player(program, state, tables, 1) for n, program in programs.items()}
            self.players.append((made[plan.size], made[plan.weight(steps[1])]))
        self.room = state.memory.size


class Crowd:
    """The trainings of `tasks`, each at a step of its own. Raises NumPyOnly as Desks does."""

    def __init__(self, tasks: Sequence[Task], desks: Desks, epochs: int, shuffle: bool) -> None:
        self._tasks, self._desks, self._plan = tasks, desks, tasks[0].plan
        self._shared = all(task.plan.arrays is desks.plan.arrays for task in tasks)
        for task in tasks[: 1 if self._shared else None]:
            check_whole(task.plan.arrays, self._plan.dtype)
        n, self._steps = len(tasks), self._plan.steps
        self._shuffle = shuffle and self._plan.size < self._plan.rows
        self._end = epochs * self._steps
        self._states = np.zeros((n, desks.room), self._plan.dtype)
        self._done = np.zeros(n, np.int64)
        self._losses = np.full((n, epochs), np.nan)
        self._total, self._seconds, self._failed = np.zeros(n), np.zeros(n), np.zeros(n, bool)
        for i in range(n):
            self._begin(i)

    def _begin(self, i: int) -> None:
        """Put a training at its start."""
        plan, params = self._tasks[i].plan, self._tasks[i].params
        values = start([leaf for _, leaf in leaves(params)], plan.optimizer, plan.dtype)
        for buffer, value in zip(self._desks.program.states, values, strict=True):
            self._states[i, buffer.offset : buffer.offset + buffer.size] = value.ravel()
        self._done[i] = self._seconds[i] = 0
        self._losses[i] = np.nan

    def play(self, report: Report) -> list[int]:
        """Play all to their end, or until Ctrl-C. Answers those that failed, at their start again.

        What failed has numbers that are not finite, or reads outside of an array.
        """
        window = max(1, _WINDOW // self._steps) * self._steps
        try:
            for first in range(0, self._end, window):
                self._play(first, min(first + window, self._end), report)
        finally:
            failed = np.flatnonzero(self._failed).tolist()
            for i in failed:
                self._begin(i)
        return failed

    def _play(self, first: int, last: int, report: Report) -> None:
        """Some epochs of all; their learning rates are made before."""
        plans = {id(task.plan.optimizer): task.plan for task in self._tasks}
        place = {key: i for i, key in enumerate(plans)}
        fixed = {
            "desks": self._desks.players,
            "data": [] if self._shared else [[*map(table, t.plan.arrays)] for t in self._tasks],
            "rows": self._plan.rows,
            "batch": self._plan.size,
            "stride": max(1, int(HEARD / first_pace(self._desks.program))),
            "first": first,
            "states": self._states,
            "buffers": np.array([(b.offset, b.size) for b in self._desks.program.states], np.int64),
            "seeds": np.array([task.plan.seed for task in self._tasks], np.int64),
            "shuffle": self._shuffle,
            "rates_of": np.array([place[id(task.plan.optimizer)] for task in self._tasks]),
            "rates": np.array([plan.rates(first, last - first) for plan in plans.values()]),
        }
        while not np.all(self._failed | (self._done >= last)):
            kind_for(self._plan.dtype).play_many(
                **fixed, done=self._done, total=self._total, seconds=self._seconds,
                losses=self._losses, failed=self._failed, limit=HEARD,
            )  # fmt: skip
            ended = self._done // self._steps
            sound = ~self._failed & (ended > 0)
            known = self._losses[sound, ended[sound] - 1]
            report(self._done.sum() / self._end, known.mean() if known.size else np.nan)

    def fit(self, i: int) -> Fit:
        """Where a training is now."""
        task, done, ended = self._tasks[i], int(self._done[i]), int(self._done[i]) // self._steps
        buffers = iter(self._desks.program.states)

        def parameter(_: Any, x: Any) -> Any:
            buffer = next(buffers)
            return own(self._states[i, buffer.offset :][: buffer.size].reshape(x.shape))

        if done == self._end:
            reason = StopReason("budget", ended, done)
        else:
            reason = StopReason("interrupted", ended + 1 if done else 0, done)
        seconds = float(self._seconds[i])
        return Fit(
            map_tree(parameter, task.params),
            {"loss": self._losses[i, :ended].tolist()},
            reason,
            seconds,
            f"player ({self._desks.players[0][0].lanes}, 1 thread)",
            seconds / max(done, 1) * 1e6,
        )
