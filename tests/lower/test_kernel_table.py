"""csrc/kernels.py: from the facts of ops to the table of the player's kernels."""

import ast
import importlib.util
from pathlib import Path

import pytest

from backlit.ir.op import REGISTRY
from backlit.lower.compound import CASTS, COMPOUND

CSRC = Path(__file__).parents[2] / "csrc"
MOST_OPERANDS = 6  # of a kernel, in the player


def _generator():
    spec = importlib.util.spec_from_file_location("kernels", CSRC / "kernels.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


kernels = _generator()
FACTS = [
    f
    for p in sorted((kernels.PACKAGE / "ops").glob("*.py"))
    for f in kernels.facts(p.read_text("utf-8"))
]


def written(expression):
    """The C++ of an expression over x, y and z."""
    line = kernels.kernel("it", ["x", "y", "z"], expression, {"exp"})
    return line.removeprefix("K(it, 3, ").removesuffix(")")


@pytest.mark.parametrize(
    ("expression", "cpp"),
    [
        ("x", "x0"),
        ("x + y", "(x0 + x1)"),
        ("x - y / z", "(x0 - (x1 / x2))"),
        ("-x", "(-x0)"),
        ("0.1 * x", "(L::splat(T(0.1)) * x0)"),
        ("-1", "L::splat(T(-1))"),
        ("x**2", "(x0 * x0)"),
        ("exp(x - y)", "exp_<L>((x0 - x1))"),
        # conditions
        ("x > y", "L::truth((x0 > x1))"),
        ("not x", "L::truth(~(x0 != L::splat(T(0))))"),
        ("x and y < z", "L::truth(((x0 != L::splat(T(0))) & (x1 < x2)))"),
        ("x < y or y < z or z < x", "L::truth(((x0 < x1) | (x1 < x2) | (x2 < x0)))"),
        ("x if y else z", "L::select((x1 != L::splat(T(0))), x0, x2)"),
        ("0 if x < y else z", "L::select((x0 < x1), L::splat(T(0)), x2)"),
        ("x * (y > 0)", "(x0 * L::truth((x1 > L::splat(T(0)))))"),
        # a product in a sum is not rounded
        ("x * y + z", "L::fma(x0, x1, x2)"),
        ("x + y * z", "L::fma(x1, x2, x0)"),
        ("x * y - z", "L::fma(x0, x1, -x2)"),
        ("x - y * z", "L::fma(-x1, x2, x0)"),
        ("x * y + z**2", "L::fma(x0, x1, (x2 * x2))"),
        ("x - y**2", "L::fma(-x1, x1, x0)"),
        ("x * y - -z", "L::fma(x0, x1, -(-x2))"),
        ("x - y * z * z", "L::fma(-(x1 * x2), x2, x0)"),
        ("(x + y * z) * y + x", "L::fma(L::fma(x1, x2, x0), x1, x0)"),
    ],
)  # fmt: skip
def test_the_cpp_of_an_expression(expression, cpp):
    assert written(expression) == cpp


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("x + w", "kernel of it: 'w' is no operand, expected x, y, z"),
        ("exq(x)", "kernel of it: there is no exq_ in csrc/maths*.hpp"),
        ("exp(x, base=2)", "kernel of it: 'exp(x, base=2)' has no C++ form"),
        ("x % y", "kernel of it: 'x % y' has no C++ form"),
        ("x**3", "kernel of it: 'x ** 3' has no C++ form"),
        ("x < y < z", "kernel of it: 'x < y < z' has no C++ form"),
        ("x is y", "kernel of it: 'x is y' has no C++ form"),
        ("'x'", "kernel of it: \"'x'\" has no C++ form"),
    ],
)
def test_what_cannot_be_written_names_the_op(expression, message):
    with pytest.raises(kernels.KernelError) as error:
        written(expression)
    assert str(error.value).startswith(message)


def test_facts_are_read_from_the_text_of_ops():
    source = """
@op(latex="no kernel")
def plain(x):
    pass

@other(kernel="x")
@op(kernel="b if x > 0 else b * a", avoid=(0.0,))
def both_(x, /, *, a=1, unused=2, b=3):
    pass
"""
    assert list(kernels.facts(source)) == [("both", ["x", "a", "b"], "b if x > 0 else b * a")]


def test_operands_of_a_compound_are_in_order_of_appearance():
    source = 'T: dict[str, str] = {"step": "w - a * g / (sqrt(w) + b)"}'
    assert list(kernels.compounds(source)) == [
        ("step", ["w", "a", "g", "b"], "w - a * g / (sqrt(w) + b)")
    ]


def test_every_elementwise_op_has_a_kernel():
    made = {name: (operands, text) for name, operands, text in FACTS}
    for op in REGISTRY.values():
        if op.elementwise:
            operands, text = made[op.name]
            assert text == op.kernel
            assert operands[: len(op.inputs)] == list(op.inputs)
            assert set(operands[len(op.inputs) :]) == set(op.defaults)


def test_every_compound_is_an_expression_of_at_most_six_operands():
    made = list(kernels.compounds((kernels.PACKAGE / "lower" / "compound.py").read_text("utf-8")))
    assert {name: text for name, _, text in made} == COMPOUND | CASTS
    assert max(len(operands) for _, operands, _ in made) <= MOST_OPERANDS
    trees = [ast.dump(ast.parse(text)) for text in COMPOUND.values()]
    assert len(set(trees)) == len(trees)


def test_the_table_holds_every_kernel_once():
    text = kernels.table()
    lines = [line for line in text.splitlines() if line.startswith("  K(")]
    names = [line.split("(")[1].split(",")[0] for line in lines]
    assert len(set(names)) == len(names)
    assert set(names) == {name for name, *_ in FACTS} | set(COMPOUND) | set(CASTS)
    assert "#define POINTWISE_KERNELS(K) \\\n  K(" in text
    assert not text.rstrip("\n").endswith("\\")
