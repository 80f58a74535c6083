"""A model's file: the same bytes each time, exact on the way back, or refused with a FileError."""

import json
import os
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlit.errors import FileError
from backlit.tables import load_model, read_table, save_model, train

from ..files.damage import WILD, described, described_by, join, places, split, with_other
from .samples import as_csv, penguins, quantities


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("models")
    for name, text, target in (("c", penguins(), "species"), ("q", quantities(60), "y")):
        path = place / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        table = read_table(path)
        for again in ("", "2"):
            done = train(table, target, hidden=(3,), epochs=3)
            save_model(place / f"{name}{again}.safetensors", done.model)
    return place


@pytest.mark.parametrize("name", "cq")
def test_the_same_training_gives_the_same_bytes(folder, name):
    one, two = (folder / f"{name}{again}.safetensors" for again in ("", "2"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(("name", "target"), [("c", "species"), ("q", "y")])
def test_a_model_comes_back_as_it_was(folder, name, target):
    table = read_table(folder / f"{name}.csv")
    model = train(table, target, hidden=(3,), epochs=3).model
    again = load_model(folder / f"{name}.safetensors")
    assert again.about == model.about
    np.testing.assert_array_equal(again.predict(table)[0], model.predict(table)[0])


def test_probabilities_are_those_of_the_network(folder):
    model, table = load_model(folder / "c.safetensors"), read_table(folder / "c.csv")
    X, _ = model.about.preparation.apply(table, range(len(table)))
    (W1, b1), (W2, b2) = [(W.astype(float), b.astype(float)) for W, b in model.params]
    Z = np.maximum(X.astype(float) @ W1 + b1, 0) @ W2 + b2
    P = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(table)[0], P, rtol=1e-12)


def is_a_model_or_refused(path, content):
    """Loads, and then answers, or is a FileError: nothing else, and no warning."""
    path.write_bytes(content)
    table = read_table(path.parent / "c.csv")
    try:
        model = load_model(path)
    except FileError:
        return
    known = model.about.preparation.columns
    if {c.name for c in known} <= set(table.names):
        model.predict(table)


def test_every_cut_is_refused(folder):
    whole = (folder / "c.safetensors").read_bytes()
    path = folder / "cut.safetensors"
    for end in [*range(0, 300), *range(300, len(whole), 37), len(whole) - 1]:
        path.write_bytes(whole[:end])
        with pytest.raises(FileError):
            load_model(path)


@given(st.data())
def test_damage_is_refused_or_harmless(folder, data):
    content = bytearray((folder / "c.safetensors").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        is_a_model_or_refused(folder / "damaged.safetensors", bytes(content))


@pytest.mark.slow
def test_every_field_with_something_else_in_its_place(folder):
    header, numbers = split((folder / "c.safetensors").read_bytes())
    known = described(header)
    path = folder / "other.safetensors"
    for place in list(places(known["about"]))[1:]:
        for wild in WILD:
            other = {**known, "about": with_other(known["about"], place, wild)}
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                is_a_model_or_refused(path, described_by(header, other, numbers))


def other(old, new):
    """A change of what a model says of itself, at one place; the sums fit."""

    def change(header, numbers):
        known = described(header)
        text = json.dumps(known["about"])
        assert old in text
        known["about"] = json.loads(text.replace(old, new, 1))
        return described_by(header, known, numbers)

    return change


def turned(header, numbers):
    header["W2"]["shape"] = header["W2"]["shape"][::-1]
    return described_by(header, described(header), numbers)


def renamed(header, numbers):
    known = described(header)
    header["W9"], known["sums"]["W9"] = header.pop("W1"), known["sums"].pop("W1")
    return described_by(header, known, numbers)


def whole_numbers(header, numbers):
    header["W1"]["dtype"] = "I32"
    return described_by(header, described(header), numbers)


def not_finite(header, numbers):
    wrong = np.frombuffer(numbers, np.float32).copy()
    wrong[0] = np.nan
    return described_by(header, described(header), wrong.tobytes())


def bit(header, numbers):
    return join(header, bytes([numbers[0] ^ 1]) + numbers[1:])


def digit(header, numbers):
    text = header["__metadata__"]["backlit"]
    header["__metadata__"]["backlit"] = text.replace('"seed":0', '"seed":1')
    return join(header, numbers)


def metadata(**texts):
    return lambda header, numbers: join({**header, "__metadata__": texts}, numbers)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (metadata(backlit="{}", more="1"), "was not written by this version of backlit"),
        (metadata(backlit="{}"), "was not written by this version of backlit"),
        (metadata(), "was not written by this version of backlit"),
        (metadata(backlit="{"), "not the JSON"),
        (bit, "was damaged: array 'W1' is not what was written"),
        (digit, "was changed: what it says of itself"),
        (lambda h, n: join({("W9" if k == "W1" else k): v for k, v in h.items()}, n), "changed"),
        (renamed, "not those of a network"),
        (turned, "not those of a network"),
        (whole_numbers, "not those of a network"),
        (not_finite, "NaN or infinite"),
        (other('"format": ', '"format": 9'), "this version of backlit reads"),
        (other('"relu"', '"rele"'), "there is no activation 'rele'; did you mean 'relu'?"),
        (other('"squared_error"', '"pinball"'), "the loss pinball needs quantiles"),
        (other('"squared_error"', '"log_loss"'), "not those of a training on its target"),
        (other('"squared_error"', '"poisson"'), "its loss and its target do not go together"),
        (
            other('"positive": false', '"positive": true'),
            "its loss and its target do not go together",
        ),
        (other('"epochs": 3', '"epochs": null'), "not those of a training on its target"),
        (other('"dropout": [0.0]', '"dropout": [1.5]'), "expected numbers in [0, 1)"),
        (other('"hidden": [3]', '"hidden": [2]'), "not those of a network (4, 2, 1)"),
        (other('"name": "a"', '"name": "b"'), "a column stands in it twice"),
    ],
)
def test_what_is_wrong_is_said(folder, change, sentence):
    path = folder / "wrong.safetensors"
    path.write_bytes(change(*split((folder / "q.safetensors").read_bytes())))
    with pytest.raises(FileError) as caught:
        load_model(path)
    assert sentence in str(caught.value)


def test_other_files_are_no_models(folder):
    for other, sentence in ((folder / "c.csv", "no file of backlit"), (folder, "it is no file")):
        with pytest.raises(FileError, match=sentence):
            load_model(other)
    with pytest.raises(FileError, match="No such file"):
        load_model(folder / "none.safetensors")


def test_what_is_no_file_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.safetensors")
    for path in (folder / "pipe.safetensors", Path("/dev/zero")):
        with pytest.raises(FileError, match="it is no file"):
            load_model(path)


def test_what_a_file_announces_and_what_it_has(folder):
    path = folder / "pickle.safetensors"
    path.write_bytes(pickle.dumps({"W1": [0.0] * 9}))
    with pytest.raises(FileError, match=f"and the file has {path.stat().st_size:,}"):
        load_model(path)


def test_names_of_any_kind_survive(folder):
    names = ["ä,b", 'quo"te', "line\nbreak", "σ\x1b[0m", "y"]
    rng = np.random.default_rng(0)
    path = folder / "names.csv"
    path.write_text(as_csv(names, rng.normal(size=(30, 5)).round(3)), encoding="utf-8", newline="")
    table = read_table(path)
    model = train(table, "y", hidden=(2,), epochs=1).model
    save_model(folder / "names.safetensors", model)
    assert load_model(folder / "names.safetensors").about == model.about
