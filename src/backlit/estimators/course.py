"""Where a stochastic training is: all that is needed to go on as if it had never stopped."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..ir.trees import leaves
from ..optim import Optimizer
from ..train.engine import Values, start


@dataclass
class Course:
    """Kept by an estimator from fit to fit, and pickled with it.

    rng: numpy's RandomState, which every draw of the training comes from. rate: how much of
    learning_rate_init 'adaptive' has left. values: parameters, corrections and optimiser states
    after `steps` steps. order: the rows' order in the last epoch; the next one shuffles it
    further, as scikit-learn does. parts: the rows to train on and to validate by, of `rows`.
    left: the parameters that the last fit gave the user; if they are others now, the training
    goes on from those.
    """

    rng: Any
    rate: float = 1.0
    seed: int = 0  # of dropout
    steps: int = 0
    values: Values = field(default_factory=list[Any])
    made_for: tuple[Any, ...] = ()  # the optimiser whose states are among the values
    order: Any = None
    rows: int = 0
    parts: tuple[Any, Any] | None = None
    left: list[Any] = field(default_factory=list[Any])
    unimproved: int = 0  # epochs in a row

    def resume(self, params: Any, optimizer: Optimizer, dtype: Any) -> Values:
        """The values to go on from: those of the last fit, or the user's parameters."""
        given = [x for _, x in leaves(params)]
        made_for = (optimizer.name, optimizer.slots, tuple(optimizer.corrections))
        if not self.values or made_for != self.made_for:
            self.values, self.made_for, self.steps = start(given, optimizer, dtype), made_for, 0
        elif not _same(given, self.left):
            self.values = [*given, *self.values[len(given) :]]
        return self.values

    def leave(self, steps: int, values: Sequence[Any], params: Any) -> None:
        """The training stops here; the user is given `params`."""
        self.steps, self.values = steps, [x.copy() for x in values]
        self.left = [x.copy() for _, x in leaves(params)]

    def next_order(self, rows: int) -> Any:
        """The rows' order in the next epoch, as `sklearn.utils.shuffle` draws it."""
        if self.order is None or len(self.order) != rows:
            self.order = np.arange(rows)
        drawn = np.arange(rows)
        self.rng.shuffle(drawn)
        self.order = self.order[drawn]
        return self.order


def _same(one: list[Any], other: list[Any]) -> bool:
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in pairs)
