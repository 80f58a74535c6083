"""Chapter 8: a network with random weights teaches, another one learns."""

from collections.abc import Iterator

from ..prove import Proof, teacher_student
from ..prove.picture import losses, median, scores, surfaces
from .blocks import Block, Picture, Prose, Table
from .figures import fixed
from .training import whole

TRIALS, ROWS, EPOCHS = 10, 2000, 40


def proof(seed: int) -> Iterator[Block]:
    """Ten trials: held-out R² of student, linear model and constant, with intervals."""
    yield Prose(
        "Does it work on more than four rows? The article's proof: let one network with random "
        "weights be the teacher. It answers to random inputs, and its answers are the data. A "
        "student with another depth and other widths sees examples only. If learning works, the "
        "student answers like the teacher on inputs that neither has met."
    )
    shown = teacher_student(trials=TRIALS, rows=ROWS, epochs=EPOCHS, seed=seed, report=whole)
    sizes = ("-".join(map(str, widths)) for widths in (shown.teacher, shown.student))
    yield Prose(
        "Teachers are {}, students {}; ".format(*sizes)
        + f"{TRIALS} pairs, {ROWS} examples each, {ROWS // 2} more held out for the judgement. "
        "$R²$ is the share of the variance that a model explains: 1 is perfect, 0 is as good as a "
        "constant. A linear model is judged as well, so that nobody can say the task was easy."
    )
    yield Table(
        ("model", "held-out R² (mean of trials)", "95 % interval", "lowest"),
        tuple(row(shown, model) for model in ("student", "linear", "constant")),
    )
    yield Prose(str(shown))
    yield Picture(
        tuple(surfaces(median(shown), shown.teacher[0])),
        "The teacher's answers over the two inputs, those of the student in the middle of the "
        "ranking, and how far they are apart, on a finer scale.",
    )
    yield Picture(
        (losses(shown), scores(shown)),
        "First the training loss of every student; then, trial by trial, the students near "
        "$R² = 1$, linear models below, constants at 0.",
    )


def row(shown: Proof, model: str) -> tuple[str, ...]:
    """A model's scores."""
    r2 = shown.mean(model)
    lowest = min(getattr(trial, model).r2 for trial in shown.trials)
    name = {"student": "student", "linear": "linear model", "constant": "constant"}[model]
    value, low, high, least = (fixed(x, 4) for x in (r2.value, r2.low, r2.high, lowest))
    return name, value, f"{low} … {high}", least
