"""Estimators from files: everything is checked, nothing is run."""

import itertools
import re
import warnings
from dataclasses import asdict
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from ..errors import FileError
from ..files import is_finite
from ..train.stop import StopReason
from . import mlp
from .classifier import Classifier
from .course import Course
from .history import History
from .settings import from_data
from .stored import CURVES, GROUPS, RECORD, SCALES, Rng, Stored, Targets


def restore(arrays: dict[str, Any], about: Stored, where: str) -> Any:
    """The estimator of a file that was read. Raises FileError if it does not fit together."""
    try:
        est = getattr(mlp, about.estimator)(**_settings(about))
        est._validate_params()
        est.n_features_in_ = about.features
        if about.names:
            est.feature_names_in_ = np.array(about.names, object)
        _restore_targets(est, about.targets, arrays)
        if isinstance(est, Classifier) and about.targets.outputs != est._outputs_for(None):
            raise ValueError(f"{about.targets.outputs} outputs are not for these classes")
        est._set_up(about.targets.outputs)
        _restore_arrays(est, about, arrays)
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:
        raise _no_fit(where, error) from None
    est.n_iter_, est.t_ = about.n_iter, about.t
    est._step_rows, est._weighted = about.step_rows, about.weighted
    est.loss_, est.best_loss_ = about.loss, about.best_loss
    est.best_validation_score_ = about.best_score
    est.stop_reason_ = StopReason(*asdict(about.stopped).values())
    est.engine_ = "unknown: it was read from a file"
    _try_out(est, where)
    return est


def _no_fit(where: str, error: Exception) -> FileError:
    return FileError(f"{where} does not fit together: {str(error).strip('.')}.")


def _try_out(est: Any, where: str) -> None:
    """It must be able to answer."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the features have no names, for one
            est.predict(np.zeros((2, est.n_features_in_), est._dtype))
    except Exception as error:
        raise _no_fit(where, error) from None


def _settings(about: Stored) -> dict[str, Any]:
    if about.settings.get("callbacks") is not None:
        raise ValueError("callbacks are in no file")
    return {name: from_data(name, value) for name, value in about.settings.items()}


def _restore_targets(est: Any, targets: Targets, arrays: dict[str, Any]) -> None:
    if (targets.y_type is not None) != isinstance(est, Classifier):
        raise ValueError("a classifier must have classes, and nothing else may")
    if targets.y_type is None:
        return
    names = np.array(targets.names, object if targets.objects else str)
    classes = names if targets.dtype is None else arrays["classes"].astype(targets.dtype)
    if targets.dtype is not None and not np.array_equal(classes, arrays["classes"]):
        raise ValueError(f"its classes are not of dtype {targets.dtype}")
    if not len(classes) or not np.array_equal(classes, np.unique(classes)):
        raise ValueError("there must be classes, sorted, and none twice")
    several = targets.y_type == "multilabel-indicator"
    shown = np.eye(2, len(classes), dtype=int) if several else classes
    est._label_binarizer = LabelBinarizer().fit(shown)
    if est._label_binarizer.y_type_ != targets.y_type:
        raise ValueError(f"{len(classes)} classes are not {targets.y_type}")
    est.classes_ = classes


def _restore_arrays(est: Any, about: Stored, arrays: dict[str, Any]) -> None:
    """Parameters, scales, records, and the course; all in the shapes that the design asks for."""
    layers = [*enumerate(itertools.pairwise(est._design.widths), 1)]
    expected = {f"W{i}": shape for i, shape in layers} | {f"b{i}": (m,) for i, (_, m) in layers}
    _check_shapes(arrays, expected)
    est._params = [(arrays[f"W{i}"], arrays[f"b{i}"]) for i, _ in layers]
    if not all(is_finite(x) for x in itertools.chain(*est._params)):
        raise ValueError("it has weights that are NaN or infinite")
    kept = {name: _group(name, arrays) for name in GROUPS}
    shapes = [x.shape for x in [*itertools.chain(*est._params)]]
    going = about.going
    optimizer, *names = going.made_for or ("",)
    slots, corrections = tuple(names[: going.slots]), tuple(names[going.slots :])
    states = [*shapes, *[()] * len(corrections), *(s for s in shapes for _ in slots)]
    for name, wanted in zip(GROUPS, (states, shapes, shapes), strict=True):
        if kept[name] and [x.shape for x in kept[name]] != wanted:
            raise ValueError(f"its arrays {name}1, … are not those of its network")
    floats = [*itertools.chain(*est._params, *kept.values())]
    if {x.dtype for x in floats} not in ({np.dtype("f4")}, {np.dtype("f8")}):
        raise ValueError("its numbers are not of one precision")
    est._best = est._in_tree(kept["best"]) if kept["best"] else None
    est._course = Course(
        _rng(going.rng, arrays) or est._course.rng, going.rate, going.seed, going.steps,
        kept["state"], (optimizer, slots, corrections) if optimizer else (),
        _order(arrays), going.rows, _parts(arrays, going.rows), kept["left"],
        going.unimproved,
    )  # fmt: skip
    _restore_scales(est, about, arrays)
    _restore_records(est, about, arrays)


def _restore_scales(est: Any, about: Stored, arrays: dict[str, Any]) -> None:
    """A mean and a scale > 0 of each feature and of each target, or neither."""
    for pair, width in zip(SCALES, (about.features, about.targets.outputs), strict=True):
        if not arrays.keys() & {*pair}:
            continue
        for name in pair:
            found = arrays[name]
            if found.shape not in ((width,), (1,)) or found.dtype.kind != "f":
                raise ValueError(f"{name} has dtype {found.dtype} and shape {found.shape}")
            if not is_finite(found) or (name == pair[1] and found.min() <= 0):
                raise ValueError(f"{name} has numbers that are no means and scales")
            setattr(est, name, found)


def _restore_records(est: Any, about: Stored, arrays: dict[str, Any]) -> None:
    """What each epoch gave."""
    records = {name: x for name, x in arrays.items() if name.startswith(RECORD) or name in CURVES}
    for name, values in records.items():
        if values.ndim != 1 or values.dtype != np.float64:
            raise ValueError(f"{name} is no list of numbers")
    history = {n.removeprefix(RECORD): x.tolist() for n, x in records.items() if n not in CURVES}
    est.history_, est.validation_scores_ = History(history), None
    for name in CURVES & records.keys():
        setattr(est, name, records[name].tolist())
    if (about.best_score is None) != (est.validation_scores_ is None):
        raise ValueError("a best validation score and the scores must both be there, or neither")


def _check_shapes(arrays: dict[str, Any], expected: dict[str, Any]) -> None:
    """The parameters are those of the network, and nothing is there that is not known."""
    found = {name: x.shape for name, x in arrays.items() if re.fullmatch(r"[Wb][0-9]+", name)}
    if found != expected:
        raise ValueError("its arrays W1, b1, … are not those of its network")
    known = {
        *expected,
        *itertools.chain(*SCALES),
        *CURVES,
        "order",
        "training",
        "validation",
        "rng",
        "classes",
    }
    groups = re.compile(rf"({'|'.join(GROUPS)})[0-9]+|{RECORD}.+")
    other = [name for name in arrays if name not in known and not groups.fullmatch(name)]
    if other:
        raise ValueError(f"array {other[0]!r} is not known")


def _rows(name: str, arrays: dict[str, Any]) -> Any:
    """Numbers of rows, or None."""
    if name in arrays and (arrays[name].dtype != np.int64 or arrays[name].ndim != 1):
        raise ValueError(f"{name} is no list of rows")
    return arrays.get(name)


def _order(arrays: dict[str, Any]) -> Any:
    """The order of the last epoch, each row once; or None."""
    order = _rows("order", arrays)
    if order is not None and not _each_once(order, len(order)):
        raise ValueError("its order of rows has not each row once")
    return order


def _each_once(rows: Any, count: int) -> bool:
    return np.array_equal(np.sort(rows), np.arange(count))


def _parts(arrays: dict[str, Any], rows: int) -> Any:
    """The rows to train on and to validate by; each row is in one of them."""
    training, validation = _rows("training", arrays), _rows("validation", arrays)
    if training is None or validation is None:
        return None
    if not _each_once(np.concatenate([training, validation]), rows):
        raise ValueError("its training and validation rows are not all rows, each once")
    return training, validation


def _group(name: str, arrays: dict[str, Any]) -> list[Any]:
    count = sum(known.rstrip("0123456789") == name for known in arrays)
    return [arrays[f"{name}{i}"] for i in range(1, count + 1)]


def _rng(rng: Rng | None, arrays: dict[str, Any]) -> Any:
    if rng is None:
        return None
    words = arrays["rng"]
    if words.shape != (624,) or words.dtype != np.uint32:
        raise ValueError("its random numbers are not those of a Mersenne Twister")
    made = np.random.RandomState()
    made.set_state(("MT19937", words, rng.position, rng.has_gauss, rng.gauss))
    return made
