"""Nested containers of arrays: tuples, lists, dicts, named tuples, dataclasses."""

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

Path = tuple[Any, ...]  # the keys from the root to a leaf: 0, "W", …


def children(tree: Any) -> list[tuple[Any, Any]] | None:
    """(key, child) pairs of a container, or None for a leaf."""
    if isinstance(tree, dict):
        return list(tree.items())
    if _fields(tree):
        return [(name, getattr(tree, name)) for name in _fields(tree)]
    if isinstance(tree, (tuple, list)):
        return list(enumerate(tree))
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [(f.name, getattr(tree, f.name)) for f in dataclasses.fields(tree) if f.init]
    return None


def _fields(tree: Any) -> tuple[str, ...]:
    """The field names of a named tuple."""
    return getattr(tree, "_fields", ()) if isinstance(tree, tuple) else ()


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf with its path, in order."""
    inside = children(tree)
    if inside is None:
        yield path, tree
        return
    for key, child in inside:
        yield from leaves(child, (*path, key))


def map_tree(function: Callable[[Path, Any], Any], tree: Any, path: Path = ()) -> Any:
    """The same containers with ``function(path, leaf)`` in place of each leaf."""
    inside = children(tree)
    if inside is None:
        return function(path, tree)
    made = [(key, map_tree(function, child, (*path, key))) for key, child in inside]
    if isinstance(tree, tuple):
        return tuple.__new__(type(tree), [child for _, child in made])  # named tuples, too
    if not isinstance(tree, (dict, list)):
        return dataclasses.replace(tree, **dict(made))
    new = copy.copy(tree)  # keeps the factory of a defaultdict and the like
    for key, child in made:
        new[key] = child
    return new


def path_name(path: Path, root: str) -> str:
    """A name for a leaf whose function gave it none: ``["layers"][0]["W"]`` → ``layers1_W``.

    String keys are kept and numbers count from 1: ``params[0][1]`` → ``params1_2``.
    """
    words: list[str] = []
    for key in path:
        if isinstance(key, int) and words and not words[-1][-1:].isdigit():
            words[-1] += str(key + 1)
        elif isinstance(key, int) and not words:
            words.append(f"{root}{key + 1}")
        else:
            words.append(str(key + 1) if isinstance(key, int) else str(key))
    name = "_".join(words) or root
    return "".join(c if c.isalnum() or c == "_" else "_" for c in name).lstrip("_") or root
