"""What a graph means."""

from typing import Any

from .graph import Atom, Graph, Lit


def interpret(graph: Graph, *values: Any) -> tuple[Any, ...]:
    """Run the equations in order; this is the definition that all else is compared with.

    Given arrays it computes; given tracers it records the same equations into their trace.
    """
    env: dict[Atom, Any] = dict(zip(graph.inputs, values, strict=True))

    def read(atom: Atom) -> Any:
        return atom.value if isinstance(atom, Lit) else env[atom]

    for eqn in graph.equations:
        env[eqn.out] = eqn.op(*map(read, eqn.inputs), **eqn.settings)
    return tuple(map(read, graph.outputs))
