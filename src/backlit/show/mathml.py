"""MathML from the LaTeX that backlit writes: an op has one template, and browsers need no script.

The subset is what `notation.LATEX` and the templates in ops/ emit. Whatever is not in the tables
below is an error, never left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from ..errors import InputError
from .notation import GREEK

_TOKEN = re.compile(r"\s*(\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S|$)", re.DOTALL)
_GREEK = {rf"\{name}": letter for name, letter in GREEK.items()} | {r"\varphi": "φ"}
_SIGNS = {r"\partial": "∂", r"\infty": "∞", r"\dots": "…", r"\top": "⊤"}
_FUNCTIONS = (
    r"\max", r"\min", r"\ln", r"\log", r"\exp", r"\det", r"\sin", r"\cos", r"\tan",
    r"\arcsin", r"\arccos", r"\arctan", r"\sinh", r"\cosh", r"\tanh",
)  # fmt: skip
_LARGE = {r"\sum": "∑", r"\prod": "∏"}
_OPERATORS = {
    "=": "=", "+": "+", "-": "−", "<": "<", ">": ">", ",": ",", r"\ge": "≥", r"\le": "≤",
    r"\ne": "≠", r"\odot": "⊙", r"\cdot": "⋅", r"\times": "×", r"\wedge": "∧", r"\vee": "∨",
    r"\neg": "¬", r"\leftarrow": "←", r"\to": "→", r"\oplus": "⊕", r"\bmod": "mod",
}  # fmt: skip
_SPACES = {r"\,": 3, r"\;": 5, r"\ ": 4, r"\quad": 18}  # in eighteenths of an em
_CLOSES = {
    "(": ")", "[": "]", r"\{": r"\}", r"\lvert": r"\rvert", r"\lVert": r"\rVert",
    r"\lfloor": r"\rfloor", r"\lceil": r"\rceil",
}  # fmt: skip
_FENCES = {  # the others are themselves
    r"\{": "{", r"\}": "}", r"\lvert": "|", r"\rvert": "|", r"\lVert": "‖", r"\rVert": "‖",
    r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉",
}  # fmt: skip
_APPLY = "<mo>&#x2061;</mo>"  # the invisible sign between a function and its argument


def mathml(latex: str, *, display: bool = False, links: Mapping[str, str] | None = None) -> str:
    r"""A ``<math>`` element (MathML Core) for a formula in backlit's LaTeX.

    `display` sets it on a line of its own, with large fractions. `links` is for names that are
    links: LaTeX of the name → address. Raises InputError for what is not in the subset.

    >>> mathml(r"W_{1}^\top")
    '<math><msubsup><mi>W</mi><mn>1</mn><mi mathvariant="normal">⊤</mi></msubsup></math>'
    """
    block = ' display="block"' if display else ""
    return f"<math{block}>{''.join(_Reader(latex, links or {}, display).row())}</math>"


@dataclass
class _Reader:
    """Reads a formula from left to right. Every method takes what it reads."""

    source: str
    links: Mapping[str, str]
    display: bool = False
    at: int = 0
    start: int = 0  # of the last token

    def take(self) -> str:
        """The next token; "" at the end."""
        found = _TOKEN.match(self.source, self.at)
        assert found  # the pattern matches everywhere
        self.start, self.at = found.span(1)
        return found[1]

    def row(self, close: str = "") -> list[str]:
        """The elements up to `close`."""
        found: list[str] = []
        before = "start"
        while (token := self.take()) != close:
            if not token:
                raise self.error(f"{close} is missing")
            sign = token in "+-" and (before in ("start", ":") or before in _OPERATORS)
            found.append(self.scripted(token, ' form="prefix"' if sign else ""))
            if self.source.startswith("(", self.at) and _calls(token):
                found.append(_APPLY)
            elif token in (*_FUNCTIONS, r"\operatorname"):
                found.append(_space(r"\,"))
            before = token
        return found

    def scripted(self, token: str, form: str) -> str:
        """An element with what stands below and above it; the whole is a link if its name is."""
        address, links = self.address(), self.links
        if address:  # no links inside a link
            self.links = {}
        element = self.with_scripts(self.element(token, form), token)
        self.links = links
        return self.link(element, address) if address else element

    def with_scripts(self, base: str, token: str) -> str:
        parts, tags = [base], ""
        while (mark := self.source[self.at : self.at + 1]) and mark in "_^":
            self.take()
            tag = "sub" if mark == "_" else "sup"
            if tag in tags:
                raise self.error(f"a second {mark}")
            tags += tag
            parts.append(self.argument())
        if tags == "supsub":
            tags, parts[1:] = "subsup", parts[:0:-1]
        if token in _LARGE and tags:
            tags = {"sub": "under", "sup": "over", "subsup": "underover"}[tags]
        return f"<m{tags}>{''.join(parts)}</m{tags}>" if tags else parts[0]

    def address(self) -> str:
        """Where the name that begins at this token leads to; "" if it is no link."""
        for name, address in self.links.items():
            end = self.start + len(name)
            after = self.source[end : end + 1]
            longer = after in ("_", "(") or (name[-1].isalpha() and after.isalpha())
            if self.source.startswith(name, self.start) and not longer:
                return address
        return ""

    def link(self, element: str, address: str) -> str:
        """Browsers know HTML's links only, which MathML may hold in its texts."""
        style = ' displaystyle="true"' if self.display else ""
        anchor = f'<a href="{escape(address)}"><math{style}>{element}</math></a>'
        return f'<mtext style="line-height: 0">{anchor}</mtext>'

    def argument(self) -> str:
        """One element: a group in braces, or a single token."""
        token = self.take()
        if len(token) > 1 and token.isdecimal():  # of W_12, the 1
            self.at = self.start + 1
            token = token[0]
        return self.element(token, "")

    def element(self, token: str, form: str) -> str:
        if _is_letter(token):
            return f"<mi>{escape(token)}</mi>"
        if token[:1].isdecimal():
            return f"<mn>{token}</mn>"
        if token in _OPERATORS:
            return f"<mo{form}>{escape(_OPERATORS[token])}</mo>"
        if token in _GREEK:
            return _identifier(_GREEK[token], upright=token[1].isupper())
        if token in _SIGNS:
            return _identifier(_SIGNS[token], upright=True)
        if token in _FUNCTIONS:
            return _identifier(token[1:])
        if token in _SPACES:
            return _space(token)
        if token in _LARGE:
            return f"<mo>{_LARGE[token]}</mo>"
        if token in _CLOSES:
            return self.fenced(token, self.row(_CLOSES[token]), _CLOSES[token])
        return self.command(token)

    def command(self, token: str) -> str:
        match token:
            case "{":
                return _one(self.row("}"))
            case ":":
                return '<mo lspace="0" rspace="0">:</mo>'
            case r"\left":
                opening, inner = self.take(), self.row(r"\right")
                return self.fenced(opening, inner, self.take())
            case r"\frac":
                return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
            case r"\tfrac":
                return f'<mfrac displaystyle="false">{self.argument()}{self.argument()}</mfrac>'
            case r"\sqrt" if self.source.startswith("[", self.at):
                self.take()
                degree = _one(self.row("]"))
                return f"<mroot>{self.argument()}{degree}</mroot>"
            case r"\sqrt":
                return f"<msqrt>{self.argument()}</msqrt>"
            case r"\operatorname" | r"\mathrm":
                return _identifier(self.text(), upright=True)
            case r"\mathbf":
                return f"<mn>{''.join(map(_bold, self.text()))}</mn>"
            case r"\text":
                return f"<mtext>{self.text().replace(' ', chr(160))}</mtext>"
            case _:
                raise self.error(f"{token or 'its end'} is not expected")

    def fenced(self, opening: str, inner: list[str], closing: str) -> str:
        for token in (opening, closing):
            if token not in _CLOSES and token not in _CLOSES.values():
                raise self.error(f"{token} is no bracket")
        content = "".join(inner)
        low = "" if re.search("<m(frac|under|sqrt|root)", content) else ' stretchy="false"'
        left, right = (f"<mo{low}>{_FENCES.get(x, x)}</mo>" for x in (opening, closing))
        return f"<mrow>{left}{content}{right}</mrow>"

    def text(self) -> str:
        """Words in braces, as they are."""
        found = re.compile(r"{((?:[^\\{}]|\\_)*)}").match(self.source, self.at)
        if not found:
            raise self.error("words in braces are expected")
        self.at = found.end()
        return escape(found[1].replace(r"\_", "_"))

    def error(self, what: str) -> InputError:
        return InputError(
            f"MathML of {self.source!r}: {what} at character {self.start + 1}. backlit's subset of "
            "LaTeX is in show/mathml.py."
        )


def _calls(token: str) -> bool:
    """Is an opening bracket right after this token that of a function's argument?"""
    names = (*_FUNCTIONS, r"\operatorname", r"\mathrm")
    return token in names or token in _GREEK or _is_letter(token)


def _is_letter(token: str) -> bool:
    """May a name of Python begin with it? There are more of these than letters."""
    return token.isidentifier() and token != "_"


def _one(elements: list[str]) -> str:
    return elements[0] if len(elements) == 1 else f"<mrow>{''.join(elements)}</mrow>"


def _identifier(text: str, upright: bool = False) -> str:
    """A name: one letter is italic unless it must not be, several are upright."""
    normal = ' mathvariant="normal"' if upright and len(text) == 1 else ""
    return f"<mi{normal}>{text}</mi>"


def _space(token: str) -> str:
    return f'<mspace width="{_SPACES[token] / 18:.3f}em"/>'


def _bold(letter: str) -> str:
    """Digits and Latin letters from Unicode's bold alphabet (MathML Core has no other bold)."""
    for first, bold in (("0", 0x1D7CE), ("A", 0x1D400), ("a", 0x1D41A)):
        place = ord(letter) - ord(first)
        if 0 <= place < (10 if first == "0" else 26):
            return chr(bold + place)
    raise InputError(f"{letter!r} has no bold form: only digits and Latin letters have one")
