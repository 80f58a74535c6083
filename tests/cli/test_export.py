"""``backlit export`` as a user meets it."""

import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from click.testing import CliRunner

from backlit.cli import program
from backlit.tables import read_table, save_model, train

from ..tables.samples import penguins, quantities


def run(*words):
    return CliRunner().invoke(program, [*map(str, words)])


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "penguins.csv"
    path.write_text(penguins(), encoding="utf-8")
    save_model(tmp_path / "p.safetensors", train(read_table(path), "species", epochs=1).model)
    return tmp_path / "p.safetensors"


def test_it_says_what_it_wrote(model):
    out = model.with_suffix(".onnx")
    result = run("export", model, "--onnx", out)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"Wrote    {out}, {out.stat().st_size:,} bytes",
        "Inputs   island  text (N, 1)",
        "         bill_length_mm  float64 (N, 1)",
        "         bill_depth_mm  float64 (N, 1)",
        "         flipper_length_mm  float64 (N, 1)",
        "         body_mass_g  float64 (N, 1)",
        "         sex  text (N, 1)",
        "Outputs  label  text (N,)",
        "         probabilities  float64 (N, 3)",
    ]
    session = onnxruntime.InferenceSession(out)
    gap = {"island": "?", "sex": "NA"}
    rows = {x.name: np.array([[gap.get(x.name, np.nan)]]) for x in session.get_inputs()}
    label, probabilities = session.run(None, rows)
    assert label[0] in ("Adelie", "Chinstrap", "Gentoo")
    assert probabilities.sum() == pytest.approx(1)
    first = out.read_bytes()
    assert run("export", model, "--onnx", out).exit_code == 0
    assert out.read_bytes() == first


def test_a_quantity(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text(quantities(60), encoding="utf-8")
    save_model(tmp_path / "q.safetensors", train(read_table(path), "y", epochs=1).model)
    result = run("export", tmp_path / "q.safetensors", "--onnx", tmp_path / "q.onnx")
    assert "Outputs  prediction  float64 (N,)" in result.output
    onnx.checker.check_model(onnx.load(tmp_path / "q.onnx"), full_check=True)


@pytest.mark.parametrize(
    ("out", "sentence"),
    [("m.txt", "expected a name that ends in .onnx"), ("no/m.onnx", "does not exist")],
)
def test_a_place_where_nothing_can_be_written(model, out, sentence):
    result = run("export", model, "--onnx", model.parent / out)
    assert (result.exit_code, sentence in result.output) == (2, True)


def test_without_the_package_nothing_is_written(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    result = run("export", model, "--onnx", model.with_suffix(".onnx"))
    assert result.exit_code == 2
    assert "pip install 'backlit[onnx]'" in result.output
    assert not model.with_suffix(".onnx").exists()


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "m.safetensors").write_bytes(b"no model")
    result = run("export", tmp_path / "m.safetensors", "--onnx", tmp_path / "m.onnx")
    assert result.exit_code == 2
    assert "m.safetensors" in result.output
