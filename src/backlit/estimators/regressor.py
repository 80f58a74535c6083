"""Regressors: quantities, their scale, their scores."""

from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.metaestimators import available_if

from ..errors import InputError
from .base import Network, standard
from .heads import Head
from .parameters import QUANTITY, constraints
from .rows import Rows

_POSITIVE = ("poisson",)  # losses whose prediction must be > 0


class Regressor(RegressorMixin, Network):
    """A network that answers with quantities."""

    _parameter_constraints = constraints(QUANTITY)
    _y_numeric = True

    def predict(self, X):
        """The quantities for each row: (n,), or (n, k) for several targets or quantiles."""
        answered = self._in_units(self._answer(X))
        return answered[:, 0] if answered.shape[1] == 1 else answered

    @available_if(lambda self: self._check_partial())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None):
        """One epoch on these rows: k calls with the same rows are k epochs of `fit`."""
        return self._partial_fit(X, y, sample_weight)

    def score(self, X, y, sample_weight=None):
        """R² of the predictions; for several quantiles their mean D², 1 − loss / constant's loss.

        The constant is each quantile of y.
        """
        predicted = self.predict(X)
        quantiles = self._design.head.quantiles
        if len(quantiles) > 1:
            return _d2(predicted, column_or_1d(y), quantiles, sample_weight)
        return float(r2_score(y, predicted, sample_weight=sample_weight))

    @property
    def _quantiles(self) -> tuple[float, ...]:
        if self.loss != "pinball":
            if self.quantiles is not None:
                raise InputError("quantiles are for loss='pinball'")
            return ()
        given = [0.5] if self.quantiles is None else list(self.quantiles)
        numbers = given and all(isinstance(q, Real) and 0 < q < 1 for q in given)
        if not numbers or sorted({*given}) != given:
            raise InputError(f"quantiles={given}, expected rising numbers in (0, 1)")
        return tuple(map(float, given))

    @property
    def _several(self) -> bool:
        return len(self._quantiles) > 1

    def _read_targets(self, y, fresh, once):
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if self.loss == "poisson" and np.min(y) < 0:
            raise ValueError("Some value(s) of y are out of the valid range of the loss 'poisson'.")
        if self._several and y.ndim == 2:
            raise InputError("several quantiles are of one target: y has more than one column")
        if not fresh and not self._several and hasattr(self, "n_outputs_"):
            count = 1 if y.ndim == 1 else y.shape[1]
            if count != self.n_outputs_:
                raise ValueError(f"y has {count} targets; the last fit had {self.n_outputs_}")
        return y

    def _fit_scales(self, X, y, weight) -> None:
        super()._fit_scales(X, y, weight)
        self.__dict__.pop("target_mean_", None)
        if not self.scale_target:
            return
        if self._output != "identity":
            raise InputError(f"scale_target needs outputs of any size; they are {self._output}")
        self.target_mean_, self.target_scale_ = standard(y.reshape(len(y), -1), weight)

    def _read_held_out(self, y, rows):
        y = check_array(y, ensure_2d=False, dtype="numeric", input_name="y_val")
        if len(y) != rows:
            raise InputError(f"X_val has {rows} rows, y_val {len(y)}")
        targets = 1 if y.ndim == 1 else y.shape[1]
        expected = 1 if self._design.head.quantiles else self.n_outputs_
        if targets != expected:
            raise InputError(f"y_val has {targets} targets, y {expected}")
        return y

    def _encoded(self, y, dtype):
        """Targets as the network learns them, (n, k)."""
        columns = y.reshape(len(y), -1)
        if hasattr(self, "target_mean_"):
            columns = (columns - self.target_mean_) / self.target_scale_
        return columns.astype(dtype)

    def _in_units(self, answered):
        """Answers of the network in the units of the targets."""
        if not hasattr(self, "target_mean_"):
            return answered
        dtype = getattr(answered, "dtype", float)
        return answered * self.target_scale_.astype(dtype) + self.target_mean_.astype(dtype)

    @property
    def _output(self):
        if self._several and self.output_activation not in ("auto", "identity"):
            raise InputError("several quantiles rise by themselves: leave output_activation='auto'")
        if self.output_activation != "auto":
            return self.output_activation
        return "exp" if self.loss in _POSITIVE else "identity"

    def _outputs_for(self, y) -> int:
        return y.shape[1] if y.ndim == 2 else max(1, len(self._quantiles))

    def _head(self, outputs: int) -> Head:
        return Head("quantity", self.loss, self._output, outputs, self._quantiles)

    def _exported_kind(self) -> dict[str, Any]:
        return {"kind": "values"}

    def _score_of(self, answered, rows: Rows) -> float:
        """What early stopping watches: R², or D² of several quantiles; NaN if it is not finite."""
        if not np.isfinite(answered).all():
            return float("nan")
        if self._several:
            return _d2(answered, rows.y[:, 0], self._quantiles, rows.weight)
        return float(r2_score(rows.y, answered, sample_weight=rows.weight))

    def _strata(self, y: Any) -> Any:
        return None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self.loss in _POSITIVE
        return tags


def _d2(predicted, y, quantiles, weight) -> float:
    """The mean over quantiles of 1 − Σ loss / Σ loss of y's own quantile."""
    pairs = zip(predicted.T, quantiles, strict=True)
    return float(np.mean([d2_pinball_score(y, p, alpha=q, sample_weight=weight) for p, q in pairs]))
