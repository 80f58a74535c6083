"""How fast the machine multiplies: the yardstick of the products, and our own products' rates.

    python peak.py THREADS

Prints one JSON object. Without backlit's player the peak is taken from a large product of NumPy's.
"""

import json
import sys
import time

import numpy as np

import backlit as bl

try:
    from backlit import _player
    from backlit.train.engine import Plan
    from backlit.train.player_engine import PlayerEngine
except ImportError:
    _player = None

LARGE, TIMES = 2048, 5
PRODUCTS = (
    *((n, n, n) for n in (16, 64, 128, 256, 512, 1024, 2048)),
    *((32, 64, 64), (128, 128, 784), (784, 128, 128), (256, 1024, 784)),
)  # fmt: skip


def numpy_peak():
    """The best Gflop/s of a large float32 product."""
    rng = np.random.default_rng(0)
    a, b = rng.random((2, LARGE, LARGE), np.float32)
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * LARGE**3 / min(seconds) / 1e9


def product_rate(m, n, k, threads):
    """Gflop/s of (m × k) (k × n), as an instruction of a program that the player plays."""
    rng = np.random.default_rng(0)
    plan = Plan(
        lambda b, a: np.mean((a @ b) ** 2), np.zeros((k, n)), [rng.random((m, k), np.float32)], m,
        bl.sgd(0.0), np.dtype(np.float32),
    )  # fmt: skip
    engine = PlayerEngine(plan, [rng.random((k, n), np.float32)], None, threads)
    best = 0.0
    for _ in range(max(TIMES, int(2e8 / (2 * m * n * k)))):
        spent = [s for x, s in engine.profile(None, 1) if (x.op, x.m, x.k) == ("MATMUL", m, k)]
        best = max(best, 2 * m * n * k / spent[0] / 1e9)
    return best


def measure(threads):
    """The peak and who measured it, and the rate of products m × k by k × n of our player."""
    if _player is not None:
        found = {"by": "backlit._player.peak", "gflops": _player.peak(threads)}
        found["products"] = [
            {"m": m, "n": n, "k": k, "gflops": product_rate(m, n, k, threads)}
            for m, n, k in PRODUCTS
        ]
    else:
        found = {"by": f"a NumPy product of {LARGE}²", "gflops": numpy_peak()}
    return {"threads": threads, **found}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
