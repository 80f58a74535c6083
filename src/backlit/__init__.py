"""backlit: backpropagation with the lights on.

Derivatives of NumPy functions, the equations they come from, and training with them.
"""

from typing import Any

from . import nn
from .check import Check, check
from .derivatives import grad, hvp, jacobian, value_and_grad
from .lower import Program
from .optim import (
    Optimizer,
    adagrad,
    adam,
    adamw,
    cosine_decay,
    exponential_decay,
    inverse_decay,
    momentum,
    nesterov,
    rmsprop,
    sgd,
    step_decay,
    warmup,
)
from .show import Derivation, derive
from .train import Descent, Fit, State, StopReason, descend, fit, fit_many, program

__all__ = [
    "Check",
    "Derivation",
    "Descent",
    "Fit",
    "Optimizer",
    "Program",
    "State",
    "StopReason",
    "adagrad",
    "adam",
    "adamw",
    "check",
    "cosine_decay",
    "derive",
    "descend",
    "exponential_decay",
    "fit",
    "fit_many",
    "grad",
    "hvp",
    "inverse_decay",
    "jacobian",
    "momentum",
    "nesterov",
    "nn",
    "program",
    "rmsprop",
    "sgd",
    "step_decay",
    "value_and_grad",
    "warmup",
]
__version__ = "0.1.0"

_LATER = {  # loaded when they are asked for: scikit-learn takes a second
    "MLPClassifier": "estimators",
    "MLPRegressor": "estimators",
    "NetworkClassifier": "estimators",
    "NetworkRegressor": "estimators",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATER[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__, *_LATER]
