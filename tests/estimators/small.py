"""Small tables for the tests of estimators."""

import warnings
from contextlib import contextmanager

import numpy as np
from sklearn.exceptions import ConvergenceWarning


def classes(count=2, rows=90, seed=0, dtype=float):
    """Rows of 4 features, and their class numbers."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4)).astype(dtype)
    y = np.digitize(X[:, 0] + X[:, 1] ** 2, np.linspace(-1, 2, count + 1)[1:-1])
    return X, y


def quantities(targets=1, rows=90, seed=0, dtype=float):
    """Rows of 4 features, and a positive quantity or several."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4)).astype(dtype)
    y = np.exp(X[:, :targets] / 2 + 0.1 * rng.normal(size=(rows, targets)))
    return X, y[:, 0] if targets == 1 else y


@contextmanager
def unfinished():
    """Trainings that end before they have converged, on purpose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def fitted(est, *data, **more):
    """The estimator after a fit that need not converge."""
    with unfinished():
        return est.fit(*data, **more)


def weights(est):
    """All coefs_ and intercepts_ in one vector."""
    return np.concatenate([x.ravel() for x in [*est.coefs_, *est.intercepts_]])


def named(settings):
    """A name for a test: what is set, without addresses of functions."""
    plain = {k: v for k, v in settings.items() if isinstance(v, (str, int, float))}
    return ", ".join(f"{k}={plain.get(k, '…')}" for k in settings) or "default"
