"""Classifiers: labels and their numbers, probabilities, weights of classes."""

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels

from ..errors import InputError
from .base import Network
from .heads import Head
from .parameters import CLASS, constraints
from .rows import Rows


class Classifier(ClassifierMixin, Network):
    """A network that answers with classes."""

    _parameter_constraints = constraints(CLASS)
    _y_numeric = False

    def predict(self, X):
        """The class of each row (n,), or which labels it has (n, labels), 0 or 1."""
        answered, kind = self._answer(X), self._design.head.kind
        if kind == "classes":
            return self.classes_[answered.argmax(axis=1)]
        yes = answered > self._middle
        if kind == "labels":
            return yes.astype(int)
        if len(self.classes_) == 1:
            return np.repeat(self.classes_, len(yes))
        return self.classes_[yes[:, 0].astype(int)]

    @available_if(lambda self: self._check_probabilities())
    def predict_proba(self, X):
        """The probability of each class (n, classes), in the order of `classes_`."""
        return self._shares(self._answer(X))

    @available_if(lambda self: self._check_probabilities())
    def predict_log_proba(self, X):
        """The logarithms of `predict_proba`."""
        found = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.log(found, out=found)

    @available_if(lambda self: self._hinge)
    def decision_function(self, X):
        """The raw outputs of a hinge loss: (n,) for two classes, else (n, classes)."""
        answered = self._answer(X)
        return answered[:, 0] if answered.shape[1] == 1 else answered

    @available_if(lambda self: self._check_partial())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """One epoch on these rows: k calls with the same rows are k epochs of `fit`.

        classes: all that will ever come, for the first call.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not for partial_fit, which never sees all rows: give "
                "a dict of weights"
            )
        if _check_partial_fit_first_call(self, classes):
            several = type_of_target(y).startswith("multilabel")
            self._label_binarizer = LabelBinarizer().fit(y if several else classes)
        return self._partial_fit(X, y, sample_weight)

    @property
    def _hinge(self) -> bool:
        """Are its answers scores? Those of the last fit, whatever has been set since."""
        loss = self._design.head.loss_name if hasattr(self, "_design") else self.loss
        return loss == "hinge"

    def _check_probabilities(self) -> bool:
        if self._hinge:
            raise AttributeError("a hinge loss gives no probabilities: see decision_function")
        return True

    def _read_targets(self, y, fresh, once):
        if not issparse(y) and y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or not (self.warm_start or once):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
            return y
        found = unique_labels(y)
        if self.warm_start and {*found} != {*self.classes_}:
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {found}"
            )
        if len(np.setdiff1d(found, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. "
                f"'y' has {found}."
            )
        return y

    def _read_held_out(self, y, rows):
        y = y if issparse(y) else np.asarray(y)
        if y.shape[0] != rows:
            raise InputError(f"X_val has {rows} rows, y_val {y.shape[0]}")
        y = y if issparse(y) or (y.ndim == 2 and y.shape[1] > 1) else column_or_1d(y)
        if self._kind == "labels" and (y.ndim < 2 or y.shape[1] != len(self.classes_)):
            raise InputError(f"y_val has shape {y.shape}, expected ({rows}, {len(self.classes_)})")
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            raise InputError(f"y_val has classes that y has not: {unknown}")
        return y

    @property
    def _kind(self) -> str:
        found = self._label_binarizer.y_type_
        return {"multiclass": "classes", "binary": "binary"}.get(found, "labels")

    def _encoded(self, y, dtype):
        """Class numbers (n,), or 0 and 1 in columns."""
        if self._kind == "classes":
            return np.searchsorted(self.classes_, y)
        return self._binary(y).astype(dtype)

    def _binary(self, y):
        found = self._label_binarizer.transform(y)
        return found.toarray() if issparse(found) else found

    def _strata(self, y: Any) -> Any:
        """What is divided evenly into training and validation: two classes, as in scikit-learn."""
        return self._binary(y).astype(bool) if self._kind == "binary" else None

    def _by_class(self, y, weight):
        if self.class_weight is None:
            return weight
        if self._kind == "labels":
            raise InputError("class_weight is not for several labels at once")
        each = compute_class_weight(
            self.class_weight, classes=self.classes_, y=y, sample_weight=weight
        )
        found = each[np.searchsorted(self.classes_, y)]
        return found if weight is None else found.astype(weight.dtype) * weight

    def _in_units(self, answered):
        return self._summing_to_one(answered)

    def _outputs_for(self, y: Any) -> int:
        return 1 if self._kind == "binary" else len(self.classes_)

    def _head(self, outputs: int) -> Head:
        return Head(self._kind, self.loss, self._output(self._kind), outputs)

    def _output(self, kind: str) -> str:
        if self.loss == "hinge":
            if self.output_activation != "auto":
                raise InputError("loss='hinge' is of raw outputs: leave output_activation='auto'")
            return "identity"
        if self.output_activation == "softmax" and kind != "classes":
            raise InputError("output_activation='softmax' needs more than two classes")
        if self.output_activation != "auto":
            return self.output_activation
        return "softmax" if kind == "classes" else "logistic"

    @property
    def _middle(self) -> float:
        """Above it an answer means yes."""
        return 0.0 if self._hinge else 0.5

    def _shares(self, answered):
        """Probabilities of all classes, that sum to 1 where a row has one class."""
        if self._design.head.kind == "binary":
            return np.hstack([1 - answered, answered])
        return self._summing_to_one(answered)

    def _summing_to_one(self, answered):
        if self._design.head.output == "logistic" and self._design.head.kind == "classes":
            total = np.sum(answered, axis=1, keepdims=True)
            return answered / np.where(total > 0, total, 1)
        return answered

    def _exported_kind(self) -> dict[str, Any]:
        scores = self._hinge
        if self._kind == "labels":
            return {"kind": "multilabel", "scores": scores}
        return {"kind": self._kind, "classes": self.classes_, "scores": scores}

    def _score_of(self, answered, rows: Rows) -> float:
        """What early stopping watches: the share of rows that are right in all; NaN as it comes."""
        if not np.isfinite(answered).all():
            return float("nan")
        if self._kind == "classes":
            right = answered.argmax(axis=1) == rows.y
        else:
            right = np.all((answered > self._middle) == (rows.y > 0.5), axis=1)
        return float(np.average(right, weights=rows.weight))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
