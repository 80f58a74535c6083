"""Drop the equations that no output needs."""

from ..ir.graph import Eqn, Graph
from ..ir.typecheck import typecheck


def prune(graph: Graph) -> Graph:
    """Walk back from the outputs and keep what is read on the way."""
    needed = set(graph.outputs)
    kept: list[Eqn] = []
    for eqn in reversed(graph.equations):
        if eqn.out in needed:
            kept.append(eqn)
            needed.update(eqn.inputs)
    return typecheck(Graph(graph.inputs, tuple(reversed(kept)), graph.outputs))
