"""Training on tables: nothing of the held-out rows leaks, the same call gives the same model."""

import dataclasses
from unittest.mock import MagicMock

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.tables import course, evaluate, prepare, read_table, train
from backlit.tables import table as table_module
from backlit.tables.columns import Number
from backlit.tables.judgement import judgement_report
from backlit.tables.learn import parts
from backlit.tables.model import Scores
from backlit.tables.report import equations, model_report, summary
from backlit.tables.score import Accuracy
from backlit.tables.split import split
from backlit.tables.target import Classes, Quantity, choose

from .samples import as_csv, digit_table, penguins, quantities


def table(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return read_table(path)


def test_classes_are_held_out_by_their_share():
    groups = np.repeat([0, 1, 2], [100, 50, 1])
    stay, drawn = split(groups, 0.2, np.random.default_rng(0))
    assert sorted([*stay, *drawn]) == [*range(151)]
    assert np.bincount(groups[drawn], minlength=3).tolist() == [20, 10, 0]
    assert split(groups, 0.0, np.random.default_rng(0))[1].size == 0


def test_one_row_of_each_class_stays():
    groups = np.arange(50) // 2 * (np.arange(50) > 9)  # ten of class 0, then pairs
    for seed in range(5):
        stay, _ = split(groups, 0.9, np.random.default_rng(seed))
        assert set(groups[stay]) == set(groups)
        assert len(split(np.arange(9), 0.9, np.random.default_rng(seed))[0]) == 9


def test_a_table_that_no_memory_holds_is_learnt_from_a_file(tmp_path, monkeypatch):
    rows = table(tmp_path, quantities(100))
    known = train(rows, "y", epochs=2)
    monkeypatch.setattr(prepare, "_IN_MEMORY", 1000)
    monkeypatch.setattr(table_module, "ROWS", 7)
    monkeypatch.setattr(prepare, "ROWS", 7)
    X, _ = known.model.about.preparation.apply(rows, range(100))
    assert isinstance(X, np.memmap)
    mapped = train(rows, "y", epochs=2)
    assert same(mapped, known)
    assert mapped.model.about.scores == known.model.about.scores
    np.testing.assert_array_equal(mapped.model.predict(rows)[0], known.model.predict(rows)[0])


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    rows = table(tmp_path, quantities(100))
    monkeypatch.setattr(prepare, "_IN_MEMORY", 1000)
    full = MagicMock()
    full.return_value.__enter__.return_value.write.side_effect = OSError(28, "No space left")
    monkeypatch.setattr(prepare.tempfile, "TemporaryFile", full)
    with pytest.raises(InputError, match=r"100 rows of 4 numbers take 1,600 bytes .*No space left"):
        train(rows, "y", epochs=1)


def test_rare_classes_are_held_out_by_chance():
    groups = np.repeat(np.arange(1000), 2)
    drawn = split(groups, 0.2, np.random.default_rng(0))[1]
    assert 340 < len(drawn) < 460
    assert len(np.unique(groups[drawn])) == len(drawn)


def same(one, other):
    """The same preparation and the same parameters."""
    arrays, others = ([x for pair in t.model.params for x in pair] for t in (one, other))
    equal = all(np.array_equal(a, b) for a, b in zip(arrays, others, strict=True))
    return equal and one.model.about.preparation == other.model.about.preparation


def test_nothing_of_the_held_out_rows_reaches_the_model(tmp_path):
    lines = [line.split(",") for line in quantities(100).splitlines()]
    first = table(tmp_path, as_csv(lines[0], lines[1:]))
    fitted, choosing, held_out = parts(first, "y", choose(first, "y", None), 0.2, 0)
    assert sorted([*fitted, *choosing, *held_out]) == [*range(100)]
    known = train(first, "y", epochs=2)

    def again(row):
        changed = [list(line) for line in lines]
        changed[row + 1] = ["12345", "a text", "", "-9", "77"]
        return train(table(tmp_path, as_csv(changed[0], changed[1:])), "y", epochs=2)

    for row in held_out[:3]:
        assert same(again(row), known)
    for row in (fitted[0], choosing[0]):
        assert not same(again(row), known)


def test_statistics_are_those_of_the_training_rows(tmp_path):
    about = train(table(tmp_path, quantities(100)), "y", epochs=1, held_out=0).model.about
    values = np.loadtxt(tmp_path / "table.csv", delimiter=",", skiprows=1)
    for i, column in enumerate(about.preparation.columns):
        assert isinstance(column, Number)
        assert column.mean == pytest.approx(values[:, i].mean())
        assert column.scale == pytest.approx(values[:, i].std())
    assert about.scores is None
    assert (about.target.mean, about.target.scale) == (
        pytest.approx(values[:, 4].mean()), pytest.approx(values[:, 4].std()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b"] * 10, True),
        (["True", "False"] * 10, True),
        ([str(i % 10) for i in range(50)], True),
        ([f"{i % 3}.0" for i in range(50)], True),
        ([str(i % 10) for i in range(20)], False),
        ([str(i % 21) for i in range(500)], False),
        ([str(i % 3 + 0.5) for i in range(50)], False),
    ],
)
def test_classes_or_a_quantity(tmp_path, values, kind):
    rows = table(tmp_path, as_csv(["y"], [[v] for v in values]))
    assert choose(rows, "y", None).classify is kind


def test_rows_without_a_target_are_left_out_and_counted(tmp_path):
    lines = quantities(100).splitlines()
    for i, mark in ((3, "NA"), (4, ""), (9, "lost")):
        lines[i] = lines[i].rsplit(",", 1)[0] + "," + mark
    done = train(table(tmp_path, "\n".join(lines)), "y", epochs=1)
    assert done.model.about.rows + done.held_out == 97
    text = summary(done)
    assert "left out, without it: 2 of 100 rows" in text
    assert "left out, not a number: 1 of 100 rows" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "target", "tables"),
    [(penguins, "species", 10), (lambda _: digit_table(), "digit", 3)],
    ids=["penguins", "digits"],
)
def test_usual_settings_read_penguins_and_digits(tmp_path, make, target, tables):
    scores = [
        train(table(tmp_path, make(seed)), target, seed=seed).model.about.scores
        for seed in range(tables)
    ]
    right, judged = sum(s.network.right for s in scores), sum(s.network.rows for s in scores)
    assert right >= 0.96 * judged
    assert all(s.constant.figure < 0.5 for s in scores)


@pytest.mark.slow
def test_a_network_follows_what_no_line_follows(tmp_path):
    scores = train(table(tmp_path, quantities(1000)), "y").model.about.scores
    assert scores.network.r2.low > 0.9
    assert scores.linear.r2.value < 0.6
    assert abs(scores.constant.r2.value) < 0.05


def test_without_hidden_layers_it_is_the_linear_model(tmp_path):
    rows = table(tmp_path, quantities(200))
    deep, flat = train(rows, "y", epochs=30, hidden=(4,)), train(rows, "y", epochs=30, hidden=())
    assert flat.model.about.scores.network == deep.model.about.scores.linear
    assert flat.model.about.scores.linear is None
    assert "linear model  " in summary(flat)


def test_the_best_epoch_is_kept(tmp_path):
    noise = np.random.default_rng(0).normal(size=(100, 4))
    done = train(table(tmp_path, as_csv("abcy", noise)), "y", epochs=150)
    history = done.learnt.fit.history["validation_loss"]
    assert done.learnt.best == 1 + int(np.argmin(history)) < len(history) < 150
    assert f"kept: epoch {done.learnt.best}, the best" in " ".join(summary(done).split())


def test_a_training_that_diverges_gives_no_model(tmp_path):
    with pytest.raises(InputError, match="diverged at epoch"):
        train(table(tmp_path, quantities(60)), "y", rate=1e30, epochs=3)


def test_ctrl_c_gives_no_model(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(course.Best, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(table(tmp_path, quantities(100)), "y", epochs=3)


def test_shares_that_leave_too_little_are_refused(tmp_path):
    rows = table(tmp_path, quantities(10))
    for share in (-0.1, 0.95, float("nan")):
        with pytest.raises(InputError, match=r"expected a share of 0 to 0\.9"):
            train(rows, "y", held_out=share)
    with pytest.raises(InputError, match=r"[12] rows? to train on, with [89] held out; at least 5"):
        train(rows, "y", held_out=0.9)
    assert train(rows, "y", held_out=0.5, epochs=1).model.about.rows >= 5


@pytest.mark.parametrize(
    ("make", "target", "simplest"),
    [(penguins, "species", "most frequent class"), (quantities, "y", "mean")],
)
def test_it_is_said_when_only_noise_was_learnt(tmp_path, make, target, simplest):
    real = table(tmp_path, make())
    texts = {name: [*map(real[name].text, range(len(real)))] for name in real.names}
    column = np.random.default_rng(0).permutation(texts[target])
    columns = [*{**texts, target: column}.values()]
    for values, noise in ((columns, True), (texts.values(), False)):
        rows = table(tmp_path, as_csv(real.names, zip(*values, strict=True)))
        done = train(rows, target, epochs=30)
        for text in (summary(done), model_report(done.model)):
            assert (f"Not shown to be better than the {simplest}:" in text) is noise
    assert "Not shown" not in judgement_report(evaluate(done.model, rows))
    done = train(table(tmp_path, make()), target, epochs=1, hidden=(), rate=1e-9)
    assert "Not shown" in judgement_report(evaluate(done.model, real))


@pytest.mark.parametrize(
    ("network", "linear", "said"), [(90, 90, True), (91, 90, False), (50, 52, False)]
)
def test_a_linear_model_is_named_if_it_is_of_use_and_no_worse(tmp_path, network, linear, said):
    done = train(table(tmp_path, penguins()), "species", epochs=1, hidden=(2,))
    scores = Scores(Accuracy(network, 100), Accuracy(linear, 100), Accuracy(50, 100))
    about = dataclasses.replace(done.model.about, scores=scores)
    done = dataclasses.replace(done, model=dataclasses.replace(done.model, about=about))
    assert ("does no worse: --hidden 0" in summary(done)) is said


def test_classes_spelt_in_two_ways_are_said(tmp_path):
    lines = penguins().replace("Gentoo", "ADELIE")
    said = summary(train(table(tmp_path, lines), "species", epochs=1, hidden=(2,)))
    assert "species: classes that differ in capitals alone: ADELIE, Adelie\n" in said


def test_the_equations_are_those_that_run(tmp_path):
    done = train(table(tmp_path, penguins()), "species", epochs=1, hidden=(4,))
    text = equations(done)
    assert "on the first batch of 32 rows" in text
    assert "δ2 = ∂L/∂Z2 = 0.03125 (softmax(Z2) − one_hot(y))" in text
    assert "Z1 = X W1 + b1" in text
    assert done.derivation.check()


def test_judging_counts_what_it_leaves_out(tmp_path):
    rows = penguins()
    model = train(table(tmp_path, rows), "species", epochs=5, hidden=(4,)).model
    lines = rows.splitlines()
    lines[1] = "Emperor" + lines[1].removeprefix("Adelie")
    lines[2] = "NA" + lines[2].removeprefix("Adelie")
    found = evaluate(model, table(tmp_path, "\n".join(lines)))
    assert (found.unknown, found.without, found.network.rows) == ({"Emperor": 1}, 1, 342)
    assert found.confusions.sum() == 342
    assert np.trace(found.confusions) == found.network.right
    said = judgement_report(found)
    assert "left out, without an answer: 1 row\n" in said
    assert "left out, an answer that the model has not: 1 row, 'Emperor'" in said


def test_classes_and_scales_guard_themselves():
    for wrong in (("a",), (1,)), (("a", "a"), (1, 1)), (("a", "b"), (1,)), (("a", "b"), (1, -1)):
        with pytest.raises(ValueError, match="there must be"):
            Classes("y", *wrong)
    with pytest.raises(ValueError, match="scale"):
        Quantity("y", 0.0, 0.0)
