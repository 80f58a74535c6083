"""``backlit prove`` prints figures with intervals, and answers no when the answer is no."""

import re

import pytest
from click.testing import CliRunner

from backlit.cli import program

SMALL = ["--trials", "2", "--teacher", "2-4-1", "--student", "2-16-16-1", "--gain", "4"]


def run(*words):
    return CliRunner().invoke(program, ["prove", *SMALL, *words])


def test_a_proof_with_its_page(tmp_path):
    page = tmp_path / "prove.html"
    result = run("--rows", "1200", "--epochs", "60", "--out", str(page))
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].split()[:3] == ["trial", "student", "R²"]
    assert [line.split()[0] for line in lines[1:3]] == ["1", "2"]
    assert re.search(r"^student +0\.9\d+ \[0\.9\d+, ", result.output, re.MULTILINE)
    assert re.search(r"^linear model +0\.\d+ \[", result.output, re.MULTILINE)
    assert "Shown: 2 of 2" in result.output
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_students_that_do_not_learn_give_exit_code_1(tmp_path):
    drawing = tmp_path / "prove.svg"
    result = run("--rows", "100", "--epochs", "1", "--rate", "0", "--out", str(drawing))
    assert result.exit_code == 1
    assert "NOT shown: 0 of 2" in result.output
    assert drawing.read_text(encoding="utf-8").startswith("<svg")


def test_a_diverged_training_says_so():
    assert "diverged at epoch" in run("--rows", "100", "--epochs", "3", "--rate", "1e30").output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--student", "2-x-1"], "--student '2-x-1': expected widths such as 2-8-8-1"),
        (["--student", "2-16-1"], "too alike"),
        (["--out", "prove.pdf"], "ends in .svg or .html"),
        (["--out", "no/such/folder/prove.svg"], "does not exist"),
        (["--trials", "0"], "trials=0"),
        (["--rate", "-1"], "lr=-1"),
    ],
)
def test_mistakes_are_explained_at_once(words, sentence):
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not result.stdout
