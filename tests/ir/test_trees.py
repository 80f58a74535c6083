"""Nested containers of arrays."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

from backlit import grad
from backlit.ir.trees import leaves, map_tree, path_name


class Pair(NamedTuple):
    W: Any
    b: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    W: Any
    size: int = 3


class Point(tuple):
    """A tuple with a constructor of its own."""

    def __new__(cls, x, y):
        return super().__new__(cls, (x, y))


class Stack(list):
    """A list with an attribute of its own."""

    def __init__(self, *items):
        super().__init__(items)
        self.depth = len(items)


@dataclasses.dataclass
class Tied:
    """What is made from the fields is made again, not copied."""

    W: Any
    twice: Any = dataclasses.field(init=False)

    def __post_init__(self):
        self.twice = 2 * self.W


TREES = [
    3.0,
    (1, [2, 3], ()),
    {"a": {"b": 1}, "c": [2]},
    Pair(1, {"x": 2}),
    [Layer(1), Layer((2, 3), 4)],
    collections.OrderedDict(b=1, a=2),
    collections.defaultdict(list, a=1),
    Point(1, 2),
    Stack(1, [2]),
    Tied(1),
    None,
]
X = np.arange(3.0)


@pytest.mark.parametrize("tree", TREES)
def test_trees_keep_their_containers(tree):
    same = map_tree(lambda path, leaf: leaf, tree)
    assert same == tree
    assert type(same) is type(tree)
    assert list(leaves(same)) == list(leaves(tree))
    assert getattr(same, "default_factory", list) is list
    paths = [path for path, _ in leaves(tree)]
    assert len(set(paths)) == len(paths)
    assert list(leaves(map_tree(lambda path, leaf: len(path), tree))) == [
        (path, len(path)) for path in paths
    ]


def test_paths_and_names():
    tree = {"layers": [Pair(1, 2)], "scale": 3}
    assert [path for path, _ in leaves(tree)] == [
        ("layers", 0, "W"),
        ("layers", 0, "b"),
        ("scale",),
    ]
    for path, name in [
        (("layers", 0, "W"), "layers1_W"),
        ((0, 1), "params1_2"),
        ((), "params"),
        (("_w",), "w"),
        (("a-b",), "a_b"),
        (("W1", 0), "W1_1"),
        (("_",), "params"),
        (("", 1), "2"),
    ]:
        assert path_name(path, "params") == name


def test_containers_of_the_users_own():
    assert grad(lambda p: np.sum(p[0] * p[1]))(Point(X, 2.0))[1] == 3
    slopes = grad(lambda s: np.sum(s[0]) * s[1] * s.depth)(Stack(X, 2.0))
    assert type(slopes) is Stack
    assert slopes[1] == 6
    assert np.array_equal(grad(lambda t: np.sum(t.W * t.twice))(Tied(X)).W, 4 * X)
