"""`fit`: train any traced loss."""

import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.trees import leaves, map_tree
from ..optim.optimizer import Optimizer
from .choose import ENGINES, choose_engine
from .data import as_arrays, as_parameters, order
from .engine import Plan, start
from .position import Position
from .progress import Progress
from .stop import StopReason
from .training import Report, Training, reading


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """What a training gives back."""

    params: Any  # in the containers they were given in
    history: dict[str, list[float]]  # "loss", "validation_loss": one an epoch
    stop_reason: StopReason
    seconds: float
    engine: str  # who played it, and if it was NumPy, why
    microseconds: float  # that a step took
    position: Position | None = None  # the end of its last whole epoch; `fit_many` has none

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
    _position: Callable[[], Position] | None = None

    @property
    def position(self) -> Position | None:
        """From where ``fit(..., start=position)`` goes on; ask before the callback returns.

        It is copied when it is asked for. An estimator's callbacks find None.
        """
        return self._position and self._position()


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
    engine: str = "auto",
    dtype: Any = None,
    rule: str = "exact",
    n_threads: int | None = None,
    callbacks: Sequence[Callback] = (),
    validation: Any = None,
    start: Position | None = None,
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
    engine: "auto" takes the native player where it can play the loss, else NumPy, and `Fit.engine`
    says which and why; "player" and "numpy" insist. The player gives the same bits for any
    n_threads (by default one, or all cores where steps are large enough) on any machine; NumPy the
    same but for rounding, with threads of its own. rule: "exact" is all there is so far. start: the
    position of another fit, or of a `State`; the training goes on from there for so many epochs
    more, and `params` gives no more than the containers. Several fits, each from the position of
    the one before, are one long fit, bit for bit.

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
    check_settings(optimizer, batch_size, epochs, seed, engine, rule, n_threads, callbacks)
    params, dtype = as_parameters(params, dtype)
    arrays = as_arrays(data, dtype)
    check_call(loss, arrays, "data")
    held_out = None
    if validation is not None:
        held_out = as_arrays(validation, dtype, "validation")
        check_call(loss, held_out, "validation")
    if not isinstance(start, Position | None):
        raise InputError(f"start={start!r}, expected the position of a Fit or a State")
    plan = plan_of(loss, params, arrays, batch_size, optimizer, dtype, seed)
    with Progress(epochs * plan.steps + (start.step if start else 0)) as progress:
        return run(
            plan, params, epochs=epochs, shuffle=shuffle, engine=engine, n_threads=n_threads,
            report=progress.report, callbacks=callbacks, held_out=held_out, begin=start,
        )  # fmt: skip


def plan_of(
    loss: Callable[..., Any], params: Any, arrays: Sequence[Any], batch_size: int | None,
    optimizer: Optimizer, dtype: Any, seed: int,
) -> Plan:  # fmt: skip
    """The plan of a training whose parameters and data were checked."""
    rows = len(arrays[0])
    example = map_tree(lambda _, x: x.astype(float), params)
    return Plan(loss, example, arrays, min(batch_size or rows, rows), optimizer, dtype, seed)


def run(
    plan: Plan, params: Any, *, epochs: int, shuffle: bool, engine: str, n_threads: int | None,
    report: Report, callbacks: Sequence[Callback] = (), held_out: Any = None,
    begin: Position | None = None,
) -> Fit:  # fmt: skip
    """Train as it is planned."""
    began, names = time.perf_counter(), ["loss", *["validation_loss"] * (held_out is not None)]
    values = start([leaf for _, leaf in leaves(params)], plan.optimizer, plan.dtype)
    if begin is None:
        begin = Position(0, 0, values, {name: [] for name in names})
    begin.check(values, plan.dtype, names)
    history = {name: [*known] for name, known in begin.history.items()}
    epoch = whole = begin.epoch
    end = epoch + epochs
    reason = StopReason("budget", epoch, begin.step)

    def row_order(epoch: int) -> Any:
        shuffled = shuffle and plan.size < plan.rows
        return order(plan.rows, plan.seed, epoch) if shuffled else None

    def position(number: int) -> Position:
        if number != whole:
            raise InputError(f"the end of epoch {number} is gone: ask within the callback for it")
        return training.position(whole, {name: known[:whole] for name, known in history.items()})

    with reading(lambda: begin.step):
        played_by = choose_engine(engine, plan, [*begin.values], row_order(epoch + 1), n_threads)
    played_by.restore((begin.step, [*begin.values]))
    training = Training(plan, played_by, len(list(leaves(params))))
    try:
        for epoch in range(whole + 1, end + 1):
            outcome = training.epoch(row_order(epoch), epoch, report)
            if isinstance(outcome, StopReason):
                reason = outcome
                break
            found = [outcome] if held_out is None else [outcome, training.evaluate(held_out)]
            for values, value in zip(history.values(), found, strict=True):
                values.append(value)
            whole, reason = epoch, StopReason("budget", epoch, training.step)
            if callbacks and _stops(
                callbacks,
                State(
                    epoch, end, training.step, training.tree(), history, partial(position, epoch)
                ),
            ):
                reason = StopReason("callback", epoch, training.step)
                break
    except KeyboardInterrupt:
        reason = StopReason("interrupted", epoch, training.step)
    seconds = time.perf_counter() - began
    speed = played_by.seconds / max(training.step - begin.step, 1) * 1e6
    return Fit(training.tree(), history, reason, seconds, played_by.name, speed, position(whole))


def _stops(callbacks: Sequence[Callback], state: State) -> bool:
    """Ask every callback; does one of them say True?"""
    answers = [callback(state) for callback in callbacks]
    return any(isinstance(answer, (bool, np.bool_)) and answer for answer in answers)


def check_settings(optimizer, batch_size, epochs, seed, engine, rule, n_threads, callbacks) -> None:
    """Raise InputError for one that cannot be used."""

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
    if engine not in ENGINES:
        raise InputError(f"engine={engine!r}; known: {', '.join(map(repr, ENGINES))}")
    if rule != "exact":
        raise InputError(f"rule={rule!r}; known: 'exact'")
    if not isinstance(callbacks, Sequence) or not all(map(callable, callbacks)):
        raise InputError(f"callbacks={callbacks!r}, expected a list of functions of a State")


def check_call(loss: Any, arrays: Sequence[Any], what: str) -> None:
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
