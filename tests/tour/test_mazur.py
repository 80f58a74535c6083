"""Mazur's worked example: which of his digits are ours, and why two are not."""

import pytest

from backlit.tour.blocks import Prose, Table
from backlit.tour.mazur import PUBLISHED, computed, like, mazur

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found():
    return computed()


def test_five_of_his_seven_figures_agree_in_every_digit(found):
    figures, _, _ = found
    agree = [name for name, text in PUBLISHED.items() if like(text, figures[name]) == text]
    assert agree == list(PUBLISHED)[:5]


def test_the_two_others_are_explained(found):
    _, before_the_last, updated_first = found
    assert like("0.291027924", updated_first) == "0.291027924"
    assert like("0.0000351085", before_the_last) == "0.0000351085"


def test_the_chapter_tells_it():
    blocks = [*mazur()]
    text = " ".join(block.text for block in blocks if isinstance(block, Prose))
    assert "5 of 7 agree in every digit" in text
    assert "0.291027924, the published figure" in text
    (table,) = (block for block in blocks if isinstance(block, Table))
    assert ("$E$ after one update", "0.291027924", "0.291027774") in table.rows
