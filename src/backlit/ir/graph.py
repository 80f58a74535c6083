"""The language: plain frozen records, and their grammar.

::

    Graph  ::=  inputs Var*   equations Eqn*   outputs Atom*
    Eqn    ::=  Var = Op(Atom*; setting=value*)   [because Eqn]   [note]
    Atom   ::=  Var | Lit
    Var    ::=  name : dtype[shape] role
    Lit    ::=  a number or a constant array, perhaps with a name
    Op     ::=  an entry of the registry (op.py)

Single assignment: every Var is defined once, before its uses, as an input or by one equation.
What a graph *means* is `interpret.interpret`; what is well formed is `typecheck.typecheck`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from .op import Op

Role = Literal["parameter", "data", "state", "value", "cotangent", "gradient", "update"]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Var:
    """A named array. A Var overloads nothing, so that ``in`` and ``==`` mean what they say.

    A name that begins with an underscore was given by nobody: printers write such a Var inside
    the equation that uses it.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]
    role: Role = "value"

    @property
    def named(self) -> bool:
        """Did the user, or backpropagation, give it a name of its own?"""
        return not self.name.startswith("_")

    def __repr__(self) -> str:
        return f"{self.name}:{self.dtype}[{','.join(map(str, self.shape))}]"


@dataclass(frozen=True, eq=False)
class Lit:
    """A constant: a Python number (which takes the dtype of its partner) or a NumPy array."""

    value: Any
    name: str = ""

    @property
    def shape(self) -> Shape:
        return np.shape(self.value)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.asarray(self.value).dtype

    @property
    def scalar(self) -> bool:
        return self.shape == ()

    def __repr__(self) -> str:
        return self.name or (f"{self.value:g}" if self.scalar else f"constant{list(self.shape)}")


Atom = Var | Lit


@dataclass(frozen=True, eq=False)
class Eqn:
    """``out = op(inputs; settings)``; ``because`` is the forward equation it differentiates."""

    out: Var
    op: Op
    inputs: tuple[Atom, ...]
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    because: "Eqn | None" = None
    note: str = ""  # why a pass wrote it: the identity that was used

    def __repr__(self) -> str:
        words = [*map(repr, self.inputs), *(f"{k}={v!r}" for k, v in self.settings.items())]
        return f"{self.out!r} = {self.op.name}({', '.join(words)})"


@dataclass(frozen=True, eq=False)
class Graph:
    """Inputs, equations in order, outputs."""

    inputs: tuple[Var, ...]
    equations: tuple[Eqn, ...]
    outputs: tuple[Atom, ...]

    def definitions(self) -> dict[Var, Eqn]:
        """Var → the equation that defines it."""
        return {eqn.out: eqn for eqn in self.equations}

    def uses(self) -> dict[Var, list[Eqn]]:
        """Var → the equations that read it, in order."""
        found: dict[Var, list[Eqn]] = {v: [] for v in self.inputs}
        found |= {eqn.out: [] for eqn in self.equations}
        for eqn in self.equations:
            for x in dict.fromkeys(x for x in eqn.inputs if isinstance(x, Var)):
                found[x].append(eqn)
        return found

    def __str__(self) -> str:
        lines = [f"inputs   {', '.join(map(repr, self.inputs))}"]
        lines += [f"  {eqn!r}" for eqn in self.equations]
        lines += [f"outputs  {', '.join(map(repr, self.outputs))}"]
        return "\n".join(lines)
