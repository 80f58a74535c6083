"""Formulas that people type, ``(x+2)**2``, read without ever running what they typed.

Python's own parser makes the tree; only numbers, names, + − * / ** and the elementwise functions
of the op registry are accepted in it. Every number is a float64.
"""

import ast
import difflib
import math
import operator
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.op import REGISTRY

CONSTANTS = {"pi": math.pi, "e": math.e}
_LONGEST = 1000  # characters
_DEEPEST = 100  # operations inside one another
_TYPED = str.maketrans(
    {"−": "-", "×": "*", "·": "*", "÷": "/", "²": "**2", "³": "**3", "π": "pi", "σ": "sigmoid"}
)
_OPERATORS: dict[type[Any], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_ADVICE: dict[type[Any], str] = {
    ast.BitXor: "For a power write ** instead of ^.",
    ast.BitOr: "For an absolute value write abs(x).",
    ast.FloorDiv: "Divide with /.",
    ast.Mod: "There is no remainder here.",
    ast.MatMult: "Multiply with *.",
}


@cache
def functions() -> dict[str, Callable[..., Any]]:
    """The functions a formula may use: every differentiable elementwise op, and short names."""
    signs = ("add", "subtract", "multiply", "divide", "negative", "power", "where")
    found = {
        op.name: op
        for op in REGISTRY.values()
        if op.elementwise and not op.flat and op.name not in signs
    }
    return found | {"ln": found["log"], "max": found["maximum"], "min": found["minimum"]}


@dataclass(frozen=True)
class Expression:
    """A formula that was read by `parse`; call it with a dict of the values of its variables."""

    text: str
    variables: tuple[str, ...]  # in alphabetical order
    tree: ast.expr

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Its value; NumPy arrays broadcast, and traced numbers are traced."""
        with np.errstate(all="ignore"):
            return _value(self.tree, CONSTANTS | dict(values))


def parse(text: str) -> Expression:
    """Read a formula, or raise InputError with what is wrong and how it is written.

    >>> f = parse("(x+2)**2")
    >>> f.variables, float(f({"x": 1.0}))
    (('x',), 9.0)
    """
    if len(text) > _LONGEST:
        raise InputError(f"the expression has {len(text)} characters; {_LONGEST} are the most.")
    tree = _tree(text.translate(_TYPED).strip())
    reader = _Reader(functions())
    reader.read(tree, 0)
    return Expression(text, tuple(sorted(reader.variables)), tree)


def number(text: str, what: str) -> float:
    """A formula without variables, such as ``-4``, ``1e-3`` or ``pi/2``."""
    expression = parse(text)
    if expression.variables:
        raise InputError(f"{what} {text!r} is not a number: {expression.variables[0]} is unknown.")
    return float(expression({}))


def _tree(text: str) -> ast.expr:
    if not text:
        raise InputError("the expression is empty; write for example (x+2)**2.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on code that is not code here
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise InputError(_syntax(text, error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise InputError(f"{_shown(text)!r} cannot be read as a formula.") from None


def _syntax(text: str, error: SyntaxError) -> str:
    """One sentence on what is written wrongly, and where."""
    odd = next((c for c in text if not c.isascii() and not c.isalpha()), "")
    if odd:
        name = unicodedata.name(odd, "an unknown character").lower()
        return f"{odd!r} ({name}) has no meaning in a formula; use + - * / ** and parentheses."
    for pattern, advice in _HABITS:
        found = re.search(pattern, text)
        if found:
            return f"{_shown(text)!r} cannot be read at {found[0]!r}. {advice}"
    if re.search(r"[-+*/(,]$", text):
        return f"{_shown(text)!r} ends too early: something must follow {_last(text)!r}."
    if "never closed" in error.msg or "unmatched" in error.msg:
        return f"{_shown(text)!r} cannot be read: {error.msg}."
    before = text[: max((error.offset or 1) - 1, 0)].rstrip()
    after = f" after {before[-20:]!r}" if before else ""
    return f"{_shown(text)!r} is not a complete formula: there is a mistake{after}."


_HABITS = [
    (r"(?<![<>=!])=(?!=)", "Give the right-hand side only, without =."),
    (r"\|", "For an absolute value write abs(x)."),
    (r"\b\d[\d.]*\s*[A-Za-z_(]\w*", "Multiplication is written with *: 2*x."),
    (r"\b[A-Za-z_]\w*\s+\w+", "Multiplication is written x*y, and a function sin(x)."),
    (r"\)\s*\w+", "Multiplication is written with *: (x+1)*x."),
    (r"!", "There is no factorial here."),
]


def _last(text: str) -> str:
    found = re.search(r"(\*\*|.)$", text)
    return found[0] if found else text


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:36]} ..."


class _Reader:
    """Walks the tree once: accepts or refuses, collects variables, checks constant parts."""

    def __init__(self, known: dict[str, Callable[..., Any]]) -> None:
        self.known = known
        self.variables: set[str] = set()

    def read(self, node: ast.expr, depth: int) -> float | None:
        """The value of a part without variables, else None."""
        if depth > _DEEPEST:
            raise InputError(f"the formula nests more than {_DEEPEST} operations.")
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return _finite(node, lambda: float(node.value))  # type: ignore[arg-type]
            case ast.Name(id=name):
                return self._name(name)
            case ast.UnaryOp() | ast.BinOp():
                if type(node.op) not in _OPERATORS:
                    advice = _ADVICE.get(type(node.op), "Use + - * / and **.")
                    raise InputError(f"{_source(node)} has no meaning in a formula. {advice}")
            case ast.Call():
                self._call(node)
            case _:
                raise InputError(
                    f"{_source(node)} has no meaning in a formula; it is made of numbers, "
                    "variables, + - * / **, parentheses and functions such as exp(x)."
                )
        values = [self.read(child, depth + 1) for child in _operands(node)]
        if None in values:
            return None
        return _finite(node, lambda: _apply(node)(*map(np.float64, values)))

    def _name(self, name: str) -> float | None:
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in self.known:
            raise InputError(f"{name} is a function: write {name}(x).")
        if name.startswith("_"):
            raise InputError(f"{name} cannot be a variable: names begin with a letter.")
        self.variables.add(name)
        return None

    def _call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            what = _source(node.func)
            raise InputError(f"({what}) is not a function. Multiplication is written (...)*(...).")
        name = node.func.id
        if name not in self.known:
            near = difflib.get_close_matches(name, self.known, n=2)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {_list(self.known)}."
            if len(name) == 1 or name in CONSTANTS:
                hint = f"Multiplication is written {name}*(...)."
            raise InputError(f"{name} is not a function. {hint}")
        count = len(self.known[name].inputs)  # type: ignore[attr-defined]
        if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
            raise InputError(f"{name} takes plain arguments only: {name}(x).")
        if len(node.args) != count:
            plural = "argument" if count == 1 else "arguments"
            raise InputError(f"{name} takes {count} {plural}, found {len(node.args)}.")


def _operands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.UnaryOp():
            return [node.operand]
        case ast.Call():
            return node.args
    return []


def _apply(node: ast.expr) -> Callable[..., Any]:
    """The function that an operation of an accepted tree stands for."""
    match node:
        case ast.BinOp() | ast.UnaryOp():
            return _OPERATORS[type(node.op)]
        case ast.Call(func=ast.Name(id=name)):
            return functions()[name]
    raise TypeError(f"not an operation: {node!r}")


def _value(node: ast.expr, env: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return np.float64(node.value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return env[name]
    return _apply(node)(*[_value(child, env) for child in _operands(node)])


def _finite(node: ast.expr, compute: Callable[[], Any]) -> float:
    """The value of a constant part; refused where float64 has no finite number for it."""
    try:
        with np.errstate(all="ignore"):
            value = float(compute())
    except OverflowError:
        value = math.inf
    if math.isnan(value):
        raise InputError(f"{_source(node)} is not a real number.")
    if math.isinf(value):
        raise InputError(
            f"{_source(node)} is infinite, or larger than any float64 number (1.8e308)."
        )
    return value


def _source(node: ast.expr) -> str:
    try:
        return _shown(ast.unparse(node))
    except (ValueError, RecursionError):  # an integer of more digits than Python prints
        return "a number"


def _list(known: Mapping[str, Any]) -> str:
    return ", ".join(sorted(known))
