"""The source of functions with all that they use, fit to stand in a script of its own.

A function is copied as it was written; what it calls comes along, from whatever file. Names are
changed only where two things want the same one.
"""

import ast
import builtins
import inspect
import keyword
import symtable
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from textwrap import dedent
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..errors import BacklitError, GraphError
from ..ir.op import Op, implements, op
from .literals import literal

KEPT = {*keyword.kwlist, *dir(builtins), "np"}  # names that mean something already


def free_name(wanted: str, taken: set[str]) -> str:
    """The name wanted, with underscores until nothing else has it; it is taken from now on."""
    while wanted in taken:
        wanted += "_"
    taken.add(wanted)
    return wanted


def numpy_name(value: Any) -> str | None:
    """``np.linalg.det`` for NumPy's function of this name."""
    module, name = getattr(value, "__module__", None) or "", getattr(value, "__name__", "")
    place: Any = np
    path = [*module.split(".")[1:], name]
    for word in path:
        place = getattr(place, word, None)
    return ".".join(["np", *path]) if name and place is value else None


class Sources:
    """The helpers of one script: imports, then functions and constants, each before its use."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.blocks: list[str] = []
        self.taken: set[str] = set(KEPT)
        self._names: dict[int, str] = {}
        self._known: list[Any] = []  # keeps what has a name alive, and so its id

    def name(self, value: Any, wanted: str, module: ModuleType | None = None) -> str:
        """How the script calls a thing that `module` calls `wanted`; its source comes along."""
        value = value.forward if isinstance(value, Op) else value
        if id(value) not in self._names:
            known = self._without_source(value, wanted)
            if known is None:
                wanted, module = _origin(value, wanted, module)
                known = free_name(wanted, self.taken)
                self._remember(value, known)  # before its source, which may call itself
                self.blocks.append(self._source(value, wanted, known, module))
            self._remember(value, known)
        return self._names[id(value)]

    def _remember(self, value: Any, name: str) -> None:
        self._names[id(value)] = name
        self._known.append(value)

    def _without_source(self, value: Any, wanted: str) -> str | None:
        """The name of what is there already, or is imported."""
        if getattr(builtins, wanted, None) is value:
            return wanted
        if value is np or numpy_name(value):
            return numpy_name(value) or "np"
        if isinstance(value, type) and issubclass(value, BacklitError):
            return next(c.__name__ for c in value.__mro__ if c.__module__ == "builtins")
        module = value.__name__ if isinstance(value, ModuleType) else _home(value)
        if module.split(".")[0] not in sys.stdlib_module_names:
            return None
        name = free_name(wanted, self.taken)
        own = module if isinstance(value, ModuleType) else value.__name__
        words = f"import {own}" if own == module else f"from {module} import {own}"
        self.imports[words if name == own else f"{words} as {name}"] = None
        return name

    def _source(self, value: Any, wanted: str, name: str, module: ModuleType | None) -> str:
        """What defines a function or a constant, with our names in it."""
        source = _statement(wanted, module) if module else None
        scope = vars(module) if module and source else {}
        if source is None and isinstance(value, FunctionType):  # made by another function
            source, scope = function_source(value), names_in_reach(value)
        if source is None and (plain := literal(value)) is not None:
            return f"{name} = {plain}"
        if source is None:
            raise GraphError(f"{wanted} is neither a function nor a plain value")
        edits = {_own_name(source): name}
        for text, x, word, place in _references(source, scope):
            edits[text] = self.name(x, word, place or module)
        return _edited(source, edits)


def own_module(value: Any) -> bool:
    """Is it a module whose parts have to come along?"""
    known = {"numpy", *sys.stdlib_module_names}
    return isinstance(value, ModuleType) and value.__name__.split(".")[0] not in known


def names_in_reach(function: Any) -> dict[str, Any]:
    """What the names in a function may stand for, besides its own."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return {**function.__globals__, **{name: cell.cell_contents for name, cell in cells}}


@lru_cache(maxsize=1024)
def function_source(value: Callable[..., Any]) -> str:
    """The source of a function without its decorators."""
    try:
        lines, _ = inspect.getsourcelines(value.__code__)
    except (OSError, TypeError):
        raise GraphError(
            f"the source of {value.__name__} is in no file; write it into a module"
        ) from None
    source = dedent("".join(lines))
    node = ast.parse(source).body[0]
    if not isinstance(node, ast.FunctionDef):
        raise GraphError(f"{value.__name__} is written as a lambda; write it as a def")
    return _segment(source, node)


def _segment(source: str, node: Any) -> str:
    """The lines of a statement, without decorators."""
    return "\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])


def _home(value: Any) -> str:
    """The module of a function or a class; of a constant, none."""
    of_its_own = isinstance(value, (type, FunctionType)) or inspect.isbuiltin(value)
    return (getattr(value, "__module__", None) or "") if of_its_own else ""


def _origin(value: Any, wanted: str, module: ModuleType | None) -> tuple[str, ModuleType | None]:
    """The name a thing has at home, and its home: not where it was imported, by another name."""
    home = sys.modules.get(_home(value))
    for place, name in ((home, getattr(value, "__name__", "")), (home, wanted), (module, wanted)):
        if place is None or not _is(value, vars(place).get(name)):
            continue
        for _, node in _statements(place):
            for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                if name == (alias.asname or alias.name):
                    path = "." * node.level + (node.module or "")
                    return _origin(value, alias.name, import_module(path, place.__package__))
        return name, place
    return wanted, home


def _is(value: Any, found: Any) -> bool:
    return (found.forward if isinstance(found, Op) else found) is value


def _statement(name: str, home: ModuleType) -> str | None:
    """The statement by which a module gives a name to something: ``def``, ``class`` or ``=``.

    Of the decorators those that register an op are left out: they make no other function.
    """
    for source, node in _statements(home):
        if getattr(node, "name", None) == name:
            kept = [x for x in node.decorator_list if not _registers(x, vars(home))]
            above = [f"@{ast.get_source_segment(source, x)}" for x in kept]
            return "\n".join([*above, _segment(source, node)])
        targets = node.targets if isinstance(node, ast.Assign) else ()
        if [getattr(target, "id", None) for target in targets] == [name]:
            return _segment(source, node)
    return None


@lru_cache(maxsize=256)
def _statements(module: ModuleType) -> list[tuple[str, Any]]:
    try:
        source = inspect.getsource(module)
    except (OSError, TypeError):
        return []
    return [(source, node) for node in ast.parse(source).body]


def _registers(decorator: ast.expr, scope: dict[str, Any]) -> bool:
    callee = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(callee, ast.Name) and scope.get(callee.id) in (op, implements)


def _own_name(source: str) -> str:
    node: Any = ast.parse(source).body[0]
    return node.targets[0].id if isinstance(node, ast.Assign) else node.name


def _references(
    source: str, scope: dict[str, Any]
) -> Iterator[tuple[str, Any, str, ModuleType | None]]:
    """What a piece of source takes from around it: its text, the thing, its name, its module."""
    free = _free_names(source)
    inside: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = scope.get(node.value.id) if node.value.id in free else None
            if own_module(module):
                inside.add(id(node.value))
                yield ast.unparse(node), getattr(module, node.attr), node.attr, module
        elif isinstance(node, ast.Name) and node.id in free and id(node) not in inside:
            if node.id in scope:
                yield node.id, scope[node.id], node.id, None
            elif not hasattr(builtins, node.id) and node.id != _own_name(source):
                raise GraphError(f"{_own_name(source)} uses {node.id}, which is not to be found")


def _free_names(source: str) -> set[str]:
    def every(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (
                symbol.is_global() or (top and not symbol.is_assigned())
            ):
                yield symbol
        for inner in table.get_children():
            yield from every(inner)

    return {symbol.get_name() for symbol in every(symtable.symtable(source, "", "exec"))}


def _edited(source: str, edits: dict[str, str]) -> str:
    """The same source with other names; all else of it stays as it was written."""
    lines = [line.encode() for line in source.splitlines()]
    places: list[tuple[int, int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) in edits:
            places.append((node.lineno, node.col_offset, ast.unparse(node)))
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in edits:
            line = lines[node.lineno - 1]
            places.append((node.lineno, line.index(b" ", node.col_offset) + 1, node.name))
    for line, start, old in sorted(places, reverse=True):
        text = lines[line - 1]
        rest = text[start + len(old.encode()) :]
        lines[line - 1] = text[:start] + edits[old].encode() + rest
    return "\n".join(line.decode() for line in lines)
