"""What an epoch is worth on the rows that are not learnt from."""

from collections.abc import Callable
from typing import Any

import numpy as np


def validate(est: Any, held_out: Any, params: Any, copied: Callable[[], Any]) -> dict[str, float]:
    """Loss and score of validation rows by `params`, or NaN for None; the best are kept.

    est: the estimator, whose record of scores goes on. copied: gives the parameters, to keep.
    """
    if est.validation_scores_ is None:  # the fits before, which this one goes on from, had none
        est.validation_scores_, est.best_validation_score_ = [], -np.inf
    loss = score = float("nan")
    if params is not None:
        with np.errstate(all="ignore"):  # weights that are about to diverge
            raw = est._design.raw(params, held_out.X)
            loss = float(est._design.head.loss(raw, held_out.y, held_out.weight))
            score = est._score_of(est._design.head.answer(raw), held_out)
    est.validation_scores_.append(score)
    if est.verbose:
        print(f"Validation score: {score:f}")
    if score > est.best_validation_score_:
        est.best_validation_score_, est._best = score, copied()
    return {"validation_loss": loss, "validation_score": score}
