"""Break every backward rule on purpose: each broken rule must be caught by the generic checks.

From the source of a rule, mutants are made one change at a time: a factor dropped, a divisor
dropped, a term dropped, a sign dropped, a cotangent dropped. Prints ``N mutants, N caught``; ends
with 1 if one survives.
"""

import ast
import copy
import inspect
import sys
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterator

import backlit  # noqa: F401  (fills the registry)
from backlit.check.op import faults
from backlit.ir.op import REGISTRY, Op


def replacements(node: ast.AST) -> Iterator[ast.expr]:
    """What a node may be replaced by, so that one part of the rule is missing."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, (ast.Mult, ast.MatMult, ast.Add)):
            yield from (node.left, node.right)
        elif isinstance(node.op, (ast.Div, ast.Sub)):
            yield node.left
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield node.operand  # (a constant −1 is the last axis, more often than not)


def without_cotangents(rule: ast.FunctionDef) -> Iterator[tuple[ast.Return, ast.expr]]:
    """Each return of the rule with one of its cotangents replaced by None."""
    for node in ast.walk(rule):
        if not isinstance(node, ast.Return):
            continue
        many = isinstance(node.value, ast.Tuple)
        for i, part in enumerate(node.value.elts if many else [node.value]):
            nothing = ast.Constant(None)
            if isinstance(part, (ast.Constant, ast.Starred)):
                continue  # it is None already, or a run of them
            yield (
                node,
                ast.Tuple(
                    [nothing if i == j else p for j, p in enumerate(node.value.elts)], ast.Load()
                )
                if many
                else nothing,
            )


def mutants(rule: Callable) -> Iterator[tuple[str, Callable]]:
    """(what was changed, the broken rule); the first has no change."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule)))
    (function,) = tree.body
    function.decorator_list = []

    def compiled() -> Callable:
        names = dict(rule.__globals__)
        exec(compile(ast.fix_missing_locations(copy.deepcopy(tree)), "mutant", "exec"), names)
        return names[function.name]

    yield "", compiled()
    for parent in list(ast.walk(function)):
        for field, value in ast.iter_fields(parent):
            for i, child in enumerate(value if isinstance(value, list) else [value]):
                for new in replacements(child) if isinstance(child, ast.AST) else ():
                    place = (value, i) if isinstance(value, list) else (parent.__dict__, field)
                    place[0][place[1]] = new
                    yield f"{ast.unparse(child)}  →  {ast.unparse(new)}", compiled()
                    place[0][place[1]] = child
    for node, new in without_cotangents(function):
        old, node.value = node.value, new
        yield f"return {ast.unparse(old)}  →  return {ast.unparse(new)}", compiled()
        node.value = old


def verdict(op: Op, broken: Callable) -> str:
    """How the generic checks meet a rule: it survives, its numbers are wrong, or it is refused."""
    right, op.vjp = op.vjp, broken
    try:
        return "wrong" if next(faults(op), None) else "survives"
    except Exception:  # shapes that do not fit, a wrong number of cotangents, …
        return "refused"
    finally:
        op.vjp = right


def main() -> int:
    found, survivors = Counter(), []
    for op in REGISTRY.values():
        if op.flat:
            continue
        (_, unchanged), *broken = mutants(op.vjp)
        assert broken, f"no mutant of {op.name}"
        assert verdict(op, unchanged) == "survives", f"{op.name} fails before it is broken"
        for change, rule in broken:
            answer = verdict(op, rule)
            found[answer] += 1
            survivors += [f"{op.name}: {change}"] if answer == "survives" else []
    print(*(f"survived  {s}" for s in survivors), sep="\n", end="\n" if survivors else "")
    print(f"{found.total()} mutants, {found['wrong'] + found['refused']} caught", end=" ")
    print(f"({found['wrong']} by their numbers, {found['refused']} by their shapes)")
    return 1 if survivors else 0


if __name__ == "__main__":
    warnings.simplefilter("error")
    sys.exit(main())
