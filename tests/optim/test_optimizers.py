"""Each optimiser's steps, worked by hand and by an independent loop in PyTorch's formulas."""

import math

import numpy as np
import pytest

import backlit as bl
from backlit.errors import InputError

STEPS = 4
START = np.array([1.5, -2.0, 0.5])
CURVES = np.array([1.0, 0.3, 2.0])  # the loss ½ Σ c (w − 1)², whose slope is c (w − 1)


def slope(w):
    return CURVES * (w - 1)


def path(optimizer, steps=STEPS, start=START, dtype=None):
    """The weights after each step of `fit`."""
    seen = []
    bl.fit(
        lambda w, rows: np.sum(0.5 * CURVES * (w - 1) ** 2) + 0 * np.sum(rows),
        start,
        np.zeros(1),
        optimizer=optimizer,
        epochs=steps,
        dtype=dtype,
        callbacks=[lambda state: seen.append(state.params)],
    )
    return np.array(seen)


def constant_path(optimizer, steps=3):
    """The weight after each step from w = 1 where the slope is 2 everywhere."""
    seen = []
    bl.fit(
        lambda w, x: np.mean(w * x),
        1.0,
        np.full(3, 2.0),
        optimizer=optimizer,
        epochs=steps,
        callbacks=[lambda state: seen.append(float(state.params))],
    )
    return seen


# Worked by hand for the slope 2, from 1, at the rate 0.1.
WORKED = {
    "sgd": (bl.sgd(lr=0.1), [0.8, 0.6, 0.4]),
    # v = 2, 3.8, 5.42
    "momentum": (bl.momentum(lr=0.1, momentum=0.9), [0.8, 0.42, -0.122]),
    # 2 + 0.9 v = 3.8, 5.42, 6.878
    "nesterov": (bl.nesterov(lr=0.1, momentum=0.9), [0.62, 0.078, -0.6098]),
    # s = 2, 3, 3.5
    "rmsprop": (
        bl.rmsprop(lr=0.1, alpha=0.5, eps=0),
        [1 - 0.2 / 2**0.5, 1 - 0.2 / 2**0.5 - 0.2 / 3**0.5,
         1 - 0.2 / 2**0.5 - 0.2 / 3**0.5 - 0.2 / 3.5**0.5],
    ),
    # s = 4, 8, 12
    "adagrad": (
        bl.adagrad(lr=0.1, eps=0),
        [0.9, 0.9 - 0.2 / 8**0.5, 0.9 - 0.2 / 8**0.5 - 0.2 / 12**0.5],
    ),
    # √v̂ + ε = 2 + 2: m̂ stays 2, so each step is 0.1 · 2/4
    "adam": (bl.adam(lr=0.1, eps=2.0), [0.95, 0.9, 0.85]),
    # w ← 0.95 w − 0.1
    "adamw": (bl.adamw(lr=0.1, eps=0, weight_decay=0.5), [0.85, 0.7075, 0.572125]),
    # slope 2 + w = 3, 2.7, 2.43
    "sgd with decay": (bl.sgd(lr=0.1, weight_decay=1.0), [0.7, 0.43, 0.187]),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKED)
def test_worked_by_hand(name):
    optimizer, expected = WORKED[name]
    assert constant_path(optimizer) == pytest.approx(expected, rel=1e-12)


def by_sgd(w, lr, wd=0.0):
    for _ in range(STEPS):
        w = w - lr * (slope(w) + wd * w)
        yield w


def by_momentum(w, lr, mu, wd=0.0, nesterov=False):
    buf = 0
    for _ in range(STEPS):
        g = slope(w) + wd * w
        buf = mu * buf + g
        w = w - lr * (g + mu * buf if nesterov else buf)
        yield w


def by_rmsprop(w, lr, alpha, eps, wd=0.0):
    square = 0
    for _ in range(STEPS):
        g = slope(w) + wd * w
        square = alpha * square + (1 - alpha) * g * g
        w = w - lr * g / (np.sqrt(square) + eps)
        yield w


def by_adagrad(w, lr, eps, wd=0.0):
    total = 0
    for _ in range(STEPS):
        g = slope(w) + wd * w
        total = total + g * g
        w = w - lr * g / (np.sqrt(total) + eps)
        yield w


def by_adam(w, lr, b1, b2, eps, wd=0.0, decoupled=False):
    m = v = 0
    for t in range(1, STEPS + 1):
        g = slope(w)
        if decoupled:
            w = w - lr * wd * w
        else:
            g = g + wd * w
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        w = w - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        yield w


CASES = {
    "sgd": (bl.sgd(lr=0.3), by_sgd(START, 0.3)),
    "sgd decay": (bl.sgd(0.3, weight_decay=0.2), by_sgd(START, 0.3, 0.2)),
    "momentum": (bl.momentum(lr=0.3, momentum=0.8), by_momentum(START, 0.3, 0.8)),
    "momentum decay": (
        bl.momentum(lr=0.3, momentum=0.8, weight_decay=0.2),
        by_momentum(START, 0.3, 0.8, 0.2),
    ),
    "momentum 0": (bl.momentum(lr=0.3, momentum=0), by_sgd(START, 0.3)),
    "nesterov": (
        bl.nesterov(lr=0.3, momentum=0.8, weight_decay=0.2),
        by_momentum(START, 0.3, 0.8, 0.2, nesterov=True),
    ),
    "rmsprop": (
        bl.rmsprop(lr=0.3, alpha=0.7, eps=0.1, weight_decay=0.2),
        by_rmsprop(START, 0.3, 0.7, 0.1, 0.2),
    ),
    "adagrad": (
        bl.adagrad(lr=0.3, eps=0.1, weight_decay=0.2),
        by_adagrad(START, 0.3, 0.1, 0.2),
    ),
    "adam": (bl.adam(lr=0.3, betas=(0.8, 0.7), eps=0.1), by_adam(START, 0.3, 0.8, 0.7, 0.1)),
    "adam decay": (
        bl.adam(lr=0.3, betas=(0.8, 0.7), eps=0.1, weight_decay=0.2),
        by_adam(START, 0.3, 0.8, 0.7, 0.1, 0.2),
    ),
    "adamw": (
        bl.adamw(lr=0.3, betas=(0.8, 0.7), eps=0.1, weight_decay=0.2),
        by_adam(START, 0.3, 0.8, 0.7, 0.1, 0.2, decoupled=True),
    ),
    "defaults of momentum": (bl.momentum(), by_momentum(START, 0.1, 0.9)),
    "defaults of nesterov": (bl.nesterov(), by_momentum(START, 0.1, 0.9, nesterov=True)),
    "defaults of rmsprop": (bl.rmsprop(), by_rmsprop(START, 0.01, 0.99, 1e-8)),
    "defaults of adagrad": (bl.adagrad(), by_adagrad(START, 0.01, 1e-10)),
    "defaults of adam": (bl.adam(), by_adam(START, 1e-3, 0.9, 0.999, 1e-8)),
    "defaults of adamw": (bl.adamw(), by_adam(START, 1e-3, 0.9, 0.999, 1e-8, 0.01, True)),
}


@pytest.mark.parametrize("name", CASES)
def test_against_the_formula(name):
    optimizer, expected = CASES[name]
    np.testing.assert_allclose(path(optimizer), [*expected], rtol=1e-12)


def test_float32_is_as_exact_as_float32_can_be():
    """1 − 0.999ᵗ in float32 would be off by 5e-5 at first; the first step is ±lr exactly."""
    first = path(bl.adam(lr=0.25, eps=0), steps=1, dtype=np.float32)[0]
    np.testing.assert_array_almost_equal_nulp(
        first, (START - 0.25 * np.sign(slope(START))).astype(np.float32), 2
    )
    for optimizer in (bl.adam(lr=1e-3), bl.adamw(lr=1e-3), bl.rmsprop(lr=1e-3), bl.momentum(1e-3)):
        exact, rounded = path(optimizer, 300), path(optimizer, 300, dtype=np.float32)
        assert rounded.dtype == np.float32
        np.testing.assert_allclose(rounded, exact, rtol=5e-6)


SCHEDULES = {
    "step": (bl.step_decay(0.8, every=2, factor=0.5), [0.8, 0.8, 0.4, 0.4, 0.2]),
    "exponential": (bl.exponential_decay(0.8, factor=0.5), [0.8, 0.4, 0.2, 0.1, 0.05]),
    "inverse": (bl.inverse_decay(0.8, steps=2), [0.8, 0.8 / 1.5, 0.4, 0.32, 0.8 / 3]),
    "cosine": (
        bl.cosine_decay(0.8, steps=4, final=0.2),
        [0.8, 0.5 + 0.3 * 2**-0.5, 0.5, 0.5 - 0.3 * 2**-0.5, 0.2, 0.2],
    ),
    "warmup": (bl.warmup(0.8, steps=4), [0.2, 0.4, 0.6, 0.8, 0.8]),
    "warmup of a schedule": (
        bl.warmup(bl.exponential_decay(0.8, factor=0.5), steps=2),
        [0.4, 0.4, 0.2, 0.1],
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    schedule, expected = SCHEDULES[name]
    assert [schedule(step) for step in range(len(expected))] == pytest.approx(expected, rel=1e-14)
    w = [1.0 - 2 * sum(expected[: step + 1]) for step in range(3)]  # the slope is 2
    assert constant_path(bl.sgd(lr=schedule)) == pytest.approx(w, rel=1e-12)


def test_a_rate_of_zero_moves_nothing():
    assert constant_path(bl.adam(lr=0)) == [1, 1, 1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: bl.sgd(lr=-0.1), "sgd: lr=-0.1, expected a number ≥ 0 or a schedule"),
        (lambda: bl.sgd(lr=math.nan), "sgd: lr=nan"),
        (lambda: bl.sgd(lr=math.inf), "sgd: lr=inf"),
        (lambda: bl.sgd(lr="0.1"), "sgd: lr='0.1'"),
        (lambda: bl.sgd(lr=None), "sgd: lr=None"),
        (lambda: bl.sgd(lr=True), "sgd: lr=True"),
        (lambda: bl.sgd(weight_decay=-1), "sgd: weight_decay=-1, expected a number ≥ 0"),
        (lambda: bl.momentum(momentum=1.0), r"momentum: momentum=1.0, expected a number in \[0, 1"),
        (lambda: bl.nesterov(momentum="a"), "nesterov: momentum='a'"),
        (lambda: bl.rmsprop(alpha=1.5), "rmsprop: alpha=1.5"),
        (lambda: bl.rmsprop(eps=-1e-8), "rmsprop: eps=-1e-08"),
        (lambda: bl.adagrad(eps=math.inf), "adagrad: eps=inf"),
        (lambda: bl.adam(betas=(0.9, 1.0)), r"adam: betas\[1\]=1.0"),
        (lambda: bl.adam(betas=(-0.1, 0.9)), r"adam: betas\[0\]=-0.1"),
        (lambda: bl.adam(betas=0.9), "adam: betas=0.9, expected two numbers"),
        (lambda: bl.adamw(betas=(0.9,)), "adamw: betas="),
        (lambda: bl.adamw(weight_decay=math.nan), "adamw: weight_decay=nan"),
        (lambda: bl.step_decay(-1, every=2), "a schedule's lr=-1"),
        (lambda: bl.step_decay(1, every=0), "a schedule's every=0, expected a number > 0"),
        (lambda: bl.exponential_decay(1, factor=-1), "a schedule's factor=-1"),
        (lambda: bl.cosine_decay(1, steps=0), "a schedule's steps=0"),
        (lambda: bl.cosine_decay(1, steps=2, final="x"), "a schedule's final='x'"),
        (lambda: bl.inverse_decay(1, steps=math.nan), "a schedule's steps=nan"),
        (lambda: bl.warmup("x", steps=2), "a schedule's lr='x'"),
        (lambda: bl.warmup(0.1, steps=-2), "a schedule's steps=-2"),
    ],
)
def test_bad_settings_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (lambda step: 0.1 if step < 2 else math.nan, "the schedule at step 2=nan"),
        (lambda step: -0.1, "the schedule at step 0=-0.1"),
        (lambda step: "fast", "the schedule at step 0='fast'"),
        (bl.exponential_decay(1e-300, factor=1e300), "the schedule overflows at step 2"),
    ],
)
def test_a_schedule_that_answers_nonsense_is_refused(schedule, words):
    with pytest.raises(InputError, match=words):
        constant_path(bl.sgd(lr=schedule))


def test_an_optimiser_of_ones_own():
    """Batch Manhattan: only the sign of the slope counts."""
    manhattan = bl.Optimizer(
        "manhattan", 0.1, lambda w, grad, *, alpha: (w - alpha * np.sign(grad),)
    )
    assert constant_path(manhattan) == pytest.approx([0.9, 0.8, 0.7])


@pytest.mark.parametrize(
    "update",
    [
        lambda w, grad, s, *, alpha: w - alpha * grad,
        lambda w, grad, s, *, alpha: (w - alpha * grad,),
        lambda w, grad, s, *, alpha: (w - alpha * grad, np.sum(s)),
    ],
)
def test_an_update_of_another_form_is_refused(update):
    with pytest.raises(InputError, match="the update of mine for w gives"):
        path(bl.Optimizer("mine", 0.1, update, slots=("s",)))
