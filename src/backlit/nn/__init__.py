"""Layers, losses and initialisers as plain NumPy functions, for arrays and in traced functions."""

from .activations import (
    elu,
    gelu,
    gelu_tanh,
    identity,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from .dense import dense, mlp
from .initial import glorot_normal, glorot_uniform, he_normal, he_uniform, lecun_normal, standard
from .losses import (
    bce_with_logits,
    half_mse,
    huber,
    mae,
    mse,
    poisson,
    softmax_cross_entropy,
)

__all__ = [
    "bce_with_logits",
    "dense",
    "elu",
    "gelu",
    "gelu_tanh",
    "glorot_normal",
    "glorot_uniform",
    "half_mse",
    "he_normal",
    "he_uniform",
    "huber",
    "identity",
    "leaky_relu",
    "lecun_normal",
    "log_softmax",
    "mae",
    "mlp",
    "mse",
    "poisson",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "standard",
    "tanh",
]
