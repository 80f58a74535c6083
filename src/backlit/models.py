"""Models and their files: one door for tables' models and for estimators."""

import os
from pathlib import Path
from typing import Any

from .errors import FileError
from .estimators.stored import Stored
from .files import load as load_file
from .tables.model import About, Model, restore, save_model


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator, or a table's model, to a .safetensors file; whole or not at all.

    The file holds arrays and JSON, no code; the same model gives the same bytes. A fit that goes
    on after `load` is exact. A RandomState given as random_state is None after it, but its place
    is kept; callbacks are not. Raises InputError for what no file can hold, such as an estimator
    with a function of yours, and if the disk does not take it.
    """
    from .estimators.stored import save as save_estimator

    if isinstance(model, Model):
        save_model(Path(path), model)
    else:
        save_estimator(Path(path), model)


def load(path: str | os.PathLike[str]) -> Any:
    """The estimator or the table's model in a file. Nothing in the file is run.

    Raises FileError, a ValueError, for a file that is not exactly what `save` writes.
    """
    arrays, about = load_file(Path(path), About | Stored, finite=False)
    if isinstance(about, About):
        return restore(arrays, about, str(path))
    try:
        from .estimators.restored import restore as restore_estimator
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("sklearn", "scipy"):
            raise
        raise FileError(
            f"{path} holds a {about.estimator}, which needs scikit-learn: pip install "
            "'backlit[sklearn]'"
        ) from None
    return restore_estimator(arrays, about, str(path))
