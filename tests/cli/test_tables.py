"""``backlit train``, ``predict``, ``evaluate``, ``inspect`` as a user meets them."""

import csv
import io
import os
import re
from unittest.mock import Mock

import numpy as np
import pytest
from click.testing import CliRunner

from backlit.cli import program

from ..tables.samples import as_csv, penguins, quantities

FAST = ["--epochs", "3", "--hidden", "4"]


def run(*words):
    return CliRunner().invoke(program, [*map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Penguins and quantities, each with its model."""
    place = tmp_path_factory.mktemp("tables")
    for name, text, target in (("p", penguins(), "species"), ("q", quantities(), "y")):
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
        words = ["--target", target, "--out", place / f"{name}.safetensors", "--epochs", 40]
        result = run("train", place / f"{name}.csv", *words)
        assert result.exit_code == 0, result.output
        (place / f"{name}.txt").write_text(result.output, encoding="utf-8")
    return place


def test_a_training_says_what_it_did(folder):
    said = (folder / "p.txt").read_text(encoding="utf-8")
    for part in (
        "344 rows, 7 columns",
        "species: 3 classes (text)",
        "rows in training: Adelie 122, Gentoo 99, Chinstrap 55",
        "categories, an input for each, one for missing (1): sex",
        "of which choose the epoch; 68 held out; seed 0",
        "-64-32-3, relu in the hidden layers, softmax at the end",
        "L = mean(−sum(one_hot(y) ⊙ log_softmax(Z3), axis=1))",
        "∂L/∂W1 = Xᵀ δ1",
        "p.safetensors",
    ):
        assert part in said
    network, constant = (
        float(re.search(rf"{name} +([\d.]+) % \[", said)[1]) for name in ("network", "class")
    )
    assert network > 90 > 50 > constant
    assert max(map(len, said.splitlines()[:14])) <= 100


def test_the_same_command_writes_the_same_bytes_and_a_page(folder, tmp_path):
    files = [tmp_path / "1.safetensors", tmp_path / "2.safetensors"]
    for file in files:
        words = ["--target", "y", "--out", file, "--report", tmp_path / "r.html", *FAST]
        assert run("train", folder / "q.csv", *words).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<math" in page
    assert "R² and root mean squared error" in page


def test_a_prediction_for_each_row(folder, tmp_path):
    out = tmp_path / "answers.csv"
    result = run("predict", folder / "p.safetensors", folder / "p.csv")
    assert run("predict", folder / "p.safetensors", folder / "p.csv", "--out", out).exit_code == 0
    assert out.read_text(encoding="utf-8") == result.stdout
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 344
    truth = [row["species"] for row in csv.DictReader(io.StringIO(penguins()))]
    assert np.mean([row["prediction"] == t for row, t in zip(rows, truth, strict=True)]) > 0.95
    for row in rows:
        shares = {name: float(row[f"p({name})"]) for name in ("Adelie", "Chinstrap", "Gentoo")}
        assert abs(sum(shares.values()) - 1) < 1e-5
        assert max(shares, key=shares.get) == row["prediction"]


def test_quantities_are_predicted_in_their_units(folder):
    result = run("predict", folder / "q.safetensors", folder / "q.csv")
    predicted = np.array(result.stdout.split()[1:], float)
    truth = np.loadtxt(folder / "q.csv", delimiter=",", skiprows=1)[:, -1]
    assert np.corrcoef(predicted, truth)[0, 1] > 0.8
    assert abs(np.mean(predicted) - np.mean(truth)) < 0.3


def test_what_is_unusual_is_said_on_stderr(folder, tmp_path):
    lines = penguins().splitlines()
    lines[1] = "?,Mars,40,,200,heavy,female"
    path = tmp_path / "new.csv"
    path.write_text("\n".join(["note," + lines[0], *("x," + line for line in lines[1:])]))
    result = run("predict", folder / "p.safetensors", path)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 345
    assert result.stderr.splitlines() == [
        "backlit: not in the training table, and not read: note",
        "backlit: island: 'Mars': not among the categories learnt; taken as none of them",
        "backlit: body_mass_g: 'heavy': no number; taken as missing",
    ]


def test_columns_that_are_missing_are_named(folder, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("island,sex\nDream,male\n")
    result = run("predict", folder / "p.safetensors", path)
    assert result.exit_code == 2
    assert "has no column 'bill_length_mm', 'bill_depth_mm', 'flipper_length_mm'" in result.stderr
    assert "which the model reads; its first line names island, sex." in result.stderr
    assert not result.stdout


def test_a_table_without_rows_has_no_answers(folder, tmp_path):
    path = tmp_path / "none.csv"
    path.write_text(penguins().splitlines()[0] + "\n")
    result = run("predict", folder / "p.safetensors", path)
    assert (result.exit_code, result.stdout) == (0, "prediction,p(Adelie),p(Chinstrap),p(Gentoo)\n")
    assert run("evaluate", folder / "p.safetensors", path).exit_code == 2


def test_many_classes_have_the_probability_of_the_answer(tmp_path):
    rows = [[k % 25, f"k{k % 25}"] for k in range(250)]
    (tmp_path / "m.csv").write_text(as_csv("xy", rows))
    words = ["--target", "y", "--out", tmp_path / "m.safetensors", *FAST]
    assert run("train", tmp_path / "m.csv", *words).exit_code == 0
    lines = run("predict", tmp_path / "m.safetensors", tmp_path / "m.csv").stdout.splitlines()
    assert lines[0] == "prediction,probability"
    assert all(0.04 <= float(line.split(",")[1]) <= 1 for line in lines[1:])
    judged = run("evaluate", tmp_path / "m.safetensors", tmp_path / "m.csv").stdout
    assert "right least often: k" in judged


def test_evaluating_counts_confusions(folder):
    said = run("evaluate", folder / "p.safetensors", folder / "p.csv").stdout
    counts = [
        [int(n) for n in re.search(rf"^ *{name}((?: +\d+){{3}})$", said, re.M)[1].split()]
        for name in ("Adelie", "Chinstrap", "Gentoo")
    ]
    assert np.sum(counts, axis=1).tolist() == [152, 68, 124]
    assert f"{np.trace(counts)} of 344 rows" in said
    assert "most frequent class 44.2 %" in said


def test_evaluating_a_quantity(folder):
    said = run("evaluate", folder / "q.safetensors", folder / "q.csv").stdout
    assert re.search(r"network +R² 0\.\d+ \[0\.\d+, 0\.\d+\] +RMSE 0\.\d+ \[", said)
    assert re.search(r"mean absolute error 0\.\d+", said)


def test_evaluating_needs_answers(folder, tmp_path):
    lines = penguins().splitlines()
    for head, sentence in (("kind", "has no column 'species'"), ("species", "such as 'Emperor'")):
        path = tmp_path / "other.csv"
        cells = lines[0].replace("species", head), lines[1].replace("Adelie", "Emperor")
        path.write_text("\n".join(cells))
        result = run("evaluate", folder / "p.safetensors", path)
        assert result.exit_code == 2
        assert sentence in result.stderr


def test_inspecting_tells_what_is_there(folder):
    said = run("inspect", folder / "p.safetensors").stdout
    assert re.search(r"bill_length_mm +\(x − [\d.]+\) / [\d.]+; a gap is [\d.]+, and marked", said)
    assert "island             one of Biscoe, Dream, Torgersen\n" in said
    assert re.search(r"kept: epoch \d+ of a training on 276 rows, seed 0", said)
    assert re.search(r"network +\d+\.\d % \[", said)
    assert "P = softmax(Z3)" in said
    quantity = run("inspect", folder / "q.safetensors").stdout
    assert re.search(r"Y = -?[\d.]+ \+ [\d.]+ Z3", quantity)


@pytest.mark.parametrize("verb", ["inspect", "predict", "evaluate"])
def test_a_file_that_is_no_model(folder, verb):
    more = [] if verb == "inspect" else [folder / "p.csv"]
    result = run(verb, folder / "p.csv", *more)
    assert result.exit_code == 2
    assert "is no file of backlit" in result.stderr
    assert run(verb, folder / "none.safetensors", *more).exit_code == 2


ROWS = [[i, i % 7, "ab"[i % 2]] for i in range(40)]


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        ("", ["y"], "is empty"),
        ("x,y\n", ["y"], "has no rows"),
        ("x,y\n1,a\n", ["y"], "rows with a known 'y': 1; at least 10"),
        (as_csv("xzy", ROWS), ["Y"], "did you mean 'y'?"),
        (as_csv("xzy", ROWS), ["nothing"], "its first line names x, z, y."),
        (as_csv("xzy", ROWS), ["y", "--regress"], "'y' is text, such as 'a'; --regress needs"),
        (as_csv("xzy", [[1, 2, 3]] * 40), ["y"], "'y' is always '3'"),
        (as_csv("xzy", [[1, 2, 3]] * 40), ["y", "--regress"], "'y' is always '3'"),
        (as_csv("xzy", [[1, 2, "NA"]] * 40), ["y"], "has no value of 'y' in any row"),
        (as_csv("xy", [[5, i] for i in range(40)]), ["y"], "no column is left to learn 'y' from"),
        (as_csv("y", [[i] for i in range(40)]), ["y"], "it is the only one"),
        (as_csv("xy", [[i, f"k{i}"] for i in range(10_000)]), ["y"], "2 rows each on average"),
        (as_csv("xy", [[i, i % 10_000] for i in range(30_000)]), ["y", "--classify"],
         "at most 1,000 classes can be told apart. --regress"),
        ("x,y,x\n1,2,3\n", ["y"], "columns 1 and 3 are both called 'x'"),
        ("x,y\n1,2\n3\n", ["y"], "line 3: 1 value"),
        (b"\x89PNG\r\n\x1a\n\0\0", ["y"], "a PNG image"),
        (b"x,y\n\0\0\n", ["y"], "bytes that are no text"),
        ("x,y\n1,é\n".encode("latin-1"), ["y"], "not UTF-8"),
        (as_csv("xzy", ROWS), ["y", "--hidden", "a-b"], "--hidden 'a-b': expected widths"),
        (as_csv("xzy", ROWS), ["y", "--hidden", "90000-90000"], "weights; at most 50,000,000"),
        (as_csv("xzy", ROWS), ["y", "--rate", "1e30"], "diverged at epoch"),
        (as_csv("xzy", ROWS), ["y", "--held-out", "nan"], "held_out=nan, expected a share of 0"),
        (as_csv("xzy", ROWS[:10]), ["y", "--held-out", "0.9"], "2 rows to train on, with 8 held"),
    ],
)  # fmt: skip
def test_mistakes_are_explained_and_harm_nothing(tmp_path, content, words, sentence):
    path, model = tmp_path / "t.csv", tmp_path / "m.safetensors"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    model.write_bytes(b"an older model")
    result = run("train", path, "--out", model, "--target", *words)
    assert result.exit_code == 2, result.output
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not result.stdout
    assert model.read_bytes() == b"an older model"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.safetensors", "t.csv"]


def test_places_that_cannot_be_written_are_refused_before_the_work(folder, tmp_path, monkeypatch):
    table = folder / "p.csv"
    words = ["train", table, "--target", "species", "--out"]
    for out, sentence in (
        (tmp_path / "no" / "m.safetensors", "does not exist"),
        (tmp_path / "m.pt", "ends in .safetensors"),
    ):
        result = run(*words, out)
        assert (result.exit_code, result.stdout) == (2, "")
        assert sentence in result.stderr
    answers = run("predict", folder / "p.safetensors", table, "--out", tmp_path / "no" / "a.csv")
    assert answers.exit_code == 2
    for mine in (table, folder / "p.safetensors"):
        before = mine.read_bytes()
        result = run("predict", folder / "p.safetensors", table, "--out", mine)
        assert (result.exit_code, result.stdout, mine.read_bytes()) == (2, "", before)
        assert "is read, too" in result.stderr
    for option, twin in (("--out", "t.safetensors"), ("--report", "t.html")):
        (tmp_path / twin).write_bytes(table.read_bytes())
        result = run("train", tmp_path / twin, "--target", "species", option, tmp_path / twin)
        assert "is read, too" in result.stderr
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    assert "nothing can be written" in run(*words, tmp_path / "m.safetensors").stderr


def test_an_older_model_stays_when_the_work_does_not_end_well(folder, tmp_path, monkeypatch):
    model = tmp_path / "m.safetensors"
    model.write_bytes(b"an older model")
    words = ["train", folder / "q.csv", "--target", "y", "--out", model, *FAST]
    for place, error, code in (
        ("backlit.cli.train.write_whole", OSError(28, "No space left on device"), 2),
        ("backlit.tables.course.Best.__call__", KeyboardInterrupt, 130),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, Mock(side_effect=error))
            result = run(*words, "--report", tmp_path / "r.html")
        assert (result.exit_code, result.stdout) == (code, "")
        assert model.read_bytes() == b"an older model"
        assert [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]


@pytest.mark.parametrize(
    "content",
    [
        as_csv("xzy", ROWS).replace("\n", "\r\n"),
        as_csv("xzy", ROWS).replace(",", ";").replace(";1;", ";1,5;"),
        as_csv(["x", "", "y"], ROWS),
        as_csv(
            ["x", "z", "y"], [["9" * 5000, "inf", y] if x < 2 else [x, z, y] for x, z, y in ROWS]
        ),
        as_csv("xcy", [[x, "same", y] for x, _, y in ROWS]),
        as_csv("xzy", [[x, z, y] for x, z, y in ROWS if x < 10]),
        as_csv("xzy", [*ROWS, [1, 1, "rare"]]),
    ],
)
def test_odd_tables_are_learnt_from(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8", newline="")
    model = tmp_path / "m.safetensors"
    result = run("train", path, "--target", "y", "--out", model, *FAST)
    assert result.exit_code == 0, result.output
    answers = run("predict", model, path)
    assert answers.exit_code == 0
    assert len(answers.stdout.splitlines()) == len(content.splitlines())


def test_nothing_held_out_and_no_model_kept(folder):
    said = run("train", folder / "q.csv", "--target", "y", "--held-out", 0, *FAST).stdout
    assert "Held out   no rows: there is no score" in said
    assert "not kept: --out model.safetensors writes it" in said
