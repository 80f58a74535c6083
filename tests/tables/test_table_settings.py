"""Each setting of a training does what its name says; what does not fit is refused."""

import dataclasses

import numpy as np
import pytest

from backlit import nn
from backlit.errors import InputError
from backlit.tables import evaluate, load_model, save_model, train
from backlit.tables.report import model_report, summary
from backlit.tables.settings import INITS, OPTIMIZERS, Settings

from .samples import as_csv, penguins, quantities, reader

STILL = {"rate": 1e-30, "epochs": 1, "batch": 10_000, "held_out": 0, "hidden": (4,)}


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A function: text → table."""
    return reader(tmp_path_factory.mktemp("settings"))


def counts(rows=48):
    """Whole numbers ≥ 0, and what a row weighs."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=rows).round(3), rng.integers(4, size=rows)
    return as_csv(["x", "w", "y"], np.column_stack([x, w, rng.poisson(np.exp(x))]))


def column(rows, name):
    return rows[name].numbers()


LOSSES = {
    "squared_error": lambda e: e**2,
    "absolute_error": np.abs,
    "huber": lambda e: np.where(np.abs(e) <= 1, e**2 / 2, np.abs(e) - 0.5),
}


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_loss_is_its_formula(table, loss, weights):
    rows = table(counts())
    done = train(rows, "y", loss=loss, weights=weights, classify=False, **STILL)
    y, found = column(rows, "y"), done.model.predict(rows)[0]
    each = LOSSES[loss]((y - found) / y.std())
    expected = np.average(each, weights=None if weights is None else column(rows, "w"))
    assert done.learnt.fit.history["loss"] == [pytest.approx(expected, rel=1e-5)]


def test_counts_have_a_logarithm_as_link(table):
    rows = table(counts())
    done = train(rows, "y", loss="poisson", classify=False, **STILL)
    y, found = column(rows, "y"), done.model.predict(rows)[0]
    assert (found > 0).all()
    logarithm = y * np.log(np.where(y > 0, y, 1) / found)
    expected = np.mean(found - y + logarithm) / y.mean()
    assert done.learnt.fit.history["loss"] == [pytest.approx(expected, rel=1e-5)]
    assert "exp at the end" in summary(done)
    assert f"Y = {y.mean():.6g} exp(Z2)" in model_report(done.model)


def test_the_loss_of_quantiles(table):
    rows, quantiles = table(counts()), (0.1, 0.5, 0.8)
    done = train(rows, "y", quantiles=quantiles, classify=False, **STILL)
    y, found = column(rows, "y"), done.model.predict(rows)[0]
    error = (y[:, None] - found) / y.std()
    each = np.maximum(quantiles * error, (np.array(quantiles) - 1) * error)
    expected = each.sum(axis=1).mean()
    assert done.learnt.fit.history["loss"] == [pytest.approx(expected, rel=1e-5)]
    assert (np.diff(found, axis=1) >= 0).all()


@pytest.mark.slow
def test_quantiles_cover_their_share(table, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, 3000)
    text = as_csv("xy", np.column_stack([x, x + (2 + x) * rng.uniform(size=3000)]).round(4))
    rows = table(text)
    done = train(rows, "y", quantiles=(0.1, 0.5, 0.9), epochs=40)
    for found in done.model.about.scores.coverage:
        assert found.rows == done.held_out == 600
        assert abs(found.estimate.value - found.quantile) < 0.05
    save_model(tmp_path / "m.safetensors", done.model)
    judged = evaluate(load_model(tmp_path / "m.safetensors"), rows)
    assert [b.quantile for b in judged.coverage] == [0.1, 0.5, 0.9]
    assert judged.coverage[0].below == np.sum(
        column(rows, "y") <= done.model.predict(rows)[0][:, 0]
    )
    assert judged.network.mae == pytest.approx(
        np.mean(np.abs(column(rows, "y") - done.model.predict(rows)[0][:, 1]))
    )


def test_classes_of_equal_weight(table):
    rows = table(penguins())
    found = {}
    for balance in (False, True):
        done = train(rows, "species", balance=balance, seed=1, validation=rows, **STILL)
        target, probabilities = done.model.about.target, done.model.predict(rows)[0]
        truth = target.encode(rows["species"])
        each = -np.log(probabilities[np.arange(len(truth)), truth])
        means = [each[truth == k].mean() for k in range(3)]
        expected = np.mean(means if balance else each)
        found[balance] = done.learnt.fit.history["loss"]
        assert found[balance] == [pytest.approx(expected, rel=1e-5)]
    assert found[False] != found[True]


@pytest.mark.parametrize("init", INITS)
def test_the_first_weights(table, init):
    model = train(table(quantities(40)), "y", init=init, seed=3, **STILL).model
    first = nn.dense((4, 4, 1), seed=3, init=getattr(nn, init), dtype=np.float32)
    np.testing.assert_array_equal(model.params[0][0], first[0][0])


def step(table, **settings):
    """By how much one step of gradient descent at rate 1 moves all parameters."""
    words = {**STILL, "rate": 1.0, "optimizer": "sgd", "schedule": "constant", **settings}
    model = train(table(quantities(40)), "y", **words).model
    first = nn.dense((4, 4, 1), dtype=np.float32)
    pairs = zip(first, model.params, strict=True)
    return first, np.concatenate(
        [(x - y).ravel() for one, two in pairs for x, y in zip(one, two, strict=True)]
    )


def test_a_gradient_is_shortened(table):
    (_, free), (_, short) = step(table), step(table, clip_norm=0.01)
    assert np.linalg.norm(free) > 0.1
    assert np.linalg.norm(short) == pytest.approx(0.01, rel=1e-4)
    np.testing.assert_allclose(short / 0.01, free / np.linalg.norm(free), atol=1e-4)


def test_weights_decay(table):
    (first, free), (_, decayed) = step(table), step(table, decay=0.25)
    flat = np.concatenate([x.ravel() for pair in first for x in pair])
    np.testing.assert_allclose(decayed - free, 0.25 * flat, atol=1e-6)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("cosine", (0.5, 0.25, 0.0)),
        ("constant", (0.5, 0.5, 0.5)),
        ("step", (0.5, 0.05, 0.0005)),
        ("inverse", (0.5, 0.5 / 5.5, 0.05)),
    ],
)
def test_schedules(schedule, rates):
    made = Settings(rate=0.5, decay=0, schedule=schedule).optimiser(900)
    assert [made.rate(at) for at in (0, 450, 900)] == [pytest.approx(rate) for rate in rates]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimiser_learns(table, name):
    done = train(table(quantities(300)), "y", optimizer=name, epochs=30)
    losses = done.learnt.fit.history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    assert f"squared_error, {name}, rate " in summary(done)


def test_activations_and_dropout_are_of_each_layer(table):
    rows = table(quantities(60))
    words = {"hidden": (5, 3), "epochs": 2, "activation": ("tanh", "sigmoid")}
    done = train(rows, "y", **words)
    (W1, b1), (W2, b2), (W3, b3) = [(W.astype(float), b) for W, b in done.model.params]
    X, _ = done.model.about.preparation.apply(rows, range(60))
    H = np.tanh(X.astype(float) @ W1 + b1)
    Z = 1 / (1 + np.exp(-(H @ W2 + b2))) @ W3 + b3
    target = done.model.about.target
    expected = target.mean + target.scale * Z[:, 0]
    np.testing.assert_allclose(done.model.predict(rows)[0], expected, rtol=1e-9)
    assert "tanh, sigmoid in turn in the hidden layers" in summary(done)
    dropped = train(rows, "y", dropout=(0.5, 0), **words)
    assert dropped.model.about.settings.dropout == (0.5, 0)
    assert dropped.learnt.fit.history["loss"] != done.learnt.fit.history["loss"]
    again = dropped.model.predict(rows)[0]
    np.testing.assert_array_equal(dropped.model.predict(rows)[0], again)


def test_a_column_of_weights_is_not_learnt_from(table):
    rows = table(counts())
    done = train(rows, "y", weights="w", epochs=2, classify=False)
    assert done.model.about.preparation.width == 1
    assert "left out, says what a row weighs (1): w" in summary(done)
    done.model.predict(table(as_csv("x", [[1], [2]])))
    free = train(rows, "y", epochs=2, classify=False)
    assert free.model.about.preparation.width == 2
    with pytest.raises(InputError, match="did you mean 'w'"):
        train(rows, "y", weights="W")
    for wrong in ("-1", "", "many"):
        odd = table(as_csv(["x", "w", "y"], [[i, wrong if i == 9 else 1, i] for i in range(40)]))
        with pytest.raises(InputError, match=f"the weight 'w' is '{wrong}' in a row; expected"):
            train(odd, "y", weights="w")
    none = table(as_csv(["x", "w", "y"], [[i, 0, i] for i in range(40)]))
    with pytest.raises(InputError, match="the weight 'w' is 0 in all rows"):
        train(none, "y", weights="w")


def test_another_table_chooses_the_epoch(table):
    rows, others = table(quantities(80)), table(quantities(50, seed=1))
    done = train(rows, "y", validation=others, epochs=6, held_out=0)
    assert done.validation == 50
    assert done.model.about.rows == 80
    target = done.model.about.target
    error = (column(others, "y") - done.model.predict(others)[0]) / target.scale
    losses = done.learnt.fit.history["validation_loss"]
    assert min(losses) == losses[done.learnt.best - 1] == pytest.approx(np.mean(error**2), rel=1e-4)
    assert f"80 to train on, 50 of {others.source} choose the epoch" in " ".join(
        summary(done).split()
    )
    for wrong, sentence in (
        (as_csv("abcd", np.eye(4)), "has no column 'y'"),
        (as_csv("aby", np.eye(3)), "has no column 'c', 'd'"),
        (as_csv("abcdy", [[1, 2, 3, 4, "much"]]), "no row has a known 'y'"),
    ):
        with pytest.raises(InputError, match=sentence):
            train(rows, "y", validation=table(wrong), epochs=1)


def test_patience_is_counted_in_epochs(table):
    noise = np.random.default_rng(0).normal(size=(100, 4))
    done = train(table(as_csv("abcy", noise)), "y", epochs=150, patience=7)
    assert len(done.learnt.fit.history["loss"]) == done.learnt.best + 7


def test_threads_change_nothing(table):
    rows = table(quantities(300))
    one, two = (train(rows, "y", epochs=2, threads=n).model.params for n in (1, 2))
    for x, y in zip(one, two, strict=True):
        np.testing.assert_array_equal(x[0], y[0])


def test_a_model_keeps_its_settings(table, tmp_path):
    words = {"quantiles": (0.25, 0.75), "activation": "gelu", "dropout": 0.1, "clip_norm": 2}
    model = train(table(quantities(60)), "y", epochs=1, **words).model
    save_model(tmp_path / "m.safetensors", model)
    again = load_model(tmp_path / "m.safetensors")
    assert again.about == model.about
    told = model_report(again)
    for part in ("pinball, adamw", "dropout 0.1, 0.1", "gradients of at most 2", "0.25, 0.75 out"):
        assert part in " ".join(told.split())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"activation": "relo"}, "there is no activation 'relo'; did you mean 'relu'?"),
        ({"activation": ("relu",) * 3}, "activation=relu,relu,relu: 3 for 2 hidden layers"),
        ({"dropout": 1.0}, r"dropout=1.0, expected numbers in \[0, 1\)"),
        ({"loss": "log_loss"}, "the loss log_loss is not for a quantity; known: squared_error"),
        ({"loss": "huber", "classify": True}, "huber is not for classes; known: log_loss"),
        ({"loss": "pinball"}, "the loss pinball needs quantiles"),
        ({"loss": "huber", "quantiles": 0.5}, "quantiles are for the loss pinball, not for huber"),
        ({"quantiles": (0.9, 0.1)}, r"quantiles=0.9,0.1, expected rising ones in \(0, 1\)"),
        ({"quantiles": (0.5, 1.0)}, "expected rising ones"),
        ({"loss": "poisson"}, r"the loss poisson is for counts and the like, ≥ 0; 'y' has -"),
        ({"balance": True}, "a quantity has no classes"),
        ({"optimizer": "adamx"}, "there is no optimizer 'adamx'; did you mean"),
        ({"schedule": "cos"}, "there is no schedule 'cos'"),
        ({"init": "zeros"}, "there is no init 'zeros'; known: glorot_uniform"),
        ({"patience": 0}, "patience=0, expected at least 1"),
        ({"rate": float("nan")}, "rate=nan, expected at least 0"),
        ({"hidden": (4, 0)}, "hidden=4,0, expected widths of at least 1"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(table, settings, sentence):
    rows = table(quantities(60))
    if settings.get("classify"):
        rows = table(penguins())
    with pytest.raises(InputError, match=sentence):
        train(rows, "species" if settings.get("classify") else "y", **settings)


def test_what_is_not_given_is_chosen():
    asked = Settings()
    assert not asked.is_complete
    few, many = (asked.complete(rows, classify=False) for rows in (50, 1_000_000))
    assert (few.batch, few.epochs, few.loss, few.patience) == (32, 200, "squared_error", 80)
    assert (many.batch, many.epochs, many.rate, many.decay) == (256, 20, 0.005, 0.1)
    assert few.activation == ("relu", "relu")
    assert Settings(optimizer="sgd").complete(50, classify=True).decay == 0
    assert dataclasses.replace(few, hidden=()).is_complete is False
    assert few.linear.is_complete
