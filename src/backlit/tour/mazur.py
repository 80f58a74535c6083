"""Of chapter 7: a published worked example, digit by digit."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..nn import sigmoid
from ..optim import sgd
from ..show import derive
from ..train import fit
from .blocks import Block, Heading, Prose, Table
from .figures import plain
from .training import whole

RATE, UPDATES = 0.5, 10_000
X, T = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
WEIGHTS = np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([[0.40, 0.50], [0.45, 0.55]])
# Matt Mazur, A Step by Step Backpropagation Example (2015), as he printed them
PUBLISHED = {
    "$E$": "0.298371109",
    "$∂E/∂w5$": "0.082167041",
    "$w1$ after one update": "0.149780716",
    "$w5$ after one update": "0.35891648",
    "$w8$ after one update": "0.561370121",
    "$E$ after one update": "0.291027924",
    "$E$ after 10,000 updates": "0.0000351085",
}


def error(weights, X, T):
    """His network, 2-2-2 with fixed biases, and his error."""
    W1, W2 = weights
    H = sigmoid(X @ W1 + 0.35)
    Out = sigmoid(H @ W2 + 0.60)
    E = np.sum((T - Out) ** 2) / 2
    return E


def mazur() -> Iterator[Block]:
    """Each published figure beside ours; two differ, and how they came about."""
    found, late, early = computed()
    rows = [(name, text, like(text, found[name])) for name, text in PUBLISHED.items()]
    same = sum(text == ours for _, text, ours in rows)
    yield Heading("Beside a published example")
    yield Prose(
        "Matt Mazur worked one update by hand and printed every figure: two inputs, two hidden "
        f"units, two outputs, one example, $α = {plain(RATE)}$. His numbers beside ours:"
    )
    yield Table(("", "published", "backlit"), tuple(rows))
    last, many = list(PUBLISHED.values())[-2:]
    yield Prose(
        f"{same} of {len(rows)} agree in every digit. {len(rows) - same} do not, and it is "
        "worth knowing why. "
        "If $W2$ is updated first and the message to the hidden layer then passes through the "
        f"*new* $W2$, E after one update is {like(last, early)}, the published figure: a slip "
        "that many programs make, because the loss still falls. All slopes belong to the same "
        f"point. And {like(many, late)} is the error after {UPDATES - 1:,} updates, before the "
        "last one."
    )


def computed() -> tuple[dict[str, float], float, float]:
    """His figures by one and by 10,000 updates; E one update earlier; E with W2 updated first."""
    once, often = (
        whole(fit(error, WEIGHTS, (X, T), optimizer=sgd(RATE), epochs=epochs))
        for epochs in (1, UPDATES)
    )
    (W1, W2), (before1, before2) = once.params, WEIGHTS
    found = (
        error(WEIGHTS, X, T),
        (before2 - W2)[0, 0] / RATE,
        W1[0, 0],
        W2[0, 0],
        W2[1, 1],
        error(once.params, X, T),
        error(often.params, X, T),
    )
    values = derive(error, WEIGHTS, X, T).values_of()
    H, through_new = values["H"], values["delta2"] @ W2.T
    slipped = before1 - RATE * X.T @ (through_new * H * (1 - H))
    named = dict(zip(PUBLISHED, map(float, found), strict=True))
    return named, often.history["loss"][-1], float(error((slipped, W2), X, T))


def like(text: str, value: Any) -> str:
    """A number with as many decimals as the published one."""
    return f"{value:.{len(text) - 2}f}"
