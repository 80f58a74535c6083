"""scikit-learn's own tests, on our estimators: its checks of any estimator, and those of its MLPs.

Left out of the latter are the tests that read private attributes; what they mean is tested below
by what a user sees.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.utils.estimator_checks import check_estimator

import backlit as bl

from .small import classes, fitted

BOTH = [
    {},
    {"solver": "sgd", "learning_rate": "adaptive"},
    {"hidden_layer_sizes": (20, 10), "activation": "tanh", "learning_rate_init": 0.01},
    {"optimizer": bl.adamw(1e-2)},
    {"scale_inputs": True},
    {"clip_norm": 1.0, "alpha": 0.1},
    {"hidden_layer_sizes": (30, 30), "activation": ["gelu", "sigmoid"], "learning_rate_init": 0.01},
    {"engine": "numpy", "init": bl.nn.he_normal},
    {"hidden_layer_sizes": (), "learning_rate_init": 0.05},
]
SETTINGS = {
    bl.MLPClassifier: [*BOTH, {"loss": "hinge"}, {"output_activation": "logistic"}],
    bl.MLPRegressor: [
        *BOTH,
        {"loss": "huber"},
        {"loss": "poisson", "learning_rate_init": 0.01},
        {"loss": "absolute_error", "scale_target": True},
        {"loss": "pinball", "quantiles": [0.3]},
    ],
}
PRIVATE = {
    "test_gradient": "_loss_grad_lbfgs",
    "test_learning_rate_warmstart": "_optimizer",
    "test_adaptive_learning_rate": "_optimizer",
    "test_n_iter_no_change": "_no_improvement_count",
    "test_n_iter_no_change_inf": "_no_improvement_count",
}
WORDS = ("passed", "deselected")
CONFTEST = """
import pytest

@pytest.fixture
def global_random_seed():
    return 42
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the checks make data on which no training converges
@pytest.mark.parametrize(
    ("make", "settings"),
    [(make, settings) for make, each in SETTINGS.items() for settings in each],
    ids=lambda x: x.__name__ if isinstance(x, type) else "-".join(x) or "default",
)
def test_every_check_of_scikit_learn_passes(make, settings):
    found = check_estimator(make(**settings), on_skip=None, on_fail=None)
    wrong = {x["check_name"]: x["exception"] for x in found if x["status"] in ("failed", "xfail")}
    assert not wrong
    assert sum(x["status"] == "passed" for x in found) > 50


@pytest.mark.slow
def test_scikit_learns_tests_of_its_mlps_pass(tmp_path):
    source = Path(sklearn.neural_network.__file__).parent / "tests" / "test_mlp.py"
    theirs = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
    text = source.read_text(encoding="utf-8")
    assert text.count(theirs) == 1
    ours = text.replace(theirs, "from backlit import MLPClassifier, MLPRegressor")
    (tmp_path / "test_mlp.py").write_text(ours, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"),
            *("-c", os.devnull, "--rootdir", ".", "--tb=short", "test_mlp.py"),
            *(x for name in PRIVATE for x in ("--deselect", f"test_mlp.py::{name}")),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    summary = done.stdout.splitlines()[-1]
    passed, deselected = (int(re.search(rf"(\d+) {x}", summary)[1]) for x in WORDS)
    assert passed > 50
    assert deselected == len(PRIVATE)
    for name, attribute in PRIVATE.items():
        body = re.search(rf"\ndef {name}\(.*?(?=\n(?:def|@)|\Z)", text, re.DOTALL)[0]
        assert f".{attribute}" in body, f"{name} reads {attribute} no longer: run it"


def learning_rates(est, times=1):
    """After so many fits of the same four rows."""
    for _ in range(times):
        fitted(est, [[3, 2], [1, 6], [5, 6], [-2, -4]], [1, 1, 1, 0])
    return est.history_["learning_rate"]


def test_learning_rates_go_on_in_a_warm_start():
    settings = {"solver": "sgd", "hidden_layer_sizes": 4, "max_iter": 1, "warm_start": True}
    assert learning_rates(bl.MLPClassifier(**settings), 3) == [0.001] * 3
    inverse = bl.MLPClassifier(learning_rate="invscaling", power_t=0.25, **settings)
    expected = [0.001, 0.001 / 5**0.25, 0.001 / 9**0.25]  # t counts the rows seen
    np.testing.assert_allclose(learning_rates(inverse, 3), expected, rtol=1e-12)


def test_an_adaptive_learning_rate_falls_by_fives_to_its_end():
    est = bl.MLPClassifier(tol=0.5, max_iter=3000, solver="sgd", learning_rate="adaptive")
    rates = learning_rates(est)
    assert est.stop_reason_.kind == "converged"
    assert est.n_iter_ == len(rates) < 3000
    steps = np.unique(rates)[::-1]
    np.testing.assert_allclose(steps, 0.001 / 5.0 ** np.arange(len(steps)), rtol=1e-12)
    assert steps[-1] <= 1e-6 < steps[-2]


@pytest.mark.parametrize("patience", [2, 5, 50])
def test_it_stops_after_as_many_epochs_without_a_better_one(patience):
    est = bl.MLPClassifier(
        tol=0.01, max_iter=3000, solver="sgd", n_iter_no_change=patience, random_state=0
    ).fit(*classes())
    best, unimproved = np.inf, 0
    counts = []
    for loss in est.loss_curve_:
        unimproved = unimproved + 1 if loss > best - 0.01 else 0
        best = min(best, loss)
        counts.append(unimproved)
    assert counts[-1] == patience + 1
    assert max(counts[:-1]) == patience
    assert est.stop_reason_.kind == "converged"


def test_no_end_to_patience():
    est = bl.MLPClassifier(tol=1e9, n_iter_no_change=np.inf, max_iter=60, solver="sgd")
    assert fitted(est, *classes()).n_iter_ == 60
    assert est.stop_reason_.kind == "budget"


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("count", [2, 3])
def test_the_gradient_of_a_fit_is_that_of_differences(activation, count):
    est = bl.MLPClassifier(
        activation=activation, hidden_layer_sizes=10, solver="lbfgs", alpha=1e-5, max_iter=1
    )
    checked = fitted(est, *classes(count, rows=5)).derivation_.check()
    assert checked, checked
