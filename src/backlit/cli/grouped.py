"""Options under headings in --help, lists as values, and all of them from a TOML file."""

import difflib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..errors import InputError


class InGroup(click.Option):
    """An option that --help shows under a heading."""

    def __init__(self, *words: Any, group: str, **settings: Any) -> None:
        super().__init__(*words, **settings)
        self.group = group


class Grouped(click.Command):
    """A command whose options have headings; those without one come last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and isinstance(param, click.Option):
                groups.setdefault(getattr(param, "group", "Options"), []).append(record)
        for title in sorted(groups, key=lambda title: title == "Options"):
            with formatter.section(title):
                formatter.write_dl(groups[title])


class Listed(click.ParamType):
    """Values between commas: 0.1,0.5,0.9 → (0.1, 0.5, 0.9)."""

    name = "list"

    def __init__(self, kind: Callable[[str], Any], expected: str) -> None:
        self.kind, self.expected = kind, expected

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(self.kind(word.strip()) for word in value.split(","))
        except ValueError:
            self.fail(f"{value!r}, expected {self.expected}.", param, ctx)


def from_config(ctx: click.Context, param: click.Parameter, path: Path | None) -> None:
    """A callback: what the file says stands in for options that the command line does not give."""
    if path is None:
        return
    options = {p.name: p for p in ctx.command.params if isinstance(p, click.Option)}
    options = {name: p for name, p in options.items() if name and p is not param}
    spelt = {_key(p): name for name, p in options.items()}
    opposite = {no.lstrip("-"): _key(p) for p in options.values() for no in p.secondary_opts}
    found: dict[str, Any] = {}
    for key, value in _read(path).items():
        name = spelt.get(key.replace("_", "-"))
        if name is None:
            near = difflib.get_close_matches(key.replace("_", "-"), spelt, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(spelt)}."
            if key in opposite:
                hint = f"write {opposite[key]} = false for it."
            raise InputError(f"{path}: {key!r} is no option of {ctx.info_name}; {hint}")
        found[name] = _value(path, key, value, getattr(options[name], "is_flag", False))
    ctx.default_map = found


def _key(option: click.Option) -> str:
    """The option as the command line spells it, without dashes."""
    return max(option.opts, key=len).lstrip("-")


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not TOML: {error}.") from None


def _value(path: Path, key: str, value: Any, flag: bool) -> Any:
    """As it would stand on the command line."""
    if isinstance(value, bool) is not flag:
        expected = "true or false" if flag else "a number, a text or a list"
        raise InputError(f"{path}: {key} = {value!r}, expected {expected}.")
    if isinstance(value, dict):
        raise InputError(f"{path}: [{key}] is a table; expected lines such as rate = 0.01 alone.")
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if flag else str(value)
