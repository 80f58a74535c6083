"""The parameters of an estimator as data for a file: no code of anybody is in it or runs from it.

Functions of backlit are written by their names. Those of the user are refused.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .. import nn, optim
from ..errors import FileError, InputError
from ..files.schema import Real
from ..nn import initial, losses
from ..optim import Optimizer, schedules
from ..optim.optimizer import make
from .heads import OUTPUTS

_ACTIVATIONS = {**OUTPUTS, "erf": nn.erf, "log_softmax": nn.log_softmax}
_FUNCTIONS = {  # by the parameters that they can be
    "activation": _ACTIVATIONS,
    "output_activation": _ACTIVATIONS,
    "init": {f.__name__: f for f in vars(initial).values() if inspect.isfunction(f)},
    "loss": {name: getattr(nn, name) for name in nn.__all__ if hasattr(losses, name)},
}
_OPTIMIZERS = ("adagrad", "adam", "adamw", "momentum", "nesterov", "rmsprop", "sgd")
_SCHEDULES = ("_step_decay", "_inverse_decay", "_cosine_decay", "_warmup")


@dataclass(frozen=True)
class Function:
    """A function of `bl.nn`."""

    name: str


@dataclass(frozen=True)
class Schedule:
    """A learning rate that changes with the step."""

    name: str
    numbers: "tuple[int | Real | Schedule, ...]"


@dataclass(frozen=True)
class Chosen:
    """An optimiser of backlit."""

    name: str
    lr: Real | Schedule
    settings: dict[str, Real]
    corrections: dict[str, Real]
    clip_norm: Real | None


@dataclass(frozen=True)
class Several:
    """A list, or a tuple: of widths, activations, quantiles."""

    values: tuple[int | Real | str | Function, ...]
    fixed: bool  # a tuple


@dataclass(frozen=True)
class ByClass:
    """Pairs of a class and its weight."""

    classes: tuple[bool | int | Real | str, ...]
    weights: tuple[int | Real, ...]


Value = bool | int | Real | str | None | Function | Schedule | Chosen | Several | ByClass


def as_data(name: str, value: Any) -> Value:
    """A parameter for a file. Raises InputError for what no file can hold."""
    value = plain(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Optimizer):
        return _chosen(value)
    if isinstance(value, partial):
        return _schedule(name, value)
    if callable(value):
        return _function(name, value)
    if isinstance(value, dict):
        return ByClass(tuple(map(plain, value)), tuple(map(plain, value.values())))
    if np.ndim(value) == 1:
        return Several(tuple(as_data(name, x) for x in value), isinstance(value, tuple))
    raise _no_data(name, value)


def plain(value: Any) -> Any:
    """A number of NumPy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


def _no_data(name: str, value: Any) -> InputError:
    return InputError(
        f"{name}={value!r} cannot be saved: a file holds no code, only names of backlit's own "
        "functions. Pickle the estimator instead, for those who trust you."
    )


def _function(name: str, value: Callable[..., Any]) -> Function:
    for known, function in _FUNCTIONS.get(name, {}).items():
        if function is value:
            return Function(known)
    raise _no_data(name, value)


def _schedule(name: str, value: Any) -> Schedule:
    known = value.func.__name__ if isinstance(value, partial) else ""
    if known not in _SCHEDULES or getattr(schedules, known) is not value.func:
        raise _no_data(name, value)
    inner = [_schedule(name, x) if isinstance(x, partial) else plain(x) for x in value.args]
    return Schedule(known, tuple(inner))


def _chosen(value: Optimizer) -> Chosen:
    if value.name not in _OPTIMIZERS or getattr(optim, value.name)().update is not value.update:
        raise _no_data("optimizer", value)
    lr = _schedule("optimizer", value.lr) if callable(value.lr) else value.lr
    return Chosen(value.name, lr, {**value.settings}, {**value.corrections}, value.clip_norm)


def from_data(name: str, value: Value) -> Any:
    """A parameter as it was given. Raises ValueError for one that is not known, or of no use."""
    if isinstance(value, Function):
        return _known(value.name, _FUNCTIONS.get(name, {}))
    if isinstance(value, Schedule):
        return _made_schedule(value)
    if isinstance(value, Several):
        found = [from_data(name, x) for x in value.values]
        return tuple(found) if value.fixed else found
    if isinstance(value, ByClass):
        return dict(zip(value.classes, value.weights, strict=False))
    if isinstance(value, Chosen):
        return _optimizer(value)
    return value


def _known(name: str, table: dict[str, Any]) -> Any:
    if name not in table:
        raise FileError(f"the file names {name!r}, which this version of backlit does not know")
    return table[name]


def _made_schedule(value: Schedule) -> Any:
    """By the function of the user, which checks its numbers."""
    inner = _known(value.name, {name: getattr(schedules, name) for name in _SCHEDULES})
    lr, *numbers = [_made_schedule(x) if isinstance(x, Schedule) else x for x in value.numbers]
    names = [*inspect.signature(inner).parameters][1:-1]  # between the rate and the step
    make_it = getattr(schedules, value.name.removeprefix("_"))
    return make_it(lr, **dict(zip(names, numbers, strict=True)))


def _optimizer(value: Chosen) -> Optimizer:
    made = _known(value.name, {name: getattr(optim, name)() for name in _OPTIMIZERS})
    same = made.settings.keys() == value.settings.keys()
    if not same or made.corrections.keys() != value.corrections.keys():
        raise FileError(f"the settings of {value.name} are not those that it has")
    checked = make(
        value.name, from_data("lr", value.lr), made.update, settings=value.settings,
        slots=made.slots, corrections=value.corrections,
    )  # fmt: skip
    return checked if value.clip_norm is None else checked.clipped(value.clip_norm)
