"""How fast the machine multiplies: the yardstick of the products, and our own products' rates.

    python peak.py THREADS

Prints one JSON object. Without backlit's player the peak is taken from a large product of NumPy's.
"""

import json
import sys
import time

import numpy as np

try:
    from backlit import _player
except ImportError:
    _player = None

LARGE, TIMES = 2048, 5
PRODUCTS = ((16, 16, 16), (32, 64, 64), (128, 128, 784), (256, 1024, 784), (1024, 1024, 1024))


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


def measure(threads):
    """The peak and who measured it, and the rate of products m × k by k × n of our player."""
    if hasattr(_player, "peak"):
        found = {"by": "backlit._player.peak", "gflops": _player.peak(threads)}
    else:
        found = {"by": f"a NumPy product of {LARGE}²", "gflops": numpy_peak()}
    if hasattr(_player, "product_rate"):
        found["products"] = [
            {"m": m, "n": n, "k": k, "gflops": _player.product_rate(m, n, k, threads)}
            for m, n, k in PRODUCTS
        ]
    return {"threads": threads, **found}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
