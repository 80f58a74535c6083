"""A derivation as a NumPy script that runs without backlit and gives the same bits."""

import ast
import re
from collections.abc import Sequence
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BacklitError, GraphError
from ..ir.graph import Atom, Eqn, Lit, Var
from .document import TITLES, Line, shape_text
from .expression import expression, parsed
from .literals import array_text, literal
from .notation import TEXT
from .source import Sources, free_name

if TYPE_CHECKING:
    from .derivation import Derivation

_WIDTH = 96  # columns inside the function
_LONGEST = 70  # characters of an expression that may go inside another


def script(derivation: "Derivation") -> str:
    """See `Derivation.python`."""
    return _Script(derivation).text()


class _Script:
    def __init__(self, derivation: "Derivation") -> None:
        self.derivation, self.sources = derivation, Sources()
        self.names: dict[Atom, ast.Name] = {}  # named at the end, clear of all helpers
        self.constants: dict[str, ast.Name] = {}
        self.inside: dict[Var, ast.expr] = {}  # what is written where it is read
        self.steps: dict[Var, ast.Name] = {}

    def text(self) -> str:
        graph, document = self.derivation.graph, self.derivation.document
        self.names |= {var: ast.Name(var.name) for var in graph.inputs}
        lines = [(line, self.line(line)) for line in document.lines]
        ends = [graph.outputs[0], *(document.gradients[w] for w in self.derivation.wrt)]
        function = free_name("gradients", self.sources.taken)
        for each in (*self.names.values(), *self.steps.values(), *self.constants.values()):
            each.id = free_name(_identifier(each.id), self.sources.taken)
        given = [self.names[var].id for var in graph.inputs]
        first, *others = (ast.unparse(self.write(end)) for end in ends)
        loss = free_name("L", self.sources.taken) if isinstance(ends[0], Lit) else first
        call, name = _bracketed(function, given), self.derivation.loss(TEXT)
        blocks = [
            f'"""{name} and its gradients, equation by equation in NumPy; written by backlit."""',
            "\n".join([*sorted(self.sources.imports), "import numpy as np"]),
            *(f"\n{block}" for block in self.sources.blocks),
            f"\ndef {call}:\n" + indent(self.body(lines), "    "),
            f"    return {_bracketed('', [first, *others])}\n",
            *self.data(),
            f'{_bracketed("", [loss, *others])} = {call}\nprint("{name} =", {loss})',
        ]
        return "\n\n".join(blocks) + "\n"

    def body(self, lines: Sequence[tuple[Line, list[tuple[ast.Name, ast.expr]]]]) -> str:
        """Under each title the lines: the equation as it is read, then as it is run."""
        parts: dict[str, list[str]] = {}
        for line, assignments in lines:
            written = f"({line.number})  {line.left['text']} = {line.right['text']}"
            rows = parts.setdefault(f"# {TITLES[line.part]}", [])
            told = f"{written}  [{shape_text(line.out.shape)}]"
            rows += wrap(told, _WIDTH, initial_indent="# ", subsequent_indent="#      ")
            rows += [f"{name.id} = {_source_of(value)}" for name, value in assignments]
        return "\n\n".join("\n".join([title, "", *rows]) for title, rows in parts.items())

    def data(self) -> list[str]:
        """The example and the constants, each a block of assignments under its title."""
        derivation, fixed = self.derivation, self.derivation.document.constants
        pairs = list(zip(derivation.graph.inputs, derivation.values, strict=True))
        parts = {
            "Parameters": [(self.names[v], x) for v, x in pairs if v in derivation.wrt],
            "Given": [(self.names[v], x) for v, x in pairs if v not in derivation.wrt],
            "Constants": [(name, fixed[key]) for key, name in self.constants.items()],
        }
        return [
            "\n".join([f"# {title}", *(f"{name.id} = {array_text(x)}" for name, x in rows)])
            for title, rows in parts.items()
            if rows
        ]

    def line(self, line: Line) -> list[tuple[ast.Name, ast.expr]]:
        """A line as assignments: one, or more where much is written inside it."""
        *inner, last = line.equations or (None,)
        rows: list[tuple[ast.Name, ast.expr]] = []
        for eqn in inner:
            if not isinstance(self.inside.get(eqn.out), ast.Name):
                self.inside[eqn.out] = value = self.equation(eqn)
                if len(ast.unparse(value)) > _LONGEST:
                    self.inside[eqn.out] = self.steps[eqn.out] = ast.Name("step")
                    rows.append((self.steps[eqn.out], value))
        value = self.equation(last) if last else self.write(line.copied)
        of = self.derivation.document.targets.get(line.out.name)
        unnamed = f"d{of.name}" if of else line.left["text"]
        self.names[line.out] = ast.Name(line.out.name if line.out.named else unnamed)
        return [*rows, (self.names[line.out], value)]

    def write(self, atom: Atom, like: Any = None) -> ast.expr:
        """A Var or a constant where it is used; `like` is the dtype it meets there."""
        if isinstance(atom, Var):
            return self.inside.get(atom) or self.names[atom]
        value = atom.value
        if atom.shape:
            known = self.derivation.document.named.get(atom)
            if known is None:
                return parsed(array_text(value))
            name = self.constants.setdefault(known.name, ast.Name(known.name))
            return ast.Attribute(name, "T") if known.transposed else name
        if like is not None and isinstance(value, np.generic) and value.dtype == like:
            short = value.dtype.kind == "f" and value.dtype.itemsize < 8
            value = float(str(value)) if short else value.item()
        return parsed(str(literal(value)))

    def equation(self, eqn: Eqn) -> ast.expr:
        met = {x.dtype for x in eqn.inputs if isinstance(x, Var)} if eqn.op.elementwise else set()
        like = met.pop() if len(met) == 1 else None
        try:
            return expression(eqn, [self.write(x, like) for x in eqn.inputs], self.sources)
        except BacklitError as error:
            raise GraphError(f"{eqn.op.name} cannot be written into a script: {error}.") from error


def _bracketed(before: str, words: Sequence[str]) -> str:
    """``before(words)``, on several lines if they are many; a tuple on one needs no brackets."""
    text = ", ".join(words)
    if len(text) <= _WIDTH // 2:
        return f"{before}({text})" if before else text
    return f"{before}(\n{indent(chr(10).join(wrap(text, _WIDTH)), '    ')}\n)"


def _source_of(expression: ast.expr) -> str:
    text = ast.unparse(expression)
    return text if '"' in text else text.replace("'", '"')


def _identifier(name: str) -> str:
    name = re.sub(r"\W", "_", name)
    return name if name.isidentifier() else f"x{name}"
