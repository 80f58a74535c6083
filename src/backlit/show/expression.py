"""An equation as a Python expression, read off its op's own forward function."""

import ast
import inspect
import math
from contextlib import suppress
from types import FunctionType
from typing import Any

import numpy as np

from ..errors import GraphError
from ..ir.graph import Eqn, Shape
from ..ir.op import Op
from .literals import literal
from .source import Sources, function_source, names_in_reach, numpy_name, own_module


def expression(eqn: Eqn, inputs: list[ast.expr], sources: Sources) -> ast.expr:
    """An equation's right side: its op's own expression, NumPy's function, or a helper's call.

    A forward function that is a single expression, with each input in it once, is written as this
    expression: ``x @ y``, ``np.sum(x, axis=0)``. Of any other the source goes into `sources`.
    """
    op, settings = eqn.op, eqn.settings
    own = _Inlined(eqn, inputs, sources).expression()
    if own is not None:
        return own if own in inputs else _tidy(own, eqn)
    named = next(filter(None, map(numpy_name, op.numpy)), None) if not settings else None
    function = named or sources.name(op.forward, op.forward.__name__)
    changed = {k: v for k, v in settings.items() if not _same(v, op.defaults.get(k))}
    words = [ast.keyword(k, _setting(k, v)) for k, v in changed.items()]
    return ast.Call(parsed(function), inputs, words)


def parsed(text: str) -> Any:
    """The expression that a text is."""
    return ast.parse(text, mode="eval").body


_PRYING = ("isinstance", "type", "hasattr")  # would be told about the stand-in, not the array


class _Unknown:
    """Stands for an array, of which only the shape is known, while what is known is computed."""

    def __init__(self, expression: ast.expr, shape: Shape) -> None:
        self.expression, self.shape, self.times = expression, shape, 0
        self.ndim, self.size = len(shape), math.prod(shape)

    def __eq__(self, other: object) -> bool:
        raise TypeError("the array is not known")

    __bool__ = __len__ = __iter__ = __array__ = __index__ = __hash__ = __eq__  # type: ignore


class _Inlined(ast.NodeTransformer):
    """The one expression of a forward function, its inputs and settings filled in.

    What can be computed before the arrays are known is: ``x[_filled(key, indices)]`` becomes
    ``X[:, 0]``.
    """

    def __init__(self, eqn: Eqn, inputs: list[ast.expr], sources: Sources) -> None:
        self.op, self.sources, self.scope = eqn.op, sources, names_in_reach(eqn.op.forward)
        self.arrays = [_Unknown(x, a.shape) for x, a in zip(inputs, eqn.inputs, strict=True)]
        values: list[Any] = [*self.arrays]
        if eqn.op.variadic:
            lead = len(eqn.op.inputs) - 1
            values = [*values[:lead], tuple(values[lead:])]
        self.helpers = {name: x for name, x in self.scope.items() if _private(x)}
        self.helpers |= dict.fromkeys(_PRYING)
        self.env = {**dict(zip(eqn.op.inputs, values, strict=True)), **eqn.settings}

    def expression(self) -> ast.expr | None:
        """None if the function is more than one expression of its inputs, each named once."""
        function: Any = ast.parse(function_source(self.op.forward)).body[0]
        *before, last = function.body[1:] if ast.get_docstring(function) else function.body
        try:
            for statement in before:  # lead = np.ndim(x) - len(shape)
                self.env[statement.targets[0].id] = self.computed(statement.value)
        except Exception:  # no assignment, or not of something that is known
            return None
        if not isinstance(last, ast.Return):
            return None
        with suppress(_NotOneError):
            written = self.visit(last.value)
            return written if all(x.times <= 1 for x in self.arrays) else None
        return None

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.expr) and not isinstance(node, ast.Starred):
            with suppress(Exception):  # then it needs the arrays
                if (known := _value(self.computed(node))) is not None:
                    return known
        return super().visit(node)

    def computed(self, node: ast.expr) -> Any:
        """The value of an expression that needs no array, or only puts it somewhere."""
        code = compile(ast.Expression(node), "<forward>", "eval")
        return eval(code, {"np": np, **self.helpers, **self.env})

    def visit_Name(self, node: ast.Name) -> ast.expr:
        value = self.scope.get(node.id, self)
        if node.id in self.env or _private(value) or isinstance(value, Op):
            raise _NotOneError
        if value is self:
            return node  # a builtin
        return parsed(self.sources.name(value, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        module = self.scope.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if not own_module(module):
            return self.generic_visit(node)
        return parsed(self.sources.name(getattr(module, node.attr), node.attr, module))

    def visit_Starred(self, node: ast.Starred) -> Any:
        inside: Any = self.visit(node.value)
        return getattr(inside, "elts", node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        new: Any = self.generic_visit(node)
        if isinstance(new.slice, ast.Tuple) and new.slice.elts:
            new.slice.elts = [_sliced(x) for x in new.slice.elts]
            if len(new.slice.elts) == 1:
                new.slice = new.slice.elts[0]
        return new


class _NotOneError(Exception):
    """It is no single expression of arrays and settings."""


def _private(value: Any) -> bool:
    """Is it a function that some module keeps to itself?"""
    return isinstance(value, FunctionType) and not numpy_name(value)


def _value(value: Any) -> ast.expr | None:
    """A value as an expression, with arrays wherever they were put."""
    if isinstance(value, _Unknown):
        value.times += 1
        return value.expression
    if isinstance(value, (tuple, list)):
        inside = [_value(x) for x in value]
        kind = ast.Tuple if isinstance(value, tuple) else ast.List
        return None if None in inside else kind(inside, ast.Load())
    text = literal(value)
    return None if text is None else parsed(text)


def _sliced(x: ast.expr) -> ast.expr:
    """``slice(1, None)`` is ``1:`` between brackets."""
    if not (isinstance(x, ast.Call) and getattr(x.func, "id", "") == "slice"):
        return x
    ends = x.args if len(x.args) > 1 else [ast.Constant(None), *x.args]
    words = [None if getattr(e, "value", 0) is None else e for e in ends]
    return ast.Slice(*words)


def _tidy(node: Any, eqn: Eqn) -> ast.expr:
    """As one would write it: ``X.T``, ``np.sum(x)``, no settings that go without saying."""
    x, function = eqn.inputs[0], _numpy_function(node)
    n = len(x.shape)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "reshape" and not function:
        inner, axes = node.func.value, _words(node.func.value).get("axis")
        if "keepdims" in _words(inner) and isinstance(axes, ast.Tuple):
            gone = ast.literal_eval(axes)
            if tuple(m for i, m in enumerate(x.shape) if i not in gone) == eqn.out.shape:
                inner.keywords = [k for k in inner.keywords if k.arg != "keepdims"]
                return _tidy(inner, eqn)
    turned = n > 1 and eqn.settings.get("axes") == (*range(n - 2), n - 1, n - 2)
    if function is np.transpose and turned:
        return ast.Attribute(node.args[0], "T" if n == 2 else "mT")
    if function is None:
        return node
    words = _words(node)
    axes = getattr(words.get("axis"), "elts", ())
    if "keepdims" in words and axes and len(axes) == n and eqn.out.shape == ():
        del words["axis"]
    elif len(axes) == 1:
        words["axis"] = axes[0]
    usual = {p.name: p.default for p in inspect.signature(function).parameters.values()}
    usual |= {"keepdims": False}
    node.keywords = [
        ast.keyword(k, v)
        for k, v in words.items()
        if not (isinstance(v, ast.Constant) and _same(v.value, usual.get(k)))
    ]
    return node


def _words(node: Any) -> dict[str, Any]:
    return {k.arg: k.value for k in getattr(node, "keywords", ())}


def _numpy_function(node: ast.expr) -> Any:
    """The NumPy function that an expression calls, or None."""
    if not isinstance(node, ast.Call):
        return None
    path = ast.unparse(node.func).split(".")
    found: Any = np
    for word in path[1:]:
        found = getattr(found, word, None)
    return found if path[0] == "np" and callable(found) else None


def _setting(name: str, value: Any) -> ast.expr:
    written = _value(value)
    if written is None:
        raise GraphError(f"its setting {name} = {value!r} is no plain value")
    return written


def _same(x: Any, y: Any) -> bool:
    return type(x) is type(y) and x == y
