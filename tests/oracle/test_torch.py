"""PyTorch as an oracle: random networks, their gradients, Hessian products and training steps.

10 activations × 7 losses × 0–6 hidden layers × 3 sizes of inputs = 1,470 networks in float64.
Every array must agree to 1e-9 of its largest entry. Where it does not (a cancelling or saturated
case), PyTorch must differ from itself as much when the rows are given in other orders, or, where
the digits are lost within each row, be about as far from the truth, which exact.py works out.

`make oracle` installs PyTorch, runs this file and prints the counts.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest

import backlit as bl
from backlit import nn

torch = pytest.importorskip("torch", reason="PyTorch is not installed; make oracle installs it")
from .exact import derivative  # noqa: E402  (it asks for mpmath, which comes with PyTorch)

F = torch.nn.functional

TOLERANCE = 1e-9
STEPS = 3
ORDERS = 20  # in which PyTorch is asked again where it differs
AS_WRONG = 10  # times as far from the truth: rounding errors of one origin differ by chance
WHAT = ("loss", "gradient", "Hessian product", "trained parameter")

ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": torch.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    # F.softplus(z) is z beyond 20, short of ln(1 + e^z) by 2e-9
    "softplus": lambda z: F.softplus(z, threshold=700),
    # F.gelu adds 1 + erf or 1 + tanh, which leaves no digit in the left tail
    "gelu": lambda z: 0.5 * z * torch.special.erfc(-z / 2**0.5),
    "gelu_tanh": lambda z: z * torch.sigmoid(2 * (2 / torch.pi) ** 0.5 * (z + 0.044715 * z**3)),
    "silu": F.silu,
}
LOSSES = {  # one number a row, or one for each output of a row
    "mse": lambda z, y: F.mse_loss(z, y, reduction="none"),
    "half_mse": lambda z, y: 0.5 * ((z - y) ** 2).sum(1),
    "mae": lambda z, y: F.l1_loss(z, y, reduction="none"),
    "huber": lambda z, y: F.huber_loss(z, y, reduction="none"),
    "bce_with_logits": lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="none"),
    "softmax_cross_entropy": lambda z, y: F.cross_entropy(z, y, reduction="none"),
    "poisson": lambda z, y: F.poisson_nll_loss(z, y, log_input=True, reduction="none"),
}
INPUTS = {"ordinary": 1.0, "saturated": 40.0, "tiny": 1e-8}
OPTIMIZERS = {  # lr, weight decay → ours, theirs
    "sgd": lambda lr, wd: (
        bl.sgd(lr, weight_decay=wd),
        lambda w: torch.optim.SGD(w, lr, weight_decay=wd),
    ),
    "momentum": lambda lr, wd: (
        bl.momentum(lr, momentum=0.8, weight_decay=wd),
        lambda w: torch.optim.SGD(w, lr, momentum=0.8, weight_decay=wd),
    ),
    "nesterov": lambda lr, wd: (
        bl.nesterov(lr, momentum=0.8, weight_decay=wd),
        lambda w: torch.optim.SGD(w, lr, momentum=0.8, nesterov=True, weight_decay=wd),
    ),
    "rmsprop": lambda lr, wd: (
        bl.rmsprop(lr, alpha=0.95, eps=1e-5, weight_decay=wd),
        lambda w: torch.optim.RMSprop(w, lr, alpha=0.95, eps=1e-5, weight_decay=wd),
    ),
    "adagrad": lambda lr, wd: (
        bl.adagrad(lr, eps=1e-5, weight_decay=wd),
        lambda w: torch.optim.Adagrad(w, lr, eps=1e-5, weight_decay=wd),
    ),
    "adam": lambda lr, wd: (
        bl.adam(lr, betas=(0.8, 0.99), eps=1e-5, weight_decay=wd),
        lambda w: torch.optim.Adam(w, lr, betas=(0.8, 0.99), eps=1e-5, weight_decay=wd),
    ),
    "adamw": lambda lr, wd: (
        bl.adamw(lr, betas=(0.8, 0.99), eps=1e-5, weight_decay=wd),
        lambda w: torch.optim.AdamW(w, lr, betas=(0.8, 0.99), eps=1e-5, weight_decay=wd),
    ),
}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@dataclass
class Tally:
    """What was compared; printed at the end."""

    networks: int = 0
    gradients: int = 0
    products: int = 0
    steps: int = 0
    worst: float = 0.0
    excused: list[str] = None


@pytest.fixture(scope="module")
def tally():
    counts = Tally(excused=[])
    yield counts
    print(
        f"\n{counts.networks} networks: {counts.gradients} gradient arrays, {counts.products} "
        f"Hessian products, {counts.steps} optimiser steps; worst difference from PyTorch "
        f"{counts.worst:.1e} of the array's largest entry, apart from {len(counts.excused)} arrays "
        "in which both sides lose digits:",
        *counts.excused,
        sep="\n  ",
    )


class Network:
    """A random network with its data, computed by both sides."""

    def __init__(self, depth, inputs, activation, loss):
        self.title = f"{activation}, {loss}, {depth} hidden layers, {inputs} inputs"
        self.activation, self.loss = activation, loss
        number = [list(INPUTS).index(inputs), depth, *map(ord, activation + loss)]
        rng = np.random.default_rng(number)
        classes = loss == "softmax_cross_entropy"
        sizes = [*rng.integers(1, 9, depth + 1), rng.integers(2 if classes else 1, 5)]
        rows, outputs = int(rng.integers(1, 12)), sizes[-1]
        self.params = [
            (rng.normal(0, n**-0.5, (n, m)), rng.normal(0, 0.1, m))
            for n, m in itertools.pairwise(sizes)
        ]
        self.X = INPUTS[inputs] * rng.normal(size=(rows, sizes[0]))
        self.Y = {
            "bce_with_logits": lambda: rng.random((rows, outputs)),
            "poisson": lambda: rng.poisson(2.0, (rows, outputs)).astype(float),
            "softmax_cross_entropy": lambda: (
                rng.integers(0, outputs, rows)
                if rng.random() < 0.5
                else rng.dirichlet(np.ones(outputs), rows)
            ),
        }.get(loss, lambda: rng.normal(size=(rows, outputs)))()
        self.weight = rng.random(rows) + 0.1 if rng.random() < 0.5 else np.ones(rows)
        self.direction = [
            (rng.normal(size=W.shape), rng.normal(size=b.shape)) for W, b in self.params
        ]
        self.optimizer = rng.choice(list(OPTIMIZERS))
        self.decay = float(rng.choice([0.0, 0.1]))
        self.rng = rng

    def ours(self):
        def loss(params, X, Y, weight):
            logits = nn.mlp(params, X, activation=getattr(nn, self.activation))
            return getattr(nn, self.loss)(logits, Y, weight)

        data = self.X, self.Y, self.weight
        value, gradient = bl.value_and_grad(loss)(self.params, *data)
        product = bl.hvp(lambda params: loss(params, *data), self.params, self.direction)
        optimizer, _ = self.optimizers(flat(gradient))
        trained = bl.fit(loss, self.params, data, optimizer=optimizer, epochs=STEPS, shuffle=False)
        return [np.asarray(value)], flat(gradient), flat(product), flat(trained.params)

    def theirs(self, order=None):
        """The same by PyTorch, on the rows of an order."""
        order = np.arange(len(self.X)) if order is None else order
        X, Y, weight = (torch.tensor(a[order]) for a in (self.X, self.Y, self.weight))

        def loss(params):
            H = X
            for i in range(0, len(params), 2):
                H = ACTIVATIONS[self.activation](H) if i else H
                H = H @ params[i] + params[i + 1]
            rows = LOSSES[self.loss](H, Y).reshape(len(X), -1).mean(1)
            return (weight * rows).sum() / weight.sum()

        params = [torch.tensor(x, requires_grad=True) for x in flat(self.params)]
        value = loss(params)
        gradient = torch.autograd.grad(value, params, create_graph=True, materialize_grads=True)
        pairs = zip(gradient, flat(self.direction), strict=True)
        along = sum((g * torch.tensor(v)).sum() for g, v in pairs)
        product = [torch.zeros_like(x) for x in params]
        if along.requires_grad:
            product = torch.autograd.grad(along, params, allow_unused=True, materialize_grads=True)
        _, make = self.optimizers([g.detach().numpy() for g in gradient])
        optimizer = make(params)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss(params).backward()
            optimizer.step()
        return [[x.detach().numpy() for x in xs] for xs in ([value], gradient, product, params)]

    def optimizers(self, gradient):
        """Steps that move the weights by about 0.1, however steep the loss is."""
        steep = max(1.0, *(np.max(np.abs(g)) for g in gradient))
        rate = 0.1 / 2 ** np.ceil(np.log2(steep)) if self.optimizer in STEEP else 0.01
        return OPTIMIZERS[self.optimizer](float(rate), self.decay)


STEEP = ("sgd", "momentum", "nesterov")  # their steps are as long as the gradient


def flat(params):
    return [x for pair in params for x in pair]


def difference(a, b):
    """The largest difference, as a fraction of the largest entry."""
    scale = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return np.max(np.abs(a - b)) / scale if scale else 0.0


@pytest.mark.slow
@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("depth", range(7))
def test_networks(depth, inputs, tally):
    for activation, loss in itertools.product(ACTIVATIONS, LOSSES):
        compare(Network(depth, inputs, activation, loss), tally)


def compare(network, tally):
    ours, theirs = network.ours(), network.theirs()
    tally.networks += 1
    tally.gradients += len(ours[1])
    tally.products += 1
    tally.steps += STEPS
    for kind, what in enumerate(WHAT):
        for i, (a, b) in enumerate(zip(ours[kind], theirs[kind], strict=True)):
            assert a.shape == b.shape
            apart = difference(a, b)
            if apart <= TOLERANCE:
                tally.worst = max(tally.worst, apart)
                continue
            title = f"{network.title}: {what} {i} differs by {apart:.1e}"
            excuse = in_other_orders(network, kind, i, b, apart) or beside_truth(
                network, kind, i, a, b
            )
            assert excuse, title
            tally.excused.append(f"{title}; {excuse}")


def in_other_orders(network, kind, i, b, apart):
    """Does PyTorch move as much? Eight copies of each row, shuffled, have the same means."""
    copies = np.repeat(np.arange(len(network.X)), 8)
    orders = (network.rng.permutation(copies) for _ in range(ORDERS))
    moved = max(difference(network.theirs(order)[kind][i], b) for order in orders)
    return f"PyTorch moves by {moved:.1e} in other orders" if moved >= apart else ""


def beside_truth(network, kind, i, a, b):
    """Is PyTorch as wrong, where the two are furthest apart?"""
    if WHAT[kind] not in ("gradient", "Hessian product"):
        return ""
    place = np.unravel_index(np.argmax(np.abs(a - b)), a.shape)
    truth = derivative(network, i, place, along=WHAT[kind] == "Hessian product")
    scale = max(np.max(np.abs(a)), np.max(np.abs(b)))
    own, other = (float(abs(x[place] - truth)) / scale for x in (a, b))
    words = f"from the truth PyTorch is {other:.1e} away and backlit {own:.1e}"
    return words if own <= AS_WRONG * other else ""


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_many_steps_of_an_optimiser(name, decay):
    """500 steps on a smooth problem, with a learning rate that changes: equal to 1e-12."""
    rng = np.random.default_rng(1)
    A, w = rng.normal(size=(6, 4)), rng.normal(size=4)
    rate = bl.cosine_decay(0.05, steps=500)
    ours, _ = OPTIMIZERS[name](rate, decay)
    _, make = OPTIMIZERS[name](1.0, decay)

    def loss(w, A):
        return np.mean((np.tanh(A @ w) - 0.5) ** 2)

    found = bl.fit(loss, w, A, optimizer=ours, epochs=500, shuffle=False)
    param = torch.tensor(w, requires_grad=True)
    optimizer = make([param])
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    for _ in range(500):
        optimizer.zero_grad()
        ((torch.tanh(torch.tensor(A) @ param) - 0.5) ** 2).mean().backward()
        optimizer.step()
        schedule.step()
    assert difference(found.params, param.detach().numpy()) < 1e-12


@pytest.mark.parametrize("name", ["softplus", "gelu", "gelu_tanh"])
def test_what_is_written_out_here_is_pytorchs(name):
    z = torch.linspace(-3, 3, 25, dtype=torch.float64)
    own = {"gelu_tanh": lambda z: F.gelu(z, approximate="tanh")}.get(name, getattr(F, name, None))
    torch.testing.assert_close(ACTIVATIONS[name](z), own(z), rtol=1e-12, atol=0)
