"""Graphs, their grammar, their meaning; ops; nested containers."""

import collections
import dataclasses
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from backlit.errors import DerivativeError, GraphError, ShapeError
from backlit.ir.graph import Eqn, Graph, Lit, Var
from backlit.ir.interpret import interpret
from backlit.ir.op import REGISTRY, Op, broadcast, op
from backlit.ir.trace import trace
from backlit.ir.trees import leaves, map_tree, path_name
from backlit.ir.typecheck import typecheck

FLOAT = np.dtype(float)


def var(name, *shape, dtype=FLOAT):
    return Var(name, shape, dtype)


x, y, out = var("x", 2, 3), var("y", 3), var("out", 2, 3)
ADD, EXP = REGISTRY["add"], REGISTRY["exp"]
GOOD = Graph((x, y), (Eqn(out, ADD, (x, y)),), (out,))


def test_a_graph_means_what_its_equations_say():
    a, b = np.arange(6.0).reshape(2, 3), np.ones(3)
    assert typecheck(GOOD) is GOOD
    (result,) = interpret(GOOD, a, b)
    assert np.array_equal(result, a + b)
    assert interpret(Graph((x,), (), (x, Lit(2.0))), a) == (a, 2.0)
    with pytest.raises(ValueError, match="shorter"):
        interpret(GOOD, a)
    assert GOOD.definitions() == {out: GOOD.equations[0]}
    assert GOOD.uses() == {x: [GOOD.equations[0]], y: [GOOD.equations[0]], out: []}
    assert str(GOOD) == (
        "inputs   x:float64[2,3], y:float64[3]\n"
        "  out:float64[2,3] = add(x:float64[2,3], y:float64[3])\n"
        "outputs  out:float64[2,3]"
    )


def test_a_var_overloads_nothing():
    twin = replace(x)
    assert x != twin
    assert x in (x, y)
    assert twin not in (x, y)


STRANGER = Op(name="add", forward=lambda x, y: x + y)


@pytest.mark.parametrize(
    ("graph", "fault"),
    [
        (Graph((x, x), (), ()), "defined twice"),
        (Graph((x, var("x")), (), ()), "defined twice"),
        (Graph((x, y, out), GOOD.equations, (out,)), "defined twice"),
        (Graph((x, y), GOOD.equations * 2, (out,)), "defined twice"),
        (Graph((x,), GOOD.equations, (out,)), "before it is defined"),
        (Graph((x, y), (), (out,)), "before it is defined"),
        (Graph((x,), (Eqn(out, EXP, (out,)),), ()), "before it is defined"),
        (Graph((x, y), (Eqn(var("o", 3, 2), ADD, (x, y)),), ()), r"gives float64\[2, 3\]"),
        (Graph((x,), (Eqn(var("o", 2, 3, dtype=np.dtype("f4")), EXP, (x,)),), ()), "gives float64"),
        (Graph((x, y), (Eqn(out, STRANGER, (x, y)),), ()), "not in the registry"),
    ],
)
def test_a_broken_graph_is_refused(graph, fault):
    with pytest.raises(GraphError, match=fault):
        typecheck(graph)


def test_shapes_that_do_not_fit_are_refused():
    z = var("z", 4)
    with pytest.raises(ShapeError, match=r"add: shapes \(2, 3\) and \(4,\)"):
        typecheck(Graph((x, z), (Eqn(out, ADD, (x, z)),), ()))


@pytest.mark.parametrize(
    "shapes",
    [((),), ((2,), (2,)), ((), (2, 3)), ((3, 1), (4,)), ((0,), (1,)), ((1,), (1, 1)), ((2, 0), ())],
)
def test_broadcast_is_numpys(shapes):
    assert tuple(broadcast(*shapes)) == np.broadcast_shapes(*shapes)


def test_broadcast_refuses_what_numpy_refuses():
    for shapes in [((2,), (3,)), ((4, 2), (4,))]:
        with pytest.raises(ValueError, match="shape mismatch"):
            broadcast(*shapes)


# dtypes


@pytest.mark.parametrize("a", ["f4", "f8", "i4", "i8", "?"])
@pytest.mark.parametrize("b", ["f4", "f8", "i8", "?", 2, 2.5, np.float64(2), np.float32(2)])
def test_dtypes_are_numpys(a, b):
    u = np.ones(3, a)
    v = np.ones(3, b) if isinstance(b, str) else b
    for f in (np.add, np.multiply, np.divide, np.greater, np.maximum):
        args = (u, v) if isinstance(v, np.ndarray) else (u,)
        found = trace(lambda u, *w, f=f: f(u, *(w or (v,))), *args, wrt=()).graph
        assert found.outputs[0].dtype == f(u, v).dtype


# ops


def test_an_op_without_a_rule_cannot_be_differentiated():
    bare = Op(name="bare", forward=lambda x: x)
    with pytest.raises(DerivativeError, match="bare has no backward rule"):
        bare.cotangents(1.0, 1.0, [1.0])
    bare.constant()
    assert bare.cotangents(1.0, 1.0, [1.0]) == (None,)


def test_the_number_of_cotangents_is_checked():
    two = Op(name="two", forward=lambda x, y: x + y)
    two.backward(lambda grad, out, x, y: grad)
    with pytest.raises(GraphError, match="1 cotangents for 2 inputs"):
        two.cotangents(1.0, 1.0, [1.0, 1.0])


def test_a_name_is_given_once():
    def tanh(x):
        return x

    with pytest.raises(GraphError, match="'tanh' is defined twice"):
        op()(tanh)


# containers


class Pair(NamedTuple):
    W: Any
    b: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    W: Any
    size: int = 3


TREES = [
    3.0,
    (1, [2, 3], ()),
    {"a": {"b": 1}, "c": [2]},
    Pair(1, {"x": 2}),
    [Layer(1), Layer((2, 3), 4)],
    collections.OrderedDict(b=1, a=2),
    collections.defaultdict(list, a=1),
    None,
]


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
    ]:
        assert path_name(path, "params") == name
