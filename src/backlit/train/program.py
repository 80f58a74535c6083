"""`program`: the instructions of a training step."""

from collections.abc import Callable
from typing import Any

from ..errors import InputError
from ..lower import NumPyOnly, Program
from ..optim.optimizer import Optimizer
from .data import as_arrays, as_parameters
from .fit import check_call, plan_of


def program(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    *,
    optimizer: Optimizer,
    batch_size: int | None = None,
    dtype: Any = None,
) -> Program:
    """What the native player plays in a step of ``fit`` with the same arguments.

    ``print(program)`` is its text; ``program.disassemble(derivation)``, with what `derive` answers
    for the same loss, has the equations beside it. It is made whether or not the player was built.
    Raises InputError where the player cannot play the loss, with the reason.

    >>> import numpy as np
    >>> from backlit import sgd
    >>> def loss(w, x, y):
    ...     return np.mean((x * w - y) ** 2)
    >>> x = np.arange(4.0)
    >>> print(program(loss, 0.0, (x, 3 * x), optimizer=sgd(lr=0.1)))
    GATHER    4×1          x (batch)
    GATHER    4×1          y (batch)
    GATHER    1×1          alpha (this step's)
    POINTWISE 4×1
        %11 = multiply_subtract(x, w[0], y)
        _3 = square(%11)
        %11 = multiply(%11, x)
        _6 = multiply(0.5[0], %11)
    REDUCE    1×1×4        _4 ← _3 (sum)  ‖
        L = divide(_4, 4)
    REDUCE    1×1×4        dw ← _6 (sum)
        w_new = subtract_multiply(w, alpha, dw)
    """
    params, dtype = as_parameters(params, dtype)
    arrays = as_arrays(data, dtype)
    check_call(loss, arrays, "data")
    plan = plan_of(loss, params, arrays, batch_size, optimizer, dtype, seed=0)
    try:
        return plan.program(None, 0)
    except NumPyOnly as reason:
        raise InputError(f"the player cannot play this training: {reason}") from None
