"""`fit`: train any traced loss."""

import inspect
import math
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.trees import leaves, map_tree
from ..optim.optimizer import Optimizer
from .data import as_arrays, as_parameters, batches, order
from .numpy_engine import prepare
from .progress import Progress
from .step import Step, loss_graph, step_graph
from .stop import StopReason, diverged


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """What a training gives back."""

    params: Any  # in the containers they were given in
    history: dict[str, list[float]]  # "loss", "validation_loss": one an epoch
    stop_reason: StopReason
    seconds: float

    def __str__(self) -> str:
        losses = [
            f"{name.replace('_', ' ')} {values[0]:.4g} → {values[-1]:.4g}"
            for name, values in self.history.items()
            if values
        ]
        return f"{', '.join([*losses, f'{self.seconds:.1f} s'])}; {self.stop_reason}."

    __repr__ = __str__  # at the prompt of Python and in notebooks, too


@dataclass(frozen=True, eq=False)
class State:
    """What a callback sees after each epoch; the parameters are a copy, its own to keep."""

    epoch: int  # from 1
    epochs: int
    step: int
    params: Any
    history: dict[str, list[float]]  # the training's own list, which grows


Callback = Callable[[State], bool | None]
Parts = Callable[[], Iterable[tuple[float, tuple[Any, ...]]]]  # an epoch's batches, with shares


def fit(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    *,
    optimizer: Optimizer,
    batch_size: int | None = None,
    epochs: int = 1,
    seed: int = 0,
    shuffle: bool = True,
    engine: str = "numpy",
    dtype: Any = None,
    rule: str = "exact",
    n_threads: int | None = None,
    callbacks: Sequence[Callback] = (),
    validation: Any = None,
) -> Fit:
    """Minimise ``loss(params, *batch)`` over the rows of the data.

    loss: a NumPy function that returns the mean loss of a batch. It is traced once for each size
    of batch: what it reads besides its arguments is frozen then. params: arrays in any nesting;
    they are not changed. data: an array or a tuple of arrays with the same number of rows, which
    are given to the loss batch by batch; integers stay integers. batch_size: rows of a step, all
    of them by default; the last batch of an epoch may be smaller. dtype: the precision of the
    training, by default that of the parameters. callbacks: functions of a `State`, called after
    each epoch; one that answers True stops the training. validation: data like `data`, whose loss
    is recorded after each epoch. shuffle: a new order of rows each epoch, or as they stand.
    engine and rule: "numpy" and "exact" are all there is so far. n_threads: a wish; NumPy's linear
    algebra keeps its own threads.

    One epoch visits each row once, in an order that depends on `seed` and the epoch alone.
    Raises InputError for data or settings that cannot be used, TraceError for a loss that cannot
    be traced. Ctrl-C stops the training and keeps the parameters. One that diverges stops with
    ``stop_reason.kind == "diverged"`` and the last parameters that gave a finite loss.

    >>> from backlit import sgd
    >>> def loss(w, x, y):
    ...     return np.mean((x * w - y) ** 2)
    >>> x = np.arange(4.0)
    >>> f = fit(loss, 0.0, (x, 3 * x), optimizer=sgd(lr=0.1), epochs=50)
    >>> round(float(f.params), 6), f.stop_reason.kind
    (3.0, 'budget')
    """
    _check_settings(optimizer, batch_size, epochs, seed, engine, rule, n_threads, callbacks)
    params, dtype = as_parameters(params, dtype)
    arrays = as_arrays(data, dtype)
    _check_call(loss, arrays, "data")
    history: dict[str, list[float]] = {"loss": []}
    held_out = None
    if validation is not None:
        held_out = as_arrays(validation, dtype, "validation")
        _check_call(loss, held_out, "validation")
        history["validation_loss"] = []
    rows = len(arrays[0])
    size = min(batch_size or rows, rows)
    trainer = _Trainer(loss, params, optimizer, dtype)
    start, epoch, reason = time.perf_counter(), 0, StopReason("budget", 0, 0)
    try:
        with Progress(epochs * math.ceil(rows / size)) as progress:
            for epoch in range(1, epochs + 1):
                shuffled = order(rows, seed, epoch) if shuffle and size < rows else None
                parts = partial(batches, arrays, shuffled, size)
                outcome = trainer.epoch(parts, epoch, progress.report)
                if isinstance(outcome, StopReason):
                    reason = outcome
                    break
                found = [outcome] if held_out is None else [outcome, trainer.evaluate(held_out)]
                for values, value in zip(history.values(), found, strict=True):
                    values.append(value)
                reason = StopReason("budget", epoch, trainer.step)
                if callbacks and _stops(callbacks, trainer.state(epoch, epochs, history)):
                    reason = StopReason("callback", epoch, trainer.step)
                    break
    except KeyboardInterrupt:
        reason = StopReason("interrupted", epoch, trainer.step)
    return Fit(trainer.tree(), history, reason, time.perf_counter() - start)


def _stops(callbacks: Sequence[Callback], state: State) -> bool:
    """Ask every callback; does one of them say True?"""
    answers = [callback(state) for callback in callbacks]
    return any(isinstance(answer, (bool, np.bool_)) and answer for answer in answers)


class _Trainer:
    """The parameters and the optimiser's state, and the graphs that move them."""

    def __init__(self, loss: Any, params: Any, optimizer: Optimizer, dtype: Any) -> None:
        self.loss, self.optimizer, self.dtype = loss, optimizer, dtype
        self.example = map_tree(lambda _, leaf: leaf.astype(float), params)
        start = [leaf for _, leaf in leaves(params)]
        self.count = len(start)
        corrections = [dtype.type(0) for _ in optimizer.corrections]
        slots = [np.zeros_like(p) for p in start for _ in optimizer.slots]
        self.now = 0, [*start, *corrections, *slots]  # steps done, and what a step moves
        self.good = self.now  # where the loss was last known to be finite
        self._steps: dict[Any, tuple[Step, Callable[..., list[Any]]]] = {}
        self._losses: dict[Any, Callable[..., list[Any]]] = {}

    @property
    def step(self) -> int:
        """How many steps were done."""
        return self.now[0]

    def tree(self) -> Any:
        """The parameters in the user's containers, in memory of their own."""
        found = iter(self.now[1])
        return map_tree(lambda *_: _own(next(found)), self.example)

    def state(self, epoch: int, epochs: int, history: dict[str, list[float]]) -> State:
        """What callbacks are told."""
        return State(epoch, epochs, self.step, self.tree(), history)

    def epoch(self, parts: Parts, number: int, report: Any) -> float | StopReason:
        """One pass over the batches: the mean loss, weighted by rows, or why it diverged.

        After each step only the loss is looked at. An epoch that ends badly is done again from its
        start, carefully: the same numbers come, and the first that is not finite is found.
        """
        start = self.now, self.good
        with self._reading():
            outcome = self._pass(parts, number, report)
            if outcome is None:
                self.now, self.good = start
                outcome = self._pass(parts, number, report, careful=True)
        return outcome

    def _pass(self, parts, number, report, careful=False) -> float | StopReason | None:
        total = 0.0
        for share, batch in parts():
            before = self.now
            value = self._move(batch)
            known = math.isfinite(value)
            if careful and not (known and self._finite()):
                self.now = before if known else self.good
                return self._why(before, batch, number)
            if not known:
                return None
            self.good = before
            total += share * value
            report(self.step, value)
        return total if self._finite() else None

    def evaluate(self, arrays: Any) -> float:
        """The loss at the present parameters."""
        shapes = tuple(x.shape for x in arrays)
        if shapes not in self._losses:
            with self._reading():
                graph = loss_graph(self.loss, self.example, _exact(arrays), self.dtype)
            self._losses[shapes] = prepare(graph)
        with self._reading():
            return float(self._losses[shapes]([*self.now[1][: self.count], *arrays])[0])

    def _move(self, batch: Any) -> float:
        """One step; answers the loss before it."""
        run = self._prepared(batch)[1]
        loss, *moved = run(self._inputs(self.now, batch))
        self.now = self.step + 1, moved
        return float(loss)

    def _prepared(self, batch: Any) -> tuple[Step, Callable[..., list[Any]]]:
        """The graph for batches of these shapes: traced once, then kept."""
        shapes = tuple(x.shape for x in batch)
        if shapes not in self._steps:
            exact = _exact(batch)
            step = step_graph(self.loss, self.example, exact, self.optimizer, self.dtype)
            self._steps[shapes] = step, prepare(step.graph)
        return self._steps[shapes]

    def _inputs(self, point: Any, batch: Any) -> list[Any]:
        done, moved = point
        rate = self.dtype.type(self.optimizer.rate(done))
        return [*moved[: self.count], *batch, rate, *moved[self.count :]]

    def _finite(self) -> bool:
        return all(np.all(np.isfinite(x)) for x in self.now[1])

    def _why(self, point: Any, batch: Any, epoch: int) -> StopReason:
        """What was not finite in the step from `point`."""
        step, _ = self._prepared(batch)
        rate = self.optimizer.rate(point[0])
        return diverged(step, self._inputs(point, batch), epoch, point[0] + 1, rate)

    @contextmanager
    def _reading(self):
        """Overflow is noticed otherwise; an index outside of an array is a mistake in the data."""
        try:
            with np.errstate(all="ignore"):
                yield
        except IndexError as error:
            raise InputError(
                f"after {self.step} steps the loss reads outside of an array ({error}): look for "
                "class numbers or indices in the data that are too large"
            ) from error


def _exact(arrays: Sequence[Any]) -> list[Any]:
    """For tracing, in float64."""
    return [x.astype(float) if x.dtype.kind == "f" else x for x in arrays]


def _own(x: Any) -> Any:
    """A parameter for the user: an array in memory of its own, or a NumPy number."""
    return np.array(x, order="C") if np.ndim(x) else np.asarray(x)[()]


def _check_settings(
    optimizer, batch_size, epochs, seed, engine, rule, n_threads, callbacks
) -> None:
    def whole(name: str, value: Any, least: int, end: int = 2**63) -> None:
        number = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if not number or not least <= value < end:
            raise InputError(f"{name}={value!r}, expected a whole number ≥ {least}, < 2⁶³")

    if not isinstance(optimizer, Optimizer):
        raise InputError(f"optimizer={optimizer!r}, expected one such as bl.sgd(lr=0.1)")
    whole("epochs", epochs, 0)
    whole("seed", seed, 0)
    if batch_size is not None:
        whole("batch_size", batch_size, 1)
    if n_threads is not None:
        whole("n_threads", n_threads, 1)
    if engine != "numpy":
        raise InputError(f"engine={engine!r}; known: 'numpy'")
    if rule != "exact":
        raise InputError(f"rule={rule!r}; known: 'exact'")
    if not isinstance(callbacks, Sequence) or not all(map(callable, callbacks)):
        raise InputError(f"callbacks={callbacks!r}, expected a list of functions of a State")


def _check_call(loss: Any, arrays: Sequence[Any], what: str) -> None:
    """Can the loss be called with the parameters and these arrays?"""
    try:
        inspect.signature(loss).bind(None, *arrays)
    except TypeError as error:
        raise InputError(
            f"the loss cannot be called as loss(params, …) with the {len(arrays)} arrays of "
            f"{what}: {error}"
        ) from None
    except ValueError:  # a function in C that does not tell its parameters
        pass
