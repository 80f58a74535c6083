"""A NumPy function of rows → an ONNX model: traced, written, and compared with the function."""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, checker
from onnx.reference import ReferenceEvaluator

from ..errors import GraphError, InputError, ShapeError
from ..ir.op import array
from ..ir.trace import trace
from ..ir.trees import leaves
from .network import Network, known_ops
from .rows import numbers_of_rows, over_rows

_AGREEMENT = 1e-5  # of the largest number of an output


def forward_model(
    answer: Callable[..., Any],
    X_example: Any,
    *,
    params: Any = None,
    kind: str = "values",
    classes: Any = None,
    scores: bool = False,
    names: Collection[str] | None = None,
    name: str = "backlit",
    reserved: Collection[str] = (),
) -> ModelProto:
    """See `backlit.onnx.forward_model`; `reserved` names are left for others."""
    if kind not in HEADS:
        raise InputError(f"kind={kind!r}; known kinds: {', '.join(HEADS)}.")
    example, head = _example(X_example), HEADS[kind]

    def network(X, params):
        return head(answer(X) if params is None else answer(params, X), scores)

    sizes = {n for _, x in leaves(params) for n in np.shape(x)}
    rows = numbers_of_rows(sizes | {*example.shape[1:]})
    examples = [example[np.arange(n) % len(example)] for n in rows]
    traces = [trace(network, X, params, wrt=()) for X in examples]
    graph = over_rows([known_ops(t.graph) for t in traces], rows)
    constants = dict(zip(graph.inputs[1:], traces[0].values[1:], strict=True))
    labels = None if classes is None else _labels(classes, graph.outputs[-1].shape[1:])
    ends = ("label", "scores" if scores else "probabilities")
    ends = ("prediction",) if kind == "values" else ends
    made = Network(graph, constants, ends, labels, reserved).model(name)
    if names is not None:
        made.metadata_props.add(key="feature_names", value=json.dumps([*names]))
    _verify(made, examples[-1], network(examples[-1], params))
    return made


def _example(X: Any) -> np.ndarray:
    """Rows to trace on."""
    example = np.asarray(X)
    if example.dtype.kind not in "biuf" or example.dtype == np.float16:
        raise InputError(f"X_example of dtype {example.dtype}, expected float32 or float64")
    if not example.size or not example.ndim:
        raise InputError(f"X_example of shape {example.shape}, expected rows, (n, features)")
    return example


# the ends of a network: NumPy functions, traced with it


def _values(prediction, scores):
    return (prediction,)


def _classes(answer, scores):
    if np.ndim(answer) != 2:
        _wrong("classes", answer, "(n, classes)")
    return np.argmax(answer, axis=1), answer


def _binary(answer, scores):
    if np.shape(answer)[1:] not in ((), (1,)):
        _wrong("binary", answer, "(n,) or (n, 1)")
    if scores:
        line = np.reshape(answer, (len(answer),))
        return array(line > 0).astype(np.int64), line
    column = np.reshape(answer, (len(answer), 1))
    return _classes(np.concatenate([1 - column, column], axis=1), scores)


def _multilabel(answer, scores):
    if np.ndim(answer) != 2:
        _wrong("multilabel", answer, "(n, labels)")
    return array(answer > (0 if scores else 0.5)).astype(np.int64), answer


HEADS: dict[str, Callable[..., Any]] = {
    "values": _values,
    "binary": _binary,
    "classes": _classes,
    "multilabel": _multilabel,
}


def _wrong(kind: str, found: Any, expected: str) -> None:
    raise ShapeError(f"kind={kind!r} with answers of shape {np.shape(found)}, expected {expected}")


def _labels(classes: Any, outputs: Sequence[Any]) -> np.ndarray:
    """The classes in a dtype that ONNX has: int64, bool, floats or texts."""
    labels, expected = np.asarray(classes), outputs[0] if outputs else 2  # a score: of two classes
    if labels.shape != (expected,):
        raise InputError(f"classes of shape {labels.shape} for {expected} of the network")
    if labels.dtype.kind in "OU" and all(isinstance(c, str) for c in labels.tolist()):
        return labels.astype(object)
    if labels.dtype.kind not in "biuf":
        raise InputError(f"classes {labels[:3].tolist()} …, expected numbers, or texts alone")
    return labels.astype(np.int64) if labels.dtype.kind in "iu" else labels


def _verify(made: ModelProto, X: Any, expected: Any) -> None:
    """Compare the model, as ONNX itself runs it, with the function; no builder is trusted.

    Labels follow from probabilities, which are compared: two that are nearly equal may change
    places.
    """
    checker.check_model(made, full_check=True)
    with np.errstate(all="ignore"):
        found = ReferenceEvaluator(made).run(None, {made.graph.input[0].name: X})
    value, own = found[-1], np.asarray(expected[-1])
    largest = np.max(np.abs(own), initial=0.0, where=np.isfinite(own))
    if not np.allclose(value, own, _AGREEMENT, _AGREEMENT * largest, equal_nan=True):
        raise GraphError("the ONNX model answers otherwise than the network it was made of")
