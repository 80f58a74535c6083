"""MLPClassifier and MLPRegressor: scikit-learn's, trained by backlit, with more to set."""

from .classifier import Classifier
from .dense import Dense
from .parameters import CLASS, COMMON, DENSE, QUANTITY, constraints, described
from .regressor import Regressor

_COMMON = """
    Attributes: coefs_ and intercepts_, a W (fan_in, fan_out) and a b of each layer; loss_,
    loss_curve_, best_loss_, validation_scores_, best_validation_score_, n_iter_, t_, n_layers_,
    n_outputs_, out_activation_, n_features_in_, feature_names_in_ as in scikit-learn; history_, a
    figure for each epoch; stop_reason_, why it ended; engine_, who played it; derivation_, its
    equations.
"""


class MLPClassifier(Dense, Classifier):
    __doc__ = f"""A dense network for classes; scikit-learn's MLPClassifier, and more.

    With the same random_state it starts at scikit-learn's weights and takes the same steps, up to
    rounding. The same bits come back for any number of threads, and a warm start is exact.

{described(DENSE, CLASS, COMMON)}
{_COMMON}
    >>> from backlit import MLPClassifier
    >>> from backlit.data import digits
    >>> train, test = digits().split(seed=0)
    >>> model = MLPClassifier(learning_rate_init=0.01).fit(train.pixels, train.labels)
    >>> bool(model.score(test.pixels, test.labels) > 0.95)
    True
    """

    _parameter_constraints = constraints(DENSE, CLASS, COMMON)

    def __init__(
        self, hidden_layer_sizes=(100,), activation="relu", *, solver="adam", alpha=0.0001,
        batch_size="auto", learning_rate="constant", learning_rate_init=0.001, power_t=0.5,
        max_iter=200, shuffle=True, random_state=None, tol=1e-4, verbose=False, warm_start=False,
        momentum=0.9, nesterovs_momentum=True, early_stopping=False, validation_fraction=0.1,
        beta_1=0.9, beta_2=0.999, epsilon=1e-8, n_iter_no_change=10, max_fun=15000,
        loss="log_loss", output_activation="auto", class_weight=None, dropout=0.0, init=None,
        optimizer=None, clip_norm=None, restore_best="auto", scale_inputs=False,
        gradient_norms=False, callbacks=None, engine="auto", n_threads=None, rule="exact",
    ):  # fmt: skip
        self._keep(locals())


class MLPRegressor(Dense, Regressor):
    __doc__ = f"""A dense network for quantities; scikit-learn's MLPRegressor, and more.

    With the same random_state it starts at scikit-learn's weights and takes the same steps, up to
    rounding. The same bits come back for any number of threads, and a warm start is exact.

{described(DENSE, QUANTITY, COMMON)}
{_COMMON}
    """

    _parameter_constraints = constraints(DENSE, QUANTITY, COMMON)

    def __init__(
        self, loss="squared_error", hidden_layer_sizes=(100,), activation="relu", *,
        solver="adam", alpha=0.0001, batch_size="auto", learning_rate="constant",
        learning_rate_init=0.001, power_t=0.5, max_iter=200, shuffle=True, random_state=None,
        tol=1e-4, verbose=False, warm_start=False, momentum=0.9, nesterovs_momentum=True,
        early_stopping=False, validation_fraction=0.1, beta_1=0.9, beta_2=0.999, epsilon=1e-8,
        n_iter_no_change=10, max_fun=15000, quantiles=None, output_activation="auto",
        scale_target=False, dropout=0.0, init=None, optimizer=None, clip_norm=None,
        restore_best="auto", scale_inputs=False, gradient_norms=False, callbacks=None,
        engine="auto", n_threads=None, rule="exact",
    ):  # fmt: skip
        self._keep(locals())
