"""backlit: backpropagation with the lights on.

Derivatives of NumPy functions, the equations they come from, and training with them.
"""

import typing as _typing
from importlib import import_module as _import_module

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
from .train import Descent, Fit, Position, State, StopReason, descend, fit, fit_many, program

if _typing.TYPE_CHECKING:  # for editors; see _LATER
    from .errors import FileError
    from .estimators.mlp import MLPClassifier, MLPRegressor
    from .estimators.network import NetworkClassifier, NetworkRegressor
    from .models import load, save
    from .onnx import to_onnx

__all__ = [
    "Check",
    "Derivation",
    "Descent",
    "FileError",
    "Fit",
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "Optimizer",
    "Position",
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
    "load",
    "momentum",
    "nesterov",
    "nn",
    "program",
    "rmsprop",
    "save",
    "sgd",
    "step_decay",
    "to_onnx",
    "value_and_grad",
    "warmup",
]
__version__ = "0.1.0"

_LATER = {  # name → room; loaded when they are asked for: scikit-learn takes a second
    "FileError": "errors",
    "MLPClassifier": "estimators",
    "MLPRegressor": "estimators",
    "NetworkClassifier": "estimators",
    "NetworkRegressor": "estimators",
    "load": "models",
    "save": "models",
    "to_onnx": "onnx",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_import_module(f".{_LATER[name]}", __name__), name)


def __dir__() -> list[str]:
    return [*__all__]
