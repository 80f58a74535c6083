"""The NumPy engine: a graph, prepared to be run many times.

It does what `ir.interpret.interpret` does (the definition), with the look-ups done beforehand.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ..ir.graph import Atom, Graph, Lit


def prepare(graph: Graph) -> Callable[[Sequence[Any]], list[Any]]:
    """A function from the values of the graph's inputs to those of its outputs."""
    place: dict[Atom, int] = {}
    memory: list[Any] = []

    def place_of(atom: Atom) -> int:
        if atom not in place:
            place[atom] = len(memory)
            memory.append(atom.value if isinstance(atom, Lit) else None)
        return place[atom]

    for var in graph.inputs:
        place_of(var)
    program = [
        (eqn.op.forward, [place_of(x) for x in eqn.inputs], dict(eqn.settings), place_of(eqn.out))
        for eqn in graph.equations
    ]
    ends = [place_of(x) for x in graph.outputs]
    count = len(graph.inputs)

    def run(values: Sequence[Any]) -> list[Any]:
        env = list(memory)
        env[:count] = values
        for forward, inputs, settings, out in program:
            env[out] = forward(*[env[i] for i in inputs], **settings)
        return [env[i] for i in ends]

    return run
