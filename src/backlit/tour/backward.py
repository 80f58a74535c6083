"""Chapters 4 and 6: the derivation with its numbers, where they come from, and their check."""

import itertools
from collections.abc import Iterator

import numpy as np

from ..ir.interpret import interpret
from ..ir.names import entry_name
from ..show import Derivation
from ..show.notation import TEXT
from ..show.paths import Path, paths
from .blocks import Block, Derived, Heading, Prose, Table
from .figures import fixed, plain
from .network import T, X, derivation, network, weights
from .rule import DROPPED, under

_WEIGHT = (0, 1)  # the entry of W1 whose paths are shown
_COLUMN = (0, 0)  # the entry of W2 that shows where the transpose comes from
_NUDGE = 1e-5


def backward(seed: int) -> Iterator[Block]:
    """The derivation; one weight's sum over paths; where the transpose comes from."""
    derived = derivation(seed)
    yield Prose(
        "Which way should each weight move, and how steep is it there? The chain rule answers "
        "from the end to the beginning. Where quantities follow one another, slopes multiply. "
        "Where several ways lead to the loss, their products add up. The slope at a layer's "
        "net input is called $δ$: what is passed back is $δ$ of the last layer, then of the "
        "layer before it, and every weight takes its own slope from the $δ$ of its layer."
    )
    yield Derived(derived)
    yield from one_weight(derived)
    yield from transpose(derived)


def one_weight(derived: Derivation) -> Iterator[Block]:
    """The chain rule for a single weight: its paths to the loss, each step with its slope."""
    values = derived.values_of()
    W1 = next(var for var in derived.wrt if var.name == "W1")
    every = paths(derived.document, values, (W1, _WEIGHT))
    name, total = f"W1[{_WEIGHT[0]},{_WEIGHT[1]}]", sum(p.product for p in every)
    yield Heading("The same for one weight, by hand")
    yield Prose(
        f"The weight ${name}$ leads from input {_WEIGHT[0]} to hidden unit {_WEIGHT[1]}. It "
        f"touches the loss by one path for each row in which that input is not 0: {len(every)} "
        "paths. Along a path the slopes of the steps multiply:"
    )
    yield Table(
        ("from → to", *(f"row {rows_of(p)}" for p in every)),
        (
            *(
                (f"${step}$", *(fixed(p.slopes[k], 5) for p in every))
                for k, step in enumerate(steps(every[0]))
            ),
            ("product", *(fixed(p.product, 5) for p in every)),
        ),
    )
    yield Prose(
        f"The products add up to {plain(total)}. The matrices above say "
        f"{plain(values['dW1'][_WEIGHT])} at the same place: backpropagation is this sum, for all "
        "weights at once, and nothing is computed twice."
    )


def rows_of(path: Path) -> int:
    """The row of the examples that a path goes through."""
    return path.entries[1][1][0]


def steps(path: Path) -> list[str]:
    """The names of a path's steps, without their places."""
    names = [TEXT.name(var.name) for var, _ in path.entries]
    return [f"{a} → {b}" for a, b in itertools.pairwise(names)]


def transpose(derived: Derivation) -> Iterator[Block]:
    """∂L/∂W2 = Out1ᵀ δ2, one entry of it row by row."""
    values = derived.values_of()
    i, j = _COLUMN
    out, delta = values["Out1"][:, i], values["delta2"][:, j]
    yield Heading("Where does the transpose come from?")
    yield Prose(
        f"Row $n$ of $Net2$ uses the weight $W2[{i},{j}]$ once: $Net2[n,{j}] = Out1[n,{i}] · "
        f"W2[{i},{j}] + …$ So its slope is the sum over the rows of $Out1[n,{i}] · δ2[n,{j}]$:"
    )
    yield Table(
        ("row $n$", f"$Out1[n,{i}]$", f"$δ2[n,{j}]$", "product"),
        (
            *(
                (str(n), fixed(a, 5), fixed(d, 5), fixed(a * d, 5))
                for n, (a, d) in enumerate(zip(out, delta, strict=True))
            ),
            ("sum", "", "", fixed(np.sum(out * delta), 5)),
        ),
    )
    yield Prose(
        "A sum over rows runs down a column of $Out1$. A matrix product runs along the rows of its "
        "left factor. So that factor must be $Out1$ turned over: in $Out1ᵀ δ2$ the entry "
        f"[{i},{j}] is {fixed(values['dW2'][_COLUMN], 5)}."
    )


def check(seed: int) -> Iterator[Block]:
    """Every weight nudged by hand; the sharper check; and a planted mistake, to see it caught."""
    derived = derivation(seed)
    yield Prose(
        "Nobody needs to believe a derivation. A slope can be measured: move one weight up and "
        f"down by $h = {plain(_NUDGE)}$, take the difference of the two losses, divide by $2h$. It "
        "takes two forward passes for each weight, where backpropagation takes one backward "
        "pass for all; but it knows nothing of the chain rule, so it is a good judge."
    )
    rows = [*nudged(derived)]
    yield Table(
        ("weight", "backpropagated", "measured", "difference"),
        tuple(
            (f"${name}$", fixed(own, 9), fixed(found, 9), plain(abs(own - found), 1))
            for name, own, found in rows
        ),
    )
    yield Prose(
        f"The largest difference of the {len(rows)} is "
        f"{plain(max(abs(own - found) for _, own, found in rows), 2)}: that is the rounding of the "
        "measurement. backlit's own check measures with several step widths and knows its "
        f"uncertainty. It says: {derived.check()}"
    )
    wrong = under(DROPPED, network, weights(seed), X, T)
    yield Prose(
        "A check that cannot fail is worth nothing. So let us make a mistake on purpose and leave "
        f"out every $σ′$ on the way back: {wrong.check()}"
    )


def nudged(derived: Derivation) -> Iterator[tuple[str, float, float]]:
    """Each weight's name, its slope by backpropagation, and by two losses."""
    graph, values = derived.graph, derived.values
    _, *slopes = interpret(graph, *values)
    for k, (var, slope) in enumerate(zip(derived.wrt, slopes, strict=True)):
        for place in np.ndindex(var.shape):
            up, down = (value_with(derived, k, place, h) for h in (_NUDGE, -_NUDGE))
            name = entry_name(TEXT.name(var.name), place)
            yield name, float(slope[place]), float(up - down) / (2 * _NUDGE)


def value_with(derived: Derivation, k: int, place: tuple[int, ...], change: float) -> float:
    """The loss with one weight changed."""
    moved = [np.array(value) for value in derived.values]
    moved[derived.graph.inputs.index(derived.wrt[k])][place] += change
    return interpret(derived.graph, *moved)[0]
