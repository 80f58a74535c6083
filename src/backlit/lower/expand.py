"""Ops that are made of simpler ones, written out: softmax is max, subtract, exp, sum, divide."""

from ..ir.build import Builder
from ..ir.graph import Atom, Graph
from ..ops.shape import astype
from ..passes import prune, share


def expand(graph: Graph) -> Graph:
    """The same graph in ops that the player knows; what two of them have in common is shared."""
    builder = Builder(Graph(graph.inputs, (), ()))
    new: dict[Atom, Atom] = {}
    changed = False
    with builder.active():
        for eqn in graph.equations:
            inputs = [builder.value(new.get(x, x)) for x in eqn.inputs]
            rule = eqn.op.simpler
            changed |= rule is not None
            value = (rule or eqn.op)(*inputs, **eqn.settings)
            if value.dtype != eqn.out.dtype:
                value = astype(value, dtype=str(eqn.out.dtype))
            builder.wish(value, eqn.out.name if eqn.out.named else "", eqn.out.role)
            new[eqn.out] = builder.atom(value)
        ends = builder.finish([new.get(x, x) for x in graph.outputs])
    return expand(ends) if changed else prune(share(ends))
