"""Equations carry the user's own names."""

import dataclasses
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

from backlit import grad
from backlit.ir.names import unique_names
from backlit.ir.trace import trace
from backlit.passes import backpropagate

X = np.arange(6.0).reshape(2, 3)
W = np.ones((3, 3))
TABLE = np.arange(2.0)  # a constant of this module


def names(f, *args, wrt=(0,)):
    """The names of inputs and of results; "" where nobody gave one."""
    graph = trace(f, *args, wrt=wrt).graph
    variables = (*graph.inputs, *(e.out for e in graph.equations))
    return [v.name if v.named else "" for v in variables]


def constants(f, *args):
    graph = trace(f, *args).graph
    return [x.name for e in graph.equations for x in e.inputs if hasattr(x, "value") and x.shape]


def test_variables_of_the_function():
    def loss(W, X):
        Z = X @ W
        H = np.tanh(Z)
        return np.sum(H)

    assert names(loss, W, X) == ["W", "X", "Z", "H", "L"]


def test_a_loop_numbers_them():
    def loss(params, X):
        H = X
        for V, b in params:
            Z = H @ V + b
            H = np.tanh(Z)
        return np.mean(H)

    params = [(W, np.zeros(3)), (W, np.zeros(3))]
    found = names(loss, params, X)
    assert found == ["V1", "b1", "V2", "b2", "X", "", "Z1", "H1", "", "Z2", "H2", "L"]


def test_a_name_that_is_taken_is_left_alone():
    def loss(x):
        Z = x * 2
        Z1 = Z + 1
        Z = Z1 * Z
        return Z

    assert names(loss, 1.0) == ["x", "Z2", "Z1", "Z3"]


def test_helpers_hand_their_result_to_the_caller():
    def dense(x, W, b):
        return x @ W + b

    def loss(params, X):
        Z = dense(X, *params)
        H = (lambda z: np.tanh(z))(Z)
        return np.sum(H)

    assert names(loss, (W, np.zeros(3)), X) == ["W", "b", "X", "", "Z", "H", "L"]


def test_a_name_inside_a_helper_is_used_where_it_has_one():
    def layer(x, W):
        net = x @ W
        return np.tanh(net)

    def loss(W, X):
        return np.sum(layer(layer(X, W), W))

    assert names(loss, W, X) == ["W", "X", "net1", "x", "net2", "", "L"]


def test_walrus_chains_and_tuples():
    def walrus(x):
        return np.sum((h := np.tanh(x)) * h)

    def chain(x):
        a = b = np.tanh(x)
        return np.sum(a * b)

    def pair(x):
        p, q = np.tanh(x), np.exp(x)
        return np.sum(p * q)

    assert names(walrus, X) == ["x", "h", "", "L"]
    assert names(chain, X) == ["x", "a", "", "L"]
    assert names(pair, X) == ["x", "p", "q", "", "L"]


def test_branches_comprehensions_and_methods():
    class Net:
        def forward(self, x):
            self.h = np.tanh(x)
            out = self.h * 2
            return out

    def conditional(x, deep=True):
        h = np.tanh(x) if deep else np.exp(x)
        return np.sum(h)

    def comprehension(x):
        rows = [np.sum(row) for row in x]
        total = rows[0] * rows[1]
        return total

    assert names(lambda x: np.sum(Net().forward(x)), X) == ["x", "", "out", "L"]
    assert names(conditional, X) == ["x", "h", "L"]
    assert names(comprehension, X)[-1] == "total"


def test_closures_globals_and_underscores():
    Y = np.ones((2, 3))
    scale = 1.0

    def nonlocal_(x):
        nonlocal scale
        scale = np.mean(x)
        return scale * 2

    def hidden(x):
        _1 = np.tanh(x)
        _ = _1 * 2
        return np.sum(_ * np.exp(_1))

    assert constants(lambda x: np.sum(x * Y), X) == ["Y"]
    assert constants(lambda x: np.sum(x[:, 0] * TABLE), X) == ["TABLE"]
    assert names(nonlocal_, X) == ["x", "scale", "L"]
    assert names(hidden, X) == ["x", "", "", "", "", "L"]


class Pair(NamedTuple):
    W: Any
    b: Any


@dataclasses.dataclass(frozen=True)
class Layer:
    W: Any
    b: Any


@pytest.mark.parametrize(
    ("params", "get", "expected"),
    [
        ((W, W[0]), lambda p: (p[0], p[1]), ["params1", "params2"]),
        ([[W, W[0]]], lambda p: (p[0][0], p[0][1]), ["params1_1", "params1_2"]),
        ({"W": W, "b": W[0]}, lambda p: (p["W"], p["b"]), ["W", "b"]),
        ({"hidden": {"W": W, "b": W[0]}}, lambda p: p["hidden"].values(), ["hidden_W", "hidden_b"]),
        (Pair(W, W[0]), lambda p: (p.W, p.b), ["W", "b"]),
        ([Layer(W, W[0])], lambda p: (p[0].W, p[0].b), ["params1_W", "params1_b"]),
        ({"a b": W, "µ": W[0]}, lambda p: p.values(), ["a_b", "µ"]),
    ],
    ids=["tuple", "lists", "dict", "dicts", "namedtuple", "dataclass", "odd keys"],
)
def test_parameters_without_a_variable_are_named_by_their_place(params, get, expected):
    affine = lambda x, *args: np.tanh(x @ args[0] + args[1])

    def loss(params, X):
        return np.sum(affine(X, *get(params)))

    found = names(loss, params, X)
    assert found[:2] == expected


def test_parameters_of_any_container_by_the_variables_that_hold_them():
    def loss(params, X):
        V, c = params["V"], params["rest"][0].b
        return np.sum(X @ V + c)

    assert names(loss, {"V": W, "rest": [Layer(0, W[0])]}, X)[:3] == ["V", "rest1_W", "c"]


def test_code_from_exec_and_lambdas():
    space: dict[str, Any] = {"np": np}
    exec("def f(x):\n    y = np.exp(x)\n    return np.sum(y)", space)
    assert names(space["f"], X) == ["x", "y", "L"]
    assert names(eval("lambda a: np.sum(np.exp(a))", space), X) == ["a", "", "L"]


def test_at_module_level_and_in_a_repl():
    """Names of a script's own level, given line by line as a REPL does."""
    lines = (
        "import numpy as np\n"
        "from backlit.ir.trace import trace\n"
        "target = np.ones(3)\n"
        "f = lambda w: np.sum(h(w) * target)\n"
        "def h(w): z = w * 2; return z\n"
        "\n"
        "g = trace(f, np.ones(3)).graph\n"
        "print([e.out.name for e in g.equations], g.equations[1].inputs[1].name)\n"
    )
    run = [sys.executable, "-i", "-q"]
    done = subprocess.run(run, input=lines, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['z', '_1', 'L'] target"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['z', '_1', 'L'] target"


def test_arguments_that_have_no_name():
    def unpacked(*params):
        V, c = params
        return np.sum(X @ V + c)

    assert names(lambda *xs: np.sum(xs[0] * xs[1]), X, X)[:2] == ["x1", "x2"]
    assert names(unpacked, W, W[0])[:2] == ["V", "c"]
    assert names(np.sum, X) == ["a", "L"]


def test_what_is_unpacked_has_the_names_it_is_unpacked_to():
    def loss(theta):
        length, scale = np.exp(theta)
        first, *_ = theta
        return length * scale**2 + first

    found = names(loss, np.ones(2))
    assert [n for n in found if n] == ["theta", "length", "scale", "first", "L"]


def test_derivatives_keep_the_names_of_arguments():
    assert names(grad(lambda w: np.tanh(w) ** 2), 1.0)[0] == "w"
    mixed = grad(lambda w, x: np.sin(w) * x, 1)
    assert names(mixed, 1.0, np.array(2.0))[:2] == ["w", "x"]


def test_our_names_yield_to_the_users():
    def parameter(L, X):
        return np.sum(X @ L)

    def variable(w):
        L = np.tanh(w)
        return np.sum(L)

    def array(w):
        out = w * 2
        return out[0], out[1:] * 3

    assert names(parameter, W, X) == ["L", "X", "", "loss"]
    assert names(variable, X) == ["w", "L", "loss"]
    assert names(array, X) == ["w", "out", "result1", "", "result2"]


def test_names_that_backpropagation_would_give():
    def loss(W1, X):
        delta1 = X @ W1
        dW1 = np.tanh(delta1)
        θ = np.sum(dW1**2)
        return θ

    graph = trace(loss, W, X).graph
    back = backpropagate(graph, graph.inputs[:1])
    found = [v.name for v in (*back.inputs, *(e.out for e in back.equations)) if v.named]
    assert found[:5] == ["W1", "X", "delta1", "dW1", "θ"]
    assert not back.outputs[1].named  # dW1_1 would read as the slope of W1_1
    assert found[5:] == ["ddW1", "ddelta1"]


def test_unique_names():
    wanted = [(1, "Z"), (2, "H"), (3, "Z"), (4, "x2"), (5, "x2"), (6, "y")]
    found = unique_names(wanted, {"Z1", "y"})
    assert found == {1: "Z2", 2: "H", 3: "Z3", 4: "x2_1", 5: "x2_2", 6: "y1"}
