"""Chapter 9: the article's claim that the slopes may be dropped, put to a first test."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..data import digits
from ..ir.interpret import interpret
from ..nn import log_softmax, sigmoid, softplus
from ..passes.reverse import EXACT, Rules
from ..prove.statistics import mean, share
from ..show.plot import Chart, Series
from .blocks import Block, Equations, Heading, Picture, Prose, Table, equation
from .figures import fixed, plain
from .network import T, X
from .rule import BLOCKED, DROPPED, angles, asymmetry, follow, under

NETS, HIDDEN, WIDE = 60, 4, 16  # networks for each cell of the table, and hidden units
RATES, UPDATES = (0.03, 0.1, 0.3, 1.0, 3.0), 2000
LOOKS, STRIDE = 31, 10  # how often the angle is measured, and updates between
READERS, READING_RATES, BATCH, EPOCHS = 10, (0.1, 0.3, 1.0, 3.0), 32, 15  # on the digits


def net_input(params, X):
    """What the last layer sums up; many networks at once, along the first axis."""
    W1, b1, W2, b2 = params
    H = sigmoid(X @ W1 + b1)
    Z2 = H @ W2 + b2
    return Z2


def squared(params, X, T):
    """½ Σ (T − σ(Z2))², added up over the networks: their slopes do not mix."""
    L = np.sum((T - sigmoid(net_input(params, X))) ** 2) / 2
    return L


def cross_entropy(params, X, T):
    """−Σ (T ln σ(Z2) + (1 − T) ln (1 − σ(Z2))), in the form that does not overflow."""
    Z2 = net_input(params, X)
    L = np.sum(softplus(Z2) - T * Z2)
    return L


def softmax_loss(params, X, Y):
    """Cross-entropy of the ten digits, Y one-hot; added up over the networks."""
    L = -np.sum(Y * log_softmax(net_input(params, X))) / len(X)
    return L


def claim(seed: int) -> Iterator[Block]:
    """The output slope, the hidden slopes, XOR, digits; what follows and what does not."""
    yield Prose(
        "The article makes a claim: only the direction of a step matters, so the factors $σ′$ may "
        "be dropped, which is as good as a larger learning rate. A larger rate multiplies all "
        "slopes by one number. Dropping $σ′$ divides the message of each unit and each row by its "
        "*own* number, between 0 and 1/4. That is another direction. Does it matter? We measure."
    )
    yield from output_slope(seed)
    yield from directions(seed)
    yield from exclusive_or(seed)
    yield from on_digits(seed)


def output_slope(seed: int) -> Iterator[Block]:
    """Dropping the output's slope is descent on another loss."""
    start = [w[0] for w in weights(seed, 1, (2, HIDDEN, 1))]
    exact = under(EXACT, cross_entropy, start, X, T)
    line = next(line for line in exact.document.lines if line.out.name == "delta2")
    ways = (
        interpret(under(DROPPED, loss, start, X, T).graph, *start, X, T)[1:]
        for loss in (squared, cross_entropy)
    )
    apart = max(float(np.max(np.abs(a - b))) for a, b in zip(*ways, strict=True))
    yield Heading("In the output layer: another loss")
    yield Prose(
        "Take the cross-entropy in place of the squared error, with the same sigmoid at the end. "
        "backlit derives its $δ$ of the last layer:"
    )
    yield Equations((equation(line),))
    yield Prose(
        "There is no $σ′$ in it: it cancels. So dropping the *output* slope of "
        "the squared error is exact descent on the cross-entropy. That is a good loss, and no "
        "trick. What is left of the claim is the *hidden* slopes: squared error with all slopes "
        "dropped and cross-entropy with the hidden slopes dropped give the same steps (largest "
        f"difference here: {plain(apart, 2)})."
    )


def directions(seed: int) -> Iterator[Block]:
    """The angle between exact and dropped along a training; and what has no potential."""
    start = weights(seed, NETS, (2, HIDDEN, 1))
    exact, dropped = (under(rules, cross_entropy, start, X, T) for rules in (EXACT, DROPPED))
    found, params = [], start
    for _ in range(LOOKS):
        ways = (interpret(way.graph, *params, X, T)[1:3] for way in (exact, dropped))
        found.append(angles(*ways))
        params = follow(exact, params, [(X, T)] * STRIDE, RATES[1])
    uphill = [int(np.sum(degrees > 90)) for degrees in found]
    one = weights(seed, 1, (2, HIDDEN, 1))
    skew = [asymmetry(under(rules, cross_entropy, one, X, T), (X, T)) for rules in (EXACT, DROPPED)]
    yield Heading("In the hidden layer: another direction")
    yield Prose(
        f"{NETS} networks 2-{HIDDEN}-1 learn XOR, exactly. On the way we ask every {STRIDE} "
        "updates: where would the hidden layer go if its slopes were dropped? Below 90° from the "
        "gradient a small step still goes down; above, it goes up."
    )
    updates = STRIDE * np.arange(LOOKS)
    yield Picture(
        (chart(updates, np.array(found)),),
        "The angle between the dropped direction and the gradient, in the hidden layer: the "
        "middle curve is the median network, the outer two hold the middle half; and the line "
        "at 90°.",
    )
    yield Prose(
        f"At the start the mean angle is {mean(found[0])} degrees (with its 95 % interval), and "
        f"{uphill[0]} of {NETS} directions point uphill: the claim looks right. After "
        f"{updates[-1]} updates it is {mean(found[-1])}, and {uphill[-1]} of {NETS} point uphill, "
        f"a share of {share(uphill[-1], NETS)}."
    )
    yield Prose(
        "Is it the gradient of some other loss, then, as in the output layer? A gradient has "
        "symmetric second derivatives. Differentiate the direction once more by the weights and "
        f"compare that matrix with its transpose: they differ by {plain(skew[0], 2)} of its size "
        f"for the exact rule, and by {plain(skew[1], 2)} with hidden slopes dropped. It is the "
        "gradient of nothing."
    )


def exclusive_or(seed: int) -> Iterator[Block]:
    """How often each rule learns XOR, at five learning rates."""
    rules: tuple[tuple[str, Rules, Callable[..., Any], int], ...] = (
        ("exact, squared error", EXACT, squared, HIDDEN),
        ("exact, cross-entropy", EXACT, cross_entropy, HIDDEN),
        ("slopes dropped", DROPPED, cross_entropy, HIDDEN),
        (f"slopes dropped, {WIDE} units", DROPPED, cross_entropy, WIDE),
        (f"last layer only, {WIDE} units", BLOCKED, cross_entropy, WIDE),
    )
    runs = {name: learnt(seed, *rule) for name, *rule in rules}
    solved = {name: [int(np.sum(s)) for s in right(run)] for name, run in runs.items()}
    best = {name: share(max(counts), NETS) for name, counts in solved.items()}
    yield Heading("XOR, at five learning rates")
    yield Prose(
        f"Now each rule trains {NETS} networks for {UPDATES:,} updates, from the same random "
        f"weights, with {HIDDEN} hidden units unless it says otherwise. How many give four right "
        "answers? (The best rate of each row was found by these same runs, which flatters every "
        "row a little.)"
    )
    yield Table(
        (f"solved, of {NETS}", *heads(RATES), "best share"),
        tuple((name, *map(str, counts), str(best[name])) for name, counts in solved.items()),
    )
    exact, dropped = (solved[name][-1] for name in ("exact, squared error", "slopes dropped"))
    *_, wide, last = solved.values()
    yield Prose(
        f"Is dropping the slopes like a larger rate? With the largest one, $α = {plain(RATES[-1])}$"
        f", the exact rule solves {exact} of {NETS}, the other one {dropped}. A wider hidden layer "
        f"helps, up to {max(wide)} of {NETS} at the right rate. But among so many random units the "
        "hidden layer need not learn at all: with the last layer alone in training, "
        f"{max(last)} of {NETS} are solved."
    )
    yield from why(runs["slopes dropped"], int(np.argmax(solved["slopes dropped"])))


def why(params: list[Any], rate: int) -> Iterator[Block]:
    """What networks without hidden slopes are blind for."""
    stuck = ~right(params)[rate]
    if not np.any(stuck):
        return
    error, seen = (np.median(size[stuck]) for size in residue(params, rate))
    yield Prose(
        "Why does it fail? Without its slopes the hidden layer receives $Xᵀ δ2 W2ᵀ$, which is what "
        "a *linear* layer would receive, and XOR is not linear. This is zero as soon as $δ2$ has "
        f"nothing in common with the inputs, however large the error. Of the {np.sum(stuck)} "
        f"networks that failed at $α = {plain(RATES[rate])}$, the one in the middle has an error "
        f"$‖δ2‖ = {plain(error, 3)}$. The hidden layer sees $‖Xᵀ δ2‖ = {plain(seen, 2)}$ "
        "of it, the column of ones for its biases included."
    )


def on_digits(seed: int) -> Iterator[Block]:
    """The same two rules on the digits."""
    train, test = digits().split(seed=seed)
    kept = len(train) // BATCH * BATCH  # whole batches
    Y = np.eye(10)[train.labels]
    start = weights(seed, READERS, (64, 30, 10))
    params = [np.tile(w / np.sqrt(w.shape[1]), (len(READING_RATES), 1, 1)) for w in start]
    rates = np.repeat(READING_RATES, READERS)[:, None, None]
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(len(train))[:kept] for _ in range(EPOCHS)])
    batches = [(train.pixels[rows], Y[rows]) for rows in order.reshape(-1, BATCH)]
    accuracy = {}
    for name, rules in (("exact", EXACT), ("slopes dropped", DROPPED)):
        found = follow(under(rules, softmax_loss, params, *batches[0]), params, batches, rates)
        answers = np.argmax(net_input(found, test.pixels), axis=-1)
        accuracy[name] = np.mean(answers == test.labels, axis=1).reshape(-1, READERS)
    best = {name: max(map(mean, found), key=lambda m: m.value) for name, found in accuracy.items()}
    yield Heading("Handwritten digits")
    yield Prose(
        f"On the digits of the next chapter, {READERS} networks 64-30-10 for each cell, on one "
        f"split, {EPOCHS} epochs, cross-entropy; the share of {len(test)} held-out digits that "
        "is read right:"
    )
    yield Table(
        ("read right", *heads(READING_RATES), "best, 95 % interval"),
        tuple(
            (name, *(fixed(np.mean(row), 4) for row in found), str(best[name]))
            for name, found in accuracy.items()
        ),
    )
    yield Prose(
        f"Here the dropped rule learns, too. Much of this task is linear: with no hidden layer at "
        f"all, least squares reads {fixed(linear(train, test), 4)} right."
    )
    yield Prose(
        "*What is shown:* dropping hidden slopes is not a larger learning rate, not the gradient "
        "of any loss, and it can fail where the exact rule succeeds. *What is not shown:* that it "
        "always fails. Other widths, other initial weights and other tasks decide otherwise, and "
        "an honest answer needs many more of them than a tour has time for."
    )


def linear(train: Any, test: Any) -> float:
    """The share of digits that a linear model reads right, fitted by least squares."""
    rows = [np.column_stack([part.pixels, np.ones(len(part))]) for part in (train, test)]
    fitted = np.linalg.lstsq(rows[0], np.eye(10)[train.labels])[0]
    return float(np.mean(np.argmax(rows[1] @ fitted, axis=1) == test.labels))


def heads(rates: tuple[float, ...]) -> list[str]:
    """Columns of a table, one for each learning rate."""
    return [f"$α = {plain(rates[0])}$", *map(plain, rates[1:])]


def weights(seed: int, count: int, sizes: tuple[int, int, int]) -> list[Any]:
    """W1, b1, W2, b2 of many networks at once, N(0, 1): the first axis is the network."""
    rng = np.random.default_rng(seed)
    inputs, hidden, outputs = sizes
    shapes = (inputs, hidden), (1, hidden), (hidden, outputs), (1, outputs)
    return [rng.normal(size=(count, *shape)) for shape in shapes]


def learnt(seed: int, rules: Rules, loss: Callable[..., Any], hidden: int) -> list[Any]:
    """The parameters after training, of NETS networks for each learning rate."""
    start = weights(seed, NETS, (2, hidden, 1))
    params = [np.tile(w, (len(RATES), 1, 1)) for w in start]
    rates = np.repeat(RATES, NETS)[:, None, None]
    return follow(under(rules, loss, params, X, T), params, [(X, T)] * UPDATES, rates)


def right(params: list[Any]) -> Any:
    """Which networks give four right answers; shape (rates, networks)."""
    answers = net_input(params, X) > 0
    return np.all(answers == (T > 0.5), axis=(1, 2)).reshape(len(RATES), NETS)


def residue(params: list[Any], rate: int) -> tuple[Any, Any]:
    """‖δ2‖ and ‖Xᵀ δ2‖ of the networks of one rate, with a column of ones in X."""
    delta = (sigmoid(net_input(params, X)) - T).reshape(len(RATES), NETS, len(X))[rate]
    inputs = np.column_stack([X, np.ones(len(X))])
    return np.linalg.norm(delta, axis=1), np.linalg.norm(delta @ inputs, axis=1)


def chart(updates: Any, degrees: Any) -> Chart:
    """Quartiles of the angle, update by update."""
    low, middle, high = np.quantile(degrees, [0.25, 0.5, 0.75], axis=1)
    twice = np.concatenate([updates, [np.nan], updates])
    series = (
        Series(updates, middle, "line", "median"),
        Series(twice, np.concatenate([low, [np.nan], high]), "line", "quartiles"),
        Series(updates[[0, -1]], [90, 90], "line", "90°"),
    )
    return Chart(series, "", "update", "angle in degrees")
