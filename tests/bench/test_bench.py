"""The benchmark trains, compares losses, and writes its table."""

import copy
import json
import math
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from backlit.train.data import order

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "bench"))

import cases
import figures
import race
import table

PEAKS = [{"threads": n, "by": "hand", "gflops": 100.0 * n} for n in (1, 2)]


def run_of(*seconds, threads=1, loss=0.5):
    return {"threads": threads, "turns": [*seconds], "losses": [1.0, loss]}


def peer_of(library, *runs, note=None, error=None):
    return {"library": library, "note": note, "error": error, "runs": [*runs]}


def made_up():
    """The results of a run, with round numbers."""
    case = cases.CASES["A"]
    peers = {
        "backlit": peer_of("backlit 1", run_of(0.003, 0.002), run_of(0.005, 0.004, threads=2)),
        "jax": peer_of("JAX 2", run_of(0.012, 0.01), run_of(0.009, 0.008, threads=2)),
        "numpy": peer_of("NumPy 3", run_of(0.012, 0.020)),
    }
    facts = {"steps": case.steps, "flops": case.flops, **vars(case)}
    return {
        "load": 0.0,
        "quiet": 0.5,
        "machine": {"cpu": "a CPU", "cores": 2, "system": "a system", "python": "3.11"},
        "peak": PEAKS,
        "rounds": 2,
        "cases": {"A": {"case": facts, "peers": peers}},
        "cold": {
            "backlit": {"seconds": [1, 9], "error": None},
            "jax": {"seconds": [9, 3], "error": None},
            "numpy": {"seconds": [2, 2], "error": None},
        },
        "growth": {},
    }


@pytest.mark.parametrize("name", ["A", "B", "C", "D"])
def test_backlit_and_numpy_by_hand_reach_the_same_loss(name):
    case = replace(cases.CASES[name], rows=10 * cases.CASES[name].batch + 3)
    found = race.race(case, ["numpy"], rounds=1, engine="numpy")["peers"]
    assert list(found) == ["backlit", "numpy"]
    assert not [peer["error"] for peer in found.values() if peer["error"]]
    assert found["numpy"]["gap"] < 1e-5  # rounding has no time to grow in so few steps
    for run in found["numpy"]["runs"]:
        assert len(run["turns"]) == 1
        assert 0 < run["losses"][1] < run["losses"][0]


def test_rows_come_in_the_order_of_fit():
    case = replace(cases.CASES["A"], rows=50)
    for seed, epoch in ((0, 1), (0, 2), (3, 1)):
        assert np.array_equal(cases.order(case, epoch, seed), order(50, seed, epoch))


def test_the_work_of_a_step():
    case = cases.CASES["A"]  # products of 10 × 16, 16 × 16 and 16 × 1
    assert case.flops == 2 * 16 * (3 * (160 + 256 + 16) - 160)
    assert (case.steps, cases.CASES["G"].steps) == (625, 64 * 625)
    grown = case.grown(rows=10, width=4)
    assert (grown.rows, grown.widths) == (100_000, (10, 64, 64, 1))


@pytest.mark.parametrize(
    ("epoch", "off", "wrong"),
    [(0, 5e-5, False), (0, 2e-4, True), (1, 5e-4, False), (1, 2e-3, True), (1, math.nan, True)],
)
def test_another_loss_is_an_error(epoch, off, wrong):
    found = {"backlit": peer_of("b", run_of(1)), "jax": peer_of("j", run_of(1), run_of(1))}
    found["jax"]["runs"][1]["losses"][epoch] *= 1 + off
    race.judge(found)
    assert bool(found["jax"]["error"]) == wrong
    assert not found["backlit"]["error"]
    own = {**found, "jax": {**found["jax"], "error": None, "note": "has its own"}}
    race.judge(own)
    assert not own["jax"]["error"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Z *= np.float32(1 / n)", "Z *= np.float32(1.1 / n)", "the losses of its first epochs"),
        ("import cases", "import os; os._exit(7)", "its process ended with exit code 7"),
        ("import cases", "import cases, no_such_library", "ModuleNotFoundError: No module named"),
    ],
)
def test_a_planted_fault_is_reported(tmp_path, old, new, says):
    planted = tmp_path / "bench"
    shutil.copytree(race.HERE, planted, ignore=shutil.ignore_patterns("__pycache__"))
    file = planted / "peers" / "numpy_peer.py"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    options = ["--cases", "A", "--peers", "numpy", "--rounds", "1", "--engine", "numpy"]
    out = ["--no-cold", "--no-growth", "--json", tmp_path / "out.json"]
    command = [sys.executable, planted / "run.py", *options, *out]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "backlit" in done.stdout
    assert f"error A, numpy: {says}" in " ".join(done.stdout.split())
    results = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert says in results["cases"]["A"]["peers"]["numpy"]["error"]


def test_figures():
    results = made_up()
    ours, jax, hand = figures.figures(results["cases"]["A"], PEAKS)
    assert (ours.threads, jax.threads, hand.threads) == (1, 2, 1)
    assert jax.us == pytest.approx(0.008 / 625 * 1e6)
    assert jax.ratio == pytest.approx((0.008 / 0.002, 0.009 / 0.003, 0.008 / 0.002))
    assert hand.spread == pytest.approx(0.02 / 0.012 - 1)
    assert jax.gflops == pytest.approx(36352 * 625 / 0.008 / 1e9)
    assert jax.share == pytest.approx(jax.gflops / 200)
    assert figures.strongest([ours, jax, hand]) is jax


def written(tmp_path, results, page):
    """table.py at work: its answer, and the page after it."""
    data, file = tmp_path / "results.json", tmp_path / "README.md"
    data.write_text(json.dumps(results), encoding="utf-8")
    file.write_text(page, encoding="utf-8")
    answer = CliRunner().invoke(table.main, [str(data), str(file)])
    return answer, file.read_text(encoding="utf-8")


def test_the_table_is_written_between_the_marks(tmp_path):
    page = "before\n<!-- bench -->\n| last |\n<!-- /bench -->\nafter\n"
    answer, text = written(tmp_path, made_up(), page)
    assert answer.exit_code == 0
    assert text.startswith("before\n<!-- bench -->\n|")
    assert text.endswith("\n<!-- /bench -->\nafter\n")
    assert "last" not in text
    assert "|  | backlit 1, µs a step | JAX 2 | NumPy 3 |" in text
    assert "10,000 rows | 3.2 | **12.8 (4.0×)** | 19.2 (6.0×) |" in text
    assert "| 1.00 s | 3.00 s (3.0×) | 2.00 s (2.0×) |" in text
    assert written(tmp_path, made_up(), text)[1] == text


def test_no_table_of_a_run_with_errors_or_without_marks(tmp_path):
    page = "<!-- bench -->\n<!-- /bench -->\n"
    wrong = copy.deepcopy(made_up())
    wrong["cases"]["A"]["peers"]["jax"]["error"] = "another loss"
    answer, text = written(tmp_path, wrong, page)
    assert (answer.exit_code, text) == (1, page)
    assert "A, jax: another loss" in answer.output
    for bare in ("no marks\n", "<!-- bench --> alone\n", "<!-- /bench --><!-- bench -->\n"):
        answer, text = written(tmp_path, made_up(), bare)
        assert (answer.exit_code, text) == (1, bare)
        assert "expected one <!-- bench -->" in answer.output
