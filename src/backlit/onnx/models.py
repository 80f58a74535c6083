"""Models that backlit keeps → ONNX: of tables, of estimators."""

from typing import Any

import numpy as np
from onnx import ModelProto

from ..errors import InputError
from ..estimators.exported import Exported
from ..tables import Model
from ..tables.model import in_units
from ..tables.target import Classes
from .columns import check_columns, with_columns
from .forward import forward_model

_ROWS = 12  # of the example that a network is traced on


def model_of(model: Any) -> ModelProto:
    """See `backlit.onnx.to_onnx`."""
    if isinstance(model, Model):
        return _of_table(model)
    if callable(getattr(model, "exported", None)):
        return _of_estimator(model.exported(), type(model).__name__)
    raise InputError(
        f"a {type(model).__name__} cannot be exported; expected a model of a table "
        "(load_model), or a fitted estimator of backlit. For a function there is forward_model."
    )


def _of_estimator(exported: Exported, name: str) -> ModelProto:
    if exported.classes is not None and len(exported.classes) == 1:
        raise InputError(
            f"this {name} knows one class alone, {str(exported.classes[0])!r}, which is its answer "
            "to every row: there is nothing to export. Fit it on two classes or more."
        )
    return forward_model(
        exported.answer, _example(exported.features, exported.dtype), params=exported.params,
        kind=exported.kind, classes=exported.classes, scores=exported.scores,
        names=exported.names, name=name,
    )  # fmt: skip


def _of_table(model: Model) -> ModelProto:
    """In float64, as `Model.predict` computes; the columns first, then the network."""
    target, columns = model.about.target, model.about.preparation.used
    check_columns(columns)

    def answer(params, X):
        return in_units(target, model.about.design.answer(params, X))

    made = forward_model(
        answer, _example(model.about.preparation.width, float),
        params=[(W.astype(float), b.astype(float)) for W, b in model.params],
        kind="classes" if isinstance(target, Classes) else "values",
        classes=target.classes if isinstance(target, Classes) else None,
        name=f"{target.name} from a table", reserved=[column.name for column in columns],
    )  # fmt: skip
    return with_columns(made, columns)


def _example(features: int, dtype: Any) -> np.ndarray:
    return np.cos(np.arange(_ROWS * features).reshape(_ROWS, features)).astype(dtype)
