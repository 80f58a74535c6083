"""What people type is read, or refused with a sentence; it is never run."""

import contextlib
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backlit import grad
from backlit.cli.expression import functions, number, parse
from backlit.errors import InputError
from backlit.ir.op import REGISTRY


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(x+2)**2", 12.25),
        ("-x**2", -2.25),
        ("2**-x", 2**-1.5),
        ("2**x**2", 2**2.25),
        ("1e2*x/3", 50.0),
        ("10_000*x", 15000.0),
        ("e**x - exp(x)", 0.0),
        ("sin(pi*x)", -1.0),
        ("ln(x) - log(x)", 0.0),
        ("max(x, 2) + min(x, 2) + abs(-x)", 5.0),
        ("σ(x) − 1/(1+e**-x) + x²·x³ ÷ x", 1.5**4),
        ("x # a remark", 1.5),
    ],
)
def test_values(text, value):
    assert parse(text)({"x": 1.5}) == pytest.approx(value, abs=1e-14)


def test_variables_are_collected_and_constants_are_not():
    assert parse("a*x + pi*y - e + sin(t)").variables == ("a", "t", "x", "y")


def test_every_differentiable_elementwise_op_is_known_by_its_name():
    unary = {op.name for op in REGISTRY.values() if op.elementwise and not op.flat}
    assert {"sigmoid", "gelu", "softplus", "tanh", "erf"} <= set(functions()) & unary


def test_arrays_and_tracers_flow_through():
    f = parse("sin(x)*y**2")
    assert f({"x": np.zeros(3), "y": 2.0}).shape == (3,)
    slope = grad(f)({"x": 0.5, "y": 3.0})
    assert slope["x"] == pytest.approx(9 * math.cos(0.5))
    assert slope["y"] == pytest.approx(6 * math.sin(0.5))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("x**", r"ends too early.*'\*\*'"),
        ("x +", "ends too early.*'\\+'"),
        ("sin(", r"ends too early.*'\('"),
        ("__import__('os')", "__import__ is not a function. Known: abs, "),
        ("9**9**9**9*x", r"9 \*\* 9 \*\* 9 is infinite, or larger"),
        ("9" * 400, "larger than any float64"),
        ("1e999*x", "larger than any float64"),
        ("1/0 + x", "1 / 0 is infinite"),
        ("0**-1 + x", "infinite"),
        ("(-8)**(1/3) + x", "not a real number"),
        ("sqrt(-1) + x", r"sqrt\(-1\) is not a real number"),
        ("1j*x", "1j has no meaning"),
        ("True*x", "True has no meaning"),
        ("'a'*x", "has no meaning"),
        ("x^2", r"\*\* instead of \^"),
        ("|x|", r"abs\(x\)"),
        ("x|2", r"abs\(x\)"),
        ("7//x", "Divide with /"),
        ("x % 2", "remainder"),
        ("y = x**2", "right-hand side only"),
        ("2x", r"Multiplication is written with \*"),
        ("2 x", r"Multiplication is written with \*"),
        ("2(x+1)", "Multiplication is written"),
        ("x(x+1)", r"x is not a function. Multiplication is written x\*"),
        ("(x+1)(x-1)", r"Multiplication is written \(...\)\*\(...\)"),
        ("(x+1) x", "Multiplication is written"),
        ("sin x", r"function sin\(x\)"),
        ("sin", r"write sin\(x\)"),
        ("sine(x)", "Did you mean sin"),
        ("sin(x, y)", "sin takes 1 argument, found 2"),
        ("max(x)", "max takes 2 arguments, found 1"),
        ("sin(x=1)", "plain arguments"),
        ("sin(*x)", "plain arguments"),
        ("x.real", "no meaning"),
        ("x[0]", "no meaning"),
        ("lambda: x", "no meaning"),
        ("(x := 3)", "no meaning"),
        ("x if y else z", "no meaning"),
        ("[x for x in y]", "no meaning"),
        ("f'{x}'", "no meaning"),
        ("x < 1", "no meaning"),
        ("~x", "no meaning"),
        ("x and y", "no meaning"),
        ("_x", "begin with a letter"),
        ("√x", "square root"),
        ("x;y", "mistake after 'x'"),
        ("(x", "never closed"),
        ("x)", "unmatched"),
        ("x\0", "cannot be read|mistake"),
        ("x!", "factorial"),
        ("-" * 300 + "x", "nests more than 100"),
        ("+".join("x" * 300), "nests more than 100"),
        ("x" * 1001, "1001 characters"),
        ("x\ud800", "cannot be read"),  # a byte that is no UTF-8, as the shell hands it over
        ("1if x else y", "no meaning"),
        ("sign(x)", "sign is not a function"),  # flat: nothing to descend on
        ("(" * 300 + "x" + ")" * 300, "cannot be read|mistake"),
    ],
)
def test_refused_with_a_sentence(text, words):
    with pytest.raises(InputError, match=words) as caught:
        parse(text)
    assert 20 < len(str(caught.value)) < 480
    assert "\n" not in str(caught.value)


def test_nothing_is_called_that_is_not_an_op():
    for name in ("eval", "exec", "open", "breakpoint", "print", "getattr", "type"):
        with pytest.raises(InputError, match=f"{name} is not a function"):
            parse(f"{name}(x)")


def test_number():
    assert number("pi/2", "the start") == math.pi / 2
    assert number("-4", "the start") == -4
    with pytest.raises(InputError, match="the start 'y' is not a number: y is unknown"):
        number("y", "the start")


pieces = st.sampled_from(
    ["x", "y", "1", "2.5", "9", "e", "pi", "(", ")", "+", "-", "*", "**", "/", "^", ",", ".", " "]
    + ["sin", "max", "abs", "__import__", "'", "=", "lambda", ":", "if", "for", "[", "]", "{", "}"]
    + ["1e308", "0", "@", "|", "~", "not", "\\", "\n", "#", "²", "σ", "\0", "é", "½", "∞"]
)


@given(st.one_of(st.lists(pieces, max_size=25).map("".join), st.text(max_size=60)))
@example("x" * 500 + "(")
@example("1" + "*1" * 99)
def test_any_text_gives_a_formula_or_a_sentence(text):
    with contextlib.suppress(InputError):
        formula = parse(text)
        value = formula(dict.fromkeys(formula.variables, 0.5))
        assert isinstance(float(value), float)


formulas = st.recursive(
    st.sampled_from(["x", "y", "0.5", "2", "pi"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("sin({})".format, inner),
        st.builds("(-{})".format, inner),
    ),
    max_leaves=12,
)


@given(formulas)
def test_what_it_means_is_what_python_means(text):
    names = {"x": 0.3, "y": -1.2, "pi": math.pi, "sin": math.sin}
    assert parse(text)(names) == pytest.approx(eval(text, names), rel=1e-12, abs=1e-12)
