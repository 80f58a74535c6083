"""Callbacks see each epoch and stop the training; Ctrl-C stops it too; nothing learnt is lost."""

import signal

import numpy as np
import pytest

import backlit as bl

from .small import X, Y, flat, train


def test_callbacks_see_the_state_and_stop():
    states, late = [], []

    def stop(state):
        states.append(state)
        return np.bool_(state.epoch == 2)  # a NumPy truth counts

    done = train(callbacks=[stop, late.append], epochs=9, batch_size=4)
    assert done.stop_reason == bl.StopReason("callback", 2, 6)
    assert [(s.epoch, s.epochs, s.step) for s in states] == [(1, 9, 3), (2, 9, 6)]
    assert len(late) == 2  # the others are asked as well
    assert states[0].history is states[1].history
    assert len(done.history["loss"]) == 2
    assert flat(states[1].params).tobytes() == flat(done.params).tobytes()
    assert flat(states[0].params).tobytes() == flat(train(epochs=1, batch_size=4).params).tobytes()


@pytest.mark.parametrize("answer", [None, False, np.bool_(False), 1, "yes", [True]])
def test_only_true_stops(answer):
    assert train(callbacks=[lambda state: answer]).stop_reason.kind == "budget"


def test_a_callback_that_raises_is_heard():
    def angry(state):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        train(callbacks=[angry])


def test_ctrl_c_keeps_the_parameters():
    """In the middle of an epoch, and in a callback."""

    def rate(step):
        if step == 4:
            signal.raise_signal(signal.SIGINT)
        return 0.1

    done = train(optimizer=bl.sgd(rate), batch_size=4, epochs=9, validation=(X, Y), engine="numpy")
    assert done.stop_reason == bl.StopReason("interrupted", 2, 4)
    assert [len(values) for values in done.history.values()] == [1, 1]
    after_4 = train(
        batch_size=4, epochs=2, optimizer=bl.sgd(lambda s: 0.1 if s < 4 else 0), engine="numpy"
    )
    assert flat(done.params).tobytes() == flat(after_4.params).tobytes()

    def interrupt(state):
        signal.raise_signal(signal.SIGINT)

    done = train(callbacks=[interrupt], batch_size=4, epochs=9)
    assert done.stop_reason == bl.StopReason("interrupted", 1, 3)
    assert flat(done.params).tobytes() == flat(train(batch_size=4, epochs=1).params).tobytes()
