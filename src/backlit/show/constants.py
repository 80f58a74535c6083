"""What the constant arrays of a graph are called, so that each can be told from the others."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..ir.graph import Graph, Lit
from ..ir.names import unique_names


@dataclass(frozen=True, eq=False)
class Constant:
    """A constant array by its name; or, `transposed`, the transpose of the one with this name."""

    name: str
    value: np.ndarray
    transposed: bool = False


def constants(graph: Graph) -> dict[Lit, Constant]:
    """Lit → its Constant; an array that is one number all over is that number and has none.

    The user's own names come first. An unnamed array goes by the name of the one that it equals,
    or whose transpose it is; others are called I, the identity matrix, or C; I1, I2, C1, C2, …
    """
    every = dict.fromkeys(
        x for e in graph.equations for x in e.inputs if isinstance(x, Lit) and x.shape
    )
    kinds: list[Lit] = []  # one of each
    found: dict[Lit, tuple[Lit, bool]] = {}
    for lit in sorted(every, key=lambda x: not x.name):
        same = next(_matches(lit, kinds), None)
        if same is None and (lit.name or np.unique(lit.value).size != 1):
            kinds.append(lit)
            same = lit, False
        if same is not None:
            found[lit] = same
    vars_ = (*graph.inputs, *(eqn.out for eqn in graph.equations))
    wishes = [(lit, lit.name or ("I" if _is_identity(lit.value) else "C")) for lit in kinds]
    names = unique_names(wishes, {var.name for var in vars_})
    return {lit: Constant(names[of], of.value, turned) for lit, (of, turned) in found.items()}


def _is_identity(value: np.ndarray) -> bool:
    return value.ndim == 2 and np.array_equal(value, np.eye(len(value)))


def _matches(lit: Lit, kinds: list[Lit]) -> Iterable[tuple[Lit, bool]]:
    """Those with the same numbers in the same order of memory, as they are or transposed."""
    for known in kinds:
        for turned in (False, True) if not lit.name and lit.value.ndim == 2 else (False,):
            other = known.value.T if turned else known.value
            alike = lit.name in ("", known.name) and other.strides == lit.value.strides
            if alike and other.dtype == lit.dtype and np.array_equal(other, lit.value):
                yield known, turned
