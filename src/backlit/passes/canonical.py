"""Recognise what was written by hand, and write it in its stable form, with the proof.

After this, backpropagation finds the short derivatives that textbooks print: a − y for sigmoid
with cross-entropy, p − y for softmax with cross-entropy.
"""

from typing import Any

import numpy as np

from ..ir.graph import Eqn, Graph, Lit, Var
from ..ops.activation import log_softmax, relu, sigmoid, softmax, softplus
from ..ops.index import one_hot
from .rewrite import Rewriter, Rule, identity, rewrite, table
from .share import share
from .simplify import definition


def _softmax(rewriter: Rewriter, eqn: Eqn) -> Any:
    """e^z / Σ e^z, also with the maximum subtracted first."""
    e, total = (
        definition(rewriter, eqn.inputs[0], "exp"),
        definition(rewriter, eqn.inputs[1], "sum"),
    )
    if e is None or total is None or total.inputs[0] is not e.out:
        return None
    axes = total.settings["axis"]
    if len(axes) != 1 or not total.settings["keepdims"]:
        return None
    z = e.inputs[0]
    shifted = definition(rewriter, z, "subtract")
    if shifted is not None:
        largest = definition(rewriter, shifted.inputs[1], "max")
        own = largest is not None and largest.settings == total.settings
        if largest is not None and own and largest.inputs[0] is shifted.inputs[0]:
            z = shifted.inputs[0]
    return softmax(rewriter.value(z), axis=axes[0])


def _log_softmax(rewriter: Rewriter, eqn: Eqn) -> Any:
    p = definition(rewriter, eqn.inputs[0], "softmax")
    return p and log_softmax(rewriter.value(p.inputs[0]), **p.settings)


def _log_of_entry(rewriter: Rewriter, eqn: Eqn) -> Any:
    """ln softmax(z)[rows, labels]"""
    entry = definition(rewriter, eqn.inputs[0], "getitem")
    p = entry and definition(rewriter, entry.inputs[0], "softmax")
    if not entry or not p:
        return None
    logs = log_softmax(rewriter.value(p.inputs[0]), **p.settings)
    return rewriter.emit(entry.op, (logs, *entry.inputs[1:]), dict(entry.settings))


def _label_of_each_row(rewriter: Rewriter, eqn: Eqn) -> Any:
    """ln p[arange(n), labels] = Σ one_hot(labels) ⊙ ln p, which shows the target y."""
    logs = definition(rewriter, eqn.inputs[0], "log_softmax")
    if logs is None or eqn.settings["key"] != ("array", "array") or len(logs.out.shape) != 2:
        return None
    rows, labels = eqn.inputs[1:]
    every = isinstance(rows, Lit) and np.array_equal(rows.value, np.arange(logs.out.shape[0]))
    if not every or not isinstance(labels, Var) or len(labels.shape) != 1:
        return None
    target = one_hot(rewriter.value(labels), classes=logs.out.shape[1])
    rewriter.wish(target, "Y", "value")
    return np.sum(target * rewriter.value(eqn.inputs[0]), axis=1)


_CROSS_ENTROPY = (
    "ln σ(z) = z − ln(1 + e^z) and ln(1 − σ(z)) = −ln(1 + e^z), "
    "so y ln σ(z) + (1 − y) ln(1 − σ(z)) = y z − ln(1 + e^z), whose slope in z is y − σ(z)"
)

TABLE = table(
    identity(lambda x: np.maximum(x, 0), lambda x: relu(x), "max(x, 0) = relu(x)"),
    identity(lambda z: 1 / (1 + np.exp(-z)), lambda z: sigmoid(z), "1/(1 + e^−z) = σ(z)"),
    identity(lambda z: np.exp(z) / (1 + np.exp(z)), lambda z: sigmoid(z), "e^z/(1 + e^z) = σ(z)"),
    identity(lambda z: np.log(1 + np.exp(z)), lambda z: softplus(z), "ln(1 + e^z) = softplus(z)"),
    identity(lambda z: np.log1p(np.exp(z)), lambda z: softplus(z), "ln(1 + e^z) = softplus(z)"),
    identity(lambda z: np.log(sigmoid(z)), lambda z: -softplus(-z), "ln σ(z) = −ln(1 + e^−z)"),
    identity(
        lambda z: np.log(1 - sigmoid(z)), lambda z: -softplus(z), "ln(1 − σ(z)) = −ln(1 + e^z)"
    ),
    identity(
        lambda y, z: y * -softplus(-z) + (1 - y) * -softplus(z),
        lambda y, z: y * z - softplus(z),
        _CROSS_ENTROPY,
    ),
    identity(
        lambda y, z: (-y) * -softplus(-z) - (1 - y) * -softplus(z),
        lambda y, z: softplus(z) - y * z,
        _CROSS_ENTROPY,
    ),
    Rule("divide", _softmax, "e^z / Σ e^z = softmax(z)"),
    Rule("log", _log_softmax, "ln softmax(z) = z − ln Σ e^z"),
    Rule("log", _log_of_entry, "ln softmax(z) = z − ln Σ e^z"),
    Rule("getitem", _label_of_each_row, "an entry of a row = the row times a one-hot row"),
)


def canonical(graph: Graph) -> Graph:
    """Rewrite by `TABLE`; values agree wherever the hand-written form does not overflow.

    What is written twice, ``exp(z) / sum(exp(z))``, is shared first.
    """
    return rewrite(share(graph), TABLE)
