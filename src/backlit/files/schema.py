"""Dataclasses as JSON and back. The dataclasses are the schema: what they do not have is refused.

Known types of fields: str, int, float, bool, dataclasses, their unions, tuple[T, ...], X | None.
"""

import dataclasses
import json
import math
import types
import typing
from typing import Any

from ..errors import FileError

_WORDS = {str: "a text", int: "a whole number", float: "a finite number", bool: "true or false"}


def as_plain(value: Any) -> Any:
    """Objects, lists, texts and numbers; a dataclass names its type as "kind"."""
    if dataclasses.is_dataclass(value):
        fields = {f.name: as_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, tuple):
        return [as_plain(x) for x in value]
    return value


def text(plain: Any) -> str:
    """JSON, the same for the same value; a NaN is a ValueError."""
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_plain(kind: Any, value: Any, where: str) -> Any:
    """The value as `kind`. Raises FileError where it is not exactly that."""
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise FileError(f"{where}: expected a list.")
        inner = typing.get_args(kind)[0]
        return tuple(from_plain(inner, x, f"{where}[{i}]") for i, x in enumerate(value))
    if isinstance(kind, types.UnionType):
        return _one_of(typing.get_args(kind), value, where)
    if dataclasses.is_dataclass(kind):
        return _object(kind, value, where)
    if kind is float and type(value) is int and abs(value) < 2**53:
        value = float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise FileError(f"{where}: expected {_WORDS[kind]}.")
    if kind is str and any("\ud800" <= c <= "\udfff" for c in value):
        raise FileError(f"{where}: half a character, which no file of UTF-8 can hold.")
    return value


def _one_of(kinds: Any, value: Any, where: str) -> Any:
    if value is None and types.NoneType in kinds:
        return None
    known = {kind.__name__: kind for kind in kinds if kind is not types.NoneType}
    found = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(found, str) or found not in known:
        raise FileError(f"{where}: expected one of {', '.join(known)}.")
    return from_plain(known[found], value, where)


def _object(kind: Any, value: Any, where: str) -> Any:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    if not isinstance(value, dict) or value.keys() != {"kind", *names}:
        raise FileError(f"{where}: expected an object with kind, {', '.join(names)} alone.")
    if value["kind"] != kind.__name__:
        raise FileError(f"{where}: expected the kind {kind.__name__}.")
    fields = {name: from_plain(hints[name], value[name], f"{where}.{name}") for name in names}
    try:
        return kind(**fields)
    except ValueError as error:  # the dataclass checks what it is given
        raise FileError(f"{where}: {error}") from None
