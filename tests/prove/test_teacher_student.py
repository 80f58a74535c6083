"""Students learn their teachers; a student that cannot learn does not pass for one that did."""

import numpy as np
import pytest

from backlit.errors import InputError
from backlit.nn import relu
from backlit.prove import Proof, teacher_student

SMALL = {"teacher": (2, 4, 1), "student": (2, 16, 16, 1), "rows": 600, "batch_size": 32}


@pytest.fixture(scope="module")
def proof() -> Proof:
    return teacher_student(**SMALL, gain=4.0, trials=3, epochs=60)


def test_students_of_another_architecture_learn(proof):
    assert proof
    assert proof.learned == 3
    assert proof.nonlinear
    assert str(proof).startswith("Shown: 3 of 3 students (share 1.00 [0.44, 1.00])")


def test_scores_are_those_of_the_functions_on_new_rows(proof):
    """Counted again by hand, on other rows."""
    X = np.random.default_rng(99).normal(size=(5000, 2))
    for trial in proof.trials:
        y, guess = trial.teacher(X), trial.learned(X)
        assert np.mean((y - guess) ** 2) / np.var(y) == pytest.approx(1 - trial.student.r2, rel=1.0)
        line = np.polynomial.polynomial.polyfit  # one variable at a time explains no more
        for x in X.T:
            rest = y[:, 0] - np.polynomial.polynomial.polyval(x, line(x, y[:, 0], 1))
            assert 1 - np.var(rest) / np.var(y) < trial.linear.r2 + 0.1
        assert abs(trial.constant.r2) < 0.05
        assert trial.constant.loss == pytest.approx(1, abs=0.2)
        assert trial.student.loss < trial.linear.loss < trial.constant.loss
        assert trial.history["loss"][-1] < trial.history["loss"][0]


def test_targets_are_standardised(proof):
    X = np.random.default_rng(7).normal(size=(20000, 2))
    for trial in proof.trials:
        y = trial.teacher(X)
        assert abs(np.mean(y)) < 0.15
        assert np.std(y) == pytest.approx(1, abs=0.1)


def test_a_student_that_does_not_move_fails():
    broken = teacher_student(**SMALL, gain=4.0, trials=2, epochs=3, lr=0.0)
    assert not broken
    assert broken.learned == 0
    assert str(broken).startswith("NOT shown: 0 of 2")


def test_a_teacher_that_is_nearly_linear_proves_nothing():
    tame = teacher_student(
        teacher=(2, 4, 1), student=(2, 8, 8, 1), gain=0.1, trials=1, rows=600, epochs=60
    )
    assert tame.learned == 1
    assert not tame
    assert "take a larger gain" in str(tame)


def test_nine_of_ten_are_asked_for(proof):
    good, bad = proof.trials[0], teacher_student(**SMALL, trials=1, epochs=0).trials[0]
    assert Proof((), (), (good,) * 18 + (bad,) * 2)
    assert not Proof((), (), (good,) * 17 + (bad,) * 3)


def test_the_same_seed_gives_the_same_proof_and_another_seed_another():
    few = {**SMALL, "trials": 2, "epochs": 2}
    first, again, other = (teacher_student(**few, seed=s) for s in (0, 0, 1))
    r2 = [[t.student.r2 for t in p.trials] for p in (first, again, other)]
    assert r2[0] == r2[1]
    assert len({*r2[0], *r2[2]}) == 4


def test_every_trial_is_reported():
    seen = []
    found = teacher_student(**SMALL, trials=2, epochs=1, report=seen.append)
    assert tuple(seen) == found.trials


def test_several_outputs():
    found = teacher_student(teacher=(3, 4, 2), student=(3, 8, 8, 2), trials=1, rows=200, epochs=1)
    assert found.trials[0].learned(np.zeros((5, 3))).shape == (5, 2)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"student": (2, 16, 1)}, "too alike"),
        ({"student": (2, 16, 4, 1)}, "too alike"),
        ({"student": (3, 16, 16, 1)}, "must agree"),
        ({"teacher": (2,)}, "teacher=\\(2,\\), expected"),
        ({"teacher": (2, 0, 1)}, "expected whole widths"),
        ({"gain": -1.0}, "gain=-1.0"),
        ({"trials": 0}, "trials=0"),
        ({"rows": 1}, "rows=1"),
        ({"seed": -1}, "seed=-1"),
        ({"lr": -1.0}, "lr=-1.0"),
        ({"teacher": (2, 1, 1), "activation": lambda x: relu(x - 1e9)}, "same for every row"),
    ],
)
def test_settings_that_prove_nothing_are_refused(settings, words):
    with pytest.raises(InputError, match=words):
        teacher_student(**{**SMALL, **settings})
