"""`fit_many`: thousands of small trainings, over all cores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import InputError
from ..ir.trees import children, leaves
from ..lower import NumPyOnly
from ..optim.optimizer import Optimizer
from .crowd import Crowd, Desks, Task
from .data import as_arrays, as_parameters
from .engine import Plan
from .fit import Fit, check_call, check_settings, plan_of, run
from .player_engine import cores
from .progress import Progress
from .training import Report, reading

_BLOCK = 64  # trainings for each thread that are ready together: more would only take memory


def fit_many(
    loss: Callable[..., Any],
    init: Any,
    data: Any,
    *,
    seeds: Sequence[int],
    optimizer: Optimizer | Sequence[Optimizer],
    batch_size: int | None = None,
    epochs: int = 1,
    shuffle: bool = True,
    engine: str = "auto",
    dtype: Any = None,
    n_threads: int | None = None,
) -> list[Fit]:
    """Many trainings of one loss, each as ``fit(..., seed=seed)`` would do it, bit for bit.

    init: a function of the seed that answers the parameters, or parameters for all. data: as for
    `fit`, or a function of the seed that answers that; the shapes must be the same for all seeds.
    optimizer: one, or a list: then each of them trains with every seed, and the answer begins with
    all seeds of the first. n_threads: how many trainings at once, each on one thread; by default
    one on each core. All else is as for `fit`.

    The loss is traced once, with the first parameters and data; once more for an optimiser that
    differs from the one before by more than its learning rate. What the native player cannot play,
    NumPy trains one by one, and `Fit.engine` says why. Ctrl-C stops all: the answer then ends with
    those that were at work or about to begin, which say ``stop_reason.kind == "interrupted"``.

    >>> import numpy as np
    >>> from backlit import sgd
    >>> def loss(w, x, y):
    ...     return np.mean((x * w - y) ** 2)
    >>> x = np.arange(4.0)
    >>> grid = [sgd(lr=0.1), sgd(lr=0.01)]
    >>> fits = fit_many(loss, float, (x, 3 * x), seeds=range(2), optimizer=grid, epochs=20)
    >>> [round(float(f.params), 2) for f in fits]
    [3.0, 3.0, 2.3, 2.53]
    """
    optimizers, seeds = [*optimizer] if isinstance(optimizer, Sequence) else [optimizer], [*seeds]
    for one in optimizers:
        for seed in seeds:
            check_settings(one, batch_size, epochs, seed, engine, "exact", n_threads, ())
    tasks = [(one, seed) for one in optimizers for seed in seeds]
    maker = _Maker(loss, init, data, batch_size, dtype)
    how = _How(epochs, shuffle, engine, n_threads or cores())
    fits: list[Fit] = []
    try:
        with Progress(len(tasks)) as progress:
            while len(fits) < len(tasks):
                begun = len(fits)
                block = _alike(tasks[begun : begun + _BLOCK * how.threads])
                report = _from(begun, progress.report)
                fits += how.play([maker.ready(*task) for task in block], report)
                if any(fit.stop_reason.kind == "interrupted" for fit in fits[begun:]):
                    break
    except KeyboardInterrupt:  # while some were made ready
        pass
    return fits


def _from(begun: int, report: Report) -> Report:
    return lambda done, loss: report(begun + done, loss)


def _graph_of(optimizer: Optimizer) -> Optimizer:
    """What of an optimiser is in the graph: all but the learning rate."""
    return replace(optimizer, lr=0.0)


def _alike(tasks: Sequence[tuple[Optimizer, int]]) -> list[tuple[Optimizer, int]]:
    """The first trainings, as far as one graph reaches."""
    first = _graph_of(tasks[0][0])
    end = next((i for i, (one, _) in enumerate(tasks) if _graph_of(one) != first), len(tasks))
    return tasks[:end]


@dataclass
class _Maker:
    """Makes trainings ready: their parameters and data are checked, their graph is shared."""

    loss: Callable[..., Any]
    init: Any
    data: Any
    batch_size: int | None
    dtype: Any
    _plan: Plan | None = None
    _kept: dict[str, Any] = field(default_factory=dict[str, Any])  # what all seeds have in common
    _shapes: dict[str, Any] = field(default_factory=dict[str, Any])

    def ready(self, optimizer: Optimizer, seed: int) -> Task:
        params, dtype = self._found("init", seed, lambda x: as_parameters(x, self.dtype))
        arrays = self._found("data", seed, lambda x: as_arrays(x, dtype))
        self._check("init", seed, [(dtype, path, x.shape) for path, x in leaves(params)])
        self._check("data", seed, [(x.dtype, x.shape) for x in arrays])
        if self._plan is None or _graph_of(self._plan.optimizer) != _graph_of(optimizer):
            check_call(self.loss, arrays, "data")
            self._plan = plan_of(self.loss, params, arrays, self.batch_size, optimizer, dtype, seed)
        return Task(replace(self._plan, arrays=arrays, optimizer=optimizer, seed=seed), params)

    def _found(self, name: str, seed: int, checked: Callable[[Any], Any]) -> Any:
        """What the user gave, or gives for a seed."""
        given = getattr(self, name)
        if callable(given) and children(given) is None:  # containers may be callable, too
            return checked(given(seed))
        if name not in self._kept:
            self._kept[name] = checked(given)
        return self._kept[name]

    def _check(self, name: str, seed: int, found: Any) -> None:
        """Has this seed what the first one had?"""
        first, expected = self._shapes.setdefault(name, (seed, found))
        if found != expected:
            raise InputError(
                f"{name}({seed}) differs from {name}({first}) in its shapes or dtypes: all seeds "
                f"must have the same. Found {_words(found)}; expected {_words(expected)}"
            )


def _words(shapes: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join(f"{x[0]} {x[-1]}" for x in shapes)


@dataclass
class _How:
    """How trainings are played; the players that were made last."""

    epochs: int
    shuffle: bool
    engine: str
    threads: int
    _desks: Desks | None = None

    def play(self, tasks: Sequence[Task], report: Report) -> list[Fit]:
        """Trainings that share a graph."""
        if self.engine == "numpy":
            return self._alone(tasks, report)
        try:
            crowd = Crowd(tasks, self._desks_of(tasks[0].plan), self.epochs, self.shuffle)
        except NumPyOnly:
            return self._alone(tasks, report)
        try:
            failed, interrupted = crowd.play(report), False
        except KeyboardInterrupt:
            failed, interrupted = [], True
        fits = [crowd.fit(i) for i in range(len(tasks))]
        for i in () if interrupted else failed:  # once more: it tells what happened
            [fits[i]] = self._alone([tasks[i]], report)
            if fits[i].stop_reason.kind == "interrupted":
                break
        return fits

    def _alone(self, tasks: Sequence[Task], report: Report) -> list[Fit]:
        """One after the other, each as `fit` does it."""
        fits: list[Fit] = []
        for task in tasks:
            end = max(1, self.epochs * task.plan.steps)
            fits.append(
                run(
                    task.plan, task.params, epochs=self.epochs, shuffle=self.shuffle,
                    engine=self.engine, n_threads=1,
                    report=lambda step, loss, end=end: report(len(fits) + step / end, loss),
                )
            )  # fmt: skip
            if fits[-1].stop_reason.kind == "interrupted":
                break
        return fits

    def _desks_of(self, plan: Plan) -> Desks:
        if self._desks is None or not self._desks.plan.shares_graphs(plan):
            with reading(lambda: 0):
                self._desks = Desks(plan, self.threads)
        return self._desks
