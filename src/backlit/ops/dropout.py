"""Dropout: entries that are left out at random while a training runs, and only then."""

import math
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from ..ir.op import op

_SEED = ContextVar("seed", default=0)
_STEP = ContextVar("step", default=-1)  # −1: nothing is trained
_STREAMS = 1 << 63  # keys from here on: those below are the orders of rows


@contextmanager
def drawing(seed: int, step: int) -> Generator[None]:
    """A training of this seed is at this step: dropout drops; the same step, the same entries."""
    tokens = _SEED.set(seed), _STEP.set(step)
    try:
        yield
    finally:
        _SEED.reset(tokens[0])
        _STEP.reset(tokens[1])


@op(
    holomorphic=True,
    latex=lambda x, *, rate, stream: rf"\operatorname{{drop}}({x}, {rate:g})",
    text=lambda x, *, rate, stream: f"drop({x}, {rate:g})",
    cases=(((2, 3), {"rate": 0.5, "stream": 0}), ((), {"rate": 0.25, "stream": 3})),
)
def drop(x, *, rate, stream):
    """x in which a share `rate` of entries is 0 and the others are divided by 1 − rate.

    Which ones depends on the training's seed, its step, and the stream: one for each place of a
    network where entries are dropped. Outside of a training x itself.
    """
    seed, step = _SEED.get(), _STEP.get()
    x = np.asarray(x)
    return x * 1.0 if step < 0 else x * kept(x.shape, rate, stream, seed, step).astype(x.dtype)


def kept(shape, rate, stream, seed, step):
    """1/(1 − rate) where an entry is kept, 0 where it is dropped: 32 bits of Philox decide."""
    size = math.prod(shape)
    key, counter = (np.array(x, np.uint64) for x in ((seed, _STREAMS + stream), (0, step, 0, 0)))
    source = np.random.Philox(key=key, counter=counter)
    words = np.atleast_1d(source.random_raw(-(-size // 2))).astype("<u8").view("<u4")[:size]
    return np.where(words >= math.ceil(rate * 2**32), 1 / (1 - rate), 0).reshape(shape)


@drop.backward
def _(grad, out, x, *, rate, stream):
    return drop(grad, rate=rate, stream=stream)


drop.shape(lambda x, *, rate, stream: x)
drop.dtype = lambda x, *, rate, stream: np.result_type(x.dtype, np.float32)
