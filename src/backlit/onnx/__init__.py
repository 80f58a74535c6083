"""ONNX: a network as a file that other programs run. Another reader of backlit's equations."""

from collections.abc import Callable, Collection
from typing import Any

from ..errors import InputError

__all__ = ["forward_model", "to_onnx"]


def to_onnx(model: Any) -> Any:
    """An `onnx.ModelProto` that answers as `model` does, to 1e-5, for any number of rows.

    model: of a table (`tables.load_model`), or a fitted estimator. A table's model has one input
    for each column; an estimator's has one, X (N, features). The outputs are "prediction" for
    quantities, "label" and "probabilities" for classes. `docs/onnx.md` tells more.

    Raises InputError without the extra "onnx", or for what has no form in ONNX.
    """
    _need_onnx()
    from .models import model_of

    return model_of(model)


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
) -> Any:
    """An `onnx.ModelProto` of a NumPy function ``answer(X)``, or ``answer(params, X)``.

    X_example: rows of the shape and dtype that the function takes; only their number is free. The
    function is traced on them.

    - params: arrays, however nested, that keep their names; those of a closure may lose them.
    - kind: "values" (one output, "prediction"), or "binary", "classes", "multilabel": the
      answers are probabilities, and the outputs "label" and "probabilities".
    - classes: the class of each column, or both of "binary": numbers, truth values or texts.
    - scores: the answers are scores, above 0 for yes, and the second output is called so.
    - name: of the graph. names: of the features; they are kept as metadata.

    Raises InputError without the extra "onnx", or for an operation without a form in ONNX; and if
    an answer mixes rows in a way that fixes their number.
    """
    _need_onnx()
    from . import forward

    return forward.forward_model(
        answer, X_example, params=params, kind=kind, classes=classes, scores=scores, names=names,
        name=name,
    )  # fmt: skip


def _need_onnx() -> None:
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise InputError(
            "the package onnx, which writes ONNX files, is not installed. "
            "Install it with: pip install 'backlit[onnx]'"
        ) from None
