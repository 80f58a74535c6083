"""Models of tables as ONNX: the columns' texts and numbers in, the answers of predict out."""

import os
import subprocess
import sys

import numpy as np
import pytest
from onnx import TensorProto

from backlit.errors import InputError
from backlit.onnx import columns, to_onnx
from backlit.tables import load_model, save_model, train
from backlit.tables.columns import Date
from backlit.tables.target import Classes

from ..tables.samples import as_csv, digit_table, penguins, quantities, reader
from .running import by_onnxruntime, same_answers, shapes

STRANGE = as_csv(  # unseen categories, gaps in all spellings, what is far away
    [
        "species",
        "island",
        "bill_length_mm",
        "bill_depth_mm",
        "flipper_length_mm",
        "body_mass_g",
        "sex",
    ],
    [
        ["Adelie", "Dream", "40.1", "18", "190", "3700", "male"],
        ["", "Atlantis", "NA", "n/A", "?", "1e9", "NULL"],
        ["Gentoo", "none", "-1e9", "17.5", "nan", "5000", "Male"],
        ["Gentoo", "", "47", "<Na>", "#n/a", "", ""],
        ["Adelie", "dream", "text", "1e200", "200", "4000", "female"],
    ],
)
YES_OR_NO = as_csv(
    ["label", "X", "weight", "H", "prediction"],
    [
        [
            "yes" if i % 2 else "No",
            "abc"[i % 3],
            i * 1.5 if i % 5 else "",
            "F" if i % 7 < 3 else "t",
            i % 4 + i * i,
        ]
        for i in range(60)
    ],
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A function: text → table."""
    return reader(tmp_path_factory.mktemp("tables"))


def feed(made, rows, renamed=(), dates=()):
    """The columns of a table as the model's inputs; dates as days since 1970."""
    given = {}
    for value in made.graph.input:
        name = dict(renamed).get(value.name, value.name)
        cells = rows[name]
        if value.type.tensor_type.elem_type == TensorProto.STRING:
            texts = [*map(cells.text, range(len(rows)))]
            given[value.name] = np.array(texts, object).reshape(-1, 1)
        else:
            found = cells.days() if name in dates else cells.numbers()
            given[value.name] = found.reshape(-1, 1)
    return given


def expected(model, rows):
    answers, _ = model.predict(rows)
    target = model.about.target
    if not isinstance(target, Classes):
        return {"prediction": answers}
    label = np.array(target.classes, object)[np.argmax(answers, axis=1)]
    return {"label": label, "probabilities": answers}


def agrees(model, *tables, renamed=()):
    made = to_onnx(model)
    dates = [c.name for c in model.about.preparation.columns if isinstance(c, Date)]
    for rows in tables:
        same_answers(made, feed(made, rows, renamed, dates), expected(model, rows))
    return made


@pytest.mark.parametrize("target", ["species", "body_mass_g", "sex", "island", "bill_depth_mm"])
def test_penguins(table, target):
    rows = table(penguins())
    model = train(rows, target, hidden=(6,), epochs=4).model
    made = agrees(model, rows, table(STRANGE))
    inputs = [name for name in rows.names if name != target]
    assert shapes(made.graph.input) == dict.fromkeys(inputs, ("N", 1))


def test_a_new_category_where_none_was_left_over(table):
    """And a gap where none was: no category, the median."""
    rows = table(as_csv("abcy", [["uvw"[i % 3], i, i % 7 * 1.5, i * i % 11] for i in range(80)]))
    model = train(rows, "y", hidden=(5,), epochs=3, classify=False).model
    agrees(model, rows, table(as_csv("abcy", [["z", "", "1", "2"], ["", "3", "n/a", "5"]])))


@pytest.mark.parametrize(
    ("text", "target"), [(quantities(80), "y"), (digit_table(), "digit")], ids=["y", "digit"]
)
def test_tables_of_numbers(table, text, target):
    rows = table(text)
    agrees(train(rows, target, hidden=(8, 6), epochs=2).model, rows)


def test_yes_and_no_and_columns_called_as_outputs_are(table):
    rows = table(YES_OR_NO)
    model = train(rows, "prediction", hidden=(4,), epochs=3, classify=False).model
    strange = table(
        as_csv(
            rows.names,
            [["YES", "c", "", "T", 1], ["", "d", "3", "f", 2], ["maybe", "", "1", "x", 3]],
        )
    )
    made = agrees(model, rows, strange)
    assert [value.name for value in made.graph.input] == ["label", "X", "weight", "H"]
    model = train(rows, "X", hidden=(4,), epochs=3).model
    made = agrees(model, rows, renamed={"label_1": "label"})
    assert [value.name for value in made.graph.input] == ["label_1", "weight", "H", "prediction"]


def test_dates_are_days_since_1970(table):
    """Years, weeks and hours; gaps, and what is no date."""
    days = [f"20{10 + i % 9}-0{1 + i % 7}-1{i % 9} {i % 24:02}:30" for i in range(80)]
    rows = [
        [day if i % 11 else "", f"2024-03-0{1 + i % 9}", i % 5, i] for i, day in enumerate(days)
    ]
    known = table(as_csv(["at", "day", "n", "y"], rows))
    model = train(known, "y", hidden=(5,), epochs=3, classify=False).model
    assert [len(c.periods) for c in model.about.preparation.columns[:2]] == [3, 1]
    strange = [["", "?", 1, 0], ["1815-06-18", "9999-12-31", "", 0], ["a word", "2024-02-30", 2, 0]]
    made = agrees(model, known, table(as_csv(["at", "day", "n", "y"], strange)))
    assert shapes(made.graph.input) == dict.fromkeys(["at", "day", "n"], ("N", 1))


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "poisson"},
        {"quantiles": [0.1, 0.5, 0.9], "activation": ["tanh", "gelu"]},
        {"quantiles": 0.9, "activation": "silu", "dropout": 0.3},
        {"loss": "huber", "hidden": ()},
    ],
    ids=str,
)
def test_heads_and_activations(table, settings):
    rows = table(
        as_csv("abcdy", [[*x, i * i % 17] for i, x in enumerate(np.eye(4)[[0, 1, 2, 3] * 20])])
    )
    model = train(rows, "y", epochs=3, classify=False, **{"hidden": (5, 4), **settings}).model
    agrees(model, rows)


def test_numbers_that_no_text_gives(table):
    """Infinite, or too large to be known from a text: missing."""
    rows = table(quantities(80))
    made = to_onnx(train(rows, "y", hidden=(4,), epochs=2).model)
    given = {name: np.full((4, 1), 0.5) for name in "abcd"}
    given["a"] = np.array([[np.nan], [np.inf], [-np.inf], [-1e150]])
    answers = by_onnxruntime(made, given)["prediction"]
    assert len(set(answers)) == 1
    assert np.isfinite(answers[0])


@pytest.mark.slow
def test_the_same_model_gives_the_same_bytes(table, tmp_path):
    path = tmp_path / "m.safetensors"
    save_model(path, train(table(penguins()), "species", hidden=(3,), epochs=2).model)
    code = (
        "import sys, pathlib, hashlib; from backlit.onnx import to_onnx\n"
        "from backlit.tables import load_model\n"
        "model = to_onnx(load_model(pathlib.Path(sys.argv[1])))\n"
        "print(hashlib.sha256(model.SerializeToString()).hexdigest())"
    )
    sums = {
        subprocess.run(
            [sys.executable, "-c", code, path], env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(sums) == 1
    assert len(to_onnx(load_model(path)).SerializeToString()) > 1000


@pytest.mark.parametrize(
    ("name", "broken"),
    [("FURTHEST", 0.5), ("MISSING", {"na"}), ("_spellings", lambda word: [word])],
)
def test_broken_columns_are_noticed(table, monkeypatch, name, broken):
    """These tests would see it."""
    rows = table(penguins())
    model = train(rows, "species", hidden=(6,), epochs=4).model
    monkeypatch.setattr(columns, name, broken)
    with pytest.raises(AssertionError):
        agrees(model, rows, table(STRANGE))


def test_a_kind_of_column_without_a_form_is_refused(table, monkeypatch):
    model = train(table(penguins()), "species", hidden=(3,), epochs=1).model
    monkeypatch.setattr(columns, "_BUILDERS", {})
    with pytest.raises(InputError, match="the column 'island' is a Category, which has no form"):
        to_onnx(model)
