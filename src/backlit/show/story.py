"""The derivation told step by step, from the loss to one parameter or to one weight."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..ir.graph import Atom, Var
from ..ir.names import entry_name
from .document import Document, Line, shape_text, value_text
from .notation import TEXT
from .paths import Path, paths
from .rules import origin, origin_text

if TYPE_CHECKING:
    from .derivation import Derivation

_SHOWN = 8  # paths that are printed; the rest is added up


def story(derivation: "Derivation", wrt: str) -> str:
    """Tell how ∂L/∂wrt comes about; `wrt` is a parameter (``W1``) or one weight (``W1[0,1]``)."""
    name, index = _parse(wrt)
    var = next((v for v in derivation.wrt if v.name == name), None)
    if var is None:
        known = ", ".join(v.name for v in derivation.wrt)
        raise InputError(f"story of {wrt!r}: no such parameter; known: {known}")
    if index is None:
        return _walk(derivation, var)
    inside = [0 <= i < n for i, n in zip(index, var.shape, strict=False)]
    if len(index) != len(var.shape) or not all(inside):
        raise InputError(f"story of {wrt!r}: {name} has shape {shape_text(var.shape)}")
    return _weight(derivation, var, index)


def _parse(wrt: str) -> tuple[str, tuple[int, ...] | None]:
    found = re.fullmatch(r"\s*(\w+)\s*(?:\[([\d,\s]*)\])?\s*", wrt)
    if not found:
        raise InputError(f"{wrt!r} is neither a parameter (W1) nor one weight (W1[0,1])")
    name, index = found.groups()
    if index is None:
        return name, None
    return name, tuple(int(i) for i in index.split(",") if i.strip())


def _walk(derivation: "Derivation", var: Var) -> str:
    """The backward lines on the way from the loss to `var`, with the reason of each."""
    document = derivation.document
    values = derivation.values_of()
    loss = document.loss
    way = _way(document, var)
    out = [f"From the loss back to {TEXT.name(var.name)}", f"     {document.legend}", ""]
    rows: list[tuple[str, str, str, str]] = []
    for line in ([document.where[loss]] if isinstance(loss, Var) else []) + way:
        equation = f"({line.number}) {line.left['text']} = {line.right['text']}"
        reason = origin_text(document, line)
        why = "\n".join(filter(None, [reason, *_products(document, line)]))
        rows.append(
            (
                equation,
                shape_text(line.out.shape),
                value_text(values[line.out.name], 4),
                why,
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in (0, 1)]
    for equation, shape, numbers, why in rows:
        indent = "\n" + " " * (sum(widths) + 4)
        out += [f"     {line}" for line in why.splitlines()]
        out.append(
            f"{equation:{widths[0]}}  {shape:{widths[1]}}  {numbers.replace(chr(10), indent)}"
        )
        out.append("")
    return "\n".join(out).rstrip()


def _way(document: Document, var: Var) -> list[Line]:
    """The backward lines that ∂L/∂var is made of, from the loss on."""
    needed: set[Atom | None] = {document.gradients[var]}
    found = []
    for line in reversed(document.lines):
        if line.part == "backward" and line.out in needed:
            found.append(line)
            needed |= {line.copied, *(x for e in line.equations for x in e.inputs)}
    return found[::-1]


def _products(document: Document, line: Line) -> list[str]:
    """Where does the transpose come from? Of a line that is one product, entry by entry."""
    out = []
    known = {x: c.name for x, c in document.named.items()}
    known |= {x: x.name for x in (*document.graph.inputs, *(x.out for x in document.lines))}
    for net, way in origin(document, line):
        product = way[-1]
        if product.op.name != "matmul" or any(len(x.shape) != 2 for x in product.inputs):
            continue
        names = (*(known.get(x, "") for x in product.inputs), net.out.name)
        grad = next((n for n, v in document.targets.items() if v is net.out), "")
        x, y, z, delta = map(TEXT.name, (*names, grad))
        told = {
            f"{delta} {y}ᵀ": f"[n,i] = Σ_j {delta}[n,j] {y}[i,j] = ({delta} {y}ᵀ)[n,i]",
            f"{x}ᵀ {delta}": f"[i,j] = Σ_n {x}[n,i] {delta}[n,j] = ({x}ᵀ {delta})[i,j]",
        }
        if line.right["text"] in told:
            answer = line.left["text"].split(" = ")[-1] + told[line.right["text"]]
            out.append(f"entry by entry: {z}[n,j] = Σ_i {x}[n,i] {y}[i,j] + …, so {answer}")
    return out


def _weight(derivation: "Derivation", var: Var, index: tuple[int, ...]) -> str:
    """One weight: the sum over all its paths to the loss, the largest first."""
    document, values = derivation.document, derivation.values_of()
    every = sorted(paths(document, values, (var, index)), key=lambda p: -abs(p.product))
    total = sum(p.product for p in every)
    weight = _entry(var, index)
    gradient = f"∂{derivation.loss(TEXT)}/∂{weight}"
    count = "the one path" if len(every) == 1 else f"the {len(every)} paths"
    out = [
        f"{gradient} is the sum over {count} from {weight} to the loss;",
        "each path contributes the product of the slopes of its steps.",
        "",
    ]
    shown, rest = every[:_SHOWN], every[_SHOWN:]
    products = [" · ".join(map(_factor, path.slopes)) for path in shown]
    width = max([40, *map(len, products)])
    for path, product in zip(shown, products, strict=True):
        out += [f"  {_steps(path)}", f"      {product:{width}}  = {path.product: .6g}"]
    if rest:
        words = f"  … and {len(rest)} more paths, together"
        out.append(f"{words:{width + 6}}  = {sum(p.product for p in rest): .6g}")
    out += ["", f"{gradient} = {total:.6g}", ""]
    line = document.where[document.gradients[var]]
    value = np.asarray(values[line.out.name])[index]
    out.append(
        f"The same number by matrices: ({line.number}) {line.left['text']} = "
        f"{line.right['text']}, entry [{','.join(map(str, index))}] = {value:.6g}"
    )
    return "\n".join(out)


def _entry(var: Var, place: tuple[Any, ...]) -> str:
    return entry_name(TEXT.name(var.name), place)


def _factor(slope: float) -> str:
    return f"({slope:.4g})" if slope < 0 else f"{slope:.4g}"


def _steps(path: Path) -> str:
    return " → ".join(_entry(var, place) for var, place in path.entries)
