"""Every op that has a form in ONNX, on every case of its entry, in both runtimes."""

import numpy as np
import pytest

from backlit.check.op import Example, examples
from backlit.errors import GraphError, InputError
from backlit.ir.op import REGISTRY
from backlit.onnx import forward_model
from backlit.onnx.network import BUILDERS

from .running import same_answers

GRID = np.arange(12.0).reshape(3, 4)
MORE = {  # what the entries' own cases leave out
    "getitem": [
        ((GRID, np.array([2, 0])), {"key": (slice(None, None, -1), "array")}),
        ((GRID, np.array([[2, 0]])), {"key": (None, "array", slice(1, None, 2))}),
        ((GRID, np.array(1)), {"key": ("array", None)}),
        ((GRID,), {"key": (-1, ..., slice(3, None, -1))}),
        ((GRID,), {"key": (slice(-2, None), None, slice(None, -1), None)}),
    ],
    "scatter": [
        ((GRID,), {"key": (slice(1, 4), slice(0, 4)), "shape": (5, 7)}),
        ((GRID,), {"key": (slice(0, 3), slice(2, 6)), "shape": (3, 6)}),
    ],
}


def cases(name):
    """The examples of an op that have entries at all, each in one arrangement in memory."""
    for example in examples(REGISTRY[name]):
        if "strided" in example.label or "moves alone" in example.label:
            continue
        if all(np.size(x) for x in example.inputs):
            yield example
    for i, (inputs, settings) in enumerate(MORE.get(name, ()), 1):
        yield Example(f"more {i}", inputs, settings, ())


EXAMPLES = {
    f"{name} {example.label}": (REGISTRY[name], example)
    for name in BUILDERS
    for example in cases(name)
}
REFUSED = {"getitem case 5": "several arrays"}
REFUSED |= {f"scatter case {i}": "padding" for i in range(1, 6)}  # other ways back of getitem
X = np.linspace(-1, 1, 6).reshape(3, 2)


def of(op, example, dtype):
    """A model whose answer, for every row, is what the op gives for the example."""
    inputs = [
        x.astype(dtype) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
        for x in example.inputs
    ]

    def answer(params, X):
        result = np.reshape(op(*params, **example.settings), (1, -1)).astype(dtype)
        return result + 0 * X[:, :1]

    return forward_model(answer, X.astype(dtype), params=inputs), answer(inputs, X.astype(dtype))


@pytest.mark.parametrize("dtype", [pytest.param("float32", marks=pytest.mark.slow), "float64"])
@pytest.mark.parametrize("case", EXAMPLES)
def test_op(case, dtype):
    op, example = EXAMPLES[case]
    if case in REFUSED:
        with pytest.raises(InputError, match=REFUSED[case]):
            of(op, example, dtype)
        return
    model, expected = of(op, example, dtype)
    same_answers(model, {"X": X.astype(dtype)}, {"prediction": expected})


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_a_broken_builder_is_noticed(name, monkeypatch):
    """Its result and one, or turned around: the model is compared before it is handed out."""
    builder = BUILDERS[name]

    def broken(w, *inputs, **settings):
        result = builder(w, *inputs, **settings)
        return w.Not(result) if dtype.kind == "b" else w.Add(result, np.array(1, dtype))

    case = next(c for c, (op, _) in EXAMPLES.items() if op.name == name and c not in REFUSED)
    op, example = EXAMPLES[case]
    dtype = op(*example.inputs, **example.settings).dtype
    monkeypatch.setitem(BUILDERS, name, broken)
    with pytest.raises(GraphError, match="answers otherwise"):
        of(op, example, "float64")


@pytest.mark.parametrize("op", ["expm1", "log1p", "softplus"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_and_large_numbers(op, dtype):
    """Where the plain formula would lose all digits, or overflow."""
    X = np.array([[1e-7], [1e-4], [0.3], [80.0], [-0.9]], dtype)
    with np.errstate(over="ignore"):
        expected = REGISTRY[op](X)
    model = forward_model(REGISTRY[op], X[:3])
    for x, y in zip(X, expected, strict=True):
        same_answers(model, {"X": x[None]}, {"prediction": y[None]})
