"""NetworkClassifier and NetworkRegressor: any traced network, with the same interface."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..ir.trees import leaves
from .base import Network
from .classifier import Classifier
from .heads import Head
from .parameters import CLASS, COMMON, NETWORK, QUANTITY, constraints, described
from .regressor import Regressor


@dataclass(frozen=True)
class OwnDesign:
    """A network of the user's: ``network(params, X)`` gives the raw outputs (n, outputs)."""

    network: Callable[[Any, Any], Any]
    widths: tuple[int, int]  # input and output
    head: Head
    alpha: float

    named = False  # what the function reads may change: it is traced at each fit

    def raw(self, params: Any, X: Any) -> Any:
        """The outputs before the output activation."""
        Z = self.network(params, X)
        return Z if np.ndim(Z) == 2 else np.reshape(Z, (np.shape(X)[0], 1))

    def answer(self, params: Any, X: Any) -> Any:
        """What a prediction gives: quantities, or probabilities."""
        return self.head.answer(self.raw(params, X))

    def weights(self, params: Any) -> list[Any]:
        """The parameters that decay: those of two axes and more."""
        return [x for _, x in leaves(params) if np.ndim(x) > 1]


class Own(Network):
    """A network whose function and first parameters the user gives."""

    @property
    def _params(self) -> Any:
        return self.params_

    @_params.setter
    def _params(self, params: Any) -> None:
        self.params_ = params

    @staticmethod
    def _attributes_of(params: Any) -> dict[str, Any]:
        return {"params_": params}

    @staticmethod
    def _layers_of(arrays: list[Any]) -> list[Any]:
        return [[x] for x in arrays]

    def _first_params(self, rng: Any) -> Any:
        if not callable(self.params):
            return self.params
        return self.params(int(rng.randint(2**31 - 1)))

    def _make_design(self, head: Head) -> OwnDesign:
        widths = (self.n_features_in_, head.outputs)
        return OwnDesign(self.network, widths, head, float(self.alpha))

    def _begin(self, X: Any, y: Any, weight: Any, validated: bool) -> None:
        super()._begin(X, y, weight, validated)
        found = np.shape(self.network(self._params, self._scaled(X[:2])))
        outputs = self._design.head.outputs
        if found not in ((len(X[:2]), outputs), (len(X[:2]),) if outputs == 1 else None):
            raise InputError(
                f"network(params, X) gives {found} for {len(X[:2])} rows; expected "
                f"({len(X[:2])}, {outputs}): an output for each target or class, and one for two "
                "classes"
            )


class NetworkClassifier(Own, Classifier):
    __doc__ = f"""Any network for classes: a NumPy function network(params, X) → raw outputs.

    It needs one output for two classes, else one for each class.

{described(NETWORK, CLASS, COMMON)}

    Attributes: params_, and those of `MLPClassifier` that are not of dense layers.

    >>> import numpy as np
    >>> from backlit import NetworkClassifier, nn
    >>> def network(params, X):
    ...     W, b, v = params
    ...     return np.tanh(X @ W + b) @ v
    >>> def params(seed):
    ...     rng = np.random.default_rng(seed)
    ...     return rng.normal(size=(2, 5)), rng.normal(size=5), rng.normal(size=(5, 1))
    >>> X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> xor = NetworkClassifier(network, params, solver="lbfgs", random_state=0)
    >>> xor.fit(X, [0, 1, 1, 0]).predict(X)
    array([0, 1, 1, 0])
    """

    _parameter_constraints = constraints(NETWORK, CLASS, COMMON)

    def __init__(
        self, network, params, *, solver="adam", alpha=0.0001, batch_size="auto",
        learning_rate="constant", learning_rate_init=0.001, power_t=0.5, max_iter=200,
        shuffle=True, random_state=None, tol=1e-4, verbose=False, warm_start=False, momentum=0.9,
        nesterovs_momentum=True, early_stopping=False, validation_fraction=0.1, beta_1=0.9,
        beta_2=0.999, epsilon=1e-8, n_iter_no_change=10, max_fun=15000, loss="log_loss",
        output_activation="auto", class_weight=None, optimizer=None, clip_norm=None,
        restore_best="auto", scale_inputs=False, gradient_norms=False, callbacks=None,
        engine="auto", n_threads=None, rule="exact",
    ):  # fmt: skip
        self._keep(locals())


class NetworkRegressor(Own, Regressor):
    __doc__ = f"""Any network for quantities: a NumPy function network(params, X) → raw outputs.

{described(NETWORK, QUANTITY, COMMON)}

    Attributes: params_, and those of `MLPRegressor` that are not of dense layers.
    """

    _parameter_constraints = constraints(NETWORK, QUANTITY, COMMON)

    def __init__(
        self, network, params, *, loss="squared_error", solver="adam", alpha=0.0001,
        batch_size="auto", learning_rate="constant", learning_rate_init=0.001, power_t=0.5,
        max_iter=200, shuffle=True, random_state=None, tol=1e-4, verbose=False, warm_start=False,
        momentum=0.9, nesterovs_momentum=True, early_stopping=False, validation_fraction=0.1,
        beta_1=0.9, beta_2=0.999, epsilon=1e-8, n_iter_no_change=10, max_fun=15000,
        quantiles=None, output_activation="auto", scale_target=False, optimizer=None,
        clip_norm=None, restore_best="auto", scale_inputs=False, gradient_norms=False,
        callbacks=None, engine="auto", n_threads=None, rule="exact",
    ):  # fmt: skip
        self._keep(locals())
