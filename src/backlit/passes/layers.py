"""Where the layers of a network are, read off its graph.

A *layer* is a product with a parameter. Its *net input* is what that product becomes once the
bias, or another product, is added; backpropagation calls the cotangent there δ.
"""

from ..ir.build import Builder
from ..ir.graph import Eqn, Graph, Var

_PRODUCTS = ("matmul", "einsum")


def _is_parameter(x: object) -> bool:
    return isinstance(x, Var) and x.role == "parameter"


def layers(graph: Graph) -> list[Eqn]:
    """The products with a parameter, first layer first."""
    return [
        eqn
        for eqn in graph.equations
        if eqn.op.name in _PRODUCTS and any(map(_is_parameter, eqn.inputs)) and not eqn.because
    ]


def net_inputs(graph: Graph) -> dict[Var, int]:
    """Var → number of the layer (from 1) whose net input it is."""
    uses = {var: [e for e in eqns if not e.because] for var, eqns in graph.uses().items()}
    found: dict[Var, int] = {}
    for eqn in layers(graph):
        net = eqn.out
        readers = uses[net]
        while (
            len(readers) == 1 and readers[0].op.name == "add" and readers[0].out.shape == net.shape
        ):
            net = readers[0].out
            readers = uses[net]
        found.setdefault(net, len(found) + 1)  # products that are added make one layer
    return found


def cotangent_names(graph: Graph) -> dict[Var, str]:
    """Var → the name of its cotangent: delta1 at a net input, else dx; not one the user gave."""
    every = [*graph.inputs, *(eqn.out for eqn in graph.equations)]
    taken, names = {var.name for var in every}, {v: f"d{v.name}" for v in every if v.named}
    deltas = {net: f"delta{number}" for net, number in net_inputs(graph).items()}
    wishes = [*names.items(), *deltas.items()]  # the later one counts
    return {var: name for var, name in wishes if name not in taken}


def name_layers(graph: Graph) -> Graph:
    """Name what the user left unnamed: net inputs Z1, Z2, …, and what is read off them, H1, …"""
    builder, uses = Builder(graph), graph.uses()
    for net, number in net_inputs(graph).items():
        builder.wish(builder.tracer(net), f"Z{number}", net.role)
        for reader in uses[net]:
            if len(reader.inputs) == 1 and reader.op.elementwise:
                builder.wish(builder.tracer(reader.out), f"H{number}", reader.out.role)
                break
    return builder.finish(graph.outputs)
