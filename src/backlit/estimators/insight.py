"""What a fitted network shows: its hidden activations, its sensitivity, its equations."""

from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..derivatives import grad
from ..errors import InputError
from ..ir.trees import map_tree
from ..show import Derivation, derive
from .design import objective
from .exported import Exported


class Insight:
    """Of a fitted estimator. A mixin of `Network`."""

    def input_gradient(self, X: Any, output: int | None = None) -> Any:
        """∂ answer / ∂ X (n, features): how each feature of a row moves its answer.

        The answer is the prediction of a quantity, or the probability of a class. output: which
        one, counted from 0; by default the only quantity, the second of two classes, or each
        row's most probable class or largest quantity.

        >>> from backlit import MLPRegressor
        >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
        >>> model = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=0)
        >>> slopes = model.fit(X, 3 * X[:, 0] - X[:, 1]).input_gradient(X)
        >>> np.round(slopes[0], 2) + 0.0
        array([ 3., -1.])
        """
        X = self._checked(X)
        X = np.asarray(X.toarray() if hasattr(X, "toarray") else X, float)
        params = map_tree(lambda _, x: np.asarray(x, float), self._params)
        two = self._design.head.kind == "binary" and not self._hinge

        def answers(rows):
            found = self._in_units(self._design.answer(params, self._scaled(rows)))
            return np.concatenate([1 - found, found], axis=1) if two else found

        chosen = self._chosen(answers(X), 1 if two and output is None else output)
        return grad(lambda rows: np.sum(answers(rows) * chosen))(X)

    def exported(self) -> Exported:
        """The numeric work of a prediction, for files of other kinds (see `bl.to_onnx`)."""
        check_is_fitted(self)

        def answer(params, X):
            found = self._in_units(self._design.answer(params, self._scaled(X)))
            return found[:, 0] if np.shape(found)[1] == 1 else found

        names = getattr(self, "feature_names_in_", None)
        return Exported(
            answer, self._params, self.n_features_in_, self._dtype,
            names=None if names is None else tuple(names), **self._exported_kind(),
        )  # fmt: skip

    @property
    def derivation_(self) -> Derivation:
        """The equations of this fit: its loss and its gradients, for the rows of a step.

        They print, and check. The update that they end with is that of plain gradient descent,
        whatever the solver. Their numbers are of rows drawn at random; `derive` takes yours.
        """
        check_is_fitted(self)
        rng = check_random_state(0)
        X = rng.normal(size=(self._step_rows, self.n_features_in_))
        y = self._design.head.example(self._step_rows, rng)
        weight = (rng.uniform(0.5, 1.5, self._step_rows),) if self._weighted else ()
        return self._derivation(X, y, *weight)

    def derive(self, X: Any, y: Any) -> Derivation:
        """The equations of this fit with the numbers of these rows."""
        X = np.asarray(self._ready(self._checked(X)), float)
        return self._derivation(X, self._encoded(self._read_held_out(y, len(X)), np.float64))

    def _derivation(self, X: Any, y: Any, *weight: Any) -> Derivation:
        exact = map_tree(lambda _, x: np.asarray(x, float), self._params)
        return derive(objective(self._design), exact, X, y, *weight)

    @staticmethod
    def _chosen(answers: Any, output: int | None) -> Any:
        """1 where an answer is asked for, 0 elsewhere."""
        count = answers.shape[1]
        if output is None:
            if count == 1:
                return np.ones_like(answers)
            return np.eye(count)[np.argmax(answers, axis=1)]
        if not 0 <= output < count:
            raise InputError(f"output={output}, expected 0 to {count - 1}")
        return np.eye(count)[np.full(len(answers), output)]
