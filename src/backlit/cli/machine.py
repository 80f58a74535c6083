"""What the verbs on tables say, as JSON for other programs."""

import json
import math
from dataclasses import asdict
from typing import Any

from ..files.schema import as_plain
from ..prove.statistics import Estimate
from ..tables import Judgement, Model, Training
from ..tables.model import Scores
from ..tables.score import Accuracy, Below, Score
from ..tables.target import Classes, Target


def text(value: Any) -> str:
    """One line of JSON; what is no finite number is null."""
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(x) for key, x in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(x) for x in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def of_training(training: Training, **files: Any) -> dict[str, Any]:
    """What `train` reports, and the loss of each epoch."""
    about, fit = training.model.about, training.learnt.fit
    table, stopped = training.table, fit.stop_reason
    return {
        "table": {"source": table.source, "rows": len(table), "columns": len(table.names)},
        "target": {**of_target(about.target), "why": training.choice.why},
        "columns": as_plain(about.preparation.columns),
        "rows": {
            "training": about.rows,
            "validation": training.validation,
            "held_out": training.held_out,
        },
        "widths": about.widths,
        "parameters": training.model.parameters,
        "settings": asdict(about.settings),
        "scores": of_scores(about.scores),
        "stop_reason": {**asdict(stopped), "text": str(stopped)},
        "epochs": len(fit.history["loss"]),
        "best_epoch": about.epoch,
        "losses": dict(fit.history),
        "notes": training.notes,
        "files": {what: path and str(path) for what, path in files.items()},
    }


def of_target(target: Target) -> dict[str, Any]:
    """Its name, and what it is like in the training rows."""
    if isinstance(target, Classes):
        counts = dict(zip(target.classes, target.counts, strict=True))
        return {"name": target.name, "kind": "classes", "rows_in_training": counts}
    known = {"mean": target.mean, "standard_deviation": target.scale}
    return {"name": target.name, "kind": "quantity", **known}


def of_scores(scores: Scores | None) -> dict[str, Any] | None:
    """Of the network, a linear model, and what needs no learning."""
    if scores is None:
        return None
    linear = scores.linear and of_score(scores.linear)
    one, constant = of_score(scores.network), of_score(scores.constant)
    return {
        "network": one,
        "linear": linear,
        "constant": constant,
        "coverage": of_coverage(scores.coverage),
    }


def of_score(score: Score) -> dict[str, Any]:
    """Figures with their 95 % intervals."""
    if isinstance(score, Accuracy):
        known = {"right": score.right, "rows": score.rows}
        return {"accuracy": _estimate(score.estimate), **known}
    r2 = score.r2 and _estimate(score.r2)
    return {"r2": r2, "rmse": _estimate(score.rmse), "mae": score.mae, "rows": score.rows}


def of_coverage(quantiles: tuple[Below, ...]) -> list[dict[str, Any]]:
    """How many true values are at or below each quantile."""
    return [{**asdict(found), "share": _estimate(found.estimate)} for found in quantiles]


def of_judgement(judgement: Judgement) -> dict[str, Any]:
    """What `evaluate` reports."""
    target, confusions = judgement.target, judgement.confusions
    classes = target.classes if isinstance(target, Classes) else None
    return {
        "table": {"source": judgement.table.source, "rows": len(judgement.table)},
        "target": target.name,
        "scores": {
            "network": of_score(judgement.network),
            "constant": of_score(judgement.constant),
            "coverage": of_coverage(judgement.coverage),
        },
        "classes": classes,
        "confusions": None if confusions is None else confusions.tolist(),
        "without_answer": judgement.without,
        "unknown_answers": dict(judgement.unknown),
        "notes": judgement.notes,
    }


def of_model(model: Model) -> dict[str, Any]:
    """What is in a file: all of it but the numbers of the parameters."""
    return {**as_plain(model.about), "widths": model.about.widths, "parameters": model.parameters}


def _estimate(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}
