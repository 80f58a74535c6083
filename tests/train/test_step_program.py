"""`program`: what is shown is what a fit with the same arguments plays, or a reason."""

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.errors import InputError
from backlit.train.player_engine import PlayerEngine, native

X, Y = np.linspace(-1, 1, 60).reshape(20, 3), np.linspace(0, 1, 20)[:, None]


def loss(params, X, Y):
    return nn.mse(nn.mlp(params, X), Y)


@pytest.mark.skipif(native() is None, reason="the player was not built")
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_it_is_the_program_that_fit_plays(kind, monkeypatch):
    played = []
    honest = PlayerEngine.play

    def play(engine, *args):
        played.append(engine.program)
        return honest(engine, *args)

    monkeypatch.setattr(PlayerEngine, "play", play)
    params = nn.dense([3, 4, 1], seed=0, dtype=kind)
    settings = {"optimizer": bl.adam(), "batch_size": 8}
    bl.fit(loss, params, (X, Y), engine="player", **settings)
    shown = bl.program(loss, params, (X, Y), **settings)
    assert shown.dtype == played[0].dtype == np.dtype(kind).name
    assert str(shown) == str(played[0])
    assert "MATMUL    8×4×3 " in str(shown)


def test_what_the_player_cannot_play_is_refused_with_the_reason():
    def inverse(W, X, Y):
        return np.mean((X @ np.linalg.inv(W) - Y) ** 2)

    with pytest.raises(InputError, match=r"cannot play this training: inv: LAPACK does it"):
        bl.program(inverse, np.eye(3), (X, X), optimizer=bl.sgd())


def test_data_are_checked_as_by_fit():
    with pytest.raises(InputError, match="20 and 19 rows"):
        bl.program(loss, nn.dense([3, 1]), (X, Y[:19]), optimizer=bl.sgd())
    with pytest.raises(InputError, match="cannot be called"):
        bl.program(loss, nn.dense([3, 1]), X, optimizer=bl.sgd())


def test_dropout_stands_beside_its_instruction():
    def dropped(params, X, Y):
        H = nn.dropout(X @ params["W"], 0.5)
        return np.mean((H - Y) ** 2)

    params = {"W": np.ones((3, 1))}
    text = bl.program(dropped, params, (X, Y), optimizer=bl.sgd()).disassemble(
        bl.derive(dropped, params, X, Y)
    )
    (line,) = (line for line in text.splitlines() if line.startswith("DROP ") and " H ←" in line)
    assert "(2)  H = " in line
