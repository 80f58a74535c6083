"""The program around the verbs: help, lazy loading, errors as sentences."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import backlit
from backlit import cli
from backlit.cli import VERBS, Verbs, program
from backlit.errors import InputError, ShapeError


def run(*words):
    return CliRunner().invoke(program, words, env={"COLUMNS": "80"})


def test_version():
    assert run("--version").output == f"backlit, version {backlit.__version__}\n"


def test_help_lists_every_verb_in_80_columns():
    output = run("--help").output
    assert all(f"\n  {verb} " in output for verb in VERBS)
    assert max(map(len, output.splitlines())) <= 80


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_file_and_explains_itself(verb):
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert f" {verb} [OPTIONS]" in result.output.splitlines()[0]


def test_a_verb_is_loaded_only_when_asked_for():
    code = (
        "import sys; from backlit.cli import VERBS, program\n"
        "program.main(['--help'], standalone_mode=False)\n"
        "print(sorted(v for v in VERBS if f'backlit.cli.{v}' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_verb_is_a_usage_error():
    result = run("desend")
    assert result.exit_code == 2
    assert "desend" in result.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["derive", "--wat"], "No such option"),
        (["train"], "Missing argument"),
        (["prove", "--trials", "x"], "Invalid value for '--trials'"),
    ],
)
def test_usage_errors_are_a_sentence(words, sentence):
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"backlit: {sentence}")
    assert result.stderr.endswith(f" {words[0]} --help.\n")
    assert len(result.stderr.splitlines()) == 1


def test_closed_outputs_are_no_error():
    code = "from backlit.cli import main; import sys; sys.argv[1:] = ['doctor', '--help']; main()"
    done = subprocess.run(["sh", "-c", f'"{sys.executable}" -c "{code}" >&- 2>&-'])
    assert done.returncode == 0


def failing(error):
    @click.group(cls=Verbs)
    def group():
        pass

    @click.command()
    def verb():
        raise error

    group.get_command = lambda ctx, name: verb
    return CliRunner().invoke(group, ["verb"], standalone_mode=True)


@pytest.mark.parametrize("error", [InputError("a is b; expected c."), ShapeError("no fit.")])
def test_backlits_errors_are_sentences(error):
    result = failing(error)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"backlit: {error}\n"


def test_a_missing_file_is_a_sentence():
    result = failing(FileNotFoundError(2, "No such file or directory", "net.py"))
    assert (result.exit_code, result.stderr) == (2, "backlit: net.py: No such file or directory.\n")


def test_an_unexpected_error_says_how_to_see_more(monkeypatch):
    monkeypatch.delenv("BACKLIT_DEBUG", raising=False)
    result = failing(KeyError("boom"))
    assert result.exit_code == 70
    assert result.stderr == (
        "backlit: unexpected KeyError: 'boom'. This is a fault of backlit; BACKLIT_DEBUG=1 shows "
        "where.\n"
    )
    monkeypatch.setenv("BACKLIT_DEBUG", "1")
    assert isinstance(failing(KeyError("boom")).exception, KeyError)


def test_output_that_nobody_reads_is_no_error():
    command = [sys.executable, "-m", "backlit", "descend", "(x+2)**2", "--start", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_every_verbs_file_has_its_line():
    files = Path(cli.__file__).parent.glob("*.py")
    verbs = {f.stem for f in files if "@click.command" in f.read_text(encoding="utf-8")}
    assert verbs == VERBS.keys()
