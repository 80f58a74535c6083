"""Write kernels.inc, the table of the player's pointwise kernels, from what backlit says of ops.

    python csrc/kernels.py OUTPUT

A kernel is a Python expression over its operands: `kernel=` of an elementwise op, in the words of
its signature, or a line of lower/compound.py. It becomes one line K(name, operands, C++ expression)
over the vectors x0, x1, … of a lane type L. Truth values are the numbers 0 and 1.

A sum with a product in it is rounded once: a * b + c is fma(a, b, c), c - a * b is fma(-a, b, c),
and of two products the left one goes in. Nothing else contracts.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "src" / "backlit"
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
ORDERS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="
}  # fmt: skip


class KernelError(ValueError):
    """An expression that cannot become a kernel."""


class Writer:
    """Writes one expression in C++; `operands` are its names, in order."""

    def __init__(self, name: str, operands: list[str], functions: set[str]):
        self.name, self.operands, self.functions = name, operands, functions

    def value(self, node: ast.expr) -> str:
        """A vector of numbers."""
        match node:
            case ast.Name(id) if id in self.operands:
                return f"x{self.operands.index(id)}"
            case ast.Name(id):
                raise self.error(f"{id!r} is no operand, expected {', '.join(self.operands)}")
            case ast.Constant(int() | float() as number):
                return f"L::splat(T({number!r}))"
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)):
                return f"L::splat(T({-number!r}))"
            case ast.UnaryOp(ast.USub(), x):
                return f"(-{self.value(x)})"
            case ast.BinOp(x, ast.Add() | ast.Sub() as sign, y):
                return self.sum(x, y, isinstance(sign, ast.Sub))
            case ast.BinOp(x, ast.Mult() | ast.Div() as sign, y):
                return f"({self.value(x)} {SIGNS[type(sign)]} {self.value(y)})"
            case ast.BinOp(x, ast.Pow(), ast.Constant(2)):
                return f"({self.value(x)} * {self.value(x)})"
            case ast.IfExp(test, yes, no):
                return f"L::select({self.mask(test)}, {self.value(yes)}, {self.value(no)})"
            case ast.Call(ast.Name(id), arguments, []) if id in self.functions:
                return f"{id}_<L>({', '.join(map(self.value, arguments))})"
            case ast.Call(ast.Name(id)) if id not in self.functions:
                raise self.error(f"there is no {id}_ in csrc/maths*.hpp")
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
                return f"L::truth({self.mask(node)})"
        raise self.error(f"{ast.unparse(node)!r} has no C++ form")

    def mask(self, node: ast.expr) -> str:
        """A condition."""
        match node:
            case ast.Compare(x, [order], [y]) if type(order) in ORDERS:
                return f"({self.value(x)} {ORDERS[type(order)]} {self.value(y)})"
            case ast.BoolOp(ast.And(), parts):
                return f"({' & '.join(map(self.mask, parts))})"
            case ast.BoolOp(ast.Or(), parts):
                return f"({' | '.join(map(self.mask, parts))})"
            case ast.UnaryOp(ast.Not(), x):
                return f"~{self.mask(x)}"
            case ast.Compare():
                raise self.error(f"{ast.unparse(node)!r} has no C++ form")
        return f"({self.value(node)} != L::splat(T(0)))"

    def sum(self, x: ast.expr, y: ast.expr, minus: bool) -> str:
        """x + y or x − y, a product in it unrounded."""
        sign = "-" if minus else ""
        if factors := _factors(x):
            a, b = map(self.value, factors)
            return f"L::fma({a}, {b}, {sign}{self.value(y)})"
        if factors := _factors(y):
            a, b = map(self.value, factors)
            return f"L::fma({sign}{a}, {b}, {self.value(x)})"
        return f"({self.value(x)} {sign or '+'} {self.value(y)})"

    def error(self, found: str) -> KernelError:
        """What is wrong, with the name of the op."""
        return KernelError(f"kernel of {self.name}: {found}")


def _factors(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    match node:
        case ast.BinOp(x, ast.Mult(), y):
            return x, y
        case ast.BinOp(x, ast.Pow(), ast.Constant(2)):
            return x, x
    return None


def names(expression: str) -> list[str]:
    """The names in an expression that are not called, in order of appearance."""
    tree = ast.parse(expression, mode="eval")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called]
    found.sort(key=lambda n: (n.lineno, n.col_offset))
    return list(dict.fromkeys(n.id for n in found))


def kernel(name: str, operands: list[str], expression: str, functions: set[str]) -> str:
    """The line of the table for one expression."""
    text = Writer(name, operands, functions).value(ast.parse(expression, mode="eval").body)
    return f"K({name}, {len(operands)}, {text})"


def facts(source: str) -> Iterator[tuple[str, list[str], str]]:
    """Name, operands and expression of each op with a kernel in the text of a file of ops."""
    for function in ast.parse(source).body:
        for mark in getattr(function, "decorator_list", ()):
            if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "op":
                for expression in (k.value for k in mark.keywords if k.arg == "kernel"):
                    words, text = function.args, ast.literal_eval(expression)
                    settings = [a.arg for a in words.kwonlyargs if a.arg in names(text)]
                    inputs = [a.arg for a in (*words.posonlyargs, *words.args)]
                    yield function.name.rstrip("_"), inputs + settings, text


def compounds(source: str) -> Iterator[tuple[str, list[str], str]]:
    """Name, operands and expression of each line of the tables in lower/compound.py."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.AnnAssign) and statement.value:
            for name, text in ast.literal_eval(statement.value).items():
                yield name, names(text), text


def functions_of(texts: list[str]) -> set[str]:
    """The functions of vectors, name_<L>(…), that C++ headers define."""
    return {name for text in texts for name in re.findall(r"\bV<L> (\w+)_\(", text)}


def table() -> str:
    """The text of kernels.inc."""
    functions = functions_of([p.read_text("utf-8") for p in sorted(HERE.glob("maths*.hpp"))])
    entries = [
        f for p in sorted((PACKAGE / "ops").glob("*.py")) for f in facts(p.read_text("utf-8"))
    ]
    entries += compounds((PACKAGE / "lower" / "compound.py").read_text("utf-8"))
    lines = [kernel(*entry, functions) for entry in entries]
    if len({name for name, *_ in entries}) < len(lines):
        raise KernelError("two kernels have the same name")
    head = "// Written by csrc/kernels.py: change the ops, or lower/compound.py.\n"
    return head + " \\\n  ".join(["#define POINTWISE_KERNELS(K)", *lines]) + "\n"


if __name__ == "__main__":
    try:
        Path(sys.argv[1]).write_text(table(), "utf-8")
    except KernelError as error:
        sys.exit(str(error))
