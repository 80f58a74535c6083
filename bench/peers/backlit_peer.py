"""backlit, by its public functions."""

import time

import cases
import numpy as np

import backlit as bl

LIBRARY = f"backlit {bl.__version__}"
LOSSES = {
    "mse": bl.nn.mse,
    "half_mse": bl.nn.half_mse,
    "softmax": bl.nn.softmax_cross_entropy,
}
EPOCHS = 4  # of a measurement of `fit_many`, which calls nothing back


def settings(case):
    """The loss, the data and the optimiser, as `fit` and `fit_many` take them."""
    output = bl.nn.sigmoid if case.loss == "half_mse" else bl.nn.identity

    def loss(params, X, y):
        return LOSSES[case.loss](bl.nn.mlp(params, X, activation=case.activation, output=output), y)

    optimizer = {"sgd": bl.sgd, "adam": bl.adam}[case.optimizer](lr=case.rate)
    return loss, cases.data(case), {"optimizer": optimizer, "batch_size": case.batch}


def train(job, report):
    """`report` is the callback."""
    loss, data, options = settings(job.case)
    bl.fit(
        loss,
        cases.weights(job.case),
        data,
        **options,
        epochs=job.epochs,
        engine=job.engine,
        n_threads=job.threads,
        callbacks=[lambda state: report(state.history["loss"][-1])],
    )


def train_many(job, report):
    """Nothing calls back: an epoch is the difference of a longer training and one of one epoch."""
    loss, data, options = settings(job.case)

    def seconds_and_losses(epochs):
        start = time.perf_counter()
        fits = bl.fit_many(
            loss,
            lambda seed: cases.weights(job.case, seed),
            data,
            **options,
            seeds=range(job.case.copies),
            epochs=epochs,
            n_threads=job.threads,
        )
        seconds = time.perf_counter() - start
        return seconds, np.mean([fit.history["loss"] for fit in fits], axis=0)

    ended = False
    while not ended:
        short, _ = seconds_and_losses(1)
        long, losses = seconds_and_losses(EPOCHS + 1)
        ended = report(*losses.tolist(), seconds=(long - short) / EPOCHS)
