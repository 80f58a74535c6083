"""Dataclasses are the schema: what they do not have is refused."""

import json
from dataclasses import dataclass

import pytest

from backlit.errors import FileError
from backlit.files.schema import as_plain, from_plain, text


@dataclass(frozen=True)
class Leaf:
    size: float

    def __post_init__(self):
        if self.size < 0:
            raise ValueError("size must be ≥ 0")


@dataclass(frozen=True)
class Twig:
    name: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Tree:
    count: int
    alive: bool
    part: Leaf | Twig | None


TREE = Tree(2, True, Twig("ä", (Leaf(0.5), Leaf(2.0))))


@pytest.mark.parametrize("tree", [TREE, Tree(0, False, None), Tree(-1, True, Leaf(0.0))])
def test_there_and_back(tree):
    assert from_plain(Tree, json.loads(text(as_plain(tree))), "m") == tree


def test_a_whole_number_may_be_a_float():
    assert from_plain(Leaf, {"kind": "Leaf", "size": 2}, "m") == Leaf(2.0)


def test_nan_is_not_written():
    with pytest.raises(ValueError, match="Out of range"):
        text(as_plain(Leaf(float("nan"))))


LEAF = {"kind": "Leaf", "size": 0.5}
PLAIN = as_plain(TREE)


@pytest.mark.parametrize(
    ("plain", "sentence"),
    [
        ([], "m: expected an object with kind, count, alive, part alone"),
        ({**PLAIN, "more": 1}, "alone"),
        ({k: v for k, v in PLAIN.items() if k != "alive"}, "alone"),
        ({**PLAIN, "kind": "Leaf"}, "m: expected the kind Tree"),
        ({**PLAIN, "count": True}, "m.count: expected a whole number"),
        ({**PLAIN, "count": 1.0}, "m.count: expected a whole number"),
        ({**PLAIN, "alive": 1}, "m.alive: expected true or false"),
        ({**PLAIN, "part": 7}, "m.part: expected one of Leaf, Twig"),
        ({**PLAIN, "part": {"kind": ["Leaf"]}}, "m.part: expected one of Leaf, Twig"),
        ({**PLAIN, "part": {**LEAF, "size": 10**400}}, "m.part.size: expected a finite number"),
        ({**PLAIN, "part": {**LEAF, "size": float("inf")}}, "m.part.size: expected a finite"),
        ({**PLAIN, "part": {**LEAF, "size": -1.0}}, "m.part: size must be ≥ 0"),
        ({**PLAIN, "part": {"kind": "Twig", "name": "\ud800", "leaves": []}}, "half a character"),
        ({**PLAIN, "part": {"kind": "Twig", "name": "a", "leaves": {}}}, "leaves: expected a list"),
        ({**PLAIN, "part": {"kind": "Twig", "name": "a", "leaves": [LEAF, 1]}}, "leaves[1]"),
    ],
)
def test_what_is_not_exactly_that_is_refused(plain, sentence):
    with pytest.raises(FileError) as caught:
        from_plain(Tree, plain, "m")
    assert sentence in str(caught.value)
