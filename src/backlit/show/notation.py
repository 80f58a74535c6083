"""How names, numbers and operations are written: plain text and LaTeX.

The templates of an op say how it is written; a `Part` is one written expression that puts itself
in parentheses where a template asks for something that binds more tightly.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..ir.graph import Lit, Shape, Var
from ..ir.op import LEVELS, Op
from ..ops.arithmetic import add
from ..ops.linear import matmul
from ..ops.shape import transpose
from .constants import Constant

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Delta": "Δ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_CALL = r"\w+\([^()]*\)"  # a template that is in brackets of its own
_NUMBER = r"[−-]?[\d.]+(/\d+)?"
_COMMANDS = {name: rf"\{name}" for name in GREEK} | {"lam": r"\lambda"}
_COMMANDS |= {GREEK[name]: command for name, command in _COMMANDS.items()}  # a name may be α, too


@dataclass(frozen=True)
class Part:
    """A written expression: its text, how tightly it binds, and the shape of its value."""

    text: str
    level: str = "atom"
    shape: Shape = ()
    brackets: str = "({})"

    @property
    def uniform(self) -> bool:
        """Is it written as one number? Then an array is this number all over."""
        return bool(re.fullmatch(_NUMBER, self.text))

    def __format__(self, level: str) -> str:
        loose = level and LEVELS.index(self.level) < LEVELS.index(level)
        return self.brackets.format(self.text) if loose else self.text


def is_gradient(var: Var) -> bool:
    """Is it the derivative of the loss by a Var with a name, called d + name?"""
    own = var.role in ("gradient", "cotangent") and not var.name.startswith("delta")
    return own and var.name.startswith("d") and len(var.name) > 1


def _split(name: str) -> tuple[str, str, list[str]]:
    """``W12`` → ("W", "12", []), ``beta_t`` → ("beta", "", ["t"])."""
    stem, *rest = [*filter(None, name.split("_"))] or [name]
    base = stem.rstrip("0123456789") or stem
    return base, stem[len(base) :], rest


def plain(value: Any, digits: int = 6) -> str:
    """A number for reading, with a true minus sign."""
    return f"{float(value) + 0.0:.{digits}g}".replace("-", "−")


def number(value: Any) -> str:
    """A number for reading: short decimals as they are, simple fractions as fractions."""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    value = float(value)
    short = f"{value:.6g}"
    if np.isfinite(value) and not _close(float(short), value):
        ratio = Fraction(value).limit_denominator(100_000)
        short = f"{ratio}" if _close(float(ratio), value) else short
    return short.replace("-", "−")


def _close(x: float, value: float) -> bool:
    """Are they the same but for the last bits?"""
    return abs(x - value) <= 4e-16 * abs(value)


@dataclass(frozen=True)
class Notation:
    """One way of writing: the functions a writer needs."""

    key: str  # which template of an op: "text" or "latex"
    brackets: str
    quotient: str  # the level of a quotient: a fraction bar binds more tightly than a slash
    name: Callable[[str], str]
    gradient: Callable[[str, str], str]  # (loss, variable) → ∂L/∂W
    call: Callable[[str, list[str]], str]
    setting: Callable[[str, str], str]
    axis: Callable[[str], str]
    times: str  # between the lengths of a shape
    number: Callable[[str], str] = str
    prose: Callable[[str], str] = str  # words between the formulas of a sentence
    formula: Callable[[str], str] = str  # a formula within a sentence
    reference: Callable[[int], str] = "({})".format  # to a line

    def var(self, var: Var, loss: str) -> Part:
        """A Var as it is written; `loss` is the name of what is differentiated."""
        if is_gradient(var):
            text = self.gradient(self.name(loss), self.name(var.name[1:]))
            return Part(text, self.quotient, var.shape, self.brackets)
        return Part(self.name(var.name.lstrip("_")), "atom", var.shape, self.brackets)

    def constant(self, constant: Constant) -> Part:
        """A constant array by its name: ``h``, ``Cᵀ``."""
        name = Part(self.name(constant.name), "atom", constant.value.shape, self.brackets)
        if not constant.transposed:
            return name
        turned = self.operation(transpose, [name], {"axes": (1, 0)}, "")
        return Part(turned, transpose.level, constant.value.T.shape, self.brackets)

    def lit(self, lit: Lit) -> Part:
        """A constant: its number, or that it is an array."""
        values = np.unique(lit.value) if lit.shape else np.asarray(lit.value)
        if values.size != 1:
            return Part(self.name("C"), "atom", lit.shape, self.brackets)
        text = self.number(number(values.item()))
        level = "product" if text.startswith(("−", "-")) or "/" in text else "atom"
        return Part(text, level, lit.shape, self.brackets)

    def operation(self, op: Op, parts: list[Part], settings: dict[str, Any], axis: str) -> str:
        """An operation on written expressions, by the op's template."""
        template = getattr(op, self.key)
        if callable(template):
            return template(*parts, **settings)
        changed = {k: v for k, v in settings.items() if v != op.defaults.get(k)}
        if template is None:
            one = bool(parts) and len(parts[0].shape) == 1  # axis, of which nothing is to be said
            told = [(k, v) for k, v in changed.items() if not (k == "axis" and one)]
            extra = [self.setting(k, str(v)) for k, v in told]
            return self.call(op.name, [f"{p}" for p in parts] + extra)
        told = {k: v for k, v in changed.items() if not _seen_elsewhere(k, v, parts)}
        more = [self.setting(k, str(v)) for k, v in told.items()]
        written = {"axis": self.axis(axis) if axis else "", "more": "".join(f", {m}" for m in more)}
        if op is matmul:
            parts = [self._factor(part) for part in parts]
        text = template.format(**dict(zip(op.inputs, parts, strict=True)), **settings | written)
        if op is add:  # of a negative product
            text = text.replace("+ −", "− ").replace("+ -", "- ")
        return text

    def _factor(self, part: Part) -> Part:
        """In a matrix product: ``full(1, 2×3)``, not 1; in brackets where a ⊙ would come loose."""
        if part.shape and part.uniform:
            shape = self.times.join(map(str, part.shape))
            return Part(self.call("full", [part.text, shape]), "atom", part.shape, self.brackets)
        loose = part.level == "product" and _held_apart(part.text)
        return replace(part, level="sum") if loose else part

    def level(self, op: Op) -> str:
        """How tightly the written operation binds."""
        template = getattr(op, self.key)
        if template is None or (isinstance(template, str) and re.fullmatch(_CALL, template)):
            return "atom"
        fraction = isinstance(template, str) and template.startswith(r"\frac")
        return self.quotient if fraction else op.level


def _held_apart(text: str) -> bool:
    """Is it a product whose factors a sign holds apart, which binds less tightly than a gap?"""
    inner = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
    while (outer := inner.sub("", text)) != text:
        text = outer
    return any(sign in text for sign in (" ⊙ ", r" \odot ", " / "))


def _seen_elsewhere(setting: str, value: Any, parts: list[Part]) -> bool:
    """Is it seen in the line's shape, or in a reduction's axes; is it the last axis?"""
    if setting == "axis":
        return not isinstance(value, int) or value in (-1, len(parts[0].shape) - 1)
    return setting in ("keepdims", "shape", "length")


def _text_name(name: str) -> str:
    base, index, rest = _split(name)
    return "_".join([GREEK.get(base, base) + index, *rest])


def _latex_name(name: str) -> str:
    base, index, rest = _split(name)
    stem = _COMMANDS.get(base) or _upright(base)
    below = ",".join(filter(None, [index, *map(_upright, rest)]))
    return f"{stem}_{{{below}}}" if below else stem


def _upright(word: str) -> str:
    """Letters side by side would read as a product."""
    return word if len(word) == 1 or word.isdecimal() else rf"\mathrm{{{word}}}"


def _latex_number(text: str) -> str:
    sign, text = ("-", text[1:]) if text.startswith("−") else ("", text)
    if text in ("inf", "nan"):
        return sign + {"inf": r"\infty", "nan": r"\text{nan}"}[text]
    if "/" in text:
        top, bottom = text.split("/")
        return rf"{sign}\tfrac{{{top}}}{{{bottom}}}"
    mantissa, e, exponent = text.replace("−", "-").partition("e")
    return sign + (rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa)


TEXT = Notation(
    key="text",
    brackets="({})",
    quotient="product",
    name=_text_name,
    gradient=lambda loss, w: f"∂{loss}/∂{w}",
    call=lambda name, words: f"{name}({', '.join(words)})",
    setting=lambda name, value: f"{name}={value.replace('-', '−')}",
    axis=lambda axis: f", axis={axis}",
    times="×",
)

LATEX = Notation(
    key="latex",
    brackets=r"\left({}\right)",
    quotient="unary",
    name=_latex_name,
    gradient=lambda loss, w: rf"\frac{{\partial {loss}}}{{\partial {w}}}",
    call=lambda name, words: (
        rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}({', '.join(words)})"
    ),
    setting=lambda name, value: rf"\text{{{name.replace('_', chr(92) + '_')}={value}}}",
    axis=lambda axis: rf"_{{\text{{axis }}{axis}}}",
    times=r" \times ",
    number=_latex_number,
)
