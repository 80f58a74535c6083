"""Optimisers: one file each, and the schedules of their learning rates."""

from .adagrad import adagrad
from .adam import adam, adamw
from .momentum import momentum, nesterov
from .optimizer import Optimizer
from .rmsprop import rmsprop
from .schedules import cosine_decay, exponential_decay, inverse_decay, step_decay, warmup
from .sgd import sgd

__all__ = [
    "Optimizer",
    "adagrad",
    "adam",
    "adamw",
    "cosine_decay",
    "exponential_decay",
    "inverse_decay",
    "momentum",
    "nesterov",
    "rmsprop",
    "sgd",
    "step_decay",
    "warmup",
]
