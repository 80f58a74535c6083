"""Find the compound kernels in a graph: trees of elementwise equations that are one kernel."""

import ast
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from ..ir.op import Op
from .compound import COMPOUND

_OPERATORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.USub: "negative", ast.Gt: "greater",
}  # fmt: skip
_CALLS = {"min": "minimum", "max": "maximum"}


@dataclass(frozen=True)
class Node:
    """Of a pattern: an op and its inputs, a name that stands for anything, or a number."""

    op: str = ""
    inputs: tuple["Node", ...] = ()
    name: str = ""
    number: float = 0.0


@dataclass(frozen=True)
class _Search:
    """One attempt: what the names stand for, and the equations that the kernel would swallow."""

    bound: dict[str, Atom] = field(default_factory=dict[str, Atom])
    inside: tuple[Eqn, ...] = ()


def compound(graph: Graph) -> list[Eqn]:
    """The graph's equations, those of a compound kernel as one; the others stay.

    Only equations that nobody else reads disappear, and only in the shape of the result.
    """
    readers = graph.uses()
    definitions = graph.definitions()
    ends = set(graph.outputs)
    gone: set[Var] = set()
    answer: list[Eqn] = []
    for eqn in reversed(graph.equations):
        if eqn.out in gone:
            continue
        for name, (pattern, names) in _patterns().items():
            searches = _matches(pattern, eqn, definitions, _Search(), eqn)
            search = next((s for s in searches if _private(s, eqn, readers, ends)), None)
            if search is not None:
                gone |= {e.out for e in search.inside}
                inputs = tuple(search.bound[n] for n in names)
                eqn = replace(eqn, op=_op(name), inputs=inputs, settings={})
                break
        answer.append(eqn)
    return answer[::-1]


def _private(search: _Search, root: Eqn, readers: Any, ends: set[Atom]) -> bool:
    """Does nobody else read what is swallowed, not even the kernel itself (x y + x y)?"""
    own = {id(e) for e in (*search.inside, root)}
    return all(
        e.out not in ends
        and e.out not in search.bound.values()
        and {id(r) for r in readers[e.out]} <= own
        for e in search.inside
    )


def _matches(node: Node, eqn: Eqn, known: Any, search: _Search, root: Eqn) -> list[_Search]:
    """The search, gone on, in every order in which the equation has the form of the node."""
    if eqn.op.name != node.op or eqn.out.shape != root.out.shape or eqn.settings:
        return []
    if eqn.out.dtype.kind != "f" and node.op != "greater":  # of truth values + is "or"
        return []
    found: list[_Search] = []
    for order in [eqn.inputs, eqn.inputs[::-1]] if eqn.op.commutative else [eqn.inputs]:
        searches = [search]
        for want, atom in zip(node.inputs, order, strict=True):
            searches = [s for x in searches for s in _match_atom(want, atom, known, x, root)]
        found += searches
    return found


def _match_atom(node: Node, atom: Atom, known: Any, search: _Search, root: Eqn) -> list[_Search]:
    if node.name:
        bound = {node.name: atom} | search.bound
        return [replace(search, bound=bound)] if bound[node.name] is atom else []
    if not node.op:
        number = isinstance(atom, Lit) and atom.scalar and atom.value == node.number
        return [search] if number else []
    eqn = known.get(atom)
    if eqn is None:
        return []
    return _matches(node, eqn, known, replace(search, inside=(*search.inside, eqn)), root)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, tuple[Node, list[str]]]:
    """Name → tree and operands, in order of first appearance."""
    trees = {name: ast.parse(text, mode="eval").body for name, text in COMPOUND.items()}
    return {name: (_node(tree), _names(tree)) for name, tree in trees.items()}


def _names(tree: ast.expr) -> list[str]:
    called = {id(x.func) for x in ast.walk(tree) if isinstance(x, ast.Call)}
    found = [x for x in ast.walk(tree) if isinstance(x, ast.Name) and id(x) not in called]
    return list(dict.fromkeys(x.id for x in sorted(found, key=lambda x: x.col_offset)))


def _node(x: Any) -> Node:
    match x:
        case ast.Name(name):
            return Node(name=name)
        case ast.Constant(number):
            return Node(number=float(number))
        case ast.BinOp(left, ast.Pow(), ast.Constant(2)):
            return Node("square", (_node(left),))
        case ast.BinOp(left, operator, right) | ast.Compare(left, [operator], [right]):
            return Node(_OPERATORS[type(operator)], (_node(left), _node(right)))
        case ast.UnaryOp(operator, operand):
            return Node(_OPERATORS[type(operator)], (_node(operand),))
        case ast.IfExp(test, yes, no):
            return Node("where", (_node(test), _node(yes), _node(no)))
        case ast.Call(ast.Name(function), arguments):
            return Node(_CALLS.get(function, function), tuple(map(_node, arguments)))
    raise ValueError(f"{ast.unparse(x)}: no form of a compound kernel")


@lru_cache(maxsize=len(COMPOUND))
def _op(name: str) -> Op:
    """An op of lowering alone: a kernel to play, and nothing to compute with."""
    return Op(name=name, forward=_only_played, kernel=COMPOUND[name])


def _only_played(*_: Any) -> Any:
    raise NotImplementedError
