"""Plans of trainings that share their graphs: equal networks are traced once, not at each fit."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np

from ..ir.trees import leaves, map_tree
from ..optim import Optimizer
from ..train.engine import Plan

_MOST = 64  # plans that are kept; one has some hundred kilobytes
_kept: OrderedDict[Hashable, Plan] = OrderedDict()
_lock = Lock()


def plan_of(
    loss: Callable[..., Any], params: Any, arrays: Sequence[Any], size: int, optimizer: Optimizer,
    dtype: Any, seed: int, key: Hashable,
) -> Plan:  # fmt: skip
    """The plan of a training. key: what the equations of the loss depend on; None: never shared.

    Equal keys must mean equal losses: a function of the user may read what changes meanwhile, so
    a loss that calls one has no key.
    """
    example = map_tree(lambda _, x: np.asarray(x, float), params)
    fresh = Plan(loss, example, arrays, size, optimizer, np.dtype(dtype), seed)
    if key is None:
        return fresh
    sizes = tuple(np.shape(x) for _, x in leaves(params))
    key = (key, fresh.dtype, sizes, _shapes(arrays), _equations_of(optimizer))
    with _lock:
        kept = _kept.setdefault(key, replace(fresh, arrays=()))
        _kept.move_to_end(key)
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    return replace(kept, arrays=arrays, size=size, optimizer=optimizer, seed=seed)


def _shapes(arrays: Sequence[Any]) -> Hashable:
    return tuple((x.shape[1:], x.dtype.str) for x in arrays)


def _equations_of(optimizer: Optimizer) -> Hashable:
    """What of an optimiser is in the graph: all but the learning rate."""
    settings = (optimizer.settings, optimizer.corrections)
    return optimizer.update, *(tuple(s.items()) for s in settings), optimizer.clip_norm
