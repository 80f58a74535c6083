"""scikit-learn's MLPRegressor and MLPClassifier, an epoch a call."""

import cases
import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

LIBRARY = f"scikit-learn {sklearn.__version__}"
NOTE = (
    "takes its own first weights, order of rows and half the squared error; in D its outputs are "
    "linear. Its losses are shown, not compared"
)
ACTIVATIONS = {"tanh": "tanh", "relu": "relu", "sigmoid": "logistic"}


def train(job, report):
    """`partial_fit` is one pass over the rows in batches."""
    case = job.case
    X, y = cases.data(case)
    classes = case.loss == "softmax"
    model = (MLPClassifier if classes else MLPRegressor)(
        hidden_layer_sizes=case.widths[1:-1],
        activation=ACTIVATIONS[case.activation],
        solver=case.optimizer,
        batch_size=case.batch,
        learning_rate_init=case.rate,
        alpha=0,
        momentum=0,
        random_state=0,
    )
    y = y.ravel() if case.widths[-1] == 1 else y
    known = {"classes": np.arange(case.widths[-1])} if classes else {}
    for _ in range(job.epochs):
        model.partial_fit(X, y, **known)
        if report(model.loss_):
            break
