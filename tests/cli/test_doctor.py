"""``backlit doctor`` tells the truth about this machine."""

import json

import numpy as np
from click.testing import CliRunner

import backlit
from backlit.cli import doctor as module
from backlit.cli import program


def run(*words):
    return CliRunner().invoke(program, ["doctor", *words])


def test_page():
    result = run()
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].split() == ["backlit", backlit.__version__]
    assert any(line.startswith(f"Engine    NumPy {np.__version__}") for line in lines)
    assert "Self-test passed: 54 weights" in result.output  # (3·5 + 5) + (5·4 + 4) + (4·2 + 2)


def test_json():
    report = json.loads(run("--json").stdout)
    assert report["self-test"]["passed"]
    assert 0 < report["self-test"]["worst relative error"] < 1e-12
    assert report["cpu"]["cores"] >= 1
    found = {package["name"]: package for package in report["packages"]}
    assert found["numpy"] == {"name": "numpy", "version": np.__version__, "extra": None}
    assert found["matplotlib"]["extra"] == "plot"


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
