"""A training that was killed goes on to the same model, whenever that happened."""

import pytest

from backlit.errors import FileError, InputError
from backlit.files import Checkpoints
from backlit.tables import Journal, course, read_table, save_model, train
from backlit.tables.course import Entries

from ..files.damage import described, described_by, split
from .samples import as_csv, penguins, quantities

WORDS = {"epochs": 10, "hidden": (4,), "rate": 0.05}


class KilledError(BaseException):
    """Nothing that is caught."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    place = tmp_path_factory.mktemp("course")
    weighted = [[i % 4, i % 7, i * i % 11] for i in range(80)]
    texts = {"p": penguins(), "q": quantities(80), "few": quantities(40)}
    for name, text in {**texts, "w": as_csv("wxy", weighted)}.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return {path.stem: read_table(path) for path in place.iterdir()}


@pytest.fixture(autouse=True)
def _at_each_epoch(monkeypatch):
    monkeypatch.setattr(course, "PAUSE", 0.0)
    monkeypatch.setattr(course, "_SHARE", 0)


def bytes_of(table, tmp_path, journal=None, **words):
    target = "species" if "species" in table.names else "y"
    done = train(table, target, journal=journal, **{**WORDS, **words})
    save_model(tmp_path / "m.safetensors", done.model)
    return (tmp_path / "m.safetensors").read_bytes(), done.learnt.fit


def killed_at(monkeypatch, number):
    """The program ends with that checkpoint; answers how many there were."""
    save, count = Checkpoints.save, [0]

    def dying(self, *words):
        save(self, *words)
        count[0] += 1
        if count[0] == number:
            raise KilledError

    monkeypatch.setattr(Checkpoints, "save", dying)
    return count


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("p", {}),
        ("q", {}),  # no better epoch comes: it stops before the last one
        ("few", {}),  # too few rows to choose an epoch by
        ("p", {"hidden": (), "held_out": 0.0, "batch": 7, "seed": 3}),
        (
            "w",
            {
                "quantiles": (0.2, 0.8),
                "classify": False,
                "dropout": 0.2,
                "optimizer": "rmsprop",
                "rate": 0.01,
            },
        ),
        ("w", {"weights": "w", "optimizer": "momentum", "clip_norm": 0.1, "schedule": "step"}),
    ],
)
def test_a_training_goes_on_from_any_checkpoint(tables, tmp_path, monkeypatch, name, words):
    whole, fit = bytes_of(tables[name], tmp_path, **words)
    if name == "q":  # no better epoch came
        assert fit.stop_reason.kind == "callback"
    count = killed_at(monkeypatch, 0)
    assert bytes_of(tables[name], tmp_path, Journal(tmp_path / "0"), **words)[0] == whole
    assert count[0] >= len(fit.history["loss"])
    for number in range(1, count[0] + 1):
        folder = tmp_path / str(number)
        with monkeypatch.context() as patch:
            killed_at(patch, number)
            with pytest.raises(KilledError):
                bytes_of(tables[name], tmp_path, Journal(folder), **words)
        again, resumed = bytes_of(tables[name], tmp_path, Journal(folder, resume=True), **words)
        assert again == whole
        assert resumed.history == fit.history
        assert resumed.stop_reason == fit.stop_reason


def test_a_finished_training_is_not_done_again(tables, tmp_path):
    whole, _ = bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run"))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()}
    said = []
    journal = Journal(tmp_path / "run", resume=True, say=said.append)
    assert bytes_of(tables["p"], tmp_path, journal)[0] == whole
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run").iterdir()} == before
    assert said == [
        f"{tmp_path}/run: the {name} goes on after epoch 10."
        for name in ("network", "linear model")
    ]


def test_checkpoints_are_not_overwritten_by_chance(tables, tmp_path):
    bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run"))
    with pytest.raises(InputError, match=r"holds the checkpoints of a training: resume it"):
        Journal(tmp_path / "run")
    Journal(tmp_path / "new", resume=True)  # nothing to go on from: it begins


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"epochs": 11}, "with epochs 10 (now 11), patience 4 (now 5): resume with the same"),
        ({"rate": 0.01, "batch": 8}, "with batch 32 (now 8), rate 0.05 (now 0.01):"),
        ({"hidden": ()}, "with widths 14-4-3 (now 14-3), activation relu (now ), "),
        ({"seed": 1}, "with seed 0 (now 1), other data:"),
        ({"held_out": 0.3}, "with held_out 0.2 (now 0.3), other data:"),
        ({"decay": 0.2, "threads": 2}, "with decay 0.1 (now 0.2):"),
        ({"loss": "log_loss", "clip_norm": 1}, "with clip_norm None (now 1):"),
    ],
)
def test_another_training_is_refused(tables, tmp_path, words, sentence):
    bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run"))
    names = {path.name for path in (tmp_path / "run").iterdir()}
    with pytest.raises(InputError, match="holds the checkpoints of another training") as caught:
        bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run", resume=True), **words)
    assert sentence in str(caught.value)
    assert {path.name for path in (tmp_path / "run").iterdir()} == names


@pytest.mark.parametrize("good", [2, 1])
def test_damaged_checkpoints_give_way_to_older_ones(tables, tmp_path, good):
    whole, _ = bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run"))
    for path in sorted((tmp_path / "run").iterdir())[good:]:
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    said = []
    journal = Journal(tmp_path / "run", resume=True, say=said.append)
    assert bytes_of(tables["p"], tmp_path, journal)[0] == whole
    assert sum("was damaged" in note for note in said) == 3 - good
    assert len(Checkpoints(tmp_path / "run").steps()) == 3


def test_checkpoints_of_which_none_can_be_read_stay(tables, tmp_path, monkeypatch):
    bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run"))
    kept = {path: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    monkeypatch.setattr(course, "FORMAT", course.FORMAT + 1)
    with pytest.raises(FileError, match=r"resumes 3.* can be read: take another folder, or remove"):
        Journal(tmp_path / "run", resume=True)
    assert {path: path.read_bytes() for path in (tmp_path / "run").iterdir()} == kept


def last_of(folder):
    return max(folder.iterdir())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda about, header: about.update(format=9), "format 9; this version"),
        (lambda about, header: about["trainings"]["network"].update(best=99), "do not go together"),
        (lambda about, header: header["network/best/0000"].update(shape=[56]), "not those of this"),
        (lambda about, header: header["network/history/loss"].update(shape=[5, 2]), "not those of"),
        (lambda about, header: header["network/values/0000"].update(shape=[56]), "start holds"),
    ],
)
def test_what_does_not_fit_is_a_sentence(tables, tmp_path, change, sentence):
    """Even if someone made the sums fit."""
    bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run"))
    header, numbers = split(last_of(tmp_path / "run").read_bytes())
    known = described(header)
    change(known["about"], header)
    for path in (tmp_path / "run").iterdir():
        path.write_bytes(described_by(header, known, numbers))
    with pytest.raises((FileError, InputError)) as caught:
        bytes_of(tables["p"], tmp_path, Journal(tmp_path / "run", resume=True))
    assert sentence in str(caught.value)
    assert Entries.__doc__
