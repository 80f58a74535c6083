"""What `train`, `inspect` and `evaluate` say about tables, networks and scores."""

from collections.abc import Iterable, Sequence
from textwrap import wrap

import numpy as np

from ..show.document import shape_text
from .columns import DAY, WEEK, YEAR, Category, Column, Date, Flag, Number, Omitted
from .learn import Training
from .model import About, Model, Scores
from .score import Below, Score
from .settings import Settings
from .target import Classes, Target
from .values import counted, date, several, shown

_WIDTH = 100
_TITLE = 11  # columns that titles take
_LISTED = 30  # columns of a model that have a line each
_EPOCHS = 6  # of a training that are shown
_CYCLES = {YEAR: "time of year", WEEK: "day of the week", DAY: "time of day"}


def summary(training: Training) -> str:
    """Table, target, columns, rows, network, training, score."""
    about = training.model.about
    return page(
        ("Table", [_table(training)]),
        ("Target", [*target_lines(about.target, training.choice.why), *_left_out(training)]),
        ("Columns", grouped(about.preparation.columns)),
        ("Unusual", training.notes),
        ("Rows", [_rows(training)]),
        ("Network", [network(training.model)]),
        ("Training", _progress(training)),
        ("Held out", [*held_out(about.scores), *_linear(about.scores)]),
    )


def equations(training: Training) -> str:
    """Forward, loss and backward, as they were derived and run."""
    derivation = training.derivation
    lines = [
        (f"{line.left['text']} = {line.right['text']}", shape_text(line.out.shape))
        for line in derivation.document.lines
    ]
    longest = max(len(text) for text, _ in lines)
    step = f"of one step, on the first batch of {len(derivation.values[-1]):,} rows"
    return page(("Equations", [step, *(f"  {text:<{longest}}  {n}" for text, n in lines)]))


def model_report(model: Model) -> str:
    """What is in a model: columns, network, how well it did, the equations it answers by."""
    about, every = model.about, model.about.preparation.columns
    origin = f"epoch {about.epoch:,} of a training on {about.rows:,} rows"
    return page(
        ("Target", target_lines(about.target)),
        ("Columns", one_by_one(every) if len(every) <= _LISTED else grouped(every)),
        ("Network", [network(model)]),
        ("Training", [method(about.settings), f"kept: {origin}, seed {about.settings.seed}"]),
        ("Held out", held_out(about.scores)),
        ("Equations", _forward(about)),
    )


def target_lines(target: Target, why: str = "") -> list[str]:
    """What is predicted, why as that, and what it is like in the training rows."""
    reason = f" ({why})" if why else ""
    if not isinstance(target, Classes):
        known = f"mean {target.mean:.4g}, standard deviation {target.scale:.4g}"
        return [f"{shown(target.name)}: a quantity{reason}", f"in training: {known}"]
    pairs = sorted(zip(target.counts, target.classes, strict=True), key=lambda pair: -pair[0])
    rows = several([f"{shown(name)} {count:,}" for count, name in pairs])
    kind = f"{target.outputs:,} classes{reason}"
    return [f"{shown(target.name)}: {kind}", f"rows in training: {rows}"]


def grouped(columns: Sequence[Column]) -> list[str]:
    """A line for each treatment, with the columns that have it; those left out come last."""
    groups: dict[str, list[str]] = {}
    for column in sorted(columns, key=lambda column: isinstance(column, Omitted)):
        groups.setdefault(_treatment(column), []).append(shown(column.name))
    return [f"{how} ({len(names):,}): {several(names)}" for how, names in groups.items()]


def one_by_one(columns: Sequence[Column]) -> list[str]:
    """A line for each column, with what it keeps from training."""
    longest = max(len(shown(column.name)) for column in columns)
    return [f"  {shown(column.name):<{longest}}  {_formula(column)}" for column in columns]


def _treatment(column: Column) -> str:
    if isinstance(column, Number):
        gaps = "with gaps, filled by the median and marked by a 1 in one more input"
        return f"numbers {gaps}; standardised" if column.indicator else "numbers, standardised"
    if isinstance(column, Date):
        cycles = [f"the {_CYCLES[period]}" for period in column.periods if period in _CYCLES]
        more = f"; sine and cosine of {', '.join(cycles)}" if cycles else ""
        gap = "; a gap is the median, and marked" if column.indicator else ""
        return f"dates, as days since 1970, standardised{more}{gap}"
    if isinstance(column, Flag):
        return "yes or no, as 1 and −1"
    if isinstance(column, Category):
        extra = [word for word in ("other", "missing") if getattr(column, word)]
        return "categories, an input for each" + "".join(f", one for {word}" for word in extra)
    return f"left out, {column.why}"


def _formula(column: Column) -> str:
    if isinstance(column, Number):
        gap = f"; a gap is {column.median:.6g}" + ", and marked" * column.indicator
        return f"(x − {column.mean:.6g}) / {column.scale:.6g}{gap}"
    if isinstance(column, Date):
        cycles = [f", sin and cos of 2π days / {period:g}" for period in column.periods]
        gap = f"; a gap is {date(column.median)}" + ", and marked" * column.indicator
        days = f"(days since 1970 − {column.mean:.6g}) / {column.scale:.6g}"
        return f"{days}{''.join(cycles)}{gap}"
    if isinstance(column, Flag):
        return f"{column.yes} 1, {column.no} −1, missing 0"
    if isinstance(column, Category):
        extra = [f"({word})" for word in ("other", "missing") if getattr(column, word)]
        return f"one of {several([*map(shown, column.categories)])}{' '.join(['', *extra])}"
    return f"left out, {column.why}"


def network(model: Model) -> str:
    """Widths, activation, size."""
    about, settings = model.about, model.about.settings
    widths = "-".join(map(str, about.widths))
    names = [*dict.fromkeys(settings.activation)]
    each = f"{names[0]} in" if len(names) == 1 else f"{', '.join(settings.activation)} in turn in"
    hidden = f"{each} the hidden layers" if settings.hidden else "linear"
    return f"{widths}, {hidden}, {_end(about)}; {model.parameters:,} parameters"


def _end(about: About) -> str:
    """What the raw outputs become."""
    quantiles = about.settings.quantiles
    if isinstance(about.target, Classes):
        return "softmax at the end"
    if quantiles:
        many = ", none below the one before" if len(quantiles) > 1 else ""
        return f"the quantiles {', '.join(map(str, quantiles))} out{many}"
    return "exp at the end" if about.target.positive else "one number out"


def held_out(scores: Scores | None) -> list[str]:
    """The score of the network beside those of simpler models."""
    if scores is None:
        return ["no rows: there is no score"]
    network, linear = scores.network, scores.linear
    compared = {
        "network" if linear else "linear model": network,
        "linear model": linear or network,
        network.simplest: scores.constant,
    }
    rows = f"of {counted(network.rows, 'row')} that it never saw"
    return [*comparison(rows, compared), *covered(scores.coverage)]


def covered(quantiles: Sequence[Below]) -> list[str]:
    """How often the true value is at or below each quantile; that many it should be."""
    if not quantiles:
        return []
    lines = ["true values at or below each quantile; the middle one is judged above"]
    for found in quantiles:
        value, low, high = (100 * getattr(found.estimate, w) for w in ("value", "low", "high"))
        lines.append(
            f"  {f'{100 * found.quantile:g} %':<20}{value:.1f} % [{low:.1f}, {high:.1f}]  "
            f"{found.below:,} of {counted(found.rows, 'row')}"
        )
    return lines


def _linear(scores: Scores | None) -> list[str]:
    """A hint, if the linear model is of use and the network of no more."""
    linear = scores.linear if scores else None
    if linear and linear.better_than(scores.constant) and scores.network.figure <= linear.figure:
        return ["The linear model, trained in the same way, does no worse: --hidden 0 trains it."]
    return []


def comparison(rows: str, scores: dict[str, Score]) -> list[str]:
    """A line for each model, the one that is judged first, what needs no learning last.

    Then a sentence, if the first is not shown to be better than the last.
    """
    (network, *_, simplest) = scores.values()
    sure = "with 95 % intervals" if network.interval else "which are too few for intervals"
    lines = [f"{network.words} {rows}, {sure}"]
    lines += [f"  {name:<20}{score}" for name, score in scores.items()]
    if not network.better_than(simplest):
        lines.append(
            f"Not shown to be better than the {network.simplest}: what was learnt may be of no "
            "use for other rows."
        )
    return lines


def _table(training: Training) -> str:
    table = training.table
    rows, columns = counted(len(table), "row"), counted(len(table.names), "column")
    return f"{table.source}: {rows}, {columns}"


def _left_out(training: Training) -> list[str]:
    choice, rows = training.choice, len(training.table)
    counts = {
        "without it": rows - len(choice.rows) - choice.not_numbers,
        "not a number": choice.not_numbers,
    }
    return [f"left out, {why}: {n:,} of {rows:,} rows" for why, n in counts.items() if n]


def _rows(training: Training) -> str:
    stay = training.model.about.rows
    text = f"{stay:,} to train on"
    if training.validation:
        those = f"of {training.elsewhere}" if training.elsewhere else "of which"
        text += f", {training.validation:,} {those} choose the epoch"
    return f"{text}; {training.held_out:,} held out; seed {training.model.about.settings.seed}"


def _progress(training: Training) -> list[str]:
    """How it was trained, the losses of some epochs, why it ended."""
    fit, best = training.learnt.fit, training.learnt.best
    lines = [method(training.model.about.settings)]
    history = fit.history
    done = len(history["loss"])
    if done:
        some = np.unique([best, *np.geomspace(1, done, _EPOCHS).round().astype(int)])
        lines.append("  epoch      " + "".join(f"{epoch:>10,}" for epoch in some))
        titles = {"loss": "loss", "validation_loss": "validation"}
        for key, values in history.items():
            cells = "".join(f"{values[epoch - 1]:>10.4g}" for epoch in some)
            lines.append(f"  {titles[key]:<11}{cells}")
    ended = str(fit.stop_reason)
    if fit.stop_reason.kind == "callback":
        ended = f"no better validation loss in the {done - best:,} epochs after it"
    kept = f"; kept: epoch {best:,}, the best in validation" if training.validation else ""
    return [*lines, f"ended at epoch {done:,}: {ended}{kept}"]


def method(settings: Settings) -> str:
    """Loss, optimiser and what else was chosen."""
    rates = {
        "cosine": "falling to 0 along a cosine",
        "step": "falling to a tenth after each third",
        "inverse": "falling to a tenth as 1 / step",
    }
    how = f"{settings.loss}, {settings.optimizer}, rate {settings.rate:g}"
    if settings.schedule in rates:
        how += f" {rates[settings.schedule]}"
    chosen = {
        f"dropout {', '.join(f'{share:g}' for share in settings.dropout)}": any(settings.dropout),
        f"gradients of at most {settings.clip_norm or 0:g}": settings.clip_norm,
        f"first weights {settings.init}": settings.init != Settings.init,
        "each class weighs the same": settings.balance,
        f"rows weigh what {shown(settings.weights or '')} says": settings.weights,
    }
    more = [text for text, is_so in chosen.items() if is_so]
    words = [how, f"weight decay {settings.decay:g}", *more]
    size = f"{settings.epochs:,} epochs at most, batches of {settings.batch:,} rows"
    return f"{', '.join(words)}; {size}"


def _forward(about: About) -> list[str]:
    """From the prepared row X to the answer, as the network's `Design` computes it."""
    lines, inner = [], "X"
    last = len(about.widths) - 1
    for i in range(1, last + 1):
        lines.append(f"  Z{i} = {inner} W{i} + b{i}")
        inner = f"H{i}"
        if i < last:
            lines.append(f"  H{i} = {about.settings.activation[i - 1]}(Z{i})")
    target = about.target
    if isinstance(target, Classes):
        return [*lines, f"  P = softmax(Z{last})"]
    if target.positive:
        return [*lines, f"  Y = {target.unit:.6g} exp(Z{last})"]
    output = f"Z{last}"
    if len(about.settings.quantiles) > 1:
        lines.append(f"  Q1 = Z{last}[1], Qk = Qk−1 + softplus(Z{last}[k])")
        output = "Q"
    return [*lines, f"  Y = {target.shift:.6g} + {target.unit:.6g} {output}"]


def page(*parts: tuple[str, Iterable[str]]) -> str:
    """Titles in the margin; what is said is wrapped, except lines that begin with blanks."""
    out = []
    for title, lines in parts:
        for i, line in enumerate(lines):
            margin = f"{title if i == 0 else '':<{_TITLE}}"
            if line.startswith(" "):
                out.append(f"{margin}{line[2:]}".rstrip())
            else:
                inner = " " * (_TITLE + 2)
                out += wrap(
                    line, _WIDTH, initial_indent=margin, subsequent_indent=inner,
                    break_on_hyphens=False,  # of files' names
                )  # fmt: skip
    return "\n".join(out)
