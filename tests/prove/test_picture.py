"""The page of a proof is whole and asks for nothing."""

import re
from xml.etree import ElementTree

import pytest

from backlit.prove import picture, teacher_student

SVG = "{http://www.w3.org/2000/svg}"


def proof_of(inputs: int):
    return teacher_student(
        teacher=(inputs, 3, 1), student=(inputs, 8, 8, 1), trials=3, rows=60, epochs=2
    )


@pytest.mark.parametrize(("inputs", "maps"), [(1, 0), (2, 3), (3, 3)])
def test_surfaces_curves_and_scores(inputs, maps):
    proof = proof_of(inputs)
    drawing = ElementTree.fromstring(picture.svg(proof))
    assert drawing.find(f"{SVG}title").text == str(proof)
    assert len(drawing.findall(f".//{SVG}image")) == 2 * maps  # each map and its scale
    words = {t.text for kind in ("text", "tspan") for t in drawing.iter(f"{SVG}{kind}")}
    assert {"Training loss, every trial", "Held-out R²", "student", "linear"} <= words
    assert {"Teacher", "Student − teacher, enlarged"} <= words or inputs == 1


def test_the_median_trial_is_shown():
    proof = proof_of(2)
    scores = sorted(trial.student.r2 for trial in proof.trials)
    assert picture.median(proof).student.r2 == scores[1]


def test_the_page_requests_nothing():
    proof = proof_of(2)
    page = picture.html(proof)
    assert page.count("<tr>") == 1 + len(proof.trials)
    assert str(proof) in page
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert links
    assert all(link.startswith("data:image/png;base64,") for link in links)
    assert "<script" not in page
