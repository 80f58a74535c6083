"""Graph → Graph, one function each, each ending in `typecheck`."""

from collections.abc import Sequence

from ..ir.graph import Graph, Var
from .canonical import canonical
from .layers import name_layers
from .prune import prune
from .reverse import reverse
from .share import share
from .simplify import simplify

__all__ = ["backpropagate", "canonical", "prune", "reverse", "share", "simplify"]


def backpropagate(graph: Graph, wrt: Sequence[Var]) -> Graph:
    """L → (L, ∂L/∂w …), in the form in which it is read and run."""
    return prune(share(simplify(reverse(name_layers(simplify(canonical(graph))), wrt))))
