"""The estimators beside scikit-learn's: the same settings, data and seeds, in one run.

python bench/estimators.py --page docs/estimators.md --page bench/README.md
"""

import math
import os
import time
import warnings
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

import click
import numpy as np
import sklearn
import sklearn.neural_network
from run import machine
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import backlit

BEGIN, END = "<!-- estimators -->", "<!-- /estimators -->"
SETS = {
    "iris": (load_iris, "MLPClassifier"),
    "wine": (load_wine, "MLPClassifier"),
    "diabetes": (load_diabetes, "MLPRegressor"),
    "breast_cancer": (load_breast_cancer, "MLPClassifier"),
    "digits": (load_digits, "MLPClassifier"),
}
LIBRARIES = (backlit, sklearn.neural_network)
CALLS = 200  # of predict, in a row
_T = 2.262  # Student's t of 10 − 1 degrees of freedom, two-sided 95 %
SEEDS = 10


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True)
@click.option(
    "--page", "pages", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Put the table there, between its two marks.",
)  # fmt: skip
def main(rounds: int, pages: tuple[Path, ...]) -> None:
    """Time fit and predict with default settings, alternating; compare held-out scores."""
    warnings.simplefilter("ignore")  # that 200 epochs were not enough, in both
    lines = [
        "| | fit, ms | scikit-learn, ms | faster | first fit | predict of a row, µs | scikit-learn"
        " | faster | held-out score, ours − theirs |",
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for name in SETS:
        lines.append(row(name, rounds))
        click.echo(lines[-1])
    text = "\n".join([*lines, "", foot(rounds)])
    click.echo(text)
    for page in pages:
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def row(name: str, rounds: int) -> str:
    """A line of the table."""
    load, estimator = SETS[name]
    X, y = load(return_X_y=True)
    first = seconds(estimator, X, y, 0)
    fits = [seconds(estimator, X, y, seed) for seed in range(rounds)]
    ours, theirs = zip(*fits, strict=True)
    calls = [median(c) for c in zip(*(answered(estimator, X, y) for _ in range(5)), strict=True)]
    return (
        f"| {name} | {1e3 * median(ours):.1f} | {1e3 * median(theirs):.1f} | "
        f"{median(theirs) / median(ours):.1f}× | {first[1] / first[0]:.1f}× | {calls[0]:.0f} | "
        f"{calls[1]:.0f} | {calls[1] / calls[0]:.1f}× | {difference(estimator, X, y)} |"
    )


def seconds(estimator: str, X: Any, y: Any, seed: int) -> list[float]:
    """Of a fit by each library, one after the other; who begins alternates."""
    found = {}
    for library in LIBRARIES if seed % 2 else LIBRARIES[::-1]:
        made = getattr(library, estimator)(random_state=seed)
        began = time.perf_counter()
        made.fit(X, y)
        found[library] = time.perf_counter() - began
    return [found[library] for library in LIBRARIES]


def answered(estimator: str, X: Any, y: Any) -> list[float]:
    """Microseconds of a prediction for one row."""
    found = []
    for library in LIBRARIES:
        made = getattr(library, estimator)(random_state=0, max_iter=5).fit(X, y)
        began = time.perf_counter()
        for i in range(CALLS):
            made.predict(X[i % len(X)][None])
        found.append(1e6 * (time.perf_counter() - began) / CALLS)
    return found


def difference(estimator: str, X: Any, y: Any) -> str:
    """Of the scores on a quarter of the rows, after a StandardScaler: mean and 95 % interval."""
    found = []
    for seed in range(SEEDS):
        parts = train_test_split(X, y, random_state=seed)
        scores = [
            make_pipeline(StandardScaler(), getattr(library, estimator)(random_state=seed))
            .fit(parts[0], parts[2])
            .score(parts[1], parts[3])
            for library in LIBRARIES
        ]
        found.append(scores[0] - scores[1])
    half = _T * stdev(found) / math.sqrt(SEEDS)
    return f"{mean(found):+.0e} ± {half:.0e}" if any(found) else "0 in all 10 seeds"


def foot(rounds: int) -> str:
    """What was measured, and where."""
    facts = machine()
    return (
        f"Default settings, float64, the data as they come; medians of {rounds} fits with "
        f"different seeds, in turns, each library with the threads it takes by itself. First fit: "
        "how many times faster the first one in the process was, in which backlit traces the "
        f"network. backlit {backlit.__version__}, scikit-learn {sklearn.__version__}, NumPy "
        f"{np.__version__}; {facts['cpu']}, {os.cpu_count()} cores, {facts['system']}."
    )


if __name__ == "__main__":
    main()
