"""Chapter 7: one update, then thousands."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..ir.interpret import interpret
from ..ir.names import entry_name
from ..nn import sigmoid
from ..optim import sgd
from ..show.notation import TEXT
from ..train import fit
from .blocks import Block, Heading, Picture, Prose, Table
from .figures import fixed, plain
from .mazur import mazur
from .network import T, X, derivation, network, weights
from .training import history, whole

RATE, EPOCHS = 0.5, 5000


def update(seed: int) -> Iterator[Block]:
    """w ← w − α ∂L/∂w once, with numbers; then many times; then beside a published example."""
    derived = derivation(seed)
    before, after = derived.values, derived.after_step(RATE)
    loss, *slopes = interpret(derived.graph, *before)
    loss_after, *_ = interpret(derived.graph, *after)
    yield Prose(
        "Now every weight has its slope, and the rule of chapter 1 applies to all of them at the "
        f"same moment: $w ← w − α ∂L/∂w$, here with $α = {plain(RATE)}$."
    )
    rows = []
    for var, slope in zip(derived.wrt, slopes, strict=True):
        k = derived.graph.inputs.index(var)
        for place in np.ndindex(var.shape):
            name = entry_name(TEXT.name(var.name), place)
            entries = (before[k][place], slope[place], after[k][place])
            rows.append((f"${name}$", *(fixed(x, 5) for x in entries)))
    yield Table(("weight", "before", "slope", "after"), tuple(rows))
    yield Prose(
        f"The loss was {plain(loss)}; after this step it is {plain(loss_after)}. "
        "That is all there is to learning: forward, backward, update, and again."
    )
    yield from many(seed)
    yield from mazur()


def many(seed: int) -> Iterator[Block]:
    """The same network, trained."""
    start = weights(seed)
    found = whole(fit(network, start, (X, T), optimizer=sgd(RATE), epochs=EPOCHS))
    first, last = (answers(params) for params in (start, found.params))
    yield Heading(f"{EPOCHS:,} updates")
    yield Picture(
        (history(found, {"loss": ""}, "update"),), "The loss; the vertical axis is logarithmic."
    )
    yield Table(
        ("inputs", "target", "output before", "output after"),
        tuple(
            (f"{a:g} {b:g}", plain(t), fixed(x, 3), fixed(y, 3))
            for (a, b), t, x, y in zip(X, T[:, 0], first, last, strict=True)
        ),
    )
    right = int(np.sum((last > 0.5) == (T[:, 0] > 0.5)))
    text = f"Loss {plain(found.history['loss'][-1], 3)}: {right} of {len(T)} answers are right."
    if right < len(T):
        text += (
            " This start lies in a valley that does not lead there, as on the curve of chapter 1. "
            "Another seed starts elsewhere: try `backlit tour --seed 0`."
        )
    yield Prose(text)


def answers(params: Any) -> Any:
    """The network's output for each row."""
    (W1, b1), (W2, b2) = params
    return sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2)[:, 0]
