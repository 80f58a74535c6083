"""The compound kernels: each is found in a graph of a real training, and nowhere else."""

import numpy as np
import pytest

import backlit as bl
from backlit import nn
from backlit.ir.interpret import interpret
from backlit.ir.trace import trace
from backlit.lower.compound import COMPOUND
from backlit.lower.match import compound

from .native import native_only, play, step_program

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(6, 4)), RNG.uniform(size=(6, 3))
PARAMS = nn.dense([4, 5, 3])
OPTIMIZERS = {
    "adam_step": bl.adam(),
    "scaled_step": bl.adagrad(),
    "nesterov_step": bl.nesterov(),
    "average_square": bl.rmsprop(),
    "average": bl.adam(),
    "add_square": bl.adagrad(),
    "multiply_add": bl.momentum(),
    "subtract_multiply": bl.sgd(),
}


def mse(activation):
    return lambda p, X, Y: nn.mse(nn.mlp(p, X, activation=activation), Y)


LOSSES = {
    "silu_back": mse("silu"),
    "gelu_back": mse("gelu"),
    "elu_back": mse("elu"),
    "leaky_relu_back": mse("leaky_relu"),
    "sigmoid_back": mse("sigmoid"),
    "tanh_back": mse("tanh"),
    "relu_back": mse("relu"),
    "softplus_back": mse("softplus"),
    "scaled_difference": lambda p, X, Y: nn.softmax_cross_entropy(nn.mlp(p, X), Y),
    "exp_difference": lambda p, X, Y: np.mean(nn.softmax(nn.mlp(p, X)) * Y),
    "multiply_subtract": lambda p, X, Y: nn.huber(nn.mlp(p, X), Y),
}


def kernels_of(program):
    return {step.kernel for x in program.code for step in x.tail}


@pytest.mark.parametrize("name", COMPOUND)
def test_each_is_found_in_a_real_training(name):
    """One that is found nowhere must go."""
    assert name in OPTIMIZERS or name in LOSSES
    loss, optimizer = LOSSES.get(name, mse("tanh")), OPTIMIZERS.get(name, bl.sgd())
    assert name in kernels_of(step_program(loss, PARAMS, [X, Y], optimizer))


A, B, C, D = RNG.uniform(0.5, 2, size=(4, 3, 5))
FOUND = {
    "multiply_add": (
        lambda a, b, c, d: a * b + c,
        lambda a, b, c, d: c + b * a,
    ),
    "subtract_multiply": (lambda a, b, c, d: c - a * b, lambda a, b, c, d: (a + d) - b * d),
    "multiply_subtract": (lambda a, b, c, d: a * b - c,),
    "average": (lambda a, b, c, d: a * b + c * d,),
    "scaled_difference": (lambda a, b, c, d: (a - b) * c, lambda a, b, c, d: 0.5 * (a - b)),
    "sigmoid_back": (
        lambda a, b, c, d: (1 - a) * (b * a),
        lambda a, b, c, d: a * b * (1 - a),
    ),
    "relu_back": (lambda a, b, c, d: (a > 0) * b,),
}


def twice(function):
    """A function of a b, computed once, and of c."""
    return lambda a, b, c, d: function(a * b, c)


LEFT_ALONE = {
    "another variable": ("sigmoid_back", lambda a, b, c, d: a * b * (1 - c)),
    "another number": ("sigmoid_back", lambda a, b, c, d: a * b * (2 - a)),
    "the wrong way round": ("relu_back", lambda a, b, c, d: (a < 0) * b),
    "read by another, too": ("multiply_add", twice(lambda t, c: (t + c, np.sin(t)))),
    "a result itself": ("multiply_add", twice(lambda t, c: (t, t + c))),
    "read twice by the same": ("add_square", lambda a, b, c, d: (s := np.square(a)) + s),
    "of another shape": ("multiply_add", twice(lambda t, c: np.sum(t, axis=0) + c)),
    "stretched": ("multiply_add", lambda a, b, c, d: a[0] * b[0] + c),
    "truth values": ("multiply_add", lambda a, b, c, d: (a > 1) * (b > 1) + (c > 1)),
}


@native_only
@pytest.mark.parametrize("name", FOUND)
def test_the_order_of_a_product_or_a_sum_does_not_matter(name):
    for function in FOUND[name]:
        graph = trace(function, A, B, C, D).graph
        assert [eqn.op.name for eqn in compound(graph)][-1] == name
        np.testing.assert_allclose(play(graph, A, B, C, D)[0], function(A, B, C, D), rtol=1e-14)


@native_only
@pytest.mark.parametrize("why", LEFT_ALONE)
def test_what_is_like_one_but_is_none(why):
    name, function = LEFT_ALONE[why]
    graph = trace(function, A, B, C, D).graph
    assert name not in {eqn.op.name for eqn in compound(graph)}
    expected = interpret(graph, A, B, C, D)
    for a, b in zip(play(graph, A, B, C, D), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)
