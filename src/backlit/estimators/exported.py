"""What a fitted estimator hands to a file of another kind, such as ONNX."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["values", "binary", "classes", "multilabel"]


@dataclass(frozen=True, eq=False)
class Exported:
    """The numeric work of a fitted estimator, from rows to what predict makes its answers of.

    ``answer(params, X)`` is a NumPy function that can be traced: input scaling, network, output
    activation, target unscaling. X (n, features) of `dtype` gives, by `kind`:

    - values: what predict answers, (n,) or (n, outputs)
    - binary: the probability of ``classes[1]``, (n,) or (n, 1)
    - classes: probabilities (n, classes), in the order of `classes`
    - multilabel: the probability of each label, (n, labels)

    With `scores` there are scores in place of probabilities, as of a hinge loss: above 0 means yes.
    """

    answer: Callable[[Any, Any], Any]
    params: Any  # nested tuples, lists or dicts of arrays; the network computes in their dtype
    features: int
    dtype: Any
    kind: Kind
    classes: np.ndarray | None = None  # of binary and classes: numbers, truth values or texts
    scores: bool = False
    names: tuple[str, ...] | None = None  # of the features, if they have names
