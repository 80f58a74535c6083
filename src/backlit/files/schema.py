"""Dataclasses as JSON and back. The dataclasses are the schema: what they do not have is refused.

Known types of fields: str, int, float, bool, Real (a float that may be NaN or infinite),
dataclasses, unions of all these, X | None, tuple[X, ...] and dict[str, X].
"""

import dataclasses
import json
import math
import types
import typing
from typing import Any

from ..errors import FileError

Real = typing.NewType("Real", float)

_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a finite number",
    bool: "true or false",
    Real: "a number",
}
_NO_JSON = {word: float(word) for word in ("nan", "inf", "-inf")}  # written as {"kind": word}
_WIDER = {"int": "float", "float": "Real"} | dict.fromkeys(_NO_JSON, "Real")  # of a union's types


def as_plain(value: Any) -> Any:
    """Objects, lists, texts and numbers; a dataclass names its type as "kind"."""
    if dataclasses.is_dataclass(value):
        fields = {f.name: as_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, dict):
        return {key: as_plain(x) for key, x in value.items()}
    if isinstance(value, tuple):
        return [as_plain(x) for x in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"kind": str(float(value))}
    return value


def text(plain: Any) -> str:
    """JSON, the same for the same value."""
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_plain(kind: Any, value: Any, where: str) -> Any:
    """The value as `kind`. Raises FileError where it is not exactly that."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        if not isinstance(value, list):
            raise FileError(f"{where}: expected a list.")
        return tuple(from_plain(inner[0], x, f"{where}[{i}]") for i, x in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise FileError(f"{where}: expected an object.")
        return {
            from_plain(str, name, where): from_plain(inner[1], x, f"{where}[{name!r}]")
            for name, x in value.items()
        }
    if origin in (types.UnionType, typing.Union):
        return _one_of(inner, value, where)
    if dataclasses.is_dataclass(kind):
        return _object(kind, value, where)
    return _leaf(kind, value, where)


def _leaf(kind: Any, value: Any, where: str) -> Any:
    """A text or a number."""
    if kind in (float, Real) and type(value) is int and abs(value) < 2**53:
        return float(value)
    if kind is Real and isinstance(value, dict) and value.keys() == {"kind"}:
        value = _NO_JSON.get(value["kind"]) if isinstance(value["kind"], str) else None
    elif kind in (float, Real) and type(value) is float and not math.isfinite(value):
        value = None  # 1e999 in the file
    if type(value) is not (float if kind is Real else kind):
        raise FileError(f"{where}: expected {_WORDS[kind]}.")
    if kind is int and not -(2**63) <= value < 2**64:
        raise FileError(f"{where}: expected a whole number of 64 bits.")
    if kind is str and any("\ud800" <= c <= "\udfff" for c in value):
        raise FileError(f"{where}: half a character, which no file of UTF-8 can hold.")
    return value


def _one_of(kinds: Any, value: Any, where: str) -> Any:
    """A dataclass by its name; a text or a number by the type that JSON gives it."""
    if value is None and types.NoneType in kinds:
        return None
    known = {kind.__name__: kind for kind in kinds if kind is not types.NoneType}
    found = value.get("kind") if isinstance(value, dict) else type(value).__name__
    if not isinstance(found, str):
        raise FileError(f"{where}: its kind is no text.")
    while found not in known and found in _WIDER:
        found = _WIDER[found]
    if found not in known:
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
        raise FileError(f"{where}: {error}.") from None
