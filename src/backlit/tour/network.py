"""Chapters 2 and 3: a small network computes, and its loss; the network of chapters 2 to 7."""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..ir.graph import Var
from ..ir.names import entry_name
from ..nn import sigmoid
from ..show import Derivation, derive
from ..show.notation import TEXT
from ..show.plot import Chart, Series
from .blocks import Block, Code, Equation, Equations, Picture, Prose, Table, lines
from .figures import fixed, plain

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([[0.0], [1.0], [1.0], [0.0]])  # are the two inputs different?
HIDDEN, REACH = 3, 2.0  # units; the largest size of a random weight
_PICKED = (1, 0)  # the weight of W2 that is moved in the picture


def network(params, X, T):
    """The article's network: per layer Net = X W + b and Out = σ(Net)."""
    (W1, b1), (W2, b2) = params
    Net1 = X @ W1 + b1
    Out1 = sigmoid(Net1)
    Net2 = Out1 @ W2 + b2
    Out2 = sigmoid(Net2)
    L = np.sum((T - Out2) ** 2) / 2
    return L


def weights(seed: int) -> Any:
    """Random weights and biases, each layer's (W, b), with two decimals: they are to be read."""
    rng = np.random.default_rng(seed)
    return [
        (draw(rng, (fan_in, fan_out)), draw(rng, (fan_out,)))
        for fan_in, fan_out in ((X.shape[1], HIDDEN), (HIDDEN, T.shape[1]))
    ]


def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Uniform numbers."""
    return np.round(rng.uniform(-REACH, REACH, shape), 2)


def derivation(seed: int) -> Derivation:
    """The network on its four examples."""
    return derive(network, weights(seed), X, T)


def forward(seed: int) -> Iterator[Block]:
    """Net = X W + b, Out = σ(Net), layer by layer, with numbers."""
    derived = derivation(seed)
    data = [var for var in derived.graph.inputs if var not in derived.wrt]
    count = sum(int(np.prod(var.shape)) for var in derived.wrt)
    yield Prose(
        f"Here is a whole network: {X.shape[1]} inputs, {HIDDEN} hidden units, "
        f"{T.shape[1]} output. It is a plain NumPy function, and it is the one that runs below."
    )
    yield Code(source(network))
    yield Prose(
        f"It is to learn whether two bits differ. $X$ holds the {len(X)} examples, one in each "
        "row, and $T$ the targets."
    )
    yield Equations(tuple(given(derived, data)))
    yield Prose(
        f"The {count} weights and biases are random, between {plain(-REACH)} and {plain(REACH)}, "
        f"with seed {seed}. The network knows nothing yet."
    )
    yield Equations(tuple(given(derived, derived.wrt)))
    yield Prose(
        "A layer multiplies and adds, $Net = X W + b$, then squeezes each number between 0 and "
        "1, $Out = σ(Net)$ with $σ(x) = 1/(1 + e^−x)$. All rows go through at once:"
    )
    yield lines(derived, "forward")
    outputs = derived.values_of()["Out2"][:, 0]
    right = int(np.sum((outputs > 0.5) == (T[:, 0] > 0.5)))
    yield Prose(
        f"$Out2$ is the answer to each row. Read as yes from 0.5 on, {right} of {len(T)} answers "
        f"are right. Tossing a coin gets {len(T) // 2} right on average."
    )


def loss(seed: int) -> Iterator[Block]:
    """The loss of each row, and the loss as a curve over one weight."""
    derived = derivation(seed)
    values = derived.values_of()
    yield Prose(
        "To improve, the network needs one number that says how wrong it is. Take the distance "
        "from target to output, square it, so that too high and too low count alike and large "
        "errors count more, and add up. The half is there to cancel the 2 of the derivative."
    )
    yield lines(derived, "loss")
    rows = zip(X, T[:, 0], values["Out2"][:, 0], strict=True)
    yield Table(
        ("inputs", "target", "output", "error", "½ error²"),
        tuple(
            (f"{a:g} {b:g}", plain(t), fixed(o, 4), fixed(t - o, 4), fixed((t - o) ** 2 / 2, 4))
            for (a, b), t, o in rows
        )
        + (("sum", "", "", "", fixed(values["L"], 4)),),
    )
    yield Prose(
        "Seen from a single weight, the loss is a curve as in chapter 1, and the rule is the same: "
        "find the slope, step against it. What is new is that the slope is wanted for every weight."
    )
    yield Picture(
        (curve(derived),),
        "The loss as one weight moves and the others stay: the curve, and its slope where the "
        "network stands, as the next chapter finds it.",
    )


def curve(derived: Derivation) -> Chart:
    """The loss over one weight, with the tangent at the weight's own value."""
    values = derived.values_of()
    here, slope = values["W2"][_PICKED], values["dW2"][_PICKED]
    across, near = np.linspace(here - 6, here + 6, 121), np.array([here - 2, here + 2])

    def moved(weight: float) -> float:
        W2 = values["W2"].copy()
        W2[_PICKED] = weight
        return network(((values["W1"], values["b1"]), (W2, values["b2"])), X, T)

    name = entry_name(TEXT.name("W2"), _PICKED)
    series = (
        Series(across, [moved(w) for w in across], "line", "loss"),
        Series(near, values["L"] + slope * (near - here), "line", f"slope {plain(slope, 3)}"),
        Series([here], [values["L"]], "points"),
    )
    return Chart(series, "", name, "L")


def given(derived: Derivation, inputs: Iterable[Var]) -> Iterator[Equation]:
    """Inputs of a derivation with their values."""
    values = derived.values_of()
    for var in inputs:
        yield Equation(lambda notation, var=var: notation.name(var.name), values[var.name])


def source(function: Any) -> str:
    """The text of a function without its docstring: what is shown is what runs."""
    text = inspect.getsource(function)
    return text.replace(f'    """{function.__doc__}"""\n', "").rstrip()
