"""``backlit doctor`` tells the truth about this machine."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

import backlit
from backlit.cli import bits as bits_module
from backlit.cli import doctor as module
from backlit.cli import program
from backlit.cli.bits import Bits
from backlit.train.player_engine import native

native_only = pytest.mark.skipif(native() is None, reason="the player was not built")


def run(*words):
    return CliRunner().invoke(program, ["doctor", *words])


def test_page():
    result = run()
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].split() == ["backlit", backlit.__version__]
    assert any(line.startswith(f"NumPy     {np.__version__}") for line in lines)
    assert "Self-test passed: 54 weights" in result.output  # (3·5 + 5) + (5·4 + 4) + (4·2 + 2)


def test_json():
    report = json.loads(run("--json").stdout)
    assert report["self-test"]["passed"]
    assert 0 < report["self-test"]["worst relative error"] < 1e-12
    assert report["cpu"]["cores"] >= 1
    found = {package["name"]: package for package in report["packages"]}
    assert found["numpy"] == {"name": "numpy", "version": np.__version__, "extra": None}
    assert found["matplotlib"]["extra"] == "plot"


@native_only
def test_the_player_is_named_with_its_lanes():
    name, floats = native().LANES[-1]
    page, found = run().output, json.loads(run("--json").stdout)
    assert f"Engine    the native player: {name}, {floats} floats" in page
    assert found["engine"]["name"] == "player"
    assert found["engine"]["lanes"][-1] == {"name": name, "floats": floats}
    assert 0 <= found["self-test"]["player and NumPy differ by"] < 1e-12


def test_without_the_player_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(module, "native", lambda: None)
    result = run("--bits")
    assert result.exit_code == 0
    page = " ".join(result.output.split())
    assert "Engine NumPy: the native player was not built." in page
    assert "apt install g++" in page
    assert "Bits nothing to compare" in page
    assert json.loads(run("--json").stdout)["engine"] == {"name": "NumPy", "lanes": []}


@native_only
def test_a_player_that_disagrees_with_numpy_fails(monkeypatch):
    honest = module.fit

    def wrong(*args, engine, **settings):
        found = honest(*args, engine=engine, **settings)
        if engine == "player":
            found.params[0][0][0, 0] += 1e-9
        return found

    monkeypatch.setattr(module, "fit", wrong)
    result = run()
    assert result.exit_code == 1
    assert "Self-test FAILED" in result.output


@native_only
@pytest.mark.slow
def test_bits_are_equal_by_all_lanes_and_threads(monkeypatch):
    ways = [[name, threads] for name, _ in native().LANES for threads in (1, 2, 3)]
    played, honest = [], bits_module.PlayerEngine

    def engine(*args):
        played.append(honest(*args))
        return played[-1]

    monkeypatch.setattr(bits_module, "PlayerEngine", engine)
    result = run("--bits", "--json")
    report = json.loads(result.stdout)["bits"]
    assert result.exit_code == 0
    assert report["equal"]
    assert report["steps"] > 200
    assert [[x["lanes"], x["threads"]] for x in report["found"]] == ways
    assert {len(x["sha256"]) for x in report["found"]} == {64}
    told = {f"player ({name}, {n} thread{'s' * (n > 1)})" for name, n in ways}
    assert {x.name for x in played} == told


@native_only
def test_bits_that_differ_exit_with_1_and_are_told_apart(monkeypatch):
    found = [Bits("narrow", 1, "a" * 64), Bits("narrow", 2, "a" * 64), Bits("wide", 1, "b" * 64)]
    monkeypatch.setattr(module, "bits", lambda: iter(found))
    result = run("--bits")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("Bits      DIFFERENT"))
    told = [line.strip() for line in lines[at + 1 : at + 5]]
    narrow, wide = ("lanes and threads: narrow 1, 2", "lanes and threads: wide 1")
    assert told == ["a" * 64, narrow, "b" * 64, wide]


@native_only
def test_the_bits_depend_on_what_is_trained(monkeypatch):
    """A weight that differs in its last bit is seen."""
    lanes = native().LANES[-1:]
    monkeypatch.setattr(bits_module, "native", lambda: SimpleNamespace(LANES=lanes))
    monkeypatch.setattr(bits_module, "THREADS", (1,))
    (before,) = bits_module.bits()
    honest = bits_module._weights

    def other(widths):
        weights = honest(widths)
        weights[0][1][0] = np.nextafter(weights[0][1][0], 1)
        return weights

    monkeypatch.setattr(bits_module, "_weights", other)
    (after,) = bits_module.bits()
    assert before.sha256 != after.sha256


def test_an_absent_package_names_its_extra(monkeypatch):
    monkeypatch.setattr(module, "_version", lambda name: None if name == "onnx" else "1.0")
    assert "absent: pip install 'backlit[onnx]'" in run().output


def test_a_failed_self_test_exits_with_1(monkeypatch):
    honest = module.check

    class Wrong:
        def __bool__(self):
            return False

        def __getattr__(self, name):
            return getattr(self.check, name)

    def wrong(*args):
        answer = Wrong()
        answer.check = honest(*args)
        return answer

    monkeypatch.setattr(module, "check", wrong)
    result = run()
    assert result.exit_code == 1
    assert "Self-test FAILED" in result.output
