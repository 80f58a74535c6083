"""Ops that are made of simpler ones, written out: softmax is max, subtract, exp, sum, divide."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from ..ir.build import Builder
from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from ..ops.arithmetic import divide, multiply, reciprocal
from ..ops.shape import astype
from ..passes import prune, share
from .lowering import reads_nothing


def expand(graph: Graph, keep: Collection[str] = ()) -> Graph:
    """The same graph in ops that the player knows; what two of them have in common is shared.

    keep: the names of ops that are left as they are.
    """
    builder = Builder(Graph(graph.inputs, (), ()))
    new: dict[Atom, Atom] = {}
    changed = False
    with builder.active():
        for eqn in graph.equations:
            inputs = [builder.value(new.get(x, x)) for x in eqn.inputs]
            rule = None if reads_nothing(eqn) or eqn.op.name in keep else eqn.op.simpler
            changed |= rule is not None
            value = (rule or eqn.op)(*inputs, **eqn.settings)
            if value.dtype != eqn.out.dtype:
                value = astype(value, dtype=str(eqn.out.dtype))
            builder.wish(value, eqn.out.name if eqn.out.named else "", eqn.out.role)
            new[eqn.out] = builder.atom(value)
        ends = builder.finish([new.get(x, x) for x in graph.outputs])
    return expand(ends, keep) if changed else prune(share(ends))


def ask_the_result(equations: Iterable[Eqn]) -> list[Eqn]:
    """relu(z) > 0 where z > 0: asked of the result, which is kept anyway, so that z need not be."""
    rectified: dict[Atom, Atom] = {}
    answer = []
    for eqn in equations:
        x, *rest = eqn.inputs
        if eqn.op.name == "relu":
            rectified[x] = eqn.out
        elif eqn.op.name == "greater" and x in rectified and _is_zero(rest[0]):
            eqn = replace(eqn, inputs=(rectified[x], *rest))
        answer.append(eqn)
    return answer


def by_reciprocals(equations: Iterable[Eqn], constants: set[Atom]) -> list[Eqn]:
    """x / c, for a number c that is constant in a step, as x · (1/c): a division less an entry."""
    inverse: dict[Atom, Var] = {}
    answer: list[Eqn] = []
    for eqn in equations:
        if eqn.op is divide and eqn.inputs[1] in constants and eqn.out.shape != ():
            x, c = eqn.inputs
            if c not in inverse:
                inverse[c] = Var(f"_1/{c.name}", (), c.dtype)
                answer.append(Eqn(inverse[c], reciprocal, (c,)))
            eqn = replace(eqn, op=multiply, inputs=(x, inverse[c]))
        answer.append(eqn)
    return answer


def _is_zero(x: Atom) -> bool:
    return isinstance(x, Lit) and x.scalar and x.value == 0
