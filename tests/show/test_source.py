"""The source of an op, with all that it uses, in a script of its own."""

import importlib.util
import sys

import numpy as np
import pytest

from backlit.errors import GraphError
from backlit.ir.interpret import interpret
from backlit.ir.op import NUMPY, REGISTRY, op
from backlit.show import derive

rng = np.random.default_rng(0)


NEWCOMER = '''
import math
import numpy as np
from backlit.errors import InputError
from backlit.ir.op import op
from backlit.ops.activation import sigmoid as squash

_SCALE = (1.5, math.pi)
_near = np.array([0.5, 0.25])


def _named(function):
    def _sum_of(x):
        return function(x)
    return _sum_of


total = _named(np.sum)


def unused(x):
    return x


def doubled(function):
    def twice(x):
        return 2 * function(x)
    return twice


@doubled
def _bent(x):
    return np.where(x > 0, x, _near[1] * x)


def _checked(x):
    if np.ndim(x) > 5:
        raise InputError("too many axes")
    return x


@op()
def newcomer(x, *, power=2):
    """Something new."""
    if power == 2:  # a comment stays
        x = _checked(x) * _SCALE[1]
    return squash(x) + _bent(x) ** power + total(x)


@newcomer.backward
def _(grad, out, x, *, power):
    return grad * out
'''


@pytest.fixture
def newcomer(tmp_path):
    file = tmp_path / "newcomer_of_ours.py"
    file.write_text(NEWCOMER, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("newcomer_of_ours", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["newcomer_of_ours"] = module
    spec.loader.exec_module(module)
    yield module.newcomer
    del REGISTRY["newcomer"], sys.modules["newcomer_of_ours"]


def test_a_new_op_brings_all_that_it_uses(newcomer):
    derivation = derive(lambda w: np.sum(newcomer(w, power=3) + newcomer(w)), rng.normal(size=4))
    script = derivation.python()
    names = {}
    exec(compile(script, "<script>", "exec"), names)
    loss, slope = interpret(derivation.graph, *derivation.values)
    assert (names["L"], *names["dw"]) == (loss, *slope)
    for piece in (
        "import math",
        "@doubled\ndef _bent(x):",
        "    def twice(x):",
        "raise ValueError(",
        "newcomer(w, power=3)",
        "_SCALE = (1.5, math.pi)",
        "_near = np.array([0.5, 0.25])",
        "  # a comment stays",
        "sigmoid(x) + _bent(x)",
        "total = _named(np.sum)",
    ):
        assert piece in script
    for other in ("squash", "InputError", "import backlit", "@op", "special", "unused"):
        assert other not in script


def test_an_op_that_a_function_makes():
    def make(function, factor):
        def made_here(x):
            y = function(x)
            return factor * y * y

        return op()(made_here)

    made = make(np.tanh, 3.0)
    try:
        made.backward(lambda grad, out, x: grad * out)
        script = derive(lambda w: np.sum(made(w)), np.ones(2)).python()
        assert "def made_here(x):\n    y = np.tanh(x)\n    return factor * y * y" in script
        assert "factor = 3.0\n" in script
        names = {}
        exec(compile(script, "<script>", "exec"), names)
        assert names["L"] == np.sum(3.0 * np.tanh(np.ones(2)) ** 2)
    finally:
        del REGISTRY["made_here"]


def test_an_op_whose_source_is_in_no_file_is_refused():
    names = {"op": op, "np": np}
    exec("@op()\ndef nowhere(x):\n    return 2 * x", names)
    try:
        names["nowhere"].backward(lambda grad, out, x: 2 * grad)
        derivation = derive(lambda w: np.sum(names["nowhere"](w)), np.ones(2))
        with pytest.raises(GraphError, match=r"nowhere cannot be written .* is in no file"):
            derivation.python()
    finally:
        del REGISTRY["nowhere"]
    assert names["nowhere"] not in NUMPY.values()
