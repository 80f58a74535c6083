"""A small training for several files: data, parameters, a loss, and `fit` with defaults."""

import numpy as np

import backlit as bl
from backlit import nn

X = np.random.default_rng(0).normal(size=(10, 3))
Y = np.sin(X[:, :1])
PARAMS = nn.dense([3, 4, 1], seed=1)


def net(params, X, Y):
    return nn.mse(nn.mlp(params, X), Y)


def train(loss=net, params=PARAMS, data=(X, Y), **settings):
    return bl.fit(loss, params, data, **{"optimizer": bl.sgd(lr=0.1), "epochs": 3, **settings})


def flat(params):
    return np.concatenate([x.ravel() for layer in params for x in layer])
