"""A program for the player: a flat list of instructions over planned memory, and its text.

Every instruction produces a block of m × n numbers (row major), then runs its *tail*, a few
pointwise steps over the block while it is still in the cache. `POINTWISE` is a tail alone.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ..ir.graph import Graph

if TYPE_CHECKING:
    from ..show import Derivation

OPS = (
    "MATMUL",  # out (m × n) = a (m × k) b (k × n), by strides; perhaps a stack of them
    "POINTWISE",  # the tail alone
    "REDUCE",  # out (m × n) = the sum, largest, smallest, product of a (m × k × n) over k
    "COPY",  # the same numbers in other places: transposed, sliced, stretched, put or added
    "TAKE",  # rows of a at traced places
    "PUT",  # zeros, with rows of a added at traced places
    "ONE_HOT",  # rows of zeros with a one at the label
    "LINE",  # along each row of a (m × k): running sum, order, place of the largest
    "TAKE_LINE",  # out (m × n) = entries of each row of a (m × k) at places of their own
    "PUT_LINE",  # zeros (m × k), with the entries of a (m × n) added at places of their own
    "GATHER",  # the rows of a batch, or this step's learning rate
    "DROP",  # entries of a left out at random, the others times b
)
REDUCTIONS = ("sum", "max", "min", "prod")
LINES = ("cumsum", "sort", "argsort", "argmax", "argmin")

Segment = Literal["state", "scratch", "constant"]
Kind = Literal["register", "full", "row", "column", "scalar"]


@dataclass(eq=False)
class Buffer:
    """Numbers with a name; where they lie is planned last, or in the memory of another, `home`."""

    name: str
    size: int
    segment: Segment = "scratch"
    offset: int = -1
    home: "Buffer | None" = None

    @property
    def root(self) -> "Buffer":
        """The buffer whose memory this one takes in the end."""
        buffer = self
        while buffer.home is not None:
            buffer = buffer.home
        return buffer

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Operand:
    """What a step of a tail reads or writes: all of a buffer, or a part that is stretched."""

    kind: Kind
    buffer: Buffer
    offset: int = 0

    def __str__(self) -> str:
        if self.kind == "register":
            return f"%{self.offset}"
        ending = {"full": "", "row": "[row]", "column": "[col]", "scalar": "[0]"}[self.kind]
        return f"{self.buffer}{f'+{self.offset}' if self.offset else ''}{ending}"


@dataclass
class TailStep:
    """``out = kernel(inputs)``, entry by entry."""

    kernel: str
    out: Operand
    inputs: tuple[Operand, ...]

    def __str__(self) -> str:
        return f"{self.out} = {self.kernel}({', '.join(map(str, self.inputs))})"


@dataclass(frozen=True)
class Place:
    """A buffer from some entry on; what an instruction reads or writes as a whole."""

    buffer: Buffer
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.buffer}{f'+{self.offset}' if self.offset else ''}"


@dataclass(eq=False)
class Instruction:
    """One line of a program; `split` says what the threads divide among them."""

    op: str
    m: int
    n: int
    k: int = 0
    out: Place | None = None
    a: Place | None = None
    b: Place | None = None
    numbers: tuple[int, ...] = ()  # strides, a kind: what the op needs besides
    lists: tuple[int, ...] = ()  # of any length: sizes and strides of COPY
    indices: tuple[Place, ...] = ()  # of TAKE and PUT
    tail: list[TailStep] = field(default_factory=list[TailStep])
    note: str = ""  # in words: "transposed", "sum"
    split: Literal["rows", "columns", "none"] = "rows"
    barrier: bool = False

    def reads(self) -> list[Place]:
        """Whole buffers read, the tail's apart."""
        return [x for x in (self.a, self.b, *self.indices) if x is not None]

    def __str__(self) -> str:
        size = f"{self.m}×{self.n}" + (f"×{self.k}" if self.k else "")
        parts = [f"{self.op:<9} {size:<12}"]
        if self.out is not None:
            sources = ", ".join(map(str, self.reads()))
            parts.append(f"{self.out} ← {sources}" if sources else f"{self.out}")
        parts.append(f"({self.note})" * bool(self.note))
        line = " ".join(filter(None, parts)).rstrip()
        return line + "  ‖" * self.barrier


@dataclass(eq=False)
class Program:
    """Instructions, buffers, and where the loss lies."""

    code: list[Instruction]
    states: list[Buffer]  # parameters, corrections, optimiser states: they stay
    constants: list[tuple[Buffer, object]]
    loss: Place
    dtype: str
    scratch: int  # numbers
    data: list[str]  # the names of the arrays that GATHER reads; the learning rate is no such
    graph: Graph  # what it plays; buffers have the names of its Vars

    @property
    def work(self) -> float:
        """Multiply-adds of a step, pointwise steps counted as some: how much there is to divide."""
        return sum(_work(x) for x in self.code)

    @property
    def flops(self) -> int:
        """Floating-point operations of the matrix products of a step."""
        return sum(2 * x.m * x.n * x.k * x.numbers[0] for x in self.code if x.op == "MATMUL")

    def disassemble(self, derivation: "Derivation | None" = None) -> str:
        """The program as text: an instruction a line, its tail below; ‖ is where threads meet.

        With the derivation of the same loss, each line has its equation beside it: that which is
        complete there, with its number in the derivation, or a part of one.
        """
        from .margin import beside

        lines = [(s, out) for x in self.code for s, out in _lines(x)]
        return (
            beside(lines, self.graph, derivation) if derivation else "\n".join(s for s, _ in lines)
        )

    __str__ = disassemble


def _lines(x: Instruction) -> list[tuple[str, str]]:
    """An instruction and its tail: the text of each, and the name of what it makes."""
    own = (str(x), x.out.buffer.name if x.out else "")
    return [own, *((f"    {step}", step.out.buffer.name) for step in x.tail)]


def _work(x: Instruction) -> float:
    block = x.m * x.n
    return block * x.k * (x.numbers[0] if x.op == "MATMUL" else 1) + block * (1 + 8 * len(x.tail))
