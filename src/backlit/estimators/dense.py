"""Dense networks as scikit-learn keeps them: coefs_ and intercepts_, layer by layer."""

import itertools
from typing import Any

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin

from ..errors import InputError
from .base import Network
from .design import Design, Params
from .heads import Head
from .parameters import COMMON, DENSE, constraints


class Dense(ClassNamePrefixFeaturesOutMixin, TransformerMixin, Network):
    """A network of dense layers."""

    _parameter_constraints = constraints(COMMON, DENSE)

    @property
    def _params(self) -> Params:
        return [*zip(self.coefs_, self.intercepts_, strict=True)]

    @_params.setter
    def _params(self, params: Params) -> None:
        self.__dict__.update(self._attributes_of(params))

    @staticmethod
    def _attributes_of(params: Params) -> dict[str, Any]:
        return {"coefs_": [W for W, _ in params], "intercepts_": [b for _, b in params]}

    @staticmethod
    def _layers_of(arrays: list[Any]) -> list[Any]:
        return [arrays[i : i + 2] for i in range(0, len(arrays), 2)]

    @property
    def _hidden(self) -> list[int]:
        """The widths of the hidden layers."""
        sizes = self.hidden_layer_sizes
        sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if any(size <= 0 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
        if any(size != int(size) for size in sizes):
            raise InputError(f"hidden_layer_sizes must be whole numbers, got {sizes}")
        return [int(size) for size in sizes]

    def _each(self, name: str) -> tuple[Any, ...]:
        """A parameter for each hidden layer."""
        value, count = getattr(self, name), len(self._hidden)
        if isinstance(value, str) or callable(value) or np.ndim(value) == 0:
            return (value,) * count
        if len(value) != count:
            raise InputError(f"{name} has {len(value)} entries for {count} hidden layers")
        return tuple(value)

    @property
    def _activations(self) -> tuple[Any, ...]:
        return tuple("sigmoid" if f == "logistic" else f for f in self._each("activation"))

    @property
    def _dropouts(self) -> tuple[float, ...]:
        return tuple(float(rate) for rate in self._each("dropout"))

    def _make_design(self, head: Head) -> Design:
        widths = (self.n_features_in_, *self._hidden, head.outputs)
        self.n_layers_ = len(widths)
        return Design(widths, self._activations, self._dropouts, head, float(self.alpha))

    def _first_params(self, rng: Any) -> Params:
        """scikit-learn's: uniform in ±√(6 / (fan_in + fan_out)), biases too; √2 for logistic."""
        layers, found = [*itertools.pairwise(self._design.widths)], []
        activations = [*self._activations, *self._activations[-1:]] or ["identity"]
        for (fan_in, fan_out), activation in zip(layers, activations, strict=True):
            if self.init is not None:
                found.append((self._own_init(rng, fan_in, fan_out), np.zeros(fan_out)))
                continue
            bound = np.sqrt((2.0 if activation == "sigmoid" else 6.0) / (fan_in + fan_out))
            W = rng.uniform(-bound, bound, (fan_in, fan_out))
            found.append((W, rng.uniform(-bound, bound, fan_out)))
        return found

    def _own_init(self, rng: Any, fan_in: int, fan_out: int) -> Any:
        W = np.asarray(self.init(rng, fan_in, fan_out), float)
        if W.shape != (fan_in, fan_out) or not np.isfinite(W).all():
            raise InputError(
                f"init(rng, {fan_in}, {fan_out}) gives an array of shape {W.shape}, expected "
                f"finite numbers of shape {(fan_in, fan_out)}"
            )
        return W

    def activations(self, X: Any) -> list[Any]:
        """What each hidden layer gives for each row: arrays (n, width), from first to last."""
        X = self._ready(self._checked(X))
        return self._design.hidden(self._params, X)

    def transform(self, X: Any) -> Any:
        """What the last hidden layer gives (n, width): features that the network has made."""
        return self._computed("last_hidden", X)

    @property
    def _n_features_out(self) -> int:
        return self._design.widths[-2]
