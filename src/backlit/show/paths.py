"""The chain rule as a sum over paths: every way in which one weight reaches the loss."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.build import Builder
from ..ir.graph import Graph, Var
from ..ir.interpret import interpret
from ..ops.arithmetic import multiply
from ..ops.shape import sum_to
from ..passes import prune, reverse
from .document import Document, Line

_MOST = 100_000  # paths; beyond, nobody reads them
Entry = tuple[Var, tuple[int, ...]]


@dataclass(frozen=True)
class Path:
    """Entries from a weight to the loss, and the slope of each step."""

    entries: tuple[Entry, ...]
    slopes: tuple[float, ...]

    @property
    def product(self) -> float:
        """What this path contributes to the derivative."""
        return float(np.prod(self.slopes))


def paths(document: Document, values: dict[str, Any], weight: Entry) -> list[Path]:
    """Every path from one entry of an input to the loss; their products add up to ∂L/∂w.

    `values` holds the value of every input and line by name.
    """
    loss = document.loss
    readers = _readers(document)
    slopes: dict[tuple[Line, Var], Any] = {}
    found: list[Path] = []
    open_paths = [Path((weight,), ())]
    while open_paths:
        path = open_paths.pop()
        var, place = path.entries[-1]
        if var is loss:
            found.append(path)
            continue
        for line in readers.get(var, ()):
            if (line, var) not in slopes:
                slopes[line, var] = _slopes(line, var, values)
            local = slopes[line, var][(..., *place)]
            for where in np.argwhere(local)[::-1]:
                entry = (line.out, tuple(int(i) for i in where))
                slope = float(local[tuple(where)])
                open_paths.append(Path((*path.entries, entry), (*path.slopes, slope)))
        if len(open_paths) + len(found) > _MOST:
            raise InputError(
                f"more than {_MOST:,} paths lead from {var.name} to the loss: derive on fewer rows "
                "or a smaller network."
            )
    return found


def _readers(document: Document) -> dict[Var, list[Line]]:
    """Var → the forward lines that read it."""
    found: dict[Var, list[Line]] = {}
    for line in document.lines:
        if line.part != "backward":
            for x in _reads(line):
                found.setdefault(x, []).append(line)
    return found


def _reads(line: Line) -> list[Var]:
    made = {eqn.out for eqn in line.equations}
    inputs = [x for eqn in line.equations for x in eqn.inputs if isinstance(x, Var)]
    return [x for x in dict.fromkeys(inputs) if x not in made]


def _slopes(line: Line, var: Var, values: dict[str, Any]) -> Any:
    """∂line.out/∂var, shape out.shape + var.shape: one backward pass for each entry of out."""
    reads = _reads(line)
    builder = Builder(Graph(tuple(reads), line.equations, ()))
    with builder.active():
        seed = builder.input("seed", line.out, "data")
        weighted = builder.emit(multiply, (line.out, seed), {})
        total = builder.emit(sum_to, (weighted,), {"shape": ()})
        local = prune(reverse(builder.finish([total]), [var]))
    known = [values[x.name] for x in reads]
    out = np.zeros(line.out.shape + var.shape)
    for place in np.ndindex(line.out.shape):
        unit = np.zeros(line.out.shape)
        unit[place] = 1
        out[place] = interpret(local, *known, unit)[1]
    return out
