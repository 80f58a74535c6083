"""What stands beside each line of a program: the equation that is complete there, or a part."""

from collections.abc import Sequence
from typing import Any

from ..ir.graph import Graph
from ..show.derivation import Derivation
from ..show.document import expressions
from ..show.notation import TEXT

_LEFT = 62  # columns of an instruction; the equation of a longer one stands below it


def beside(lines: Sequence[tuple[str, str]], graph: Graph, derivation: Derivation) -> str:
    """Lines, each with the name of what it makes, and their equations."""
    equations = _parts(graph, derivation) | _whole(derivation)
    found = [equations.get(name, "") for _, name in lines]
    left = min(_LEFT, max(len(line) for line, _ in lines))
    text = []
    for (line, _), equation in zip(lines, found, strict=True):
        apart = "\n" + " " * left if equation and len(line) > left else ""
        text.append(f"{line:{left}}{apart} {equation}".rstrip())
    missing = [x for x in derivation.document.lines if _line(x) not in found]
    if missing:
        numbers = ", ".join(f"({x.number})" for x in missing)
        text.append(f"\nWithin another line, or only seen in another shape: {numbers}")
    return "\n".join(text)


def _whole(derivation: Derivation) -> dict[str, str]:
    """Name → line of the derivation."""
    return {line.out.name: _line(line) for line in derivation.document.lines}


def _line(line: Any) -> str:
    return f"({line.number})".rjust(5) + f"  {line.left['text']} = {line.right['text']}"


def _parts(graph: Graph, derivation: Derivation) -> dict[str, str]:
    """Name → expression; of what is new in the next step, ``W1 ← W1 − α ∂L/∂W1``."""
    found = expressions(graph, TEXT, derivation.loss(TEXT))
    new = {e.out.name for e in graph.equations if e.out.role == "update"}
    return {
        name: " " * 7 + (f"{TEXT.name(name.removesuffix('_new'))} ← " if name in new else "") + text
        for name, text in found.items()
    }
