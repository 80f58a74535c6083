"""Every formula that backlit writes becomes MathML, whole and well formed; nothing is left out."""

import runpy
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlit.check.op import examples
from backlit.cli.example_network import LOSSES, example_network
from backlit.errors import InputError
from backlit.ir.op import REGISTRY, Op
from backlit.nn import ACTIVATIONS
from backlit.show import derive
from backlit.show.html import equations
from backlit.show.mathml import mathml
from backlit.show.notation import GREEK, LATEX, Part

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = {"W_{12}": "W12", r"\mathrm{Out}": "Out", r"\delta_{3}": "δ3"}


def words(latex, **settings):
    """The text of the formula's elements, one after the other; fails if it is no XML."""
    return "".join(ElementTree.fromstring(mathml(latex, **settings)).itertext())


def lost(op, example):
    """The inputs that an op's MathML does not show."""
    shapes = map(np.shape, example.inputs)
    parts = [Part(n, "compare", s) for n, s in zip(NAMES, shapes, strict=False)]
    written = words(LATEX.operation(op, parts, example.settings, "0,1"))
    shown = [*NAMES.values()][: len(parts)]
    return [] if written == "𝟏" else [name for name in shown if name not in written]


@pytest.mark.parametrize("op", REGISTRY.values(), ids=lambda op: op.name)
def test_every_op_is_translated_with_its_inputs(op):
    for example in examples(op):
        assert lost(op, example) == []


@pytest.mark.parametrize("template", [r"\sin(", r"\coth({x})", r"{x}_{{1}}", r"\left({x}"])
def test_an_op_that_is_not_translated_is_seen(template):
    entry = Op("planted", lambda x: np.sin(x), latex=template)
    with pytest.raises(InputError, match="MathML of"):
        lost(entry, next(examples(REGISTRY["sin"])))


def networks():
    for activation, loss in product(ACTIVATIONS, LOSSES):
        settings = {"activation": activation, "loss": loss, "rows": 2, "seed": 0}
        yield f"{activation}, {loss}", example_network([2, 3, 2], **settings)
    for name, size in (("attention", "width"), ("convolution", "kernels"), ("recurrent", "width")):
        file = runpy.run_path(str(EXAMPLES / f"{name}.py"))
        images, labels = np.random.default_rng(0).normal(size=(2, 8, 8)), np.array([0, 3])
        yield name, (file["loss"], (file["start"](**{size: 2}), images, labels))


@pytest.mark.parametrize(("loss", "example"), [pytest.param(*n, id=name) for name, n in networks()])
def test_every_line_and_rule_of_a_network_is_translated(loss, example):
    derivation = derive(loss, *example)
    page = ElementTree.fromstring(equations(derivation, numbers=False))
    rows = {row.get("id"): row for row in page.iter("div") if row.get("class") == "row"}
    for line in derivation.document.lines:
        formulas = rows[f"eq{line.number}"].findall(".//div[@class='formula']/math")
        sides = f"{line.left['latex']} = {line.right['latex']}"
        assert "".join("".join(f.itertext()) for f in formulas) == words(sides)


X, Y, ONE = "<mi>x</mi>", "<mi>y</mi>", "<mn>1</mn>"
TOP = '<mi mathvariant="normal">⊤</mi>'
THIN = '<mspace width="0.167em"/>'


def low(left, content, right):
    """Brackets that do not stretch."""
    left, right = (f'<mo stretchy="false">{bracket}</mo>' for bracket in (left, right))
    return f"<mrow>{left}{content}{right}</mrow>"


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("2.5 x", f"<mn>2.5</mn>{X}"),
        ("x^{2}", f"<msup>{X}<mn>2</mn></msup>"),
        (r"x_{1}^\top", f"<msubsup>{X}{ONE}{TOP}</msubsup>"),
        ("x^2_1", f"<msubsup>{X}{ONE}<mn>2</mn></msubsup>"),
        (r"\frac{1}{x y}", f"<mfrac>{ONE}<mrow>{X}{Y}</mrow></mfrac>"),
        (r"\tfrac12", f'<mfrac displaystyle="false">{ONE}<mn>2</mn></mfrac>'),
        (r"\mathrm{Out} - \delta", "<mi>Out</mi><mo>−</mo><mi>δ</mi>"),
        ("-x", f'<mo form="prefix">−</mo>{X}'),
        ("y = -x", f'{Y}<mo>=</mo><mo form="prefix">−</mo>{X}'),
        ("(x) - y", f"{low('(', X, ')')}<mo>−</mo>{Y}"),
        (r"\sqrt{x}", f"<msqrt>{X}</msqrt>"),
        (r"\Phi(x)", f'<mi mathvariant="normal">Φ</mi><mo>&#x2061;</mo>{low("(", X, ")")}'),
        (r"\ln \operatorname{log\_p}(x)", f"<mi>ln</mi>{THIN}<mi>log_p</mi><mo>&#x2061;</mo>"
                                          f"{low('(', X, ')')}"),
        (r"\left(\frac{x}{y}\right)", f"<mrow><mo>(</mo><mfrac>{X}{Y}</mfrac><mo>)</mo></mrow>"),
        (r"\sum_{\text{axis }1}", f"<munder><mo>∑</mo><mrow><mtext>axis\u00a0</mtext>{ONE}</mrow>"
                                  "</munder>"),
        (r"\lvert x \rvert", low("|", X, "|")),
        ("[x < y]", low("[", f"{X}<mo>&lt;</mo>{Y}", "]")),
        (r"\mathbf{1}", "<mn>𝟏</mn>"),
        ("{:}, -1", f'<mo lspace="0" rspace="0">:</mo><mo>,</mo><mo form="prefix">−</mo>{ONE}'),
    ],
)  # fmt: skip
def test_what_it_becomes(latex, expected):
    assert mathml(latex) == f"<math>{expected}</math>"
    assert mathml(latex, display=True) == f'<math display="block">{expected}</math>'


@pytest.mark.parametrize(
    ("latex", "fault"),
    [
        (r"x + \foo{y}", r"\\foo is not expected at character 5"),
        ("x_{1}_{2}", "a second _ at character 6"),
        ("x^{1}^{2}", r"a second \^"),
        ("(x", r"\) is missing"),
        (r"\frac{x}", "its end is not expected"),
        (r"\left(x", r"\\right is missing"),
        (r"\left x\right)", "x is no bracket"),
        ("x)", r"\) is not expected"),
        ("x}", "} is not expected"),
        ("x & y", "& is not expected"),
        (r"\text x", "words in braces are expected"),
        (r"\mathrm{a \to b}", "words in braces are expected"),
        (r"\mathbf{π}", "no bold form"),
    ],
)
def test_what_is_unknown_is_never_left_out(latex, fault):
    with pytest.raises(InputError, match=fault):
        mathml(latex)


@pytest.mark.parametrize("name", GREEK)
def test_greek_names(name):
    assert words(LATEX.name(name)) == GREEK[name]
    assert LATEX.name(GREEK[name]) == LATEX.name(name)


def test_words_are_escaped():
    assert words(r"\text{a<b & c}") == "a<b\u00a0&\u00a0c"


LINKS = {"H": "#h", "H_{1}": "#h1", r"\frac{\partial L}{\partial H_{1}}": "#dh1", "L": "#l?a&b"}


def links(latex):
    root = ElementTree.fromstring(mathml(latex, links=LINKS))
    return [("".join(a.itertext()), a.get("href")) for a in root.iter("a")]


@pytest.mark.parametrize(
    ("latex", "found"),
    [
        ("H H_{1}", [("H", "#h"), ("H1", "#h1")]),
        (r"H_{1}^\top", [("H1⊤", "#h1")]),
        (r"\frac{\partial L}{\partial H_{1}}", [("∂L∂H1", "#dh1")]),
        (r"\frac{\partial L}{\partial H}", [("L", "#l?a&b"), ("H", "#h")]),
        ("H_{2}", []),
        ("H(x)", []),
        (r"\mathrm{H} \text{H}", []),
        (r"\left(H\right)^{L}", [("H", "#h"), ("L", "#l?a&b")]),
        ("H^{L}", [("HL", "#h")]),
    ],
)
def test_names_are_links(latex, found):
    assert links(latex) == found


def test_a_link_keeps_the_size_of_its_formula():
    inner = '<a href="#h"><math displaystyle="true"><mi>H</mi></math></a>'
    assert inner in mathml("H", display=True, links=LINKS)
    assert inner.replace(' displaystyle="true"', "") in mathml("H", links=LINKS)


@given(st.from_regex(r"[^\W\d_]\w{0,8}", fullmatch=True).filter(str.isidentifier))
def test_any_name_of_python_can_be_written(name):
    assert words(LATEX.name(name))
