"""What a chapter is made of: blocks of content, without their looks. Two readers show them.

In prose, $…$ encloses mathematics in plain characters, `…` code, and *…* what is stressed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..show import Derivation
from ..show.document import Line
from ..show.heat import HeatMap
from ..show.notation import Notation
from ..show.plot import Chart


@dataclass(frozen=True)
class Prose:
    """One paragraph."""

    text: str


@dataclass(frozen=True)
class Heading:
    """The beginning of a part of a chapter."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text that keeps its lines."""

    text: str


@dataclass(frozen=True)
class Aside:
    """Lines for the curious with a title, folded away on the page; a terminal shows `narrow`."""

    title: str
    text: str
    narrow: str


@dataclass(frozen=True, eq=False)
class Equation:
    """A line that every notation can write, and its value if it has one."""

    write: Callable[[Notation], str]
    value: Any = None


@dataclass(frozen=True, eq=False)
class Equations:
    """Lines below each other."""

    lines: tuple[Equation, ...]


def equation(line: Line, value: Any = None) -> Equation:
    """A line of a derivation."""
    return Equation(lambda n: f"{line.left[n.key]} = {line.right[n.key]}", value)


def lines(derivation: Derivation, part: str) -> Equations:
    """One part of a derivation, ``forward``, ``loss`` or ``backward``, with its values."""
    values = derivation.values_of()
    chosen = (line for line in derivation.document.lines if line.part == part)
    return Equations(tuple(equation(line, values[line.out.name]) for line in chosen))


@dataclass(frozen=True, eq=False)
class Derived:
    """A whole derivation: each equation, where it comes from, and its numbers."""

    derivation: Derivation


@dataclass(frozen=True, eq=False)
class Picture:
    """Drawings side by side; the caption tells the curves apart where there are no colours."""

    drawings: tuple[Chart | HeatMap, ...]
    caption: str


@dataclass(frozen=True)
class Table:
    """Rows below a head, of prose with its marks. The columns `words` hold words, not numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = (0,)


@dataclass(frozen=True, eq=False)
class Images:
    """Small images, ink from 0 to 1, shape (n, rows, columns), with two lines below each."""

    ink: Any
    captions: Sequence[tuple[str, str]]


Block = Prose | Heading | Code | Aside | Equations | Derived | Picture | Table | Images


@dataclass(frozen=True)
class Chapter:
    """A title and the function that writes the blocks, computing as it goes.

    A seed gives the random numbers of all that is random in it.
    """

    name: str  # one word: the chapter's address on the page
    title: str
    write: Callable[[int], Iterator[Block]]
