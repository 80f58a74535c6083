"""NumPy by hand: backpropagation written out, into buffers that are made once."""

import cases
import numpy as np

LIBRARY = f"NumPy {np.__version__} by hand"


def sigmoid(z, out):
    """1/(1 + e^−z), in place."""
    np.exp(np.negative(z, out=out), out=out)
    return np.reciprocal(np.add(out, 1, out=out), out=out)


FORWARD = {
    "tanh": np.tanh,
    "relu": lambda z, out: np.maximum(z, 0, out=out),
    "sigmoid": sigmoid,
}


def through(activation, delta, h):
    """delta ← delta · activation'(z), from h = activation(z)."""
    if activation == "relu":
        np.multiply(delta, h > 0, out=delta)
    else:
        delta *= 1 - h * h if activation == "tanh" else h * (1 - h)


class Parameters:
    """All W and b as views of one vector, and so their gradients: an update is a few calls."""

    def __init__(self, pairs):
        self.all = np.concatenate([x.ravel() for pair in pairs for x in pair])
        self.grad = np.zeros_like(self.all)
        self.pairs, self.grads = ([*self.views(flat, pairs)] for flat in (self.all, self.grad))

    @staticmethod
    def views(flat, pairs):
        start = 0
        for W, b in pairs:
            middle, end = start + W.size, start + W.size + b.size
            yield flat[start:middle].reshape(W.shape), flat[middle:end]
            start = end


def sgd(p, rate):
    """w ← w − α g."""

    def update():
        np.multiply(p.grad, np.float32(rate), out=p.grad)
        np.subtract(p.all, p.grad, out=p.all)

    return update


def adam(p, rate):
    """m ← β₁ m + (1−β₁) g, v ← β₂ v + (1−β₂) g², w ← w − α m̂ / (√v̂ + ε)."""
    m, v, part = np.zeros_like(p.all), np.zeros_like(p.all), np.empty_like(p.all)
    beta1, beta2 = cases.BETAS
    step = 0

    def update():
        nonlocal step
        step += 1
        np.multiply(m, beta1, out=m)
        np.multiply(p.grad, 1 - beta1, out=part)
        np.add(m, part, out=m)
        np.multiply(v, beta2, out=v)
        np.square(p.grad, out=part)
        np.multiply(part, 1 - beta2, out=part)
        np.add(v, part, out=v)
        np.sqrt(v, out=part)
        np.multiply(part, (1 - beta2**step) ** -0.5, out=part)
        np.add(part, cases.EPS, out=part)
        np.divide(m, part, out=part)
        np.multiply(part, rate / (1 - beta1**step), out=part)
        np.subtract(p.all, part, out=p.all)

    return update


def loss_and_slope(loss, Z, y):
    """The mean loss of the rows, and its slope by Z, the last layer's sums, into Z's memory."""
    n = len(Z)
    if loss == "softmax":
        Z -= Z.max(axis=1, keepdims=True)
        picked = Z[np.arange(n), y]
        np.exp(Z, out=Z)
        total = Z.sum(axis=1)
        value = np.mean(np.log(total) - picked)
        Z /= total[:, None]
        Z[np.arange(n), y] -= 1
    elif loss == "mse":
        Z -= y
        value = np.vdot(Z, Z) / Z.size
        Z *= np.float32(2 / Z.shape[1])
    else:
        H = sigmoid(Z, Z)
        error = H - y
        value = np.vdot(error, error) / (2 * n)
        Z *= 1 - H
        Z *= error
    Z *= np.float32(1 / n)
    return float(value), Z


def train(job, report):
    """Forward, backward, update."""
    case = job.case
    X, y = cases.data(case)
    p = Parameters(cases.weights(case))
    update = {"sgd": sgd, "adam": adam}[case.optimizer](p, case.rate)
    forward = FORWARD[case.activation]
    last = len(p.pairs) - 1

    def buffers(n):
        inputs = [np.empty((n, width), np.float32) for width in case.widths]
        deltas = [np.empty((n, width), np.float32) for width in case.widths[1:-1]]
        return inputs, deltas, np.empty((n, *y.shape[1:]), y.dtype)

    ready = {n: buffers(n) for n in {case.batch, case.rows % case.batch or case.batch}}

    def step(rows):
        H, deltas, target = ready[len(rows)]
        np.take(X, rows, axis=0, out=H[0], mode="clip")  # "raise" would buffer
        np.take(y, rows, axis=0, out=target, mode="clip")
        for layer, (W, b) in enumerate(p.pairs):
            Z = np.matmul(H[layer], W, out=H[layer + 1])
            Z += b
            if layer < last:
                forward(Z, out=Z)
        value, delta = loss_and_slope(case.loss, H[-1], target)
        for layer in range(last, -1, -1):
            W_grad, b_grad = p.grads[layer]
            np.matmul(H[layer].T, delta, out=W_grad)
            np.add.reduce(delta, axis=0, out=b_grad)
            if layer:
                delta = np.matmul(delta, p.pairs[layer][0].T, out=deltas[layer - 1])
                through(case.activation, delta, H[layer])
        update()
        return value * len(rows)

    for epoch in range(1, job.epochs + 1):
        if report(sum(map(step, cases.batches(case, epoch))) / case.rows):
            break
