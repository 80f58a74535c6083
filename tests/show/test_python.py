"""The script of a derivation: it runs without backlit, and every bit is interpret's."""

import ast
import builtins
import contextlib
import io
import itertools
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import backlit as bl
from backlit.check.op import examples
from backlit.cli.example_network import example_network
from backlit.data import digits
from backlit.ir.interpret import interpret
from backlit.ir.op import REGISTRY
from backlit.show import derive
from backlit.show.literals import array_text

EXAMPLES = Path(__file__).parents[2] / "examples"
rng = np.random.default_rng(0)


def import_no_backlit(name, *rest):
    assert name.split(".")[0] != "backlit", "the script imports backlit"
    return builtins.__import__(name, *rest)


def run(script):
    """The names of a script after it has run, and what it printed."""
    names = {"__builtins__": {**vars(builtins), "__import__": import_no_backlit}}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        exec(compile(script, "<script>", "exec"), names)
    return names, printed.getvalue()


def results(script):
    """The values that the last call gives: the loss, then the gradients."""
    call = ast.parse(script).body[-2]
    names, _ = run(script)
    return eval(compile(ast.Expression(call.value), "<script>", "eval"), names)


def differences(derivation):
    """Where the script's loss and gradients are not, bit by bit, those of the graph."""
    with np.errstate(all="ignore"):
        meant = [np.asarray(x) for x in interpret(derivation.graph, *derivation.values)]
    found = [np.asarray(x) for x in results(derivation.python())]
    assert len(found) == len(meant)
    return [
        (a, b)
        for a, b in zip(found, meant, strict=True)
        if (a.dtype, a.shape, a.tobytes()) != (b.dtype, b.shape, b.tobytes())
    ]


def derivation_of(op, example):
    """A loss that depends on every entry of an op's result, by all inputs that move."""
    where = {
        i: np.asarray(x) for i, x in enumerate(example.inputs) if np.ndim(x) or i in example.moved
    }
    moved, still = ([i for i in where if (i in example.moved) == yes] for yes in (True, False))

    def loss(scale, moving, others):
        arrays = dict(zip([*moved, *still], [*moving, *others], strict=True))
        inputs = [arrays.get(i, x) for i, x in enumerate(example.inputs)]
        out = op(*inputs, **example.settings)
        weights = 1 + np.arange(np.size(out)).reshape(np.shape(out)) / 7
        return scale * np.sum(weights * out)

    return derive(
        loss, 0.3, [where[i] for i in moved], [where[i] for i in still],
        wrt=["scale", *(f"moving{n + 1}" for n in range(len(moved)))],
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("op", [*REGISTRY.values()], ids=lambda op: op.name)
def test_every_op_is_written_and_gives_the_same_bits(op):
    for example in examples(op):
        assert not differences(derivation_of(op, example)), example.label


def network(widths=(2, 3, 1), **changes):
    settings = {"activation": "sigmoid", "loss": "mse", "rows": 4, "seed": 0} | changes
    loss, example = example_network(widths, **settings)
    return derive(loss, *example)


def example(name, images, **sizes):
    file = runpy.run_path(str(EXAMPLES / f"{name}.py"))
    return derive(file["loss"], file["start"](**sizes), images, digits().labels[:2])


def whole():
    images = digits().images[:2]
    for activation in ("sigmoid", "tanh", "relu", "gelu", "leaky_relu", "softplus"):
        yield pytest.param(network(activation=activation), id=activation)
    for loss in ("mae", "huber", "cross_entropy"):
        yield pytest.param(network((3, 4, 3), loss=loss), id=loss)
    yield pytest.param(network((64, 64, 10), loss="cross_entropy"), id="large")
    yield pytest.param(example("attention", images, width=2), id="attention")
    yield pytest.param(example("recurrent", images[:, 3:5], width=2), id="recurrent")
    yield pytest.param(example("convolution", images, kernels=2), id="convolution")


@pytest.mark.parametrize("derivation", [*whole()])
def test_whole_derivations_give_the_same_bits(derivation):
    assert not differences(derivation)


def test_in_an_interpreter_of_its_own(tmp_path):
    derivation = example("attention", digits().images[:2], width=2)
    file = tmp_path / "script.py"
    file.write_text(derivation.python(), encoding="utf-8")
    run_it = "import runpy, sys; sys.modules['backlit'] = None; runpy.run_path(sys.argv[1])"
    words = [sys.executable, "-I", "-c", run_it, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    loss, *_ = interpret(derivation.graph, *derivation.values)
    assert done.stdout == f"L = {loss}\n"
    assert done.stderr == ""


def test_it_reads_like_the_derivation():
    script = network().python()
    assert "import numpy as np\n" in script
    assert [x for x in script.splitlines() if "import" in x] == ["import numpy as np"]
    assert max(map(len, script.splitlines())) <= 100
    body = script[script.index("def gradients") : script.index("# Parameters")]
    assert body.splitlines()[:5] == [
        "def gradients(W1, b1, W2, b2, X, Y):",
        "    # Forward",
        "",
        "    # (1)  Z1 = X W1 + b1  [4×3]",
        "    Z1 = X @ W1 + b1",
    ]
    assert [x.strip() for x in body.splitlines() if " = " in x and "#" not in x] == [
        "Z1 = X @ W1 + b1",
        "H1 = sigmoid(Z1)",
        "Z2 = H1 @ W2 + b2",
        "H2 = sigmoid(Z2)",
        "L = np.mean(np.square(H2 - Y))",
        "dH2 = 0.5 * (H2 - Y)",
        "delta2 = dH2 * H2 * (1 - H2)",
        "db2 = np.sum(delta2, axis=0)",
        "dH1 = delta2 @ W2.T",
        "dW2 = H1.T @ delta2",
        "delta1 = dH1 * H1 * (1 - H1)",
        "db1 = np.sum(delta1, axis=0)",
        "dW1 = X.T @ delta1",
    ]
    titles = [x.strip() for x in body.splitlines() if x.startswith("    # ") and "(" not in x]
    assert titles == ["# Forward", "# Loss", "# Backward, from the loss to the first layer"]


def test_only_the_helpers_that_are_used_come_along():
    script = network(activation="tanh").python()
    assert script.count("def ") == 1
    script = network((3, 4, 3), loss="cross_entropy").python()
    assert "def softmax(x, *, axis=-1):" in script
    assert script.count("def _real(") == 1  # for softmax and log_softmax


def line_of(loss, *values):
    """The script's line for the first equation of a loss."""
    rows = derive(loss, *values).python().splitlines()
    return next(row for above, row in itertools.pairwise(rows) if "# (1) " in above).strip()


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (lambda x: (x - 1) * (2 - x) ** 3, "u = (x - 1) * np.power(2 - x, 3)"),
        (lambda x: x / (x / 3), "u = x / (x / 3)"),
        (lambda x: -(x * x.T[0, 0]), "u = -(x * x.T[0, 0])"),
        (lambda x: x[1:, ::2], "u = x[1:, ::2]"),
        (lambda x: x[..., None, 0], "u = x[..., None, 0]"),
        (lambda x: x[np.array([0, 0, 1]), 2], "u = x[C, 2]"),
        (lambda x: x.T[0], "u = x.T[0]"),
        (lambda x: x.sum(), "u = np.sum(x)"),
        (lambda x: x.max(axis=1, keepdims=True), "u = np.max(x, axis=1, keepdims=True)"),
        (lambda x: np.concatenate([x, 2 * x], axis=1), "u = np.concatenate((x, 2 * x), axis=1)"),
        (lambda x: np.swapaxes(x[None], 1, 2), "u = x[None].mT"),
        (lambda x: np.where(x > 0, x, -x), "u = np.where(np.greater(x, 0), x, -x)"),
    ],
)  # fmt: skip
def test_expressions(function, line):
    def loss(x):
        u = function(x)
        return np.sum(u * u)

    x = rng.normal(size=(2, 3))
    assert line_of(loss, x) == line
    assert not differences(derive(loss, x))


def test_names_that_mean_something_already_are_made_safe():
    def loss(params, list, sigmoid):
        print = params["np"] * params["lambda"]
        t = bl.nn.sigmoid(print + list)
        return np.sum(t * sigmoid) + params["gradients"] + params["2nd"]

    params = {"np": np.ones(3), "lambda": 2 * np.ones(3), "gradients": 0.5, "2nd": 1.5}
    derivation = derive(loss, params, np.arange(3.0), np.ones(3))
    assert not differences(derivation)
    script = derivation.python()
    assert "def gradients(np_, lambda_, gradients_, x2nd, list_, sigmoid_):" in script
    assert "t = sigmoid(print_ + list_)" in script


def test_many_names_are_broken_into_lines():
    names = [f"a_rather_long_name_{i}" for i in range(9)]
    derivation = derive(lambda p: sum(p.values()), dict.fromkeys(names, 2.0))
    assert not differences(derivation)
    assert max(map(len, derivation.python().splitlines())) <= 100


def test_one_wrong_bit_is_seen(monkeypatch):
    derivation = network()
    assert not differences(derivation)
    nearly = np.nextafter(derivation.values[0], 9)
    script = derivation.python().replace("# Given", f"# Given\nW1 = {array_text(nearly)}")
    monkeypatch.setattr(type(derivation), "python", lambda self: script)
    assert differences(derivation)


def test_an_array_that_is_one_number_stays_short_inside_a_line():
    x = rng.normal(size=(30, 40))
    derivation = derive(lambda w: np.sum(np.tanh(w) * np.full((30, 40), 0.3)), x)
    assert not differences(derivation)
    assert max(map(len, derivation.python().splitlines())) <= 100


def test_a_number_keeps_the_dtype_that_it_gives():
    single = np.array([-1, 1, 2], np.float32)
    wide = derive(lambda w: np.sum(np.where(w > 0, np.float64(0.3), w)), single)
    assert "np.float64(0.3)" in wide.python()
    assert not differences(wide)
    narrow = derive(lambda w: np.sum(w * np.float32(0.3)), single)
    assert "L = 0.3 * np.sum(w)" in narrow.python()
    assert not differences(narrow)


def test_a_gradient_that_is_an_input_or_a_constant():
    x = np.array([1.0, 2.0])
    assert not differences(derive(lambda w, x: np.sum(w * x), x, x))
    assert not differences(derive(lambda w: np.sum(w @ x), x))
    assert not differences(derive(lambda w: w * 1.0, 2.0))
    assert not differences(derive(lambda p: p[0] + p[1], [2.0, 3.0]))


def test_every_gradient_has_a_name_of_its_own_in_the_script():
    def loss(a, b, c, dc):
        return np.exp(np.sum(a + b)) + np.sum(np.tanh(c * dc))

    derivation = derive(loss, *[np.ones(2)] * 4, wrt=["a", "b", "c"])
    assert not differences(derivation)
    assert "return L, da, db, dc_\n" in derivation.python()
