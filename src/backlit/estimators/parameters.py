"""The parameters of the estimators as data: what each may be, and what it means.

Those of scikit-learn's MLPClassifier and MLPRegressor keep their names, defaults and meanings.
"""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from ..nn.activations import ACTIVATIONS
from ..optim import Optimizer
from ..train.choose import ENGINES
from .heads import OUTPUTS
from .losses import OF_CLASSES, OF_QUANTITIES


@dataclass(frozen=True)
class Parameter:
    """What a parameter may be, in scikit-learn's words for it, and its meaning."""

    allowed: tuple[Any, ...]
    text: str


def _names(*names: str) -> StrOptions:
    return StrOptions({*names})


def _number(low: float | None, high: float | None, closed: str, kind: type = Real) -> Interval:
    return Interval(kind, low, high, closed=closed)


_POSITIVE, _NOT_NEGATIVE = _number(0, None, "neither"), _number(0, None, "left")
_SHARE, _COUNT = _number(0, 1, "left"), _number(1, None, "left", Integral)

COMMON = {
    "solver": Parameter(
        (_names("lbfgs", "sgd", "adam"),),
        "'adam', 'sgd' (with momentum) or 'lbfgs' (whole data, by SciPy).",
    ),
    "alpha": Parameter((_NOT_NEGATIVE,), "Decay: alpha/2 Σ W² / rows of the batch is in the loss."),
    "batch_size": Parameter(
        (_names("auto"), _COUNT), "Rows of a step; 'auto' is min(200, rows). Not for 'lbfgs'."
    ),
    "learning_rate": Parameter(
        (_names("constant", "invscaling", "adaptive"), callable),
        "For 'sgd': 'constant'; 'invscaling', learning_rate_init / t^power_t; 'adaptive', divided "
        "by 5 where it would have stopped. Or, for 'sgd' and 'adam', a function of the step such "
        "as `bl.cosine_decay(0.01, steps=1000)`.",
    ),
    "learning_rate_init": Parameter((_POSITIVE,), "The first learning rate."),
    "power_t": Parameter((_NOT_NEGATIVE,), "The exponent of 'invscaling'."),
    "max_iter": Parameter((_COUNT,), "Epochs; for 'lbfgs' iterations."),
    "shuffle": Parameter(("boolean",), "A new order of rows in each epoch."),
    "random_state": Parameter(
        ("random_state",), "Of weights, order, validation rows and dropout; as in scikit-learn."
    ),
    "tol": Parameter(
        (_NOT_NEGATIVE,), "What counts as better, of the loss or with early_stopping of the score."
    ),
    "verbose": Parameter(("verbose",), "Print the loss of each epoch."),
    "warm_start": Parameter(
        ("boolean",),
        "fit goes on where the last one ended: two fits of n epochs are one of 2n, bit for bit, "
        "unless the first stopped by itself.",
    ),
    "momentum": Parameter((_number(0, 1, "both"),), "Of 'sgd'."),
    "nesterovs_momentum": Parameter(("boolean",), "Nesterov's form of it."),
    "early_stopping": Parameter(
        ("boolean",),
        "Hold out rows (or take X_val of `fit`); stop when their score no longer rises, and keep "
        "the best weights. Not for 'lbfgs'.",
    ),
    "validation_fraction": Parameter((_SHARE,), "The share of rows that early_stopping holds out."),
    "beta_1": Parameter((_SHARE,), "Of 'adam', for the mean of gradients."),
    "beta_2": Parameter((_SHARE,), "Of 'adam', for the mean of their squares."),
    "epsilon": Parameter((_POSITIVE,), "Of 'adam', beside the root of the squares."),
    "n_iter_no_change": Parameter(
        (_COUNT, Options(Real, {np.inf})), "Epochs in a row that may pass without a better one."
    ),
    "max_fun": Parameter((_COUNT,), "For 'lbfgs': the most times that the loss is computed."),
    "optimizer": Parameter(
        (Optimizer, None),
        "Any of backlit's, such as `bl.adamw(1e-3)`, instead of solver and its parameters.",
    ),
    "clip_norm": Parameter((_POSITIVE, None), "Gradients longer than this are shortened to it."),
    "restore_best": Parameter(
        (_names("auto"), "boolean"),
        "Keep the weights of the epoch with the best validation score; 'auto': with "
        "early_stopping.",
    ),
    "scale_inputs": Parameter(
        ("boolean",), "Standardise each feature by the training rows, in predict, too."
    ),
    "gradient_norms": Parameter(
        ("boolean",), "history_ has the length of each layer's gradient, too; takes a pass more."
    ),
    "callbacks": Parameter(
        ("array-like", None),
        "Functions of a `bl.State`, called after each epoch; True stops. See set_callbacks, too.",
    ),
    "engine": Parameter((_names(*ENGINES),), "Who plays the training, as in `bl.fit`."),
    "n_threads": Parameter((_COUNT, None), "Of the player; the bits are the same for any number."),
    "rule": Parameter((_names("exact"),), "The backward pass; 'exact' is all there is so far."),
}
DENSE = {
    "hidden_layer_sizes": Parameter(("array-like", _COUNT), "Widths of the hidden layers."),
    "activation": Parameter(
        (_names("logistic", *ACTIVATIONS), callable, "array-like"),
        "Of the hidden layers: a name of `bl.nn.ACTIVATIONS`, a NumPy function, or a list with one "
        "for each layer.",
    ),
    "dropout": Parameter(
        (_SHARE, "array-like"),
        "Share of each hidden layer's entries that are left out in a step; a number or a list.",
    ),
    "init": Parameter(
        (callable, None),
        "First weights: a function (rng, fan_in, fan_out) such as `bl.nn.he_normal`, biases 0; "
        "None as scikit-learn.",
    ),
}
NETWORK = {
    "network": Parameter((callable,), "A NumPy function of (params, X) that gives raw outputs."),
    "params": Parameter(
        ("no_validation",), "The first parameters: arrays in any nesting, or a function of a seed."
    ),
}
QUANTITY = {
    "loss": Parameter(
        (_names(*OF_QUANTITIES), callable),
        "'squared_error' (half of it), 'absolute_error', 'huber', 'poisson' (with a logarithm as "
        "link), 'pinball' (see quantiles), or a NumPy function loss(prediction, target).",
    ),
    "quantiles": Parameter(
        ("array-like", None), "For 'pinball': one or several in (0, 1); they never cross."
    ),
    "output_activation": Parameter(
        (_names("auto", *OUTPUTS), callable), "On the outputs; 'auto' is what the loss needs."
    ),
    "scale_target": Parameter(
        ("boolean",), "Train on the standardised target; predict answers in its own units."
    ),
}
CLASS = {
    "loss": Parameter(
        (_names(*OF_CLASSES), callable),
        "'log_loss', 'hinge', or a NumPy function loss(probabilities, rows of 0 and 1).",
    ),
    "output_activation": Parameter(
        (_names("auto", "softmax", "logistic"),),
        "'auto': softmax, or logistic where there is one output or several labels; 'logistic' for "
        "many classes is a yes or no for each.",
    ),
    "class_weight": Parameter(
        (_names("balanced"), dict, None), "What a row counts for, by its class."
    ),
}


def constraints(*tables: dict[str, Parameter]) -> dict[str, list[Any]]:
    """What scikit-learn checks at each fit."""
    return {
        name: p.allowed[0] if p.allowed == ("no_validation",) else [*p.allowed]
        for table in tables
        for name, p in table.items()
    }


def described(*tables: dict[str, Parameter]) -> str:
    """The parameters, for a docstring."""
    texts = {name: p.text for table in tables for name, p in table.items()}
    return "\n".join(f"    {name}: {text}" for name, text in texts.items())
