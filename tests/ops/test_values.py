"""Values of the ops that answer to no NumPy function of their own, against plain formulas.

(Ops with a NumPy name are compared with it in test_registry.py.)
"""

import math
from pathlib import Path

import numpy as np
import pytest

from backlit.ir.op import REGISTRY

FORMULAS = {  # of one number, by the math module
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x),
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "elu": lambda x: x if x > 0 else math.expm1(x),
    "softplus": lambda x: x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x)),
    "gelu": lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2)),
    "normal_cdf": lambda x: 0.5 * math.erfc(-x / math.sqrt(2)),
    "silu": lambda x: x * FORMULAS["sigmoid"](x),
    "normal_density": lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    "gaussian": lambda x: math.exp(-x * x),
    "erf": math.erf,
}
POINTS = np.array([-1e4, -300.0, -5.0, -1.3, -1e-9, 0.0, 1e-9, 0.4, 1.0, 6.0, 300.0, 1e4])
A = np.arange(12.0).reshape(3, 4) - 5
MIXED = np.array([[2.0, -1.0, 4.0], [5.0, 3.0, 0.0]])
ROWS = [[math.exp(x - max(row)) for x in row] for row in A]
BOTH = list(zip(A, ROWS, strict=True))

ARRAYS = {  # op → (inputs, settings, expected)
    "softmax": ((A,), {}, [[e / math.fsum(row) for e in row] for row in ROWS]),
    "log_softmax": ((A,), {}, [[math.log(e / math.fsum(row)) for e in row] for row in ROWS]),
    "getitem": ((A, np.array([2, 0])), {"key": ("array",)}, [[3, 4, 5, 6], [-5, -4, -3, -2]]),
    "scatter": (
        (np.array([1.0, 2.0, 4.0]), np.array([0, 2, 0])),
        {"key": ("array",), "shape": (3,)},
        [5, 0, 2],
    ),
    "one_hot": ((np.array([1, 0]),), {"classes": 3}, [[0, 1, 0], [1, 0, 0]]),
    "einsum": ((A[:2, :2], A[1:, :2]), {"subscripts": "ij,kj->ik"}, [[5, -31], [1, -3]]),
    "reshape": ((A,), {"shape": (2, 6)}, [[-5, -4, -3, -2, -1, 0], [1, 2, 3, 4, 5, 6]]),
    "transpose": ((A[:2],), {"axes": (1, 0)}, [[-5, -1], [-4, 0], [-3, 1], [-2, 2]]),
    "broadcast_to": ((A[:1, :2],), {"shape": (2, 2)}, [[-5, -4], [-5, -4]]),
    "sum_to": ((A,), {"shape": (1, 4)}, [[-3, 0, 3, 6]]),
    "ones_like": ((A[0],), {}, [1, 1, 1, 1]),
    "concatenate": ((A[0, :2], A[1, :1]), {"axis": 0}, [-5, -4, -1]),
    "astype": ((np.array([1.7, -1.7]),), {"dtype": "int64"}, [1, -1]),
    "sum": ((A,), {"axis": (1,), "keepdims": False}, [-14, 2, 18]),
    "mean": ((A,), {"axis": (0,), "keepdims": True}, [[-1, 0, 1, 2]]),
    "max": ((A,), {"axis": (0, 1), "keepdims": False}, 6),
    "min": ((A,), {"axis": (1,), "keepdims": True}, [[-5], [-1], [3]]),
    "prod": ((A[1:],), {"axis": (1,), "keepdims": False}, [0, 360]),
    "any": ((A[:2],), {"axis": (1,), "keepdims": False}, [True, True]),
    "all": ((A[:2],), {"axis": (1,), "keepdims": False}, [True, False]),
    "var": ((A,), {"axis": (1,), "keepdims": False}, [1.25, 1.25, 1.25]),
    "std": ((A[:, :3],), {"axis": (1,), "keepdims": False, "ddof": 1}, [1, 1, 1]),
    "logsumexp": (
        (A,),
        {},
        [max(row) + math.log(math.fsum(e)) for row, e in BOTH],
    ),
    "cumsum": ((A,), {"axis": 1}, [[-5, -9, -12, -14], [-1, -1, 0, 2], [3, 7, 12, 18]]),
    "sort": ((MIXED,), {"axis": 1}, [[-1, 2, 4], [0, 3, 5]]),
    "argsort": ((MIXED,), {"axis": 1}, [[1, 0, 2], [2, 1, 0]]),
    "argmax": ((MIXED,), {"axis": 1}, [2, 0]),
    "argmin": ((MIXED,), {"axis": 0}, [0, 0, 1]),
    "take_along_axis": ((MIXED, np.array([[2, 0], [1, 1]])), {"axis": 1}, [[4, 2], [3, 3]]),
    "put_along_axis": (
        (MIXED[:, :2], np.array([[2, 0], [1, 1]])),
        {"axis": 1, "length": 3},
        [[-1, 0, 2], [0, 8, 0]],
    ),
    "diagonal": ((A,), {"offset": 1}, [-4, 1, 6]),
    "put_diagonal": ((A[0, :2],), {"offset": -1, "shape": (3, 2)}, [[0, 0], [-5, 0], [0, -4]]),
    "safe_divide": ((np.array([3.0, 2.0, 0.0]), np.array([2.0, 0.0, 0.0])), {}, [1.5, 0, 0]),
    "windows": ((A[0],), {"sizes": (3,), "axes": (0,)}, [[-5, -4, -3], [-4, -3, -2]]),
    "overlap_add": ((MIXED,), {"sizes": (3,), "axes": (0,)}, [2, 4, 7, 0]),
    "triu": ((MIXED,), {"k": 1}, [[0, -1, 4], [0, 0, 0]]),
    "tril": ((MIXED,), {}, [[2, 0, 0], [5, 3, 0]]),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    expected = [FORMULAS[name](x) for x in POINTS]
    np.testing.assert_allclose(REGISTRY[name](POINTS), expected, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", ARRAYS)
def test_array(name):
    inputs, settings, expected = ARRAYS[name]
    value = REGISTRY[name](*inputs, **settings)
    np.testing.assert_allclose(value, expected, rtol=1e-14, strict=False)
    assert np.shape(value) == np.shape(expected)


def test_every_op_without_a_numpy_name_has_a_value_here_or_beside():
    texts = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("*.py"))
    unnamed = [op.name for op in REGISTRY.values() if not op.numpy]
    assert not [name for name in unnamed if f'"{name}"' not in texts]


def test_a_slice_put_back_keeps_the_sign_of_zero():
    value = REGISTRY["scatter"](np.array([-0.0]), key=(slice(1, 2),), shape=(2,))
    assert np.array_equal(np.signbit(value), [False, True])


def test_outside_of_a_training_nothing_is_dropped():
    """Within one: tests/nn/test_dropout.py."""
    x = np.array([1.0, -2.0])
    assert np.array_equal(REGISTRY["drop"](x, rate=0.5, stream=0), x)
