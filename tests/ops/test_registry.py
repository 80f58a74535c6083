"""Every entry of the registry, by its own facts: a new op is tested without touching this file."""

import ast
import inspect
import re
from string import Formatter

import numpy as np
import pytest

import backlit  # noqa: F401  (fills the registry)
from backlit.check.op import examples, faults
from backlit.ir.op import LEVELS, NUMPY, REGISTRY, Op
from backlit.show.notation import LATEX, TEXT, Part

OPS = list(REGISTRY.values())
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)


@every_op
def test_types_first_and_second_derivatives_and_adjoint(op):
    assert list(faults(op)) == []


@every_op
def test_value_is_numpys(op):
    for function in op.numpy:
        for example in examples(op):
            with np.errstate(all="ignore"):
                ours = op(*example.inputs, **example.settings)
                np.testing.assert_array_equal(ours, function(*example.inputs))
        assert NUMPY[function] is op


@every_op
def test_on_the_way_back_there_is_a_rule_or_none_is_needed(op):
    assert op.flat != (op.vjp is not None)
    if op.vjp and not op.variadic:
        words = list(inspect.signature(op.vjp).parameters.values())
        arrays = [p.name for p in words if p.kind is not p.KEYWORD_ONLY]
        assert arrays == ["grad", "out", *op.inputs]
        assert {p.name for p in words if p.kind is p.KEYWORD_ONLY} == set(op.defaults)


@every_op
def test_says_what_it_is(op):
    assert op.__doc__, f"{op.name} has no docstring"
    assert op.__doc__.splitlines()[0].endswith((".", "?", "]", ")"))


def printing_faults(op: Op, example) -> list[str]:
    """What is wrong with the way in which an op is written."""
    found = []
    names = [f"q{chr(97 + i)}q" for i in range(len(example.inputs))]
    shapes = [np.shape(x) for x in example.inputs]
    parts = [Part(name, "compare", shape) for name, shape in zip(names, shapes, strict=True)]
    for way in (TEXT, LATEX):
        written = way.operation(op, parts, example.settings, "0")
        constant = op.flat and written.strip("\\mathbf{}") == "1"  # ones, whatever the input
        missing = [name for name in names if name not in written]
        if missing and not constant:
            found.append(f"{way.key}: {written!r} does not name {missing}")
        for left, right in ("()", "[]"):
            if written.count(left) != written.count(right):
                found.append(f"{way.key}: {left} and {right} do not match in {written!r}")
        depth = 0
        for brace in re.findall(r"(?<!\\)[{}]", written if way is LATEX else ""):
            depth += 1 if brace == "{" else -1
            found += [f"{way.key}: braces in {written!r}"] if depth < 0 else []
        if depth or written.count(r"\left") != written.count(r"\right"):
            found.append(f"{way.key}: {written!r} does not close what it opens")
        template = getattr(op, way.key)
        for _, field, level, _ in Formatter().parse(template) if isinstance(template, str) else ():
            if field and field not in (*op.inputs, *op.defaults, "axis", "more"):
                found.append(f"{way.key}: {field!r} is no input")
            if level and level not in LEVELS:
                found.append(f"{way.key}: {level!r} is no level")
    return found


@every_op
def test_is_written_with_all_its_arguments(op):
    assert op.level in LEVELS
    for example in examples(op):
        assert printing_faults(op, example) == []


@every_op
def test_its_kernel_is_in_the_words_of_its_signature(op):
    tree = ast.walk(ast.parse(op.kernel or "0", mode="eval"))
    called = {x.func.id for x in ast.walk(ast.parse(op.kernel or "0")) if isinstance(x, ast.Call)}
    words = {x.id for x in tree if isinstance(x, ast.Name)}
    assert words - called <= {*op.inputs, *op.defaults}


def test_examples_are_of_every_kind():
    """The 0-d, empty, broadcast and strided arrays that the checks promise are there."""
    shapes = [[np.shape(x) for x in e.inputs] for e in examples(REGISTRY["multiply"])]
    assert [(), ()] in shapes
    assert any(0 in s for pair in shapes for s in pair)
    assert any(len(set(pair)) == 2 and 1 in pair[0] for pair in shapes)
    arrays = [x for e in examples(REGISTRY["multiply"]) for x in e.inputs]
    assert any(isinstance(x, np.ndarray) and not x.flags.c_contiguous for x in arrays)
    settings = {e.settings["slope"] for e in examples(REGISTRY["leaky_relu"])}
    assert len(settings) > 1
    assert all(np.all(np.abs(e.inputs[0]) > 0.02) for e in examples(REGISTRY["relu"]))
    assert any(e.tied for e in examples(REGISTRY["max"]))
