"""A model's file: the same bytes each time, exact on the way back, or refused with a FileError."""

import json
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlit.errors import FileError
from backlit.files import tensors
from backlit.tables import load_model, read_table, save_model, train

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
    X, _ = model.about.preparation.apply(table)
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


def split_file(content):
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def join_file(header, numbers):
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


def places(node, path=()):
    """Where something stands in JSON, inner places last."""
    yield path
    if isinstance(node, (dict, list)):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield from places(node[key], (*path, key))


WILD = [None, True, -1, 0, 10**30, 1e308, 5e-324, "", "tanh", [], {}, [1, 2], {"kind": "Number"}]


@pytest.mark.slow
def test_every_field_with_something_else_in_its_place(folder):
    header, numbers = split_file((folder / "c.safetensors").read_bytes())
    known = header["__metadata__"]["backlit"]
    path = folder / "other.safetensors"
    for place in list(places(json.loads(known)))[1:]:
        for wild in WILD:
            node = top = json.loads(known)
            for key in place[:-1]:
                node = node[key]
            node[place[-1]] = wild
            header["__metadata__"]["backlit"] = json.dumps(top)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                is_a_model_or_refused(path, join_file(header, numbers))


def about(header, old, new):
    """Other metadata, at one place."""
    text = header["__metadata__"]["backlit"]
    assert old in text
    header["__metadata__"]["backlit"] = text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda h: h["__metadata__"].update(more="1"), "was not written by backlit"),
        (lambda h: h.pop("__metadata__"), "was not written by backlit"),
        (lambda h: h.update(W9=h.pop("W1")), "not those of a network"),
        (lambda h: h["W2"].update(shape=h["W2"]["shape"][::-1]), "not those of a network"),
        (lambda h: h["__metadata__"].update(backlit="{"), "not the JSON"),
        (
            lambda h: about(h, '"format":1', '"format":2'),
            "format 2; this version of backlit reads 1",
        ),
        (lambda h: about(h, '"relu"', '"tanh"'), "activation 'tanh'; known: 'relu'"),
        (lambda h: about(h, "[4,3,1]", "[4,3,2]"), "do not lead from 4 to 1"),
        (lambda h: about(h, '"name":"a"', '"name":"b"'), "a column stands in it twice"),
    ],
)
def test_what_is_wrong_is_said(folder, change, sentence):
    header, numbers = split_file((folder / "q.safetensors").read_bytes())
    change(header)
    path = folder / "wrong.safetensors"
    path.write_bytes(join_file(header, numbers))
    with pytest.raises(FileError) as caught:
        load_model(path)
    assert sentence in str(caught.value)


def test_numbers_that_are_none_are_refused(folder):
    header, numbers = split_file((folder / "q.safetensors").read_bytes())
    wrong = np.frombuffer(numbers, np.float32).copy()
    wrong[0] = np.nan
    path = folder / "nan.safetensors"
    path.write_bytes(join_file(header, wrong.tobytes()))
    with pytest.raises(FileError, match="NaN or infinite"):
        load_model(path)


def test_other_files_are_no_models(folder):
    for other, sentence in ((folder / "c.csv", "no model file"), (folder, "cannot be read")):
        with pytest.raises(FileError, match=sentence):
            load_model(other)
    with pytest.raises(FileError, match="No such file"):
        load_model(folder / "none.safetensors")


def test_a_file_without_an_end_is_not_read_to_it(folder, monkeypatch):
    path = folder / "c.safetensors"
    size = path.stat().st_size
    monkeypatch.setattr(tensors, "_LARGEST", size)
    load_model(path)
    for other in (folder / "longer.safetensors", Path("/dev/zero")):
        if other.parent == folder:
            other.write_bytes(path.read_bytes() + b"x")
        with pytest.raises(FileError, match=f"none has more than {size:,} bytes"):
            load_model(other)


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
