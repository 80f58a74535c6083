"""Chapter 5: the slope of the sigmoid lies in (0, 1/4]."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..derivatives import grad
from ..ir.trace import trace
from ..nn import sigmoid
from ..show.document import written
from ..show.notation import Notation
from ..show.plot import Chart, Series
from .blocks import Block, Equation, Equations, Picture, Prose
from .figures import plain

CLAIMED = 0.5  # the upper end in the article
_FAR, _NUDGE, _LAYERS = 6.0, 1e-5, 4


def slope(seed: int) -> Iterator[Block]:
    """σ′ = σ(1 − σ), its bound with the proof, and a picture."""
    x = np.linspace(-_FAR, _FAR, 1201)
    slopes = grad(lambda x: np.sum(sigmoid(x)))(x)
    measured = (sigmoid(x + _NUDGE) - sigmoid(x - _NUDGE)) / (2 * _NUDGE)
    yield Prose(
        "In the derivation every sigmoid brought a factor $Out ⊙ (1 − Out)$. That is its slope: "
        "with $σ = 1/(1 + e^−x)$ we have $1 − σ = e^−x/(1 + e^−x)$ and "
        "$σ′ = e^−x/(1 + e^−x)² = σ(1 − σ)$. At "
        f"{len(x)} places from {plain(-_FAR)} to {plain(_FAR)} it differs from a slope that is "
        f"measured, $(σ(x + h) − σ(x − h))/2h$ with $h = {plain(_NUDGE)}$, by "
        f"{plain(np.max(np.abs(slopes - measured)), 2)} at most."
    )
    yield Prose(
        f"How large can it be? The article says: from 0 to {plain(CLAIMED)}. The true bound is a "
        "half of that. Complete the square; with $s = σ(x)$:"
    )
    product, square = (lambda s: s * (1 - s)), (lambda s: 1 / 4 - (s - 1 / 2) ** 2)
    yield Equations((Equation(lambda n: f"{formula(product, n)} = {formula(square, n)}"),))
    s = np.linspace(0, 1, 1001)
    yield Prose(
        "A square is never negative, so $σ′ ≤ 1/4$, and equal only where $σ(x) = 1/2$, at $x = 0$. "
        "And $0 < σ < 1$, so $σ′ > 0$: the slope lies in $(0, 1/4]$. In numbers: the two sides "
        f"differ by {plain(np.max(np.abs(product(s) - square(s))), 2)} at most on {len(s)} values "
        f"of $s$, and the largest of the {len(x)} slopes is {plain(np.max(slopes))}, at "
        f"$x = {plain(x[np.argmax(slopes)])}$."
    )
    yield Picture((chart(x, slopes),), "The sigmoid rises from 0 to 1; below it is its slope, a "
                  "hill of height 1/4. The upper straight line is the article's bound, the lower "
                  "one the true bound.")  # fmt: skip
    yield Prose(
        "This matters. Each sigmoid layer on the way back multiplies by $σ′$, "
        f"{_LAYERS} of them together by {plain(np.max(slopes) ** _LAYERS, 3)} at most (the "
        f"article's bound would allow {plain(CLAIMED**_LAYERS, 3)}). And a unit that is far out "
        f"hardly learns: at $x = 10$ the slope is {plain(grad(sigmoid)(10.0), 2)}. That is the "
        "grain of truth in the claim of chapter 9."
    )


def chart(x: Any, slopes: Any) -> Chart:
    """σ, σ′ and the two bounds."""
    ends = x[[0, -1]]
    series = (
        Series(x, sigmoid(x), "line", "σ"),
        Series(x, slopes, "line", "σ′"),
        Series(ends, [CLAIMED, CLAIMED], "line", "the article's 0.5"),
        Series(ends, [np.max(slopes)] * 2, "line", "the true 1/4"),
    )
    return Chart(series, "", "x")


def formula(function: Callable[[Any], Any], notation: Notation) -> str:
    """A function of one number as an expression."""
    graph = trace(function, 0.0).graph
    return written(graph, graph.outputs[0], notation)
