"""Chapter 10: a network learns to read handwritten digits."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..data import digits
from ..nn import dense, mlp, sigmoid, softmax, softmax_cross_entropy
from ..optim import adam, cosine_decay
from ..prove.statistics import share
from ..show import derive
from ..train import fit, program
from .blocks import Aside, Block, Code, Heading, Images, Picture, Prose, Table
from .network import source
from .training import history, whole

SIZES, EPOCHS, BATCH, RATE = (64, 128, 10), 15, 32, 0.03


def digits_loss(params, X, y):
    """Cross-entropy of the ten probabilities with the digit that was written."""
    return softmax_cross_entropy(mlp(params, X, activation=sigmoid), y)


def reading(seed: int) -> Iterator[Block]:
    """Training, accuracy with its interval, what is confused with what, and the mistakes."""
    train, test = digits().split(seed=seed)
    yield Prose(
        f"At last, data from the world: {len(train) + len(test):,} digits written by 13 people, "
        f"8×8 pixels each. {len(test)} are held out: the network never sees them while it learns. "
        "Some of them:"
    )
    one_of_each = [int(np.argmax(test.labels == digit)) for digit in range(10)]
    yield Images(test.images[one_of_each], [(f"a {test.labels[i]}", "") for i in one_of_each])
    yield Prose(
        f"The network is {'-'.join(map(str, SIZES))}: {SIZES[0]} pixels in, {SIZES[1]} sigmoid "
        f"units, {SIZES[2]} answers out, which softmax turns into probabilities. The loss is one "
        "line, and `fit` does the rest: the forward pass, the derivation, the updates (by Adam, "
        "which gives each weight a step width of its own)."
    )
    yield Code(source(digits_loss))
    images, labels = with_shifts(train.images), np.tile(train.labels, 5)
    steps = EPOCHS * -(-len(images) // BATCH)
    start = dense(SIZES, seed=seed, dtype=np.float32)
    data = (images.reshape(len(images), -1), labels)
    optimizer = adam(cosine_decay(RATE, steps=steps))
    found = whole(
        fit(
            digits_loss,
            start,
            data,
            optimizer=optimizer,
            batch_size=BATCH,
            epochs=EPOCHS,
            seed=seed,
            validation=(test.pixels, test.labels),
        )
    )
    chances = softmax(mlp(found.params, test.pixels, activation=sigmoid))
    read = np.argmax(chances, axis=1)
    right = int(np.sum(read == test.labels))
    yield Prose(
        "Each digit is also shown shifted by one pixel to each side, because a 3 a little further "
        f"to the left is a 3: {len(images):,} images, {EPOCHS} epochs, {found.stop_reason.step:,} "
        f"updates, {found.seconds:.1f} seconds."
    )
    yield Prose(
        f"A step, forward and backward for {BATCH} images and the update of all "
        f"{sum(x.size for layer in start for x in layer):,} weights, took "
        f"{found.microseconds:.0f} µs, played by {played_by(found.engine)}"
    )
    if found.engine.startswith("player"):
        step = program(digits_loss, start, data, optimizer=optimizer, batch_size=BATCH)
        derived = derive(digits_loss, start, *(x[:BATCH] for x in data))
        yield Aside(
            f"The {len(step.code)} instructions of a step, each with its tail",
            step.disassemble(derived),
            step.disassemble(),
        )
    names = {"loss": "training", "validation_loss": "held out"}
    yield Picture(
        (history(found, names),),
        "The loss, epoch by epoch, of the training images and of the held-out ones. Training ends "
        "lower: what it has seen it knows best. The held-out loss is only watched: nothing was "
        "chosen by it.",
    )
    yield Prose(
        f"Read right: {right} of {len(test)} held-out digits, {share(right, len(test))} with its "
        "95 % interval. What was taken for what; a row for each digit that was written, a column "
        "for each that was read:"
    )
    yield confusion(test.labels, read)
    yield from mistakes(test, read, chances)


def played_by(engine: str) -> str:
    """Who played the training, in words."""
    if not engine.startswith("player"):
        return f"{engine}."
    return (
        f"backlit's native {engine}: the equations as a flat list of instructions, each of which "
        "goes on with its block of numbers while that is in the cache."
    )


def with_shifts(images: Any) -> Any:
    """The images, and each of them moved by one pixel left, right, up and down."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    places = ((1, 1), (1, 0), (1, 2), (0, 1), (2, 1))
    return np.concatenate([padded[:, i : i + 8, j : j + 8] for i, j in places])


def confusion(written: Any, read: Any) -> Table:
    """How often each digit was read as each."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (written, read), 1)
    rows = tuple((str(k), *(str(n) if n else "·" for n in row)) for k, row in enumerate(counts))
    return Table(("written", *map(str, range(10))), rows)


def mistakes(test: Any, read: Any, chances: Any) -> Iterator[Block]:
    """The digits that were read wrong, the surest mistakes first."""
    wrong = np.flatnonzero(read != test.labels)
    wrong = wrong[np.argsort(-chances[wrong, read[wrong]])]
    if not len(wrong):
        yield Prose("Not one was read wrong.")
        return
    yield Heading("What it got wrong")
    yield Prose("The surest mistakes first, with the probability that the network gave its answer.")
    captions = [
        (f"a {test.labels[i]}, read {read[i]}", f"p = {chances[i, read[i]]:.2f}") for i in wrong
    ]
    yield Images(test.images[wrong], captions)
