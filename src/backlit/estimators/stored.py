"""Estimators as files: arrays, and JSON of a closed schema; the same state gives the same bytes.

All that `predict` and an exact warm start need is in it; what depends on a clock or a machine is
not: the seconds in history_, who played.
"""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..files import dump, write_whole
from ..files.schema import Real
from ..ir.trees import leaves
from .settings import Value, as_data, plain

FORMAT = 1
KINDS = ("MLPClassifier", "MLPRegressor")
SCALES = (("input_mean_", "input_scale_"), ("target_mean_", "target_scale_"))
CURVES = {"loss_curve_", "validation_scores_"}
RECORD = "history "
GROUPS = ("state", "best", "left")
_CLOCK = ("seconds",)  # in history_
_WIDEST = {"b": "bool", "i": "int64", "u": "uint64", "f": "float64"}  # as files hold classes
_DTYPES = (  # that classes may have
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64",
)  # fmt: skip


@dataclass(frozen=True)
class Rng:
    """Where a Mersenne Twister is in its words, which are the array "rng"."""

    position: int
    has_gauss: int
    gauss: Real

    def __post_init__(self) -> None:
        if not 0 <= self.position <= 624 or self.has_gauss not in (0, 1):
            raise ValueError("the random numbers are at no place that exists")


@dataclass(frozen=True)
class Stopped:
    """A `StopReason`."""

    reason: str
    epoch: int
    step: int
    where: str
    layer: int | None
    advice: str


@dataclass(frozen=True)
class Going:
    """What a `Course` has beside its arrays."""

    rate: Real
    seed: int
    steps: int
    made_for: tuple[str, ...]  # the optimiser, its slots, its corrections
    slots: int  # how many of these are slots
    rows: int
    unimproved: int
    rng: Rng | None

    def __post_init__(self) -> None:
        if min(self.seed, self.steps, self.slots, self.rows, self.unimproved) < 0:
            raise ValueError("a count is below 0")
        if not (math.isfinite(self.rate) and self.rate >= 0):
            raise ValueError(f"a learning rate of {self.rate}")


@dataclass(frozen=True)
class Targets:
    """What the targets are: their number, and of classes their kind.

    Classes that are texts are in `names`; of those that are numbers, an array, here is the dtype.
    """

    outputs: int
    y_type: str | None
    names: tuple[str, ...]
    objects: bool  # the names were Python's texts, not NumPy's
    dtype: str | None

    def __post_init__(self) -> None:
        if self.outputs < 1:
            raise ValueError("there must be an output")
        if self.y_type not in (None, "binary", "multiclass", "multilabel-indicator"):
            raise ValueError(f"targets of type {self.y_type!r} are not known")
        if self.dtype not in (None, *_DTYPES):
            raise ValueError(f"classes of dtype {self.dtype}; known: {', '.join(_DTYPES)}")


@dataclass(frozen=True)
class Stored:
    """All of an estimator but its arrays: the schema of its file."""

    format: int
    estimator: str
    settings: dict[str, Value]
    features: int
    names: tuple[str, ...]  # of the features, if they have names
    targets: Targets
    n_iter: int
    t: int
    loss: Real
    best_loss: Real | None
    best_score: Real | None
    step_rows: int
    weighted: bool  # its rows had weights
    stopped: Stopped
    going: Going

    def __post_init__(self) -> None:
        if self.format != FORMAT:
            raise ValueError(f"format {self.format}; this version of backlit reads {FORMAT}")
        if self.estimator not in KINDS:
            raise ValueError(f"estimator {self.estimator!r}; known: {', '.join(KINDS)}")
        if self.features < 1 or self.step_rows < 1 or min(self.n_iter, self.t) < 0:
            raise ValueError("a count is too small")
        if self.names and len(self.names) != self.features:
            raise ValueError("there is not a name for each feature")


def save(path: Path, est: Any) -> None:
    """Write a fitted estimator, whole or not at all.

    Raises InputError for what no file can hold: functions of the user, networks of his own; and
    FileError for what `restore` would refuse, such as weights that are NaN.
    """
    from .restored import restore  # which needs scikit-learn

    if type(est).__name__ not in KINDS:
        raise InputError(
            f"a {type(est).__name__} cannot be saved: its network is a function, and a file holds "
            "no code. Save params_ with your own code, or pickle it, for those who trust you."
        )
    if not hasattr(est, "_course"):
        raise InputError(f"this {type(est).__name__} is not fitted: there is nothing to save yet")
    arrays, about = _arrays(est), _about(est)
    made, again = est._design, restore(arrays, about, f"this {about.estimator}")._design
    if (made.widths, made.activations, made.head) != (again.widths, again.activations, again.head):
        raise InputError(
            f"the settings of this {about.estimator} are no longer those of its last fit, and a "
            "file could not answer as it does: fit it again, or set them back"
        )
    write_whole(path, dump(arrays, about, finite=False))


def _about(est: Any) -> Stored:
    course, settings = est._course, est.get_params(deep=False)
    settings["callbacks"] = None
    if isinstance(est.random_state, np.random.RandomState):
        settings["random_state"] = None
    rng = None if course.rng is np.random.mtrand._rand else course.rng.get_state(legacy=False)
    optimizer, slots, corrections = course.made_for or ("", (), ())
    return Stored(
        FORMAT, type(est).__name__, {name: as_data(name, x) for name, x in settings.items()},
        est.n_features_in_, tuple(getattr(est, "feature_names_in_", ())), _targets(est),
        int(est.n_iter_), int(est.t_),
        float(est.loss_), _real(est.best_loss_), _real(est.best_validation_score_),
        int(est._step_rows), est._weighted, Stopped(*map(plain, asdict(est.stop_reason_).values())),
        Going(
            float(course.rate), course.seed, int(course.steps), (optimizer, *slots, *corrections),
            len(slots), course.rows, course.unimproved,
            rng and Rng(rng["state"]["pos"], rng["has_gauss"], float(rng["gauss"])),
        ),
    )  # fmt: skip


def _real(value: Any) -> float | None:
    return None if value is None else float(value)


def _targets(est: Any) -> Targets:
    classes = getattr(est, "classes_", None)
    if classes is None:
        return Targets(est.n_outputs_, None, (), False, None)
    kind, y_type = classes.dtype.kind, est._label_binarizer.y_type_
    if kind in "OUS":
        return Targets(est.n_outputs_, y_type, tuple(map(str, classes)), kind == "O", None)
    return Targets(est.n_outputs_, y_type, (), False, classes.dtype.name)


def _arrays(est: Any) -> dict[str, Any]:
    """Parameters, optimiser states, records, by names that tell which is which."""
    course, found = est._course, _layers(est._params)
    groups = (course.values, [] if est._best is None else _leaves(est._best), course.left)
    for name, values in zip(GROUPS, groups, strict=True):
        found |= {f"{name}{i}": np.asarray(x) for i, x in enumerate(values, 1)}
    for mean, scale in SCALES:
        if hasattr(est, mean):
            found |= {name: np.asarray(getattr(est, name)) for name in (mean, scale)}
    if course.order is not None:
        found["order"] = np.asarray(course.order, np.int64)
    if course.parts is not None:
        found |= dict(zip(("training", "validation"), course.parts, strict=True))
    if course.rng is not np.random.mtrand._rand:
        found["rng"] = course.rng.get_state(legacy=False)["state"]["key"]
    if hasattr(est, "classes_") and est.classes_.dtype.kind not in "OUS":
        found["classes"] = est.classes_.astype(_WIDEST[est.classes_.dtype.kind])
    for name, values in est.history_.items():
        if name not in _CLOCK:
            found[RECORD + name] = np.array(values)
    for name in CURVES:
        if getattr(est, name, None) is not None:
            found[name] = np.array(getattr(est, name), float)
    return found


def _leaves(tree: Any) -> list[Any]:
    return [x for _, x in leaves(tree)]


def _layers(params: Any) -> dict[str, Any]:
    pairs = enumerate(params, 1)
    return {f"{n}{i}": x for i, pair in pairs for n, x in zip("Wb", pair, strict=True)}
