"""Every NumPy function that is written with ops: traced, it gives NumPy's value and its slopes.

`trace` itself compares the value with NumPy's. (A name that is an op of its own is compared in
test_registry.py.)
"""

import operator

import numpy as np
import pytest

import backlit as bl
from backlit.ir.interpret import interpret
from backlit.ir.op import NUMPY, Op
from backlit.ir.trace import trace
from backlit.ir.tracer import numpy_name
from backlit.ir.trees import leaves

PLACES = np.array([2, 0, 0])
VALUES = {  # each call is tried with these arrays: a matrix, a tensor, a square, two vectors
    "A": np.array([[0.3, -1.2, 2.1, 0.8], [1.7, 0.45, -0.6, 1.1], [-2.3, 0.9, 1.4, -0.2]]),
    "B": np.sin(7.0 * np.arange(24)).reshape(2, 3, 4) + np.linspace(-1, 1, 24).reshape(2, 3, 4),
    "S": np.array([[2.0, 0.3, -0.4], [0.1, 1.5, 0.2], [-0.3, 0.6, 1.8]]),
    "V": np.array([0.31, -1.25, 2.15, 0.83]),
    "W": np.array([1.75, 0.45, -0.65, 1.15]),
}
CALLS = """
np.all: f(A > 0) * A | f(A > -2, axis=1)
np.amax: f(A, 1)
np.amin: f(A, 1)
np.any: f(A > 2, axis=0) * A
np.append: f(A, W) | f(A, A[:1], axis=0)
np.argmax: f(A) * A | f(A, axis=1) * A[:, 0] | f(A, 1, None, keepdims=True) * A
np.argmin: f(A, axis=-1) * A[:, 0] | f(B, keepdims=True) * B
np.argsort: A[f(A, axis=0)] | V[f(V)]
np.around: f(A, 1) + A
np.array_split: f(A, 3, axis=1) | f(V, [1, 3])
np.array_split: f(V, [3, 1])
np.astype: f(A, np.float64)
np.atleast_1d: f(A[0, 0]) | f(A[0, 0], V)
np.atleast_2d: f(V) | f(A)
np.atleast_3d: f(V) | f(A) | f(B) | f(V[0])
np.average: f(A) | f(A, axis=0) | f(A, weights=np.abs(A))
np.average: f(A, axis=1, weights=V * V, keepdims=True) | f(B, (2, 0), np.exp(V)[:, None] + V[:2])
np.bitwise_and: f(A > 0, A < 1) * A
np.bitwise_or: f(A > 1, A < 0) * A
np.bitwise_xor: f(A > 0, A < 1) * A
np.block: f([[A, A[:, :1]], [W, V[:1]]]) | f([V, W])
np.broadcast_arrays: f(A, V)
np.broadcast_to: f(V, (2, 4)) | f(V, (3, 1, 4))
np.clip: f(A, -0.5, 1.0) | f(A, a_min=0.0, a_max=None) | f(A, min=-1, max=V * V)
np.column_stack: f([V, W]) | f([A, A[:, 0]])
np.concatenate: f([A, A[:1]]) | f([A, A], axis=None) | f((A, A), -1) | f([A, 2.0], None)
np.conjugate: f(A)
np.convolve: f(V, W[:2]) | f(W[:2], V, "same") | f(V, W[:3], mode="valid")
np.copy: f(A)
np.copysign: f(A, W) | f(A, -1.0)
np.count_nonzero: f(A > 0) * A | f(A > 0, axis=0) * V
np.cross: f(S, A[:, 0]) | f(S, S[:, ::-1], axis=0) | f(S, S * S, axisa=0, axisb=1, axisc=0)
np.cumprod: f(V) | f(A, axis=1) | f(V - V[1]) | f(A)
np.cumsum: f(A) | f(A, axis=1) | f(B, -2)
np.deg2rad: f(A)
np.degrees: f(A)
np.delete: f(V, 1) | f(A, [0, 2], axis=1) | f(A, slice(1, 3))
np.diag: f(V) | f(A, 1) | f(V, -2) | f(S)
np.diagflat: f(A[:, :2], 1)
np.diagonal: f(A) | f(B, 1, 2, 0) | f(B, axis1=-1, axis2=1)
np.diff: f(V) | f(A, 2) | f(A, axis=0)
np.divmod: f(A, 0.7) | f(A, V)
np.dot: f(A, V) | f(V, W) | f(A, 2.0) | f(S, A) | f(A, B.reshape(2, 4, 3)) | f(V[0], A)
np.dsplit: f(B, 2) | f(B, [1, 2])
np.dstack: f([V, W]) | f([A, A])
np.einsum: f("ij,j->i", A, V) | f("ii", S) | f("iij->j", np.stack([S, S, S]))
np.einsum: f("...i,...i", B, A) | f("i...,i->...", S, S[0]) | f(A, [0, 1], V, [1], [0])
np.einsum: f(B, [..., 0], V, [0], [...]) | f("ii->i", S) | f("ij,kj", A, A)
np.einsum: f(",i->i", 2.0, V) | f("ij,ij->ij", A, A[:1]) | f("ij,j,ik", A, V[:1], A[:1])
np.empty_like: 0 * f(A) + A
np.expand_dims: f(A, 1) | f(A, (0, -1))
np.fabs: f(A)
np.fix: f(A) * A
np.flip: f(A) | f(A, 1) | f(B, (0, 2))
np.fliplr: f(A)
np.flipud: f(A)
np.float_power: f(np.abs(A), 1.5) | f(2, A) | f([1.0, 2.0, 3.0, 4.0], V)
np.full_like: f(A, V[0])
np.gradient: f(V) | f(A, 0.5, axis=1) | f(A) | f(B, 1.0, 2.0, 0.5)
np.gradient: f(V, np.float64(0.5)) | f([1.0, 2.0, 4.0], V[0])
np.hsplit: f(A, 2) | f(V, [1])
np.hstack: f([V, W]) | f([A, A[:, :1]])
np.imag: f(A) + A
np.inner: f(V, W) | f(A, V) | f(B, A) | f(A, 3.0)
np.invert: f(A > 0) * A
np.isclose: f(A, 0.3) * A
np.isneginf: f(A) + A
np.isposinf: f(A) + A
np.kron: f(S, A) | f(V, W) | f(V, A)
np.lib.stride_tricks.sliding_window_view: f(V, 2) | f(A, (2, 2)) | f(A, 2, axis=0)
np.linalg.cond: f(S) | f(A) | f(S * S, 1) | f(S, -2) | f(S, "fro") | f(S, -np.inf) | f(B, 2)
np.linalg.cross: f(S, S[::-1] * 1.1) | f(S, S * S, axis=0)
np.linalg.diagonal: f(B) | f(A, offset=-1)
np.linalg.eigh: f(S) | f(S, "U") | f(A @ A.T) | f(B @ np.swapaxes(B, 1, 2)) | f(S, UPLO="l")
np.linalg.eigvalsh: f(S) | f(S, "U") | f(np.stack([S, S * S]), UPLO="U")
np.linalg.matrix_norm: f(A) | f(B, ord="nuc") | f(B, ord=-2, keepdims=True) | f(B, ord=1)
np.linalg.matrix_power: f(S, 0) * S | f(S, 1) | f(S, 5) | f(S, -3) | f(np.stack([S, S.T]), 2)
np.linalg.matrix_transpose: f(B)
np.linalg.multi_dot: f([S[:, :0], A[:0], V]) | f([S, A, V]) | f([V, A.T, S, A, W]) | f([V, W])
np.linalg.norm: f(A) | f(V) | f(B) | f(A, axis=1) | f(B, axis=(2, 0)) | f(A, keepdims=True)
np.linalg.norm: f(V, 0) * V | f(V, 1) | f(V, 2) | f(V, 3.5) | f(V, 0.5) | f(V, -1) | f(V, -2.5)
np.linalg.norm: f(V, np.inf) | f(V, -np.inf) | f(B, np.inf, axis=1) | f(B, 3, -1, keepdims=True)
np.linalg.norm: f(A, 1) | f(A, -1) | f(A, np.inf) | f(A, -np.inf) | f(A, "fro", keepdims=True)
np.linalg.norm: f(A, 2) | f(A, -2) | f(A, "nuc") | f(B, "nuc", (2, 0)) | f(B, 2, (0, 1), True)
np.linalg.norm: f(B, 1, axis=(2, 0)) | f(B, -np.inf, (2, 0), True) | f(B, "f", axis=(-1, -2))
np.linalg.outer: f(V, W)
np.linalg.pinv: f(A, 1e-3) | f(A, 1e-3, False)
np.linalg.slogdet: f(S) | f(-S) | f(np.stack([S, -S]))
np.linalg.svd: f(S) | f(A, False) | f(B, full_matrices=False) | f(A.T, full_matrices=False)
np.linalg.svd: f(A, compute_uv=False) | f(B, compute_uv=False, hermitian=False)
np.linalg.tensordot: f(A, B, axes=([0, 1], [1, 2]))
np.linalg.trace: f(B) | f(A, offset=1)
np.linalg.vecdot: f(A, V)
np.linalg.vector_norm: f(B) | f(B, axis=(0, 2)) | f(A, ord=1, axis=0) | f(B, keepdims=True, ord=-2)
np.linalg.vector_norm: f(B, ord=np.inf) | f(B, axis=-1, ord=1.5, keepdims=True) | f(V, ord=0) * V
np.linspace: f(V[0], 2.0, 5) | f(V, W, 3) | f(V, 1.0, 4, endpoint=False, axis=-1) | f(V[0], V[1], 1)
np.linspace: np.floor(f(V[0] - V[0], 7.0 + 0 * V[0], 8)) + V[0]
np.logaddexp2: f(A, V) | f([1.0, 2.0, 3.0, 4.0], V)
np.matrix_transpose: f(A) | f(B)
np.max: f(A) | f(A, axis=(0, 1)) | f(B, 1, keepdims=True)
np.mean: f(A) | f(B, axis=(0, 2)) | f(A, -1)
np.median: f(A, 0, None, False, True) | f(A[:, :3], axis=1) | f(B, axis=(0, 2), keepdims=True)
np.meshgrid: f(V, W[:2]) | f(V, W[:2], indexing="ij", sparse=True) | f(V)
np.min: f(A) | f(A, axis=1) | f(B, (0, 1))
np.modf: f(A)
np.moveaxis: f(B, 0, -1) | f(B, [0, 1], [-1, 0])
np.nan_to_num: f(A) | f(np.where(A > 0, A, np.nan), nan=0.5)
np.nan_to_num: f(np.where(A > 0, A, np.inf), posinf=9)
np.nanmax: f(np.where(A > 1, np.nan, A), axis=1)
np.nanmean: f(np.where(A > 1, np.nan, A), axis=1) | f(A)
np.nanmin: f(np.where(A < 0, np.nan, A))
np.nanprod: f(np.where(A > 1, np.nan, A), axis=0)
np.nansum: f(np.where(A > 1, np.nan, A), axis=0, keepdims=True)
np.ndim: f(A) * A
np.ones_like: f(A) * A | f(A, float) * A
np.outer: f(V, W) | f(A, 2.0)
np.pad: f(A, 1) | f(A, ((1, 0), (0, 2)), constant_values=1.5) | f(V, (2, 1), mode="edge")
np.pad: f(A, 2, "reflect") | f(A, (1, 2), "wrap") | f(A, 1, mode="symmetric")
np.percentile: f(A, 30) | f(A, 75, axis=1)
np.polyval: f(V, A) | f(V, W[0]) | f([1.0, 2.0], V) | f(V, 2.0) | f(V, [1.0, 2.0])
np.positive: f(A)
np.prod: f(A) | f(A, axis=0) | f(B, (0, 2), keepdims=True) | f(V - V[1]) | f(A, 1)
np.ptp: f(A) | f(A, axis=1, keepdims=True)
np.quantile: f(A, 0.5) | f(A, 0.2, axis=0) | f(B, 1.0, axis=(0, 1))
np.quantile: np.sum(A <= f(A, 0.57)) * A | f(A, 0.9) | f(V, np.float64(1 / 3)) | f(A, 1, 0)
np.rad2deg: f(A)
np.radians: f(A)
np.ravel: f(A)
np.real: f(A)
np.real_if_close: f(A)
np.repeat: f(A, 2) | f(A, 3, axis=1) | f(V, [0, 2, 1, 1])
np.reshape: f(A, (4, -1)) | f(A, 12)
np.result_type: A.astype(f(A, 1.0))
np.roll: f(A, 2) | f(A, -1, axis=1) | f(A, (1, 2), axis=(0, 1)) | f(V, 0)
np.roll: f(A, (1, 2), 0)
np.rollaxis: f(B, 2) | f(B, 0, 3)
np.rot90: f(A) | f(A, -1) | f(B, 2, axes=(1, 2))
np.round: f(A) + A | f(A, 1) + A | f(A * 99, -1) + A | f((A * 99).astype(int), -1)
np.select: f([A > 1, A > 0], [A * A, -A], 3.0) | f([A > 0], [V])
np.select: f([V > 1, V > 0], [V, 2.0], 0)
np.shape: f(A)[0] * A
np.size: f(A) * A | f(A, 1) * A | f(B, (0, 2)) * A
np.sort: f(A) | f(A, axis=0) | f(B, axis=None)
np.split: f(A, 2, axis=1) | f(V, [1, 3])
np.square: f(A > 0)
np.squeeze: f(A[:1]) | f(A[:, :1], axis=1)
np.stack: f([V, W]) | f([A, A], axis=-1)
np.std: f(A, 0, None, None, 1, True) | f(A, axis=1, ddof=1) | f(B, (0, 2), keepdims=True)
np.sum: f(A, 0, None, None, True) | f(B, axis=(0, 2)) | f(A, -1, keepdims=True)
np.swapaxes: f(B, 0, 2)
np.take: f(A, PLACES) | f(A, PLACES, axis=0) | f(V, 2) | f(A, np.argmax(V), 1)
np.take_along_axis: f(np.arange(5), np.argsort(V)) * V
np.take_along_axis: f(A, np.argsort(A, axis=1), axis=1) | f(A, PLACES[:, None], 1)
np.take_along_axis: f(np.arange(5.0), np.argsort(V)) * V | f(A, PLACES, None)
np.tensordot: f(S, A, 1) | f(A, B, axes=([0, 1], [1, 2])) | f(V, W, 0) | f(A, A, ([1], [1]))
np.tensordot: f(A, B, (0, (1,)))
np.tile: f(A, 2) | f(V, (2, 3)) | f(B, (2, 1))
np.trace: f(A) | f(B, 1, 2, 0)
np.transpose: f(A) | f(B, (1, 0, 2))
np.trapezoid: f(V) | f(A, axis=0, dx=0.5) | f(A, V) | f(A, A * A)
np.trapezoid: f([1.0, 2.0, 3.0, 5.0], V)
np.tril: f(V) | f(A) | f(B, -1)
np.triu: f(A, k=1) | f(V, -1)
np.var: f(A) | f(A, axis=1, ddof=1) | f(B, (0, 2), keepdims=True)
np.vdot: f(A, A * A)
np.vecdot: f(A, V)
np.vsplit: f(A, 3)
np.vstack: f([V, W]) | f([A, V])
np.zeros_like: f(A) + A
operator.getitem: f(A, (slice(None), [0, 2])) | f(B, (..., 1, None)) | f(A, range(2))
operator.getitem: f(B, (0, slice(None), PLACES)) | f(B, ([0, 1], slice(None), (-1, 2)))
operator.getitem: f(B, (slice(None), None, [0, -1], None, [1, 1])) | f(A, np.uint8([0, 2]))
"""  # NumPy function: its calls, as f
CASES = [
    (eval(name, {"np": np, "operator": operator}), call)
    for name, _, calls in (line.partition(": ") for line in CALLS.strip().splitlines())
    for call in calls.split(" | ")
]


every_call = pytest.mark.parametrize(
    ("function", "call"), CASES, ids=[f"{numpy_name(f)} {call}" for f, call in CASES]
)


def written(function, call):
    """The call as a function of the arrays it names, and those arrays."""
    code = compile(call, "<call>", "eval")
    names = {"f": function, "np": np, "PLACES": PLACES}
    values = {name: x for name, x in VALUES.items() if name in code.co_names}
    return lambda arrays: eval(code, names, arrays), values


@pytest.mark.slow
@every_call
def test_value_and_slopes(function, call):
    apply, values = written(function, call)

    def loss(arrays):
        total = 0.0
        for _, leaf in leaves(apply(arrays)):
            weights = np.cos(1.0 + np.arange(np.size(leaf))).reshape(np.shape(leaf))
            total = total + np.sum(weights * leaf) + np.sum(leaf * leaf)
        return total

    def slope(arrays):
        gradients = dict(leaves(bl.grad(loss)(arrays)))
        return sum(np.sum(np.sin(x) * gradients[path]) for path, x in leaves(arrays))

    assert bl.check(loss, values)
    assert bl.check(slope, values)


METHODS = [
    *("sum(0, None, None, True)", "std(0, None, None, 1)", "var(0, None, None, 1, True)"),
    *("mean(1, None, None, True)", "prod(0, None, None, True)", "max(0, None, True)", "min(1)"),
    *("argmax(0, None)", "argmin(1, keepdims=True)", "argsort(0, 'stable')", "argsort(None)"),
    *(
        "dot([1, 2, 3, 4])",
        "take([1, 0], 1, None, 'raise')",
        "repeat(2, 0)",
        "repeat([1, 2, 0], 0)",
    ),
    *("clip(-0.5, 0.5)", "clip(None, 0.5)", "clip(max=0.5)", "round(1, None)", "round(decimals=2)"),
    *(
        "reshape(2, -1)",
        "reshape((2, 6))",
        "reshape(2, 6, order='C')",
        "ravel('C')",
        "flatten('C')",
    ),
    *("transpose(1, 0)", "transpose([1, 0])", "transpose()", "swapaxes(0, -1)", "squeeze()"),
    *(
        "astype(dtype='float32')",
        "astype(int, copy=False)",
        "copy(order='F')",
        "trace(1, 0, 1, None)",
    ),
    *(
        "cumsum(0, None)",
        "cumprod(1, None)",
        "diagonal(1, 0, 1)",
        "all(1)",
        "any(0, keepdims=True)",
    ),
]


@pytest.mark.parametrize("call", METHODS)
def test_methods_are_the_arrays_own(call):
    def method(x):
        return eval(f"x.{call}")

    graph = trace(method, VALUES["A"], wrt=()).graph
    (found,), own = interpret(graph, VALUES["A"]), np.asarray(method(VALUES["A"]))
    np.testing.assert_allclose(found, own, rtol=1e-15, strict=True)


@pytest.mark.slow
@every_call
def test_dtypes_are_numpys(function, call):
    apply, values = written(function, call)
    single = {name: x.astype(np.float32) for name, x in values.items()}
    own = [np.asarray(leaf).dtype for _, leaf in leaves(apply(single))]
    assert [out.dtype for out in trace(apply, single).graph.outputs] == own


def test_every_name_is_tried():
    adapters = {f for f, handler in NUMPY.items() if not isinstance(handler, Op)}
    assert not {numpy_name(f) for f in adapters - {f for f, _ in CASES}}
