"""L-BFGS through SciPy; the losses and gradients it asks for are the player's."""

from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.utils.optimize import _check_optimize_result

from ..ir.trees import leaves
from ..train.stop import StopReason
from .after import AfterEpoch
from .design import objective
from .gradient import Gradient, pack
from .graphs import plan_of
from .rows import Rows
from .solvers import gradients
from .validation import validate

_ASKED = 99  # SciPy's status where a callback stopped it


def run_lbfgs(est: Any, rows: Rows, held_out: Rows | None, after: AfterEpoch) -> None:
    """One fit by L-BFGS: it moves the estimator's parameters and attributes."""
    dtype, params = rows.X.dtype, [x for _, x in leaves(est._params)]
    plan = plan_of(
        objective(est._design), est._params, rows.arrays, len(rows.X), gradients(), dtype,
        est._course.seed, est._design if est._design.named else None,
    )  # fmt: skip
    est._step_rows = plan.size
    gradient = Gradient(plan, params, est.engine, est.n_threads)

    def in_tree(x: Any) -> Any:
        return est._in_tree([part.astype(dtype) for part in gradient.cut(x)])

    def each(intermediate_result: Any) -> None:  # SciPy goes by the name of the argument
        loss, reached = float(intermediate_result.fun), in_tree(intermediate_result.x)
        if est.verbose:
            print(f"Iteration {len(est.history_.get('loss', ())) + 1}, loss = {loss:.8f}")
        judged = {} if held_out is None else validate(est, held_out, reached, lambda: reached)
        est.history_.add(loss=loss, **judged)
        if after(lambda: reached):
            raise StopIteration

    options = {"maxfun": est.max_fun, "maxiter": est.max_iter, "gtol": est.tol}
    found = minimize(
        gradient.flat, pack(params), method="L-BFGS-B", jac=True, callback=each, options=options
    )
    keep = est._restores_best and held_out is not None and est._best is not None
    est._params = est._best if keep else in_tree(found.x)
    est.n_iter_ = _check_optimize_result("lbfgs", found, est.max_iter)
    est.loss_ = est.best_loss_ = float(found.fun)
    est.engine_ = gradient.engine
    kind = {0: "converged", _ASKED: "callback"}.get(found.status, "budget")
    if not (np.isfinite(found.x).all() and np.isfinite(found.fun)):
        kind = "diverged"
    est.stop_reason_ = StopReason(kind, est.n_iter_, found.nfev)
