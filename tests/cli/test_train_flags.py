"""The flags of ``backlit train``, from the command line and from a file; answers for machines."""

import json
import tomllib

import numpy as np
import pytest
from click.testing import CliRunner

from backlit.cli import program
from backlit.cli.train import train
from backlit.tables import load_model

from ..tables.samples import as_csv, penguins, quantities

FAST = ["--epochs", "3", "--hidden", "4"]


def run(*words):
    return CliRunner().invoke(program, [*map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("flags")
    (place / "p.csv").write_text(penguins(), encoding="utf-8")
    (place / "q.csv").write_text(quantities(120), encoding="utf-8")
    (place / "v.csv").write_text(quantities(30, seed=1), encoding="utf-8")
    rows = [[i % 7, i % 3, i % 4] for i in range(60)]
    (place / "n.csv").write_text(as_csv("xwy", rows), encoding="utf-8")
    return place


def settings_of(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["settings"]


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (["--loss", "huber"], {"loss": "huber"}),
        (["--quantiles", "0.1, 0.9"], {"loss": "pinball", "quantiles": [0.1, 0.9]}),
        (["--activation", "gelu"], {"activation": ["gelu"]}),
        (["--hidden", "5,4", "--activation", "tanh,relu"], {"activation": ["tanh", "relu"]}),
        (["--hidden", "5-4", "--dropout", "0.5,0.1"], {"hidden": [5, 4], "dropout": [0.5, 0.1]}),
        (["--optimizer", "sgd"], {"optimizer": "sgd", "rate": 0.1, "decay": 0.0}),
        (["--schedule", "step"], {"schedule": "step"}),
        (["--decay", "0.5"], {"decay": 0.5}),
        (["--clip-norm", "0.1"], {"clip_norm": 0.1}),
        (["--init", "he_normal"], {"init": "he_normal"}),
        (["--weights", "w"], {"weights": "w"}),
        (["--patience", "1"], {"patience": 1}),
    ],
    ids=str,
)
def test_a_flag_changes_the_training(folder, words, known):
    table = folder / ("n.csv" if "--weights" in words else "q.csv")
    plain = run("train", table, "--target", "y", "--regress", "--json", *FAST)
    other = run("train", table, "--target", "y", "--regress", "--json", *FAST, *words)
    settings = settings_of(other)
    assert {name: settings[name] for name in known} == known
    if "--patience" not in words:
        losses = [json.loads(result.stdout)["losses"] for result in (plain, other)]
        assert losses[0] != losses[1]


def test_classes_of_equal_weight(folder):
    words = ["train", folder / "p.csv", "--target", "species", "--json", *FAST]
    found = [json.loads(run(*words, *more).stdout)["losses"] for more in ([], ["--balance"])]
    assert found[0] != found[1]


def test_a_table_for_validation_and_threads(folder, tmp_path):
    words = ["train", folder / "q.csv", "--target", "y", *FAST, "--validation", folder / "v.csv"]
    said = json.loads(run(*words, "--json").stdout)
    assert said["rows"] == {"training": 96, "validation": 30, "held_out": 24}
    for threads in (1, 2):
        out = tmp_path / f"{threads}.safetensors"
        assert run(*words, "--threads", threads, "--out", out).exit_code == 0
    one, two = (tmp_path / f"{threads}.safetensors" for threads in (1, 2))
    assert one.read_bytes() == two.read_bytes()
    result = run(*words, "--out", folder / "v.csv")
    assert result.exit_code == 2
    assert run(*words[:-1], tmp_path / "none.csv").exit_code == 2


CONFIG = """
target = "y"
hidden = [5, 4]
activation = ["tanh", "relu"]
rate = 0.02
epochs = 3
clip-norm = 0.5
held_out = 0.3
classify = false
"""


def test_a_file_of_options(folder, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(CONFIG)
    settings = settings_of(run("train", folder / "q.csv", "--config", path, "--json"))
    for name, value in tomllib.loads(CONFIG).items():
        if name not in ("target", "classify"):
            assert settings[name.replace("-", "_")] == value
    words = ["--config", path, "--rate", 0.5, "--hidden", "0", "--activation", "relu", "--json"]
    wins = settings_of(run("train", folder / "q.csv", *words))
    assert (wins["rate"], wins["hidden"], wins["epochs"]) == (0.5, [], 3)
    one = tmp_path / "1.safetensors"
    path.write_text(f'{CONFIG}\nout = "{one}"\n')
    assert run("train", folder / "q.csv", "--config", path).exit_code == 0
    assert load_model(one).about.settings.rate == 0.02


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("reate = 1", "'reate' is no option of train; did you mean 'rate'?"),
        ("zzz = 1", "'zzz' is no option of train; known: target, out, report, validation,"),
        ("regress = true", "'regress' is no option of train; write classify = false for it."),
        ("config = 'c.toml'", "'config' is no option of train"),
        ("table = 'q.csv'", "'table' is no option of train"),
        ("rate = ", "is not TOML: Invalid value"),
        ("rate = true", "rate = True, expected a number, a text or a list."),
        ("balance = 1", "balance = 1, expected true or false."),
        ("[rate]\nx = 1", "[rate] is a table; expected lines such as rate = 0.01 alone."),
        ("epochs = 2.5", "'2.5' is not a valid integer"),
        ("rate = -1", "-1.0 is not in the range"),
        ("activation = ['relo']", "there is no activation 'relo'; did you mean 'relu'?"),
    ],
)
def test_a_file_of_options_that_is_wrong(folder, tmp_path, text, sentence):
    path = tmp_path / "c.toml"
    path.write_text(text)
    result = run("train", folder / "q.csv", "--target", "y", "--config", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_file_of_options_that_is_not_there(folder, tmp_path):
    result = run("train", folder / "q.csv", "--config", tmp_path / "none.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none.toml" in result.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--quantiles", "0.1;0.9"], "expected numbers such as 0.1,0.5,0.9"),
        (["--dropout", "half"], "expected shares such as 0.2 or 0.5,0.2"),
        (["--loss", "log_loss"], "the loss log_loss is not for a quantity"),
        (["--loss", "mse"], "'mse' is not one of"),
        (["--balance"], "a quantity has no classes"),
        (["--weights", "nothing"], "has no column 'nothing'"),
        (["--threads", "0"], "0 is not in the range"),
    ],
)
def test_flags_that_do_not_fit(folder, words, sentence):
    result = run("train", folder / "q.csv", "--target", "y", *FAST, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_help_has_headings_and_every_option():
    said = run("train", "--help").output
    for heading in ("Files:", "Rows:", "Network:", "Training:", "Running:", "Options:"):
        assert f"\n{heading}\n" in said
    for param in train.params[1:]:
        assert param.opts[0] in said


def test_a_training_for_machines(folder, tmp_path):
    out, page = tmp_path / "m.safetensors", tmp_path / "r.html"
    words = ["train", folder / "p.csv", "--target", "species", "--out", out, "--report", page]
    result = run(*words, *FAST, "--json")
    assert len(result.stdout.splitlines()) == 1
    said = json.loads(result.stdout)
    about = load_model(out).about
    assert said["table"]["rows"] == 344
    assert said["files"] == {"model": str(out), "report": str(page)}
    assert said["best_epoch"] == about.epoch
    assert len(said["losses"]["loss"]) == said["epochs"] == 3
    assert said["stop_reason"]["kind"] == "budget"
    network = said["scores"]["network"]
    assert network["right"] == about.scores.network.right
    assert network["accuracy"]["low"] < network["accuracy"]["value"] < network["accuracy"]["high"]
    assert said["target"]["rows_in_training"] == {"Adelie": 122, "Chinstrap": 55, "Gentoo": 99}
    nothing = json.loads(run(*words[:4], "--held-out", 0, "--json", *FAST).stdout)
    assert nothing["scores"] is None


def test_answers_for_machines(folder, tmp_path):
    for name, target, more in (
        ("p", "species", []),
        ("q", "y", []),
        ("q", "y", ["--quantiles", "0.1,0.9"]),
    ):
        table, model = folder / f"{name}.csv", tmp_path / f"{len(more)}{name}.safetensors"
        run("train", table, "--target", target, "--out", model, *FAST, *more)
        lines = run("predict", model, table, "--json").stdout.splitlines()
        header, *rows = run("predict", model, table).stdout.splitlines()
        assert len(lines) == len(rows)
        for line, row in zip(lines[:5], rows, strict=False):
            found = json.loads(line)
            assert ",".join(found) == header
            for value, text in zip(found.values(), row.split(","), strict=True):
                assert value == text or value == pytest.approx(float(text), rel=1e-5)
        if more:
            assert header == "q0.1,q0.9"
        out = tmp_path / "answers.jsonl"
        run("predict", model, table, "--json", "--out", out)
        assert out.read_text(encoding="utf-8").splitlines() == lines
        said = json.loads(run("evaluate", model, table, "--json").stdout)
        assert said["target"] == target
        assert said["scores"]["network"]["rows"] == len(rows)
        assert len(said["scores"]["coverage"]) == 2 * bool(more)
        if name == "p":
            assert np.trace(said["confusions"]) == said["scores"]["network"]["right"]
            assert said["classes"] == ["Adelie", "Chinstrap", "Gentoo"]
        told = json.loads(run("inspect", model, "--json").stdout)
        assert told["format"] == 3
        assert told["parameters"] == load_model(model).parameters
        assert told["settings"]["hidden"] == [4]
        done = json.loads(run("export", model, "--onnx", tmp_path / "m.onnx", "--json").stdout)
        assert done["bytes"] == (tmp_path / "m.onnx").stat().st_size
        assert len(done["inputs"]) == len(load_model(model).about.preparation.used)


def test_evaluating_says_how_much_quantiles_cover(folder, tmp_path):
    model = tmp_path / "m.safetensors"
    words = ["--target", "y", "--quantiles", "0.2,0.8", "--epochs", "20", "--out", model]
    assert run("train", folder / "q.csv", *words).exit_code == 0
    said = run("evaluate", model, folder / "v.csv").stdout
    assert "true values at or below each quantile" in said
    below = {line.split("%")[0].strip(): line for line in said.splitlines() if "of 30 rows" in line}
    assert int(below["20"].split()[-4]) <= int(below["80"].split()[-4])
