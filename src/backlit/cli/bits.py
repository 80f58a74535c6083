"""The bits of a fixed training, for `backlit doctor --bits`: all machines give the same."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import nn, optim
from ..ir.trees import leaves
from ..train.data import as_arrays, order
from ..train.engine import Plan, start
from ..train.player_engine import PlayerEngine, native
from ..train.training import Training

THREADS = (1, 2, 3)
_ROWS, _BATCH, _EPOCHS = 200, 24, 5  # whole batches, and one of 8 rows


@dataclass(frozen=True)
class Bits:
    """What one kind of vectors gave with so many threads."""

    lanes: str
    threads: int
    sha256: str


def bits() -> Iterator[Bits]:
    """The same trainings by all that this machine's player knows."""
    plans = _plans()
    for lanes, _ in native().LANES:
        for threads in THREADS:
            found = hashlib.sha256()
            for plan in plans:
                for x in _trained(plan, lanes, threads):
                    found.update(x.astype(x.dtype.newbyteorder("<")).tobytes())
            yield Bits(lanes, threads, found.hexdigest())


def steps() -> int:
    """Of all trainings together."""
    return sum(_EPOCHS * plan.steps for plan in _plans())


def _plans() -> list[Plan]:
    X, Y, y = _numbers(_ROWS, 12), _numbers(_ROWS, 2), np.arange(_ROWS) * 7 % 5
    networks: list[tuple[Callable[..., Any], Sequence[int], Any, optim.Optimizer]] = [
        (_classifier, (12, 40, 33, 5), y, optim.adam(lr=0.01)),
        (_regression, (12, 24, 2), Y, optim.momentum(lr=0.05)),
        (_regression, (12, 256, 260, 2), Y, optim.sgd(lr=0.05)),  # divided by columns
    ]
    return [
        Plan(loss, _weights(widths), as_arrays((X, target), kind), _BATCH, optimizer, kind)
        for kind in (np.dtype("float32"), np.dtype("float64"))
        for loss, widths, target, optimizer in networks
    ]


def _classifier(params, X, y):
    return nn.softmax_cross_entropy(nn.mlp(params, X, activation="gelu"), y)


def _regression(params, X, Y):
    H = nn.mlp(params[:-1], X, activation="silu", output="tanh")
    return nn.mse(np.sin(nn.mlp(params[-1:], H)), Y)


def _trained(plan: Plan, lanes: str, threads: int) -> list[Any]:
    """All that a training has moved, and the loss of each epoch."""
    params = [x.astype(plan.dtype) for _, x in leaves(plan.example)]
    engine = PlayerEngine(
        plan, start(params, plan.optimizer, plan.dtype), order(_ROWS, 0, 1), threads, lanes
    )
    training = Training(plan, engine, len(params))
    losses = [
        training.epoch(order(_ROWS, 0, epoch), epoch, lambda *_: None)
        for epoch in range(1, _EPOCHS + 1)
    ]
    return [*engine.values, np.array(losses)]


def _weights(widths: Sequence[int]) -> Any:
    scale = [2.0 ** -round(np.log2(n) / 2) for n in widths]
    pairs = zip(widths, widths[1:], scale, strict=False)
    return [(_numbers(n, m) * size, _numbers(m) * size) for n, m, size in pairs]


def _numbers(*shape: int) -> Any:
    """Numbers of [−1, 1), from random bits, by operations that are exact: no logarithm, no sine."""
    raw = np.random.Philox(key=shape[-1]).random_raw(int(np.prod(shape)))
    return ((raw >> 11) * 2.0**-52 - 1).reshape(shape)
