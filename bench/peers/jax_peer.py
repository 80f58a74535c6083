"""JAX: a whole epoch is one compiled call, a scan over its steps, with the state donated."""

from functools import partial

import cases
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

LIBRARY = f"JAX {jax.__version__}"
ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}


def loss_of(case, params, X, y):
    """The mean loss of a batch."""
    H = X
    for layer, (W, b) in enumerate(params, 1):
        H = H @ W + b
        if layer < len(params):
            H = ACTIVATIONS[case.activation](H)
    if case.loss == "mse":
        return jnp.mean((H - y) ** 2)
    if case.loss == "half_mse":
        return 0.5 * jnp.mean(jnp.sum((jax.nn.sigmoid(H) - y) ** 2, axis=1))
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(H), y[:, None], axis=1))


def sgd(case, state, grads):
    """w ← w − α g."""
    (params,) = state
    return (jax.tree.map(lambda w, g: w - case.rate * g, params, grads),)


def adam(case, state, grads):
    """m ← β₁ m + (1−β₁) g, v ← β₂ v + (1−β₂) g², w ← w − α m̂ / (√v̂ + ε)."""
    params, ms, vs, c1, c2 = state
    beta1, beta2 = cases.BETAS
    c1, c2 = beta1 * c1 + (1 - beta1), beta2 * c2 + (1 - beta2)
    ms = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, ms, grads)
    vs = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, vs, grads)
    alpha, root = case.rate / c1, 1 / jnp.sqrt(c2)
    params = jax.tree.map(
        lambda w, m, v: w - alpha * m / (jnp.sqrt(v) * root + cases.EPS), params, ms, vs
    )
    return params, ms, vs, c1, c2


def first_state(case, seed=0):
    """The parameters, and Adam's moments and corrections."""
    params = jax.tree.map(jnp.asarray, cases.weights(case, seed))
    if case.optimizer == "sgd":
        return (params,)
    zeros = partial(jax.tree.map, jnp.zeros_like, params)
    return params, zeros(), zeros(), jnp.zeros(()), jnp.zeros(())


def epoch_of(case):
    """(state, X, y, rows in their order) → (state, mean loss): gather, step, gather, step, …"""
    update = {"sgd": sgd, "adam": adam}[case.optimizer]

    def step(X, y, state, rows):
        x, target = (a.at[rows].get(mode="promise_in_bounds") for a in (X, y))
        loss, grads = jax.value_and_grad(partial(loss_of, case))(state[0], x, target)
        return update(case, state, grads), loss

    def epoch(state, X, y, rows):
        whole = case.rows - case.rows % case.batch
        state, losses = lax.scan(partial(step, X, y), state, rows[:whole].reshape(-1, case.batch))
        total = jnp.sum(losses) * case.batch
        if whole < case.rows:
            state, loss = step(X, y, state, rows[whole:])
            total += loss * (case.rows - whole)
        return state, total / case.rows

    return epoch


def train(job, report):
    """One call an epoch."""
    case = job.case
    X, y = map(jnp.asarray, cases.data(case))
    run = jax.jit(epoch_of(case), donate_argnums=0)
    state = first_state(case)
    for epoch in range(1, job.epochs + 1):
        state, loss = run(state, X, y, cases.order(case, epoch))
        if report(float(loss)):
            break


def train_many(job, report):
    """The same for many networks in one scan."""
    case = job.case
    X, y = map(jnp.asarray, cases.data(case))
    run = jax.jit(jax.vmap(epoch_of(case), in_axes=(0, None, None, 0)), donate_argnums=0)
    seeds = range(case.copies)
    state = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(first_state(case, s) for s in seeds))
    for epoch in range(1, job.epochs + 1):
        state, losses = run(state, X, y, np.stack([cases.order(case, epoch, s) for s in seeds]))
        if report(float(jnp.mean(losses))):
            break
