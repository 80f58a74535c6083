"""``backlit descend`` as a user meets it."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from backlit.cli import program


def run(*words):
    return CliRunner().invoke(program, ["descend", *words], env={"COLUMNS": "80"})


@pytest.mark.parametrize(("start", "slope"), [("0", "4"), ("-4", "−4")])
def test_the_articles_parabola(start, slope):
    result = run("(x+2)**2", "--start", start)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:3] == ["f(x) = (x + 2)²", "f′(x) = 2 (x + 2)", "f″(x) = 2"]
    first = next(line.split() for line in lines if line.split()[:1] == ["0"])
    last = next(line.split() for line in reversed(lines) if line.split()[:1] == ["83"])
    assert first[3] == slope
    assert last[1] == "−2"
    head = next(i for i, line in enumerate(lines) if line.startswith("step "))
    steps = [line.split()[0] for line in lines[head + 1 : head + 13]]
    assert steps == [*"01234567", "⋮", "81", "82", "83"]
    assert "It ends at x = −2" in result.output
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("x**", "ends too early"),
        ("__import__('os')", "__import__ is not a function"),
        ("9**9**9**9*x", "9 ** 9 ** 9 is infinite, or larger than any float64"),
        ("1/x", "f is not defined at the start x = 0: 1 / x is infinite there"),
        ("ln(x-1)", "not a real number there"),
        ("3", "has no variable"),
    ],
)
def test_a_sentence_each(expression, words):
    result = run(expression, "--start", "0")
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert result.stderr.startswith("backlit: ")
    assert result.stderr.count("\n") == 1


def test_divergence_is_explained_and_the_exit_code_says_no():
    result = run("(x+2)**2", "--start", "0", "--rate", "2")
    assert result.exit_code == 1
    words = " ".join(result.stdout.split())
    assert "It diverges" in words
    assert "only 0 < α < 2/f″ = 1 converges" in words


@pytest.mark.parametrize(
    ("words", "start"),
    [
        (["--start", "x=1,y=-2"], {"x": 1, "y": -2}),
        (["--start", "y=-2, x=1"], {"x": 1, "y": -2}),
        (["--start", "1", "--start", "-2"], {"x": 1, "y": -2}),
        (["--start", "1,2-4"], {"x": 1, "y": -2}),
        (["--start", "x=pi/2", "--start", "y=0"], {"x": 1.5708, "y": 0}),
        ([], {"x": 0, "y": 0}),
    ],
)
def test_starts_of_several_variables(words, start):
    result = run("x**2 + 2*y**2", *words, "--steps", "1")
    assert result.exit_code == 0
    row = next(line.split() for line in result.stdout.splitlines() if line.split()[:1] == ["0"])
    assert [float(w.replace("−", "-")) for w in row[1:3]] == pytest.approx([*start.values()])
    assert "x ← x − α ∂f/∂x, y ← y − α ∂f/∂y" in result.stdout


def test_a_wide_table_has_fewer_digits():
    result = run("x*x + y*y + z*z", "--start", "1,2,3")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "4.52e−08" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--start", "1"], "the variables x, y, and --start gives '1'"),
        (["--start", "1,2,3"], "the variables x, y, and --start gives '1,2,3'"),
        (["--start", "x=1,z=1"], "the variables x, y, and --start gives 'x=1,z=1'"),
        (["--start", "x=1,x=2,y=1"], "the variables x, y, and --start gives"),
        (["--start", "1,t"], "the start 't' is not a number"),
        (["--start", "1,"], "empty"),
    ],
)
def test_wrong_starts(words, message):
    result = run("x*y", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_an_expression_may_begin_with_a_minus_sign():
    assert "f(x) = −x²" in run("-x**2", "--start", "0", "--steps", "1").stdout


def test_picture(tmp_path):
    result = run("x**2", "--start", "1", "--out", str(tmp_path / "a.svg"))
    assert result.exit_code == 0
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    wrong = run("x**2", "--start", "1", "--out", str(tmp_path / "a.pdf"))
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    nowhere = run("x**2", "--start", "1", "--out", str(tmp_path / "no" / "a.svg"))
    assert nowhere.exit_code == 2
    assert nowhere.stderr.strip().endswith("does not exist.")


def test_as_a_program_on_a_terminal_without_unicode():
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "COLUMNS": "80"}
    command = [sys.executable, "-m", "backlit", "descend", "(x+2)**2", "--start", "0"]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"f(x) = (x + 2)" in done.stdout


@pytest.mark.parametrize("steps", ["1", "2", "5", "18", "19"])
@pytest.mark.parametrize("expression", ["x**2", "x**2 + 1e17", "1e200*x**2", "x**x", "1e308*x"])
@pytest.mark.parametrize("start", ["1", "-1", "1e10"])
def test_however_short_or_large_it_is_no_fault_of_ours(expression, start, steps):
    for rate in ("0.1", "2", "1e5"):
        words = ("--start", start, "--steps", steps, "--rate", rate)
        assert run(expression, *words).exit_code in (0, 1, 2)


def test_the_limit_of_the_rate_is_told_at_a_minimum():
    text = run("x**4 - 3*x**2 + x", "--start", "2", "--rate", "0.2").stdout
    assert "f″ is 42" not in text
    assert "at x = −1.30084" in text
