"""What all estimators do alike: fit, partial_fit, and the checks around them."""

import warnings
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, _fit_context
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, validate_data

from ..errors import InputError
from ..ir.trees import leaves, map_tree
from ..optim import Optimizer
from . import solvers
from .after import AfterEpoch
from .answers import Answers
from .course import Course
from .history import History
from .insight import Insight
from .lbfgs import run_lbfgs
from .loop import Loop
from .parameters import COMMON, constraints
from .rows import Rows

_PRECISIONS = (np.float64, np.float32)
_ROWS = 200  # of a step, by default


class Network(Answers, Insight, CallbackSupportMixin, BaseEstimator):
    """A network that scikit-learn can fit. Its kinds say what the targets and the parameters are.

    A kind has `_read_targets`, `_outputs_for`, `_head`, `_make_design`, `_first_params`,
    `_score_of`, `_layers_of` and the property `_params`.
    """

    _parameter_constraints = constraints(COMMON)

    def _keep(self, given: dict[str, Any]) -> None:
        """The arguments of `__init__`, as they are."""
        for name, value in given.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    @property
    def _solver(self) -> str:
        return "own" if self.optimizer is not None else self.solver

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None
    ):  # fmt: skip
        """Train on rows X (n, features) and their targets y, and answer the estimator itself.

        sample_weight: what each row counts for. X_val, y_val, sample_weight_val: rows to validate
        by after each epoch, instead of those that early_stopping would hold out. Raises ValueError
        for data that cannot be used, and if the training diverges. Ctrl-C keeps what was learnt.
        """
        if X_val is None and (y_val is not None or sample_weight_val is not None):
            raise InputError("y_val and sample_weight_val are of rows X_val, which are not given")
        held_out = None if X_val is None else (X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, held_out, once=False)

    def _partial_fit(self, X, y, sample_weight):
        """One epoch more on these rows."""
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        return self._fit(X, y, sample_weight, None, once=True)

    def _check_partial(self) -> bool:
        if self._solver == "lbfgs":
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers. "
                f"{self.solver} is not stochastic."
            )
        return True

    def _fit(self, X, y, sample_weight, held_out, *, once):
        before = {**self.__dict__}
        try:
            rows, validation, after = self._prepare(X, y, sample_weight, held_out, once)
        except BaseException:  # what was fitted before stays as it was
            self.__dict__ = before
            raise
        if self._solver == "lbfgs":
            run_lbfgs(self, rows, validation, after)
        else:
            Loop(self, rows, validation, once).run(after)
        after.end()
        if self.stop_reason_.kind == "diverged":
            self._tell_of_divergence(validated=validation is not None)
        return self

    def _prepare(self, X, y, sample_weight, held_out, once):
        """Rows to train on, rows to validate by, who is told; the state before the first epoch."""
        fresh = not hasattr(self, "_params") or not (self.warm_start or once)
        X, y = self._read(X, y, fresh, once)
        weight = self._by_class(y, _weight(sample_weight, X))
        if fresh:
            self._begin(X, y, weight, held_out is not None)
        elif not hasattr(self, "_course"):  # the user set the parameters by hand
            self._set_up(self._outputs_for(y))
        else:
            self._go_on(self._outputs_for(y))
        self._weighted = weight is not None
        rows = Rows(self._scaled(X), self._encoded(y, X.dtype), weight)
        validation = None
        if held_out is not None:
            validation = self._held_out(*held_out)
        elif self.early_stopping and self._solver != "lbfgs":
            rows, validation = self._split(rows, y)
        self._check_validation(validation, once)
        return rows, validation, AfterEpoch(self, X, y)

    def _check_validation(self, validation: Rows | None, once: bool) -> None:
        """Are there rows enough? The best weights so far are judged by them."""
        if validation is None:
            if self.restore_best is True and not once:
                raise InputError(
                    "restore_best=True needs rows to judge by: give X_val, or early_stopping=True"
                )
            return
        if len(validation.X) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of "
                "your dataset."
            )
        if validation.weight is not None and not validation.weight.sum() > 0:
            raise InputError("the rows to validate by weigh nothing: give some of them a weight")
        if self._best is not None:
            answered = self._design.answer(self._best, validation.X)
            self.best_validation_score_ = self._score_of(answered, validation)

    def _tell_of_divergence(self, *, validated: bool) -> None:
        if not validated or self._best is None:
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large "
                f"values and need to be preprocessed. It {self.stop_reason_}"
            )
        warnings.warn(f"The training {self.stop_reason_}", ConvergenceWarning, stacklevel=3)

    def _read(self, X, y, fresh, once):
        """Rows and targets, checked; rows in the precision of the network."""
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, dtype=_PRECISIONS,
            y_numeric=self._y_numeric, reset=fresh,
        )  # fmt: skip
        return _dense(X), self._read_targets(y, fresh, once)

    def _begin(self, X, y, weight, validated):
        """The state before the first epoch: design, first parameters, empty records."""
        self._set_up(self._outputs_for(y))
        self.n_iter_, self.t_ = 0, 0
        self._fit_scales(X, y, weight)
        self._params = map_tree(
            lambda _, x: np.asarray(x, X.dtype), self._first_params(self._course.rng)
        )
        self._best, self.history_ = None, History()
        if self._solver != "lbfgs":
            self.loss_curve_ = []
        watched = (self.early_stopping and self._solver != "lbfgs") or validated
        self.validation_scores_ = [] if watched else None
        self.best_validation_score_ = -np.inf if watched else None
        self.best_loss_ = None if self.early_stopping else np.inf
        if any(self._dropouts):
            self._course.seed = int(self._course.rng.randint(2**31 - 1))

    def _set_up(self, outputs):
        self._course = Course(check_random_state(self.random_state))
        self._design = self._make_design(self._head(outputs))
        self._tell_of_outputs()
        self.__dict__.setdefault("history_", History())
        self.__dict__.setdefault("_best", None)

    def _go_on(self, outputs):
        """The parameters may be others than in the last fit, but not the widths of the layers."""
        made = self._make_design(self._head(outputs))
        if made.widths != self._design.widths:
            raise InputError(
                f"the last fit made layers of widths {self._design.widths}; a fit that goes on "
                f"from it cannot have {made.widths}: set warm_start=False to begin anew"
            )
        for name in ("input", "target"):
            scaled = getattr(self, {"input": "scale_inputs", "target": "scale_target"}[name], False)
            if scaled != hasattr(self, f"{name}_mean_"):
                raise InputError(
                    f"the last fit did{'' if not scaled else ' not'} scale its {name}s, and a fit "
                    "that goes on from it cannot change that: set warm_start=False to begin anew"
                )
        self._design = made
        self._tell_of_outputs()

    def _tell_of_outputs(self):
        self.out_activation_ = self._design.head.output
        self.n_outputs_ = self._design.head.outputs

    def _fit_scales(self, X, y, weight):
        """Mean and standard deviation of each feature, if they are wanted."""
        self.__dict__.pop("input_mean_", None)
        if self.scale_inputs:
            found = standard(X, weight)
            self.input_mean_, self.input_scale_ = (x.astype(X.dtype) for x in found)

    def _scaled(self, X):
        return (X - self.input_mean_) / self.input_scale_ if hasattr(self, "input_mean_") else X

    def _by_class(self, y, weight):
        return weight

    def _held_out(self, X, y, weight) -> Rows:
        """The user's validation rows, checked like those to train on."""
        if y is None:
            raise InputError("X_val is given without y_val")
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=_PRECISIONS, reset=False)
        X = _dense(X).astype(self._dtype, copy=False)
        y = self._encoded(self._read_held_out(y, len(X)), X.dtype)
        return Rows(self._scaled(X), y, _weight(weight, X))

    def _split(self, rows: Rows, y) -> tuple[Rows, Rows]:
        """Rows to train on and rows to validate by: those of the last fit, if it goes on."""
        course, count = self._course, len(rows.X)
        if course.parts is None or course.rows != count:
            course.rows, course.parts = count, train_test_split(
                np.arange(count), random_state=course.rng, test_size=self.validation_fraction,
                stratify=self._strata(y),
            )  # fmt: skip
            self._best, self.best_validation_score_ = None, -np.inf  # it may have seen these rows
        training, validation = course.parts
        return rows.take(training), rows.take(validation)

    def _rows_of_a_step(self, rows: int) -> int:
        if self.batch_size == "auto":
            return min(_ROWS, rows)
        if self.batch_size > rows:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be "
                "clipped",
                stacklevel=2,
            )
        return min(self.batch_size, rows)

    def _make_optimizer(self, rate: float) -> Optimizer:
        if self.optimizer is not None:
            made = self.optimizer
        elif callable(self.learning_rate):
            made = self._own_solver(self.learning_rate)
        else:
            made = self._own_solver(rate)
        return made if self.clip_norm is None else made.clipped(self.clip_norm)

    def _own_solver(self, rate) -> Optimizer:
        if self.solver == "sgd":
            return solvers.sgd(rate, momentum=self.momentum, nesterov=self.nesterovs_momentum)
        return solvers.adam(rate, beta_1=self.beta_1, beta_2=self.beta_2, epsilon=self.epsilon)

    @property
    def _restores_best(self) -> bool:
        return self.early_stopping if self.restore_best == "auto" else self.restore_best

    @property
    def _dropouts(self) -> tuple[float, ...]:
        return ()

    @property
    def _dtype(self) -> Any:
        return next(x for _, x in leaves(self._params)).dtype

    def _in_tree(self, values) -> Any:
        """Arrays in the containers of the parameters."""
        found = iter(values)
        return map_tree(lambda *_: next(found), self._params)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_course")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def standard(X, weight):
    """Mean and standard deviation of each column, 1 for a constant one, of weighted rows.

    A column whose variance may be rounding alone is constant, as in scikit-learn.
    """
    size = np.abs(X).max(axis=0).astype(float)
    size = np.where(size > 0, size, 1)  # in such units no square overflows
    scaled = X / size
    mean = np.average(scaled, axis=0, weights=weight)
    variance = np.average((scaled - mean) ** 2, axis=0, weights=weight)
    rounding = len(X) * np.finfo(float).eps
    constant = variance <= rounding * variance + (rounding * mean) ** 2
    return mean * size, np.where(constant, 1, np.sqrt(variance) * size)


def _weight(given, X):
    """What each row counts for, checked, or None."""
    if given is None:
        return None
    return _check_sample_weight(given, X, dtype=X.dtype, ensure_non_negative=True)


def _dense(X):
    """Rows without gaps: the player reads no sparse matrices."""
    return X.toarray() if issparse(X) else X
