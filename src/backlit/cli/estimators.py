"""Files of estimators (`bl.save`) on tables: their features are columns of numbers."""

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from ..errors import InputError
from ..tables import Judgement, Table
from ..tables.judgement import compare
from ..tables.report import page
from ..tables.target import Classes, Quantity, column_of
from ..tables.values import counted, label, mean_and_scale, several, shown
from . import answers

_WIDTH = 100


def features(est: Any, table: Table, target: str | None = None) -> np.ndarray:
    """The rows (n, features): columns by the features' names, or all but the target in order.

    Raises InputError if there are no rows, or columns are missing or hold anything but numbers.
    """
    if not len(table):
        raise InputError(f"{table.source} has no rows: there is nothing to predict.")
    names = [*map(str, getattr(est, "feature_names_in_", ()))]
    others = [name for name in table.names if name != target]
    lacking = [repr(shown(name)) for name in names if name not in others]
    if lacking:
        raise InputError(f"{table.source} has no column {several(lacking)}, which is a feature.")
    if not names and len(others) != est.n_features_in_:
        raise InputError(
            f"{table.source} has {counted(len(others), 'column')} to predict from; expected "
            f"{est.n_features_in_}: the features have no names, and are taken in their order."
        )
    return np.column_stack([_numbers(table, name) for name in names or others])


def _numbers(table: Table, name: str) -> Any:
    cells = table[name]
    found = cells.numbers()
    gaps = np.flatnonzero(np.isnan(found))
    if len(gaps):
        raise InputError(
            f"{table.source}: {shown(name)!r} is {shown(cells.text(gaps[0]))!r} in row "
            f"{gaps[0] + 1:,}; an estimator reads numbers alone."
        )
    return found


def predicted(est: Any, X: Any) -> answers.Answers:
    """What predict says, and for classes their probabilities, if they have any."""
    found, classes = _asked(est.predict, X), getattr(est, "classes_", None)
    if classes is None:
        return answers.of_quantities(found, _outputs(est, found))
    if np.ndim(found) == 2:  # several labels at once
        return answers.Answers(dict(zip(map(str, classes), found.T.tolist(), strict=True)))
    if est.loss == "hinge":
        return answers.Answers({"prediction": found.tolist()})
    shares = _asked(est.predict_proba, X)[:, : len(classes)]  # of one class, too, there are two
    return answers.of_classes(found.tolist(), classes.tolist(), shares)


def _asked(method: Callable[[Any], Any], X: Any) -> Any:
    """What a method says of rows whose columns were chosen by the features' names."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        return method(X)


def _outputs(est: Any, found: Any) -> list[str]:
    """The names of the answers: quantiles, or outputs by their number."""
    if quantiles := _quantiles(est):
        return [f"q{q:g}" for q in quantiles]
    return [f"prediction {i}" for i in range(1, found.shape[1] + 1)] if found.ndim == 2 else []


def _quantiles(est: Any) -> tuple[float, ...]:
    found = getattr(est, "quantiles", None)
    return () if found is None else tuple(found)


def judged(est: Any, table: Table, name: str | None) -> Judgement:
    """How well it predicts a column; what needs no learning is that of the column itself."""
    kind, quantiles = type(est).__name__, _quantiles(est)
    if name is None:
        raise InputError(
            f"the file holds an {kind}, which does not know what its target is called: name the "
            "column, as --target COLUMN."
        )
    cells = column_of(table, name)
    found = _asked(est.predict, features(est, table, name))
    if np.ndim(found) == 2 and not quantiles:
        raise InputError(f"this {kind} has {found.shape[1]} answers for a row; expected one.")
    if not hasattr(est, "classes_"):
        known = cells.numbers()
        known = known[~np.isnan(known)]
        target = Quantity(name, *(mean_and_scale(known) if len(known) else (0.0, 1.0)))
        return compare(target, table, found, quantiles, [])
    names = tuple(label(str(value)) for value in est.classes_.tolist())
    if len(names) == 1:
        raise InputError(f"this {kind} knows one class alone, {names[0]!r}: nothing to judge.")
    counts = Counter(map(label, map(cells.text, range(len(cells)))))
    target = Classes(name, names, tuple(counts[text] for text in names))
    return compare(target, table, np.eye(len(names))[np.searchsorted(est.classes_, found)], (), [])


def report(est: Any) -> str:
    """What it is, what it reads and answers, how it was trained, its equations."""
    about = described(est)
    told = page(
        ("Estimator", [about["estimator"]]),
        ("Features", [f"{about['features']:,}: {several(about['feature_names'] or ['no names'])}"]),
        ("Answer", [_answer(est, about["classes"])]),
        ("Training", [f"{counted(about['epochs'], 'epoch')}; loss {about['loss']:.6g}",
                      f"ended: {about['stop_reason']['text']}"]),
        ("Network", [f"{'-'.join(map(str, about['widths']))}; {about['parameters']:,} parameters"]),
    )  # fmt: skip
    return f"{told}\n\n{about['equations']}"


def _answer(est: Any, classes: list[str]) -> str:
    """``3 classes: a, b, c``, and so labels, quantiles, quantities."""
    number = len(classes)
    if classes and est.exported().kind == "multilabel":
        return f"{counted(number, 'label')}: {several(classes)}"
    if classes:
        return f"{number} class{'es' * (number != 1)}: {several(classes)}"
    if quantiles := _quantiles(est):
        return f"the quantiles {', '.join(f'{q:g}' for q in quantiles)}"
    return "a quantity" if est.n_outputs_ == 1 else f"{est.n_outputs_} quantities"


def described(est: Any) -> dict[str, Any]:
    """The same for machines."""
    stopped = est.stop_reason_
    params = [*est.coefs_, *est.intercepts_]
    return {
        "kind": type(est).__name__,
        "estimator": " ".join(repr(est).split()),
        "features": est.n_features_in_,
        "feature_names": [*map(str, getattr(est, "feature_names_in_", ()))],
        "classes": [*map(str, getattr(est, "classes_", ()))],
        "epochs": est.n_iter_,
        "loss": float(est.loss_),
        "stop_reason": {**asdict(stopped), "text": str(stopped)},
        "widths": [len(est.coefs_[0]), *(len(b) for b in est.intercepts_)],
        "parameters": sum(x.size for x in params),
        "equations": est.derivation_.text(width=_WIDTH),
    }
