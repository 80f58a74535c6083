"""The bar appears on a terminal, and only if the work is long."""

import io
import sys

import numpy as np
import pytest

import backlit as bl
from backlit.train import progress
from backlit.train.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def a_terminal(monkeypatch):
    """Not as a fixture: pytest's own capture comes between a fixture and its test."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    return sys.stderr


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setattr(progress, "_PAUSE", 0)


def work(steps=3):
    with Progress(steps, "learning") as bar:
        for step in range(1, steps + 1):
            bar.report(step, 0.25)


@pytest.mark.usefixtures("impatient")
def test_long_work_on_a_terminal_shows_a_bar(monkeypatch):
    terminal = a_terminal(monkeypatch)
    work()
    text = terminal.getvalue()
    assert "learning" in text
    assert "loss 0.25" in text
    assert "100%" in text


def test_short_work_shows_none(monkeypatch):
    terminal = a_terminal(monkeypatch)
    work()
    assert terminal.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_a_file_gets_no_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    work()
    assert sys.stderr.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_no_stream_at_all(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    work()


@pytest.mark.usefixtures("impatient")
def test_what_goes_to_a_file_is_left_alone(monkeypatch):
    """rich would send what is printed meanwhile to the terminal, not to the file."""
    terminal = a_terminal(monkeypatch)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with Progress(2) as bar:
        bar.report(1, 0.5)
        print("from a callback")
    assert "training" in terminal.getvalue()
    assert sys.stdout.getvalue() == "from a callback\n"


def test_the_bar_is_not_drawn_more_often_than_can_be_seen(monkeypatch):
    a_terminal(monkeypatch)
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    with Progress(10**6) as bar:
        bar.report(1, 0.5)
        drawn = []
        monkeypatch.setattr(bar._bar, "update", lambda *a, **k: drawn.append(a))
        for step in range(1000):
            bar.report(step, 0.5)
    assert len(drawn) < 10


@pytest.mark.usefixtures("impatient")
def test_fit_reports_step_by_step(monkeypatch):
    """Also within one long epoch."""
    terminal, done = a_terminal(monkeypatch), []
    report = Progress.report
    monkeypatch.setattr(Progress, "report", lambda *a: done.append(a[1:]) or report(*a))
    bl.fit(
        lambda w, x: np.mean(w * x),
        0.0,
        np.ones(6),
        optimizer=bl.sgd(lr=0.5),
        batch_size=2,
        epochs=2,
        engine="numpy",  # the player reports when it has played for a while
    )
    assert done == [(1, 0), (2, -0.5), (3, -1), (4, -1.5), (5, -2), (6, -2.5)]
    assert "training" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
