"""The NumPy engine: a graph, prepared to be run many times.

It does what `ir.interpret.interpret` does (the definition), with the look-ups done beforehand.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..ir.graph import Atom, Graph, Lit
from ..ops.dropout import drawing
from .engine import Plan, Snapshot, Values
from .step import Step


def prepare(graph: Graph) -> Callable[[Sequence[Any]], list[Any]]:
    """A function from the values of the graph's inputs to those of its outputs.

    The graph is written as Python, one assignment an equation: ``v5 = f2(v3, v4)``. What is not
    read again is deleted at once: its memory, still in the cache, takes the next result.
    """
    names: dict[Atom, str] = {}  # our own: nothing of the user's enters the source
    known: dict[str, Any] = {}  # the functions and the constants that the source names

    def write(atoms: Iterable[Atom]) -> str:
        for x in atoms:
            names.setdefault(x, f"v{len(names)}")
            if isinstance(x, Lit):
                known[names[x]] = x.value
        return ", ".join(names[x] for x in atoms)

    lines = ["def run(values):", f"  [{write(graph.inputs)}] = values"]
    last = {x: eqn for eqn in graph.equations for x in eqn.inputs}
    kept = {*graph.outputs}
    for i, eqn in enumerate(graph.equations):
        forward = eqn.op.forward
        known[f"f{i}"] = partial(forward, **eqn.settings) if eqn.settings else forward
        lines.append(f"  {write([eqn.out])} = f{i}({write(eqn.inputs)})")
        read = dict.fromkeys(x for x in eqn.inputs if not isinstance(x, Lit))
        dead = [x for x in read if last[x] is eqn and x not in kept]
        lines += [f"  del {write(dead)}"] if dead else []
    lines.append(f"  return [{write(graph.outputs)}]")
    exec("\n".join(lines), known)
    return known["run"]


class NumPyEngine:
    """Plays a training step by step with NumPy (see `engine.Engine`)."""

    def __init__(self, plan: Plan, values: Values, why: str = "") -> None:
        self.name = f"NumPy ({why})" if why else "NumPy"
        self.seconds = 0.0
        self._plan, self._now = plan, (0, values)
        self._ready: dict[Step, Callable[[Sequence[Any]], Values]] = {}

    @property
    def done(self) -> int:
        return self._now[0]

    @property
    def values(self) -> Values:
        return self._now[1]

    def finite(self) -> bool:
        return all(np.all(np.isfinite(x)) for x in self.values)

    def snapshot(self) -> Snapshot:
        return self._now

    def restore(self, snapshot: Snapshot) -> None:
        self._now = snapshot

    def stride(self, first: int) -> int:
        return 1

    def play(self, order: Any, first: int, count: int, total: float) -> tuple[float, int]:
        began = time.perf_counter()
        for played in range(count):
            batch = self._plan.batch(order, first + played)
            step = self._plan.graph(batch)
            if step not in self._ready:
                self._ready[step] = prepare(step.graph)
            done, values = self._now
            with drawing(self._plan.seed, done):
                loss, *moved = self._ready[step](step.inputs(values, batch, self._plan.rate(done)))
            self._now = done + 1, moved
            if not math.isfinite(loss):
                return total, played
            total += float(loss) * self._plan.weight(first + played)
        self.seconds += time.perf_counter() - began
        return total, count
