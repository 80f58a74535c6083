"""The loop of a training, whoever plays its steps: epochs, losses, what to do when it diverges."""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.trees import map_tree
from ..ops.dropout import drawing
from .engine import Engine, Plan, Snapshot, floats_in
from .numpy_engine import NumPyEngine, prepare
from .player_engine import PlayerEngine
from .position import Position
from .step import loss_graph
from .stop import StopReason, diverged

Report = Callable[[int, float], None]


class Training:
    """A plan and the engine that plays it."""

    def __init__(self, plan: Plan, engine: Engine, parameters: int) -> None:
        self.plan, self.engine, self.parameters = plan, engine, parameters
        self._before: tuple[Snapshot, Any] | None = None  # the epoch before: its start, its order
        self._begun: tuple[int, Snapshot] | None = (
            None  # the last epoch: how many before, its start
        )
        self._losses: dict[Any, Callable[..., list[Any]]] = {}

    @property
    def step(self) -> int:
        """How many steps were done."""
        return self.engine.done

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return self.plan.steps

    def tree(self) -> Any:
        """The parameters in the user's containers, in memory of their own."""
        found = iter(self.engine.values)
        return map_tree(lambda *_: own(next(found)), self.plan.example)

    def position(self, epochs: int, history: dict[str, list[float]]) -> Position:
        """Where it was after so many epochs, the last that were whole."""
        if self._begun and self._begun[0] == epochs:  # the next one did not come to its end
            step, values = self._begun[1]
        else:
            step, values = self.engine.snapshot()
        return Position(epochs, step, [np.array(x, order="C") for x in values], history)

    def epoch(self, order: Any, number: int, report: Report) -> float | StopReason:
        """One pass over the batches: the mean loss, weighted by rows, or why it diverged.

        After each step only the loss is looked at. An epoch that ends badly is done again from its
        start, carefully: the same numbers come, and the first that is not finite is found.
        """
        start = self.engine.snapshot()
        self._begun = number - 1, start
        with reading(lambda: self.step):
            try:
                total = self._quickly(order, report)
            except IndexError:  # NumPy says what is wrong, in its own words
                self.engine = NumPyEngine(self.plan, start[1])
                self.engine.restore(start)
                total = self._quickly(order, report)
            if total is None or not self.engine.finite():
                self.engine.restore(start)
                return self._carefully(order, number)
        self._before = start, order
        return total

    def epochs(self, orders: Sequence[Any], number: int, report: Report) -> list[Any]:
        """Several epochs, from `number` on: what `epoch` answers for each, up to one that diverged.

        The player plays all but the last without coming back in between.
        """
        found: list[Any] = []
        if len(orders) > 1 and isinstance(self.engine, PlayerEngine):
            start = self.engine.snapshot()
            with reading(lambda: self.step):
                found = self._all_of(orders[:-1])
            if len(found) < len(orders) - 1:  # once more, slowly: it tells what happened
                self.engine.restore(start)
                found = []
        for i in range(len(found), len(orders)):
            found.append(self.epoch(orders[i], number + i, report))
            if isinstance(found[-1], StopReason):
                break
        return found

    def _all_of(self, orders: Sequence[Any]) -> list[float]:
        try:
            return self.engine.play_epochs(orders)
        except IndexError:
            return []

    def _quickly(self, order: Any, report: Report) -> float | None:
        """Many steps at a time; None if a loss is not finite."""
        total, first = 0.0, 0
        while first < self.steps:
            count = self.engine.stride(first)
            before = total
            total, played = self.engine.play(order, first, count, before)
            if played < count:
                return None
            report(self.step, (total - before) / count / self.plan.weight(first))
            first += count
        return total / self.plan.rows

    def _carefully(self, order: Any, number: int) -> float | StopReason:
        """Step by step, looking at every parameter."""
        total, good = 0.0, None
        for i in range(self.steps):
            before = self.engine.snapshot()
            total, played = self.engine.play(order, i, 1, total)
            if not (played and self.engine.finite()):
                self.engine.restore(before if played else good or self._last_good(before))
                return self._why(before, self.plan.batch(order, i), number)
            good = before
        return total / self.plan.rows

    def _last_good(self, start: Snapshot) -> Snapshot:
        """Where the epoch before took its last step: the loss was finite there."""
        if self._before is None:
            return start
        before, order = self._before
        self.engine.restore(before)
        for i in range(self.steps - 1):
            self.engine.play(order, i, 1, 0.0)
        return self.engine.snapshot()

    def evaluate(self, arrays: Any) -> float:
        """The loss at the present parameters."""
        dtype = self.plan.dtype
        arrays = floats_in(dtype, arrays)
        shapes = tuple(x.shape for x in arrays)
        if shapes not in self._losses:
            exact = floats_in(float, arrays)
            with reading(lambda: self.step):
                graph = loss_graph(self.plan.loss, self.plan.example, exact, dtype)
            self._losses[shapes] = prepare(graph)
        values = self.engine.values[: self.parameters]
        with reading(lambda: self.step):
            return float(self._losses[shapes]([*values, *arrays])[0])

    def _why(self, before: Snapshot, batch: Any, epoch: int) -> StopReason:
        """What was not finite in the step from `before`."""
        done, values = before
        step, rate = self.plan.graph(batch), self.plan.rate(done)
        with drawing(self.plan.seed, done):
            return diverged(step, step.inputs(values, batch, rate), epoch, done + 1, float(rate))


@contextmanager
def reading(steps: Callable[[], int]):
    """Overflow is noticed otherwise; an index outside of an array is a mistake in the data."""
    try:
        with np.errstate(all="ignore"):
            yield
    except IndexError as error:
        raise InputError(
            f"after {steps()} steps the loss reads outside of an array ({error}): look for "
            "class numbers or indices in the data that are too large"
        ) from error


def own(x: Any) -> Any:
    """A parameter for the user: an array in memory of its own, or a NumPy number."""
    return np.array(x, order="C") if np.ndim(x) else np.asarray(x)[()]
