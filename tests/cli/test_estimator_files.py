"""Files of estimators (`bl.save`) in ``predict``, ``evaluate``, ``inspect``, ``export``."""

import csv
import json
import warnings

import numpy as np
import onnxruntime
import polars
import pytest
from click.testing import CliRunner

import backlit as bl
from backlit.cli import program

from ..tables.samples import as_csv

QUICK = {"hidden_layer_sizes": (6,), "max_iter": 8, "random_state": 0}


def run(*words):
    return CliRunner().invoke(program, [*map(str, words)])


@pytest.fixture(scope="module")
def rows():
    X = np.random.default_rng(0).normal(size=(60, 2)).round(3)
    return X, np.where(X[:, 0] > 0, "yes", "no"), (2 * X[:, 0] - X[:, 1]).round(3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, rows):
    """Estimators, with and without names of features, and tables of their rows."""
    place = tmp_path_factory.mktemp("estimators")
    X, kind, y = rows
    named = polars.DataFrame(X, schema=["a", "b"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so few epochs do not converge
        for name, est, given, target in (
            ("kind", bl.MLPClassifier(**QUICK), named, kind),
            ("digit", bl.MLPClassifier(**QUICK), X, (X > 0).sum(axis=1)),
            ("hinge", bl.MLPClassifier(loss="hinge", **QUICK), X, kind),
            ("y", bl.MLPRegressor(**QUICK), named, y),
            ("q", bl.MLPRegressor("pinball", quantiles=[0.1, 0.9], **QUICK), X, y),
            ("two", bl.MLPRegressor(**QUICK), X, X),
            ("one", bl.MLPClassifier(**QUICK), X, ["yes"] * 60),
            ("labels", bl.MLPClassifier(**QUICK), X, (X > 0).astype(int)),
        ):
            bl.save(est.fit(given, target), place / f"{name}.safetensors")
    columns = np.column_stack([X[:, 1], X[:, 0]])
    texts = [[*map(str, row), k, v] for row, k, v in zip(columns, kind, y, strict=True)]
    (place / "named.csv").write_text(as_csv(["b", "a", "kind", "y"], texts))
    (place / "X.csv").write_text(as_csv(["u", "v"], X))
    (place / "Xy.csv").write_text(as_csv(["u", "y", "v"], np.column_stack([X[:, 0], y, X[:, 1]])))
    digits = ((X > 0).sum(axis=1)).tolist()
    (place / "Xd.csv").write_text(as_csv("uvd", [[*x, d] for x, d in zip(X, digits, strict=True)]))
    return place


def answers(folder, name, table):
    result = run("predict", folder / f"{name}.safetensors", folder / table)
    assert result.exit_code == 0, result.output
    assert not result.stderr
    lines = list(csv.reader(result.stdout.splitlines()))
    return lines[0], np.array(lines[1:])


def test_predictions_by_the_names_of_features(folder, rows):
    est = bl.load(folder / "kind.safetensors")
    X = polars.DataFrame(rows[0], schema=["a", "b"])
    header, found = answers(folder, "kind", "named.csv")
    assert header == ["prediction", "p(no)", "p(yes)"]
    assert found[:, 0].tolist() == est.predict(X).tolist()
    np.testing.assert_allclose(found[:, 1:].astype(float), est.predict_proba(X), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("digit", ["prediction", "p(0)", "p(1)", "p(2)"]),
        ("hinge", ["prediction"]),
        ("q", ["q0.1", "q0.9"]),
        ("two", ["prediction 1", "prediction 2"]),
        ("labels", ["0", "1"]),
    ],
)
def test_predictions_by_the_order_of_columns(folder, rows, name, header):
    found = answers(folder, name, "X.csv")
    assert found[0] == header
    expected = bl.load(folder / f"{name}.safetensors").predict(rows[0])
    if name in ("digit", "hinge"):
        assert found[1][:, 0].tolist() == [*map(str, expected)]
    else:
        np.testing.assert_allclose(found[1].astype(float), expected, rtol=1e-7)
    lines = run("predict", folder / f"{name}.safetensors", folder / "X.csv", "--json").stdout
    assert [*json.loads(lines.splitlines()[0])] == header


def test_judging_a_classifier(folder, rows):
    est = bl.load(folder / "kind.safetensors")
    words = [folder / "kind.safetensors", folder / "named.csv", "--target", "kind"]
    said = json.loads(run("evaluate", *words, "--json").stdout)
    right = est.predict(polars.DataFrame(rows[0], schema=["a", "b"])) == rows[1]
    assert said["scores"]["network"]["right"] == right.sum()
    assert np.sum(said["confusions"]) == 60
    assert f"{right.sum()} of 60 rows" in run("evaluate", *words).stdout
    numbers = run("evaluate", folder / "digit.safetensors", folder / "Xd.csv", "--target", "d")
    X, found = rows[0], bl.load(folder / "digit.safetensors").predict(rows[0])
    assert f"{np.sum(found == (X > 0).sum(axis=1))} of 60 rows" in numbers.stdout


def test_judging_a_regressor(folder, rows):
    X, _, y = rows
    est = bl.load(folder / "y.safetensors")
    words = [folder / "y.safetensors", folder / "named.csv", "--target", "y", "--json"]
    score = json.loads(run("evaluate", *words).stdout)["scores"]["network"]
    expected = est.score(polars.DataFrame(X, schema=["a", "b"]), y)
    assert score["r2"]["value"] == pytest.approx(expected)
    quantiles = run("evaluate", folder / "q.safetensors", folder / "Xy.csv", "--target", "y")
    below = np.sum(y <= bl.load(folder / "q.safetensors").predict(X)[:, 0])
    assert f"{below} of 60 rows" in quantiles.stdout


def test_inspecting_an_estimator(folder):
    said = run("inspect", folder / "kind.safetensors").stdout
    assert "MLPClassifier(hidden_layer_sizes=(6,), max_iter=8, random_state=0)" in said
    for part in (
        "2: a, b",
        "2 classes: no, yes",
        "8 epochs; loss ",
        "all epochs done",
        "2-6-1; 25",
    ):
        assert part in said
    assert "Z1 = X W1 + b1" in said
    for name, answer in (
        ("y", "a quantity"),
        ("q", "the quantiles 0.1, 0.9"),
        ("two", "2 quantities"),
        ("labels", "2 labels: 0, 1"),
        ("one", "1 class: yes"),
    ):
        assert f"Answer     {answer}\n" in run("inspect", folder / f"{name}.safetensors").stdout
    told = json.loads(run("inspect", folder / "two.safetensors", "--json").stdout)
    assert (told["kind"], told["widths"], told["epochs"]) == ("MLPRegressor", [2, 6, 2], 8)


def test_exporting_an_estimator(folder, rows, tmp_path):
    result = run("export", folder / "q.safetensors", "--onnx", tmp_path / "q.onnx")
    assert "Inputs   X  float64 (N, 2)" in result.stdout
    session = onnxruntime.InferenceSession(tmp_path / "q.onnx")
    expected = bl.load(folder / "q.safetensors").predict(rows[0])
    np.testing.assert_allclose(session.run(None, {"X": rows[0]})[0], expected, rtol=1e-5)


def test_one_class_has_one_probability(folder, rows):
    header, found = answers(folder, "one", "X.csv")
    assert header == ["prediction", "p(yes)"]
    assert {*found[:, 0]} == {"yes"}
    expected = bl.load(folder / "one.safetensors").predict_proba(rows[0])[:, 0]
    np.testing.assert_allclose(found[:, 1].astype(float), expected, rtol=1e-5)
    refused = run("export", folder / "one.safetensors", "--onnx", folder / "one.onnx")
    assert refused.exit_code == 2
    assert "knows one class alone, 'yes', which is its answer to every row" in refused.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["predict", "kind", "X.csv"], "has no column 'a', 'b', which is a feature."),
        (["predict", "digit", "named.csv"], "has 4 columns to predict from; expected 2"),
        (["predict", "digit", "none.csv"], "has no rows"),
        (["evaluate", "y", "none.csv", "--target", "u"], "none.csv has no rows: there is nothing"),
        (["evaluate", "one", "Xd.csv", "--target", "d"], "knows one class alone, 'yes': nothing"),
        (["predict", "digit", "gap.csv"], "'v' is 'NA' in row 2; an estimator reads numbers"),
        (["evaluate", "kind", "named.csv"], "as --target COLUMN"),
        (["evaluate", "kind", "named.csv", "--target", "Y"], "did you mean 'y'?"),
        (["evaluate", "kind", "named.csv", "--target", "y"], "no row has a known 'y'"),
        (["evaluate", "y", "named.csv", "--target", "kind"], "no row has a known 'kind'"),
        (["evaluate", "two", "Xy.csv", "--target", "y"], "has 2 answers for a row; expected one"),
    ],
)
def test_mistakes_are_explained(folder, words, sentence):
    (folder / "none.csv").write_text("u,v\n")
    (folder / "gap.csv").write_text("u,v\n1,2\n3,NA\n")
    verb, name, table, *more = words
    result = run(verb, folder / f"{name}.safetensors", folder / table, *more)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert sentence in result.stderr
