"""Dataclasses are the schema: what they do not have is refused."""

import json
import math
from dataclasses import dataclass

import pytest

from backlit.errors import FileError
from backlit.files.schema import Real, as_plain, from_plain, text


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


@dataclass(frozen=True)
class Settings:
    best: Real
    losses: dict[str, tuple[float, ...]]
    given: dict[str, bool | int | Real | str | None]
    rate: float | None


@pytest.mark.parametrize("best", [1.5, 0.0, math.inf, -math.inf, math.nan])
def test_settings_and_numbers_that_are_none(best):
    given = {"a": True, "b": 1, "c": 1.0, "d": "inf", "e": None, "kind": "Real", "f": best}
    settings = Settings(best, {"loss": (1.0, 2.5), "": ()}, given, None)
    again = from_plain(Settings, json.loads(text(as_plain(settings))), "m")
    assert repr(again) == repr(settings)  # NaN is not NaN, and 1 == True


def test_a_whole_number_in_a_union_may_be_a_float():
    plain = as_plain(Settings(1.0, {}, {}, 2))
    assert repr(from_plain(Settings, plain, "m").rate) == "2.0"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("best", "inf", "m.best: expected a number"),
        ("best", {"kind": "infinity"}, "m.best: expected a number"),
        ("best", {"kind": ["inf"]}, "m.best: expected a number"),
        ("best", {"kind": "inf", "more": 1}, "m.best: expected a number"),
        ("best", float("1e999"), "m.best: expected a number"),
        ("losses", [], "m.losses: expected an object"),
        ("losses", {"a": [{"kind": "nan"}]}, "m.losses['a'][0]: expected a finite number"),
        ("losses", {"\ud800": []}, "half a character"),
        ("given", {"a": [1]}, "m.given['a']: expected one of bool, int, Real, str"),
        ("given", {"a": 2**64}, "m.given['a']: expected a whole number of 64 bits"),
        ("rate", True, "m.rate: expected one of float"),
        ("rate", {"kind": "inf"}, "m.rate: expected one of float"),
        ("rate", {"kind": {}}, "m.rate: its kind is no text"),
    ],
)
def test_other_settings_are_refused(field, value, sentence):
    plain = as_plain(Settings(1.0, {}, {}, None)) | {field: value}
    with pytest.raises(FileError) as caught:
        from_plain(Settings, plain, "m")
    assert sentence in str(caught.value)


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
        ({**PLAIN, "part": {"kind": ["Leaf"]}}, "m.part: its kind is no text"),
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
