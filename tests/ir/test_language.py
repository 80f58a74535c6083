"""Graphs, their grammar, their meaning; ops."""

from dataclasses import replace

import numpy as np
import pytest

from backlit.errors import DerivativeError, GraphError, ShapeError
from backlit.ir.graph import Eqn, Graph, Lit, Var
from backlit.ir.interpret import interpret
from backlit.ir.op import REGISTRY, Op, broadcast, op
from backlit.ir.trace import trace
from backlit.ir.typecheck import typecheck
from backlit.ops.activation import leaky_relu

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
        (Graph((x, y), (Eqn(out, ADD, (x,)),), ()), "its op takes x, y"),
        (Graph((x, y), (Eqn(out, ADD, (x, y, x)),), ()), "its op takes x, y"),
        (Graph((x,), (Eqn(out, EXP, (x,), {"axis": 0}),), ()), r"has the settings \[\]"),
        (Graph((x,), (Eqn(out, REGISTRY["sum"], (x,)),), ()), "has the settings .*'keepdims'"),
        (Graph((x,), (Eqn(out, ADD, (x, 3.0)),), ()), "a float, expected a Var"),
        (
            Graph((x,), (Eqn(out, ADD, (x, Lit(None))),), ()),
            "a Lit, expected a Var",
        ),
        (Graph((), (), (Lit("text"),)), "a Lit, expected a Var"),
    ],
)
def test_a_broken_graph_is_refused(graph, fault):
    with pytest.raises(GraphError, match=fault):
        typecheck(graph)


def test_shapes_that_do_not_fit_are_refused():
    z = var("z", 4)
    with pytest.raises(ShapeError, match=r"add: shapes \(2, 3\) and \(4,\)"):
        typecheck(Graph((x, z), (Eqn(out, ADD, (x, z)),), ()))
    for name, settings in [
        ("transpose", {"axes": (0,)}),
        ("transpose", {"axes": (1, 1)}),
        ("einsum", {"subscripts": "ij->ii"}),
        ("einsum", {"subscripts": "ij->ik"}),
        ("softmax", {"axis": None}),
    ]:
        with pytest.raises(ShapeError, match=f"{name}: shapes"):
            typecheck(Graph((x,), (Eqn(var("z", 2), REGISTRY[name], (x,), settings),), ()))


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


def test_settings_do_not_hide_a_dtype():
    ints = trace(lambda x: leaky_relu(x), np.array([-1, 2]), wrt=()).graph
    assert ints.outputs[0].dtype == float


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
