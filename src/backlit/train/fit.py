"""`fit`: train any traced loss."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.trace import trace
from ..ir.trees import leaves, map_tree
from ..optim.optimizer import Optimizer
from ..passes import canonical, prune
from .data import as_arrays, batches, order
from .numpy_engine import prepare
from .progress import Progress
from .step import Step, step_graph
from .stop import StopReason, diverged


@dataclass(frozen=True)
class Fit:
    """What a training gives back."""

    params: Any  # in the containers they were given in
    history: dict[str, list[float]]  # "loss": mean training loss of each epoch; "validation_loss"
    stop_reason: StopReason
    seconds: float


@dataclass(frozen=True)
class State:
    """What a callback sees after each epoch."""

    epoch: int  # from 1
    epochs: int
    step: int
    params: Any
    history: dict[str, list[float]]


Callback = Callable[[State], bool | None]


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

    loss: a NumPy function that returns the mean loss of a batch. params: arrays in any nesting;
    they are not changed. data: an array or a tuple of arrays with the same number of rows, which
    are given to the loss batch by batch. batch_size: rows of a step, all of them by default.
    dtype: the precision of the training, by default that of the parameters. callbacks: functions
    of a `State`, called after each epoch; one that answers True stops the training. validation:
    data like `data`, whose loss is recorded after each epoch.

    One epoch visits each row once, in an order that depends on `seed` and the epoch alone.
    Raises InputError for data or settings that cannot be used, TraceError for a loss that cannot
    be traced. A training that diverges stops with ``stop_reason.kind == "diverged"`` and the last
    parameters that gave a finite loss.

    >>> from backlit import sgd
    >>> def loss(w, x, y):
    ...     return np.mean((x * w - y) ** 2)
    >>> x = np.arange(4.0)
    >>> f = fit(loss, 0.0, (x, 3 * x), optimizer=sgd(lr=0.1), epochs=50)
    >>> round(float(f.params), 6), f.stop_reason.kind
    (3.0, 'budget')
    """
    _check_settings(optimizer, batch_size, epochs, seed, engine, rule, n_threads)
    params, dtype = _as_parameters(params, dtype)
    arrays = as_arrays(data, dtype)
    size = min(batch_size or len(arrays[0]), len(arrays[0]))
    trainer = _Trainer(loss, params, optimizer, dtype)
    held_out = None if validation is None else as_arrays(validation, dtype, "validation")
    history: dict[str, list[float]] = {"loss": []}
    if held_out is not None:
        history["validation_loss"] = []
    start, reason = time.perf_counter(), StopReason("budget", 0, 0)
    with Progress(epochs) as progress:
        for epoch in range(1, epochs + 1):
            rows = order(len(arrays[0]), seed, epoch, shuffle)
            try:
                mean = trainer.epoch(batches(arrays, rows, size), epoch)
            except KeyboardInterrupt:
                reason = StopReason("interrupted", epoch, trainer.step)
                break
            if trainer.failure is not None:
                reason = trainer.failure
                break
            history["loss"].append(mean)
            if held_out is not None:
                history["validation_loss"].append(trainer.evaluate(held_out))
            reason = StopReason("budget", epoch, trainer.step)
            progress.report(epoch, mean)
            state = State(epoch, epochs, trainer.step, trainer.tree(), history)
            if any(callback(state) is True for callback in callbacks):
                reason = StopReason("callback", epoch, trainer.step)
                break
    return Fit(trainer.tree(), history, reason, time.perf_counter() - start)


class _Trainer:
    """The parameters and the optimiser's state, and the graphs that move them."""

    def __init__(self, loss: Any, params: Any, optimizer: Optimizer, dtype: Any) -> None:
        self.loss, self.optimizer, self.dtype = loss, optimizer, dtype
        self.example = params
        self.params = [leaf for _, leaf in leaves(params)]
        self.finite = self.params  # those at which the loss was last known to be finite
        self.powers: list[Any] = [np.ones((), dtype)[()] for _ in optimizer.powers]
        self.state = [np.zeros_like(p) for p in self.params for _ in optimizer.slots]
        self.step = 0
        self.failure: StopReason | None = None
        self._steps: dict[Any, tuple[Step, Callable[..., list[Any]]]] = {}
        self._losses: dict[Any, Callable[..., list[Any]]] = {}

    def epoch(self, parts: Any, number: int) -> float:
        """One pass over the batches; the mean loss, weighted by rows."""
        total, rows = 0.0, 0
        with np.errstate(all="ignore"):
            for batch in parts:
                value = self._move(batch, number)
                if self.failure is not None:
                    return math.nan
                total += value * len(batch[0])
                rows += len(batch[0])
        if not all(np.all(np.isfinite(p)) for p in self.params):
            step, _ = self._step(batch)
            self._fail(step, batch, number)
        return total / rows

    def evaluate(self, arrays: Any) -> float:
        """The loss at the present parameters."""
        shapes = tuple(x.shape for x in arrays)
        if shapes not in self._losses:
            traced = trace(self.loss, self.tree(), *arrays)
            self._losses[shapes] = prepare(prune(canonical(traced.graph)))
        with np.errstate(all="ignore"):
            return float(self._losses[shapes]([*self.params, *arrays])[0])

    def tree(self) -> Any:
        """The parameters in the user's containers."""
        found = iter(self.params)
        return map_tree(lambda path, leaf: np.array(next(found))[()], self.example)

    def _step(self, batch: Any) -> tuple[Step, Callable[..., list[Any]]]:
        """The graph for batches of these shapes: traced once, then kept."""
        shapes = tuple(x.shape for x in batch)
        if shapes not in self._steps:
            exact = [x.astype(float) if x.dtype.kind == "f" else x for x in batch]
            start = map_tree(lambda _, leaf: leaf.astype(float), self.example)
            step = step_graph(self.loss, start, exact, self.optimizer, self.dtype)
            self._steps[shapes] = step, prepare(step.graph)
        return self._steps[shapes]

    def _inputs(self, batch: Any) -> list[Any]:
        rate = np.asarray(self.optimizer.rate(self.step), self.dtype)[()]
        return [*self.params, *batch, rate, *self.powers, *self.state]

    def _move(self, batch: Any, epoch: int) -> float:
        step, run = self._step(batch)
        loss, *new = run(self._inputs(batch))
        value = float(loss)
        if not math.isfinite(value):
            self._fail(step, batch, epoch)
            return value
        self.finite = self.params
        p, q = step.parameters, step.parameters + len(self.powers)
        self.params, self.powers, self.state = new[:p], new[p:q], new[q:]
        self.step += 1
        return value

    def _fail(self, step: Step, batch: Any, epoch: int) -> None:
        rate = self.optimizer.rate(self.step)
        self.failure = diverged(step.graph, self._inputs(batch), epoch, self.step + 1, rate)
        self.params = self.finite


def _check_settings(optimizer, batch_size, epochs, seed, engine, rule, n_threads) -> None:
    def whole(name: str, value: Any, least: int) -> None:
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
            raise InputError(f"{name}={value!r}, expected a whole number ≥ {least}")

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


def _as_parameters(params: Any, dtype: Any) -> tuple[Any, Any]:
    """Copies of the parameters as arrays of one floating dtype."""
    found = [np.asarray(leaf) for _, leaf in leaves(params)]
    if not found:
        raise InputError("params holds no arrays: there is nothing to train")
    for (path, _), leaf in zip(leaves(params), found, strict=True):
        if leaf.dtype.kind not in "biuf":
            raise InputError(f"params{list(path)} has dtype {leaf.dtype}; expected numbers")
        if not np.all(np.isfinite(leaf)):
            raise InputError(f"params{list(path)} has entries that are NaN or infinite")
    floating = [x.dtype for x in found if x.dtype.kind == "f"]
    chosen = np.dtype(dtype or (np.result_type(*floating) if floating else float))
    if chosen not in (np.float32, np.float64):
        raise InputError(f"dtype={chosen}; known: float32, float64")
    return map_tree(lambda _, leaf: np.array(leaf, chosen), params), chosen
