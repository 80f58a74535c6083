"""A function from the user's own file, ``my.py:loss``; every mistake in it a sentence."""

import contextlib
import difflib
import inspect
import sys
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from ..errors import BacklitError, InputError

_MODULE = "__user_file__"  # no module that the file may import has this name


def load(path: Path, name: str) -> tuple[Callable[..., Any], ModuleType]:
    """Run the file once, from top to bottom, and answer its function and its names."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file.")
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    sys.modules[_MODULE] = module  # dataclasses look their module up
    sys.path.insert(0, str(path.resolve().parent))
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    except (Exception, SystemExit) as error:
        raise InputError(
            f"{_where(path, error)}: {_what(error)}. The file is run once, to get its function."
        ) from error
    finally:
        sys.path.remove(str(path.resolve().parent))
    function = getattr(module, name, None)
    if not callable(function):
        raise InputError(f"{path} has no function {name}. {_nearest(module, name)}")
    return function, module


def example_of(path: Path, function: Callable[..., Any], module: ModuleType) -> tuple[Any, ...]:
    """The tuple ``example`` of a file: the arrays on which its function is traced."""
    words = list(inspect.signature(function).parameters)
    wanted = f"example = ({', '.join(words)}{',' * (len(words) == 1)})"
    name = getattr(function, "__name__", "the function")
    example = getattr(module, "example", None)
    if not isinstance(example, tuple):
        found = "no `example`" if example is None else "an `example` that is no tuple"
        raise InputError(
            f"{path} has {found}. Write below {name} the arguments to derive it on, as {wanted}."
        )
    try:
        inspect.signature(function).bind(*example)
    except TypeError:
        raise InputError(
            f"{path}: `example` holds {len(example)} values, but {name} takes {len(words)}. Write "
            f"{wanted}."
        ) from None
    return example


@contextlib.contextmanager
def explained(path: Path) -> Generator[None]:
    """Errors that come out of the file's functions, with the line they come from."""
    try:
        yield
    except Exception as error:
        where, sentence = _where(path, error), str(error)
        if where == str(path) or (isinstance(error, BacklitError) and ", line " in sentence):
            raise
        if isinstance(error, BacklitError):
            raise type(error)(f"{where}: {sentence}") from error
        raise InputError(f"{where}: {_what(error)}.") from error


def _where(path: Path, error: BaseException) -> str:
    """``my.py, line 12``: the last line of the file that was run."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return f"{path}, line {lines[-1]}" if lines else str(path)


def _what(error: BaseException) -> str:
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}".splitlines()[0].rstrip(":. ")


def _nearest(module: ModuleType, name: str) -> str:
    own = [key for key, value in vars(module).items() if isinstance(value, FunctionType)]
    near = difflib.get_close_matches(name, own, 1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"It has {', '.join(own)}." if own else "It has none at all."
