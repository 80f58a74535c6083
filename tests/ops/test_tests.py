"""The generic checks notice a wrong entry."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from backlit.check.op import examples, faults
from backlit.ir.op import REGISTRY, Op

HERE = Path(__file__).parent


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


registry_tests = load("registry_tests", HERE / "test_registry.py")
mutants = load("mutants", HERE.parent / "mutants.py")


@pytest.fixture
def entry(monkeypatch):
    """An op of our own, in the registry for the time of one test."""

    def make(forward, rule, **facts):
        op = Op(name="ours", forward=forward, **facts)
        op.backward(rule)
        monkeypatch.setitem(REGISTRY, "ours", op)
        return op

    return make


def cube(x):
    """Cube x³."""
    return x * x * x


def test_a_right_entry_passes(entry):
    op = entry(cube, lambda grad, out, x: 3 * grad * x * x, holomorphic=True)
    assert list(faults(op)) == []


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (lambda grad, out, x: 2 * grad * x * x, "slope"),
        (lambda grad, out, x: 3 * grad * x, "slope"),
        (lambda grad, out, x: (3 + 1e-5) * grad * x * x, "slope"),
        (lambda grad, out, x: 3 * np.sum(grad) * x * x, "slope"),
        (lambda grad, out, x: 3 * grad * np.abs(x) * x, "slope"),
        (lambda grad, out, x: 3 * grad * x.reshape(-1)[:1].sum() * x, "ours"),
        (lambda grad, out, x: None, "slope"),
        (lambda grad, out, x: 3 * grad * np.float64(1) * x * x, "float32 becomes float64"),
    ],
)
def test_a_wrong_slope_is_seen(entry, rule, fault):
    found = list(faults(entry(cube, rule, holomorphic=True)))
    assert any(fault in sentence for sentence in found), found


def test_a_wrong_second_derivative_is_seen(entry):
    """A rule that is right where it stands, but whose own derivative is not."""

    def frozen(grad, out, x):
        return grad * square_of_constant(x)

    def square_of_constant(x):
        return REGISTRY["frozen"](x)

    still = Op(name="frozen", forward=lambda x: 3 * x * x, holomorphic=True)
    still.constant()
    REGISTRY["frozen"] = still
    try:
        found = list(faults(entry(cube, frozen, holomorphic=True)))
    finally:
        del REGISTRY["frozen"]
    assert any("second derivative" in sentence for sentence in found)
    assert not any(": slope" in sentence for sentence in found)


def test_a_wrong_shape_or_dtype_is_seen(entry):
    op = entry(lambda x: np.float64(x) * 1.0, lambda grad, out, x: grad)
    op.shape(lambda x: (*x, 1))
    assert any("foretold" in sentence for sentence in faults_or_error(op))
    op = entry(lambda x: np.round(x).astype(int), lambda grad, out, x: grad)
    op.dtype = float
    assert any("foretold" in sentence for sentence in faults_or_error(op))


def faults_or_error(op):
    found = []
    try:
        for fault in faults(op):
            found.append(fault)
    except Exception as error:
        found.append(str(error))
    return found


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"latex": "{x}^3", "text": "cube(…)"}, "does not name"),
        ({"latex": "^3", "text": "cube({x})"}, "does not name"),
        ({"latex": r"\left( {x}", "text": "{x}³"}, "close"),
        ({"latex": "{{{x}}}}}", "text": "{x}³"}, "brace"),
        ({"latex": "{x}", "text": "({x}"}, "match"),
    ],
)
def test_a_wrong_template_is_seen(entry, facts, fault):
    op = entry(cube, lambda grad, out, x: 3 * grad * x * x, **facts)
    found = registry_tests.printing_faults(op, next(iter(examples(op))))
    assert any(fault in sentence for sentence in found), found


def test_a_surviving_mutant_is_told(monkeypatch, capsys):
    """With checks that see nothing, every mutant survives and the script says so."""
    monkeypatch.setattr(mutants, "REGISTRY", {"tanh": REGISTRY["tanh"]})
    assert mutants.main() == 0
    assert "3 mutants" not in capsys.readouterr().out
    monkeypatch.setattr(mutants, "faults", lambda op: iter(()))
    assert mutants.main() == 1
    assert "survived  tanh: out * out  →  out" in capsys.readouterr().out


def test_what_mutants_are_made():
    changes = [change for change, _ in mutants.mutants(REGISTRY["divide"].vjp)]
    assert changes == [
        "",
        "grad / y  →  grad",
        "-grad * out / y  →  -grad * out",
        "-grad * out  →  -grad",
        "-grad * out  →  out",
        "-grad  →  grad",
        "return (grad / y, -grad * out / y)  →  return (None, -grad * out / y)",
        "return (grad / y, -grad * out / y)  →  return (grad / y, None)",
    ]
