"""From rows to a network's answers: checked, in parts, so that memory stays small."""

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted, validate_data

_NUMBERS = 1 << 19  # of the widest layer that are computed together
_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


class Answers:
    """How a fitted estimator computes. A mixin of `Network`."""

    def _checked(self, X: Any) -> Any:
        """Rows that can be answered for. What plainly can be is not looked at for long."""
        if (
            type(X) is np.ndarray
            and X.dtype in _FLOATS
            and X.ndim == 2
            and "_course" in self.__dict__
            and X.shape[1] == self.n_features_in_
            and "feature_names_in_" not in self.__dict__
            and len(X)
            and _finite(X)
        ):
            return X
        check_is_fitted(self)
        return validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)

    def _answer(self, X: Any) -> Any:
        """Quantities (n, outputs) in their units, or probabilities."""
        return self._computed("answer", X)

    def _computed(self, what: str, X: Any) -> Any:
        """A method of the design, (params, rows), of all rows of X; a part of them at a time."""
        X = self._checked(X)
        function = getattr(self._design, what)
        params, step = self._params, max(1, _NUMBERS // self._widest)
        if X.shape[0] <= step:
            return function(params, self._ready(X))
        parts = (X[i : i + step] for i in range(0, X.shape[0], step))
        return np.concatenate([function(params, self._ready(part)) for part in parts])

    def _ready(self, X: Any) -> Any:
        """Rows as the first layer reads them."""
        return self._scaled(X.toarray() if issparse(X) else X)

    @property
    def _widest(self) -> int:
        return max(self.n_features_in_, *self._design.widths)


def _finite(X: Any) -> bool:
    """Surely; False for some that are, too."""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(X.sum()))
