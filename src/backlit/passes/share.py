"""Write a common subexpression once."""

from dataclasses import replace
from typing import Any

from ..ir.build import Builder
from ..ir.graph import Atom, Graph, Var


def _key(atom: Atom) -> Any:
    if isinstance(atom, Var):
        return atom
    value = atom.value
    return (type(value), atom.dtype, atom.shape, value.tobytes() if atom.shape else repr(value))


def share(graph: Graph) -> Graph:
    """Equations with the same op, inputs and settings become one.

    Two names that the user gave to the same thing both stay, and so does a named backward
    equation that happens to equal a forward one.
    """
    builder = Builder(Graph(graph.inputs, (), ()))
    first: dict[Any, Var] = {}
    same: dict[Atom, Var] = {}
    named: set[Var] = set()
    for eqn in graph.equations:
        eqn = replace(eqn, inputs=tuple(same.get(x, x) for x in eqn.inputs))
        key = (eqn.op, tuple(map(_key, eqn.inputs)), repr(sorted(eqn.settings.items())))
        known = first.setdefault(key, eqn.out)
        if known is eqn.out or (eqn.out.named and (known in named or eqn.because)):
            builder.write(eqn)
        else:
            same[eqn.out] = known
            builder.wish(
                builder.tracer(known),
                eqn.out.name if eqn.out.named else "",
                eqn.out.role,
            )
        if eqn.out.named:
            named.add(known)
    return builder.finish([same.get(x, x) for x in graph.outputs])
