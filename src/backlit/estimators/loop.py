"""The stochastic loop: epochs, what they recorded, when to stop; as scikit-learn's MLPs do it."""

import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..ir.trees import leaves
from ..optim import Optimizer
from ..train.choose import choose_engine
from ..train.player_engine import PlayerEngine
from ..train.stop import StopReason
from ..train.training import Training, reading
from .after import AfterEpoch
from .design import objective
from .gradient import Gradient
from .graphs import plan_of
from .rows import Rows
from .solvers import gradients
from .validation import validate

_SMALLEST_RATE = 1e-6  # at which 'adaptive' ends


class Loop:
    """One call of `fit` or `partial_fit`: it moves an estimator's parameters and attributes.

    est: the estimator, whose attributes (``loss_curve_``, …) are as before the first epoch, or as
    the last fit left them. once: one epoch, as `partial_fit` does it.
    """

    def __init__(self, est: Any, rows: Rows, held_out: Rows | None, once: bool) -> None:
        self.est, self.course, self.held_out, self.once = est, est._course, held_out, once
        self.rows = rows
        est.__dict__.setdefault("loss_curve_", [])  # after a fit by L-BFGS there is none
        if est.best_loss_ is None and not est.early_stopping:
            est.best_loss_ = np.inf
        self.optimizer: Optimizer = est._make_optimizer(self._rate())
        params, dtype = est._params, rows.X.dtype
        self.key = est._design if est._design.named else None
        self.plan = plan_of(
            objective(est._design), params, rows.arrays, est._rows_of_a_step(len(rows.X)),
            self.optimizer, dtype, self.course.seed, self.key,
        )  # fmt: skip
        est._step_rows = self.plan.size
        values = self.course.resume(params, self.optimizer, dtype)
        with reading(lambda: 0):
            engine = choose_engine(est.engine, self.plan, values, None, est.n_threads)
        engine.restore((self.course.steps, values))
        self.training = Training(self.plan, engine, len(list(leaves(params))))
        spent = est.history_.get("seconds", [0.0])[-1]
        self.began = time.perf_counter() - (spent if np.isfinite(spent) else 0.0)

    def run(self, after: AfterEpoch) -> None:
        """Train; `after` each epoch is asked whether to stop, with what gives the parameters."""
        est, epochs = self.est, 1 if self.once else self.est.max_iter
        est.n_iter_, est.stop_reason_ = 0, None
        try:
            while est.n_iter_ < epochs and est.stop_reason_ is None:
                self._epochs(min(self._together(after), epochs - est.n_iter_))
                if est.stop_reason_ is None and after(self.training.tree):
                    self._stop("callback")
            if est.stop_reason_ is None:
                self._stop("budget")
                if not self.once:
                    warnings.warn(
                        f"Stochastic Optimizer: Maximum iterations ({epochs}) reached and the "
                        "optimization hasn't converged yet.",
                        ConvergenceWarning,
                        stacklevel=2,
                    )
        except KeyboardInterrupt:
            self._stop("interrupted")
            warnings.warn("Training interrupted by user.", stacklevel=2)
        self._leave()

    def _stop(self, kind: Any) -> None:
        self.est.stop_reason_ = StopReason(kind, len(self.est.loss_curve_), self.training.step)

    def _together(self, after: AfterEpoch) -> int:
        """How many epochs in one go: none of them may end the training, and nobody looks at them.

        After Ctrl-C the parameters may be some of these epochs ahead of what was recorded.
        """
        est, engine = self.est, self.training.engine
        looked_at = self.held_out is not None or est.verbose or est.gradient_norms or after.asks
        if looked_at or est.learning_rate == "invscaling" or not isinstance(engine, PlayerEngine):
            return 1
        patience = est.n_iter_no_change + 1 - self.course.unimproved
        return max(1, int(min(patience, engine.epochs_heard())))

    def _epochs(self, count: int) -> None:
        est, plan = self.est, self.plan
        shuffled = est.shuffle and plan.size < plan.rows
        orders = [self.course.next_order(plan.rows) if shuffled else None for _ in range(count)]
        first, began = self.training.step, time.perf_counter() - self.began
        outcomes = self.training.epochs(orders, len(est.loss_curve_) + 1, lambda *_: None)
        each = (time.perf_counter() - self.began - began) / len(outcomes)
        for i, outcome in enumerate(outcomes):
            rate = self.optimizer.rate(first + i * plan.steps)
            self._record(outcome, learning_rate=rate, seconds=began + (i + 1) * each)

    def _record(self, outcome: float | StopReason, **figures: float) -> None:
        est = self.est
        est.n_iter_ += 1
        est.t_ += self.plan.rows
        if isinstance(outcome, StopReason):
            est.stop_reason_, outcome = outcome, np.nan
        est.loss_ = outcome
        est.loss_curve_.append(outcome)
        if est.verbose:
            print(f"Iteration {est.n_iter_}, loss = {outcome:.8f}")
        est.history_.add(loss=outcome, **figures, **self._validate(), **self._norms())
        if est.stop_reason_ is None:
            self._look(est)

    def _validate(self) -> dict[str, float]:
        """Loss and score on the validation rows; is the score better than before?"""
        if self.held_out is None:
            return {}
        before = self.est.best_validation_score_
        params = self._now() if self.est.stop_reason_ is None else None
        found = validate(self.est, self.held_out, params, self.training.tree)
        goal = (-np.inf if before is None else before) + self.est.tol
        self._better = not found["validation_score"] < goal
        return found

    def _now(self) -> Any:
        """The parameters at this moment, without a copy."""
        return self.est._in_tree(self.training.engine.values[: self.training.parameters])

    def _norms(self) -> dict[str, float]:
        """How long each layer's gradient is over all rows, if that was asked for."""
        if not self.est.gradient_norms:
            return {}
        if not hasattr(self, "_gradient"):
            plan = plan_of(
                self.plan.loss, self._now(), self.rows.arrays, self.plan.rows, gradients(),
                self.plan.dtype, self.course.seed, self.key,
            )  # fmt: skip
            values = [x for _, x in leaves(self._now())]
            self._gradient = Gradient(plan, values, self.est.engine, self.est.n_threads)
        _, found = self._gradient.at(self.training.engine.values[: self.training.parameters])
        layers = self.est._layers_of(found)
        return {
            f"gradient_norm_{i}": float(np.sqrt(sum(np.sum(g * g) for g in layer)))
            for i, layer in enumerate(layers, 1)
        }

    def _look(self, est: Any) -> None:
        """Is it better than before? After too many epochs that were not, stop or go slower."""
        if est.early_stopping:
            better = self._better
        else:
            better = est.loss_ <= est.best_loss_ - est.tol
            est.best_loss_ = min(est.best_loss_, est.loss_)
        self.course.unimproved = 0 if better else self.course.unimproved + 1
        if est._solver == "sgd" and est.learning_rate == "invscaling":
            self._go_on_at(self._rate())
        if self.course.unimproved > est.n_iter_no_change:
            self._exhausted(est)

    def _exhausted(self, est: Any) -> None:
        what = "Validation score" if est.early_stopping else "Training loss"
        message = (
            f"{what} did not improve more than tol={est.tol:f} for {est.n_iter_no_change} "
            "consecutive epochs."
        )
        rate = self._rate()
        if est._solver == "sgd" and est.learning_rate == "adaptive" and rate > _SMALLEST_RATE:
            self.course.rate /= 5
            self._go_on_at(self._rate())
            self.course.unimproved = 0
            message += f" Setting learning rate to {rate / 5:f}"
        else:
            self._stop("patience" if est.early_stopping else "converged")
            message += " Stopping."
        if est.verbose:
            print(message)

    def _rate(self) -> float:
        """The learning rate to go on at."""
        est = self.est
        if est._solver == "sgd" and est.learning_rate == "adaptive":
            return est.learning_rate_init * self.course.rate
        if est._solver == "sgd" and est.learning_rate == "invscaling" and est.t_:
            return est.learning_rate_init / (est.t_ + 1) ** est.power_t
        return est.learning_rate_init

    def _go_on_at(self, rate: float) -> None:
        self.optimizer = self.plan.optimizer = replace(self.optimizer, lr=rate)

    def _leave(self) -> None:
        """Give the estimator its parameters; keep what a later fit goes on from."""
        est, engine = self.est, self.training.engine
        est.engine_ = engine.name
        last = self.training.tree()
        restored = est._restores_best and self.held_out is not None and est._best is not None
        est._params = est._best if restored else last
        self.course.leave(*engine.snapshot(), est._params)
