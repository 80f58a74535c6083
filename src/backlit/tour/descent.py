"""Chapter 1: gradient descent on a curve, and three sentences that are not quite true."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..show.document import written
from ..show.notation import Notation
from ..show.plot import Chart, Series
from ..train import Descent, descend
from .blocks import Block, Equation, Equations, Heading, Picture, Prose, Table
from .figures import plain, signed

RATE, SHOWN = 0.1, 6  # learning rate, and steps that are printed
RATES = (0.1, 0.5, 0.9, 1.0, 1.1)


def parabola(x: Any) -> Any:
    """The article's function."""
    return (x + 2) ** 2


def valleys(x: Any) -> Any:
    """A function with two valleys of different depth."""
    return x**4 - 3 * x**2 + x


def descent(seed: int) -> Iterator[Block]:
    """From 0 and from −4 down to −2, the limit of the learning rate, and counterexamples."""
    yield Prose(
        "A network learns by going downhill. So let us first go downhill on a curve. It is lowest "
        "at $x = −2$; a program that cannot see the curve finds this place by asking for one "
        "thing only: the slope where it stands."
    )
    right, left = (descend(parabola, start, rate=RATE) for start in (0.0, -4.0))
    yield Equations(tuple(formulas(right)))
    yield Prose(
        "Where the slope is positive, the ground rises to the right: step left. Where it is "
        "negative, step right. One rule says both, $x ← x − α ∂f/∂x$. The learning rate $α$ is "
        f"{plain(RATE)} here."
    )
    yield Table(
        ("step", "$x$", "$f$", "slope", "$x$", "$f$", "slope"),
        tuple((str(k), *cells(right, k), *cells(left, k)) for k in range(SHOWN)),
        words=(),
    )
    yield Prose(
        f"At $x = {plain(right.points[0, 0])}$ the slope is {signed(right.slopes[0, 0])}, at "
        f"$x = {plain(left.points[0, 0])}$ it is {signed(left.slopes[0, 0])}. The first walk goes "
        f"left, the second right, and {right.steps} steps later the first stands at "
        f"$x = {plain(right.points[-1, 0])}$; the second, after {left.steps}, at "
        f"$x = {plain(left.points[-1, 0])}$. The steps grow shorter by themselves, because the "
        "slope does."
    )
    yield Picture(
        (chart(parabola, (-4.6, 0.6), [right, left]),),
        "The curve, and both walks: each dot is a step.",
    )
    yield from learning_rate(right)
    yield Heading("Three sentences that are not quite true")
    yield from counterexamples()


def learning_rate(path: Descent) -> Iterator[Block]:
    """How large may a step be?"""
    (bend,) = path.landscape.curvature(path.points[0]).ravel()
    limit = path.landscape.rate_limit(path.points[0])
    paths = [descend(parabola, 0.0, rate=rate) for rate in RATES]
    yield Heading("How large may a step be?")
    yield Prose(
        f"The second derivative of this curve is {plain(bend)} everywhere, so each step multiplies "
        f"the distance to −2 by $1 − {plain(bend)} α$. The distance shrinks exactly if that factor "
        f"lies between −1 and 1, that is for $0 < α < {plain(limit)}$. Five walks from $x = 0$:"
    )
    yield Table(
        ("$α$", "factor", "$x$ after 1 step", "2 steps", "10 steps", "the walk"),
        tuple(
            (plain(p.rate), plain(1 - p.rate * bend, 3), *at(p, (1, 2, 10)), ENDS[p.end])
            for p in paths
        ),
        words=(5,),
    )


def counterexamples() -> Iterator[Block]:
    """The article's three slips, each beside a function that disagrees."""
    endless = descend(np.exp, 0.0, rate=RATE)
    yield Prose(
        "“*Gradient descent is for functions with no local minima.*” A function without any has "
        f"nothing to find. $e^x$ is one: {endless.steps} steps from 0 lead to "
        f"$x = {plain(endless.points[-1, 0], 3)}$, the slope is still "
        f"{plain(endless.slopes[-1, 0], 2)}, and the walk would go on for ever. What is meant is: "
        "with one valley only. With two valleys descent works as well; it just finds *one* of them."
    )
    low, high = (descend(valleys, start, rate=0.02) for start in (-2.0, 2.0))
    yield Prose(
        "“*The updates reach the global minimum.*” They reach a minimum. This function has two:"
    )
    yield Equations(tuple(formulas(low)))
    yield Picture(
        (chart(valleys, (-2.1, 2.1), [low, high]),),
        f"From {plain(low.points[0, 0])} and from {plain(high.points[0, 0])}, α = "
        f"{plain(low.rate)}: two starts, two ends.",
    )
    yield Prose(f"From $x = {plain(low.points[0, 0])}$: {low}")
    yield Prose(f"From $x = {plain(high.points[0, 0])}$: {high}")
    yield Prose(
        "“*The sign of the slope shows the way on any function, from any start.*” The way, yes; "
        "not how far, and not everywhere. The same curve with a larger rate, "
        f"$α = {plain(0.2)}$ from $x = 2$: {descend(valleys, 2.0, rate=0.2)}"
    )
    yield Prose(f"On $|x|$ from $x = 1$: {descend(np.abs, 1.0, rate=0.3)}")
    yield Prose(f"On $x⁴ − 3x²$ from $x = 0$: {descend(lambda x: x**4 - 3 * x**2, 0.0, rate=0.02)}")


ENDS = {
    "minimum": "arrives",
    "cycle": "jumps to and fro for ever",
    "diverged": "runs away",
    "budget": "is still on its way",
}


def formulas(path: Descent) -> Iterator[Equation]:
    """f and its slope as they are computed."""
    graph = path.landscape.graph
    value, slope = graph.outputs
    (x,) = path.landscape.names

    def f(notation: Notation) -> str:
        return f"f({x}) = {written(graph, value, notation)}"

    def derivative(notation: Notation) -> str:
        return f"{notation.gradient('f', x)} = {written(graph, slope, notation)}"

    return map(Equation, (f, derivative))


def chart(f: Callable[[Any], Any], window: tuple[float, float], paths: list[Descent]) -> Chart:
    """The curve with the walks on it."""
    x = np.linspace(*window, 401)
    walks = [
        Series(p.points[:, 0], p.values, "path", f"from {plain(p.points[0, 0])}") for p in paths
    ]
    return Chart((Series(x, f(x), "line", "f"), *walks), "", "x", "f(x)")


def cells(path: Descent, step: int) -> tuple[str, str, str]:
    """x, f and slope at a step."""
    x, slope = path.points[step, 0], path.slopes[step, 0]
    return plain(x, 4), plain(path.values[step], 4), signed(slope, 4)


def at(path: Descent, steps: tuple[int, ...]) -> list[str]:
    """x after so many steps."""
    return [plain(path.points[k, 0], 4) if k <= path.steps else "" for k in steps]
