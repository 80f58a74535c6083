"""Graph → Graph, one function each, each ending in `typecheck`."""

from collections.abc import Sequence

from ..errors import GraphError
from ..ir.graph import Graph, Var
from .canonical import canonical
from .layers import name_layers
from .prune import prune
from .reverse import EXACT, Rules, reverse
from .share import share
from .simplify import simplify

__all__ = ["backpropagate", "canonical", "prune", "reverse", "share", "simplify"]


def backpropagate(graph: Graph, wrt: Sequence[Var], rules: Rules = EXACT) -> Graph:
    """L → (L, ∂L/∂w …) by inputs w, in the form that is read and run; `rules` as in `reverse`."""
    if not set(wrt) <= set(graph.inputs):  # another Var may be rewritten away: its slope would be 0
        raise GraphError(f"{[*wrt]} are not all inputs of the graph")
    return prune(share(simplify(reverse(name_layers(simplify(canonical(graph))), wrt, rules))))
