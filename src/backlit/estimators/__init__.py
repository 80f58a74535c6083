"""scikit-learn's interface: estimators that backlit trains. Loaded when they are asked for."""

import importlib
from typing import Any

_WHERE = {
    "MLPClassifier": "mlp",
    "MLPRegressor": "mlp",
    "NetworkClassifier": "network",
    "NetworkRegressor": "network",
}
__all__ = [*_WHERE]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f".{_WHERE[name]}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("sklearn", "scipy"):
            raise
        raise ImportError(
            f"backlit.{name} needs scikit-learn: pip install 'backlit[sklearn]'", name=name
        ) from None
