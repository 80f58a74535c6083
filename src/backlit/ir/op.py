"""An operation and everything backlit knows about it, in one place.

An op is a NumPy function under ``@op(...)``. Positional parameters are arrays, keyword-only
parameters are settings. Its backward rule is attached like a property setter, in the words of the
signature, and written with ops, so that the backward pass is equations of the same language::

    @op(latex=r"\\sigma({x})", text="σ({x})", kernel="sigmoid(x)")
    def sigmoid(x):
        e = np.exp(-np.abs(x))
        return np.where(x >= 0, 1, e) / (1 + e)

    @sigmoid.backward
    def _(grad, out, x):
        return grad * out * (1 - out)

Printing, tracing, type-checking, and the generic tests are read from the entry.

Templates: ``{x}`` takes any expression; ``{x:product}`` one that binds at least as tightly as a
product (looser ones get parentheses). The levels are `LEVELS`. ``{axis}`` is where a reduction
names its axes, ``{more}`` where settings that are not the default are named. A template may also
be a function of the written inputs.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import DerivativeError, GraphError, ShapeError

Rule = Callable[..., Any]
LEVELS = ("compare", "sum", "product", "unary", "power", "atom")  # loosest to tightest

REGISTRY: dict[str, "Op"] = {}
NUMPY: dict[Any, Callable[..., Any]] = {}  # NumPy function → op, or adapter written with ops


class Traced:
    """Base of the stand-ins for arrays, for which an op is recorded, not computed (tracer.py)."""

    __slots__ = ()

    def _record(self, op: "Op", inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Write the equation ``op(inputs; settings)`` and answer the stand-in for its result."""
        raise NotImplementedError


def traced(x: Any) -> bool:
    """Is x a stand-in, and not a constant?"""
    return isinstance(x, Traced)


def array(x: Any, dtype: Any = None) -> Any:
    """x as an array: a stand-in as it is, lists and plain numbers by NumPy."""
    return x if traced(x) else np.asarray(x, dtype)


@dataclass(eq=False)
class Op:
    """One entry of the registry; made by `op`, never directly.

    Facts: `latex` and `text` templates with their `level`; `numpy`, the NumPy names it answers to;
    `kernel`, the formula as a Python expression of the inputs and settings, from which the native
    player's C++ is written; `domain` (range of test inputs), `avoid` (kinks; of two inputs, in
    their difference), `masks` (inputs that are truth values), `holomorphic` (the forward is
    analytic and runs on complex numbers), `cases` (inputs and settings for the generic tests of an
    op that is not elementwise), `dtype` (of the result), `only_numpy` (why there is no native way).
    """

    name: str
    forward: Callable[..., Any]
    latex: str | Rule | None = None
    text: str | Rule | None = None
    level: str = "atom"
    numpy: tuple[Any, ...] = ()
    kernel: str | None = None
    domain: tuple[float, float] = (-3.0, 3.0)
    avoid: tuple[float, ...] = ()
    holomorphic: bool = False
    commutative: bool = False
    masks: tuple[str, ...] = ()
    cases: tuple[Any, ...] = ()
    dtype: Any = None
    only_numpy: str = ""  # why the native player cannot run it
    note: str = ""  # the rule in words, where the formula alone does not say it
    inputs: tuple[str, ...] = field(init=False)
    defaults: dict[str, Any] = field(init=False)
    variadic: bool = field(init=False)
    vjp: Rule | None = field(default=None, init=False)
    infer: Rule | None = field(default=None, init=False)
    simpler: Rule | None = field(default=None, init=False)
    flat: bool = field(default=False, init=False)  # no derivative by nature: comparisons, signs

    def __post_init__(self) -> None:
        words = inspect.signature(self.forward).parameters.values()
        self.inputs = tuple(p.name for p in words if p.kind is not p.KEYWORD_ONLY)
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in words)
        self.defaults = {p.name: p.default for p in words if p.kind is p.KEYWORD_ONLY}
        self.__doc__ = self.forward.__doc__
        self.__name__ = self.name

    @property
    def elementwise(self) -> bool:
        """Is every entry of the result made from the entries at the same place?"""
        return self.infer is None

    def backward(self, rule: Rule) -> Rule:
        """Attach ``(grad, out, *inputs, **settings) → one cotangent per input`` (None: none)."""
        self.vjp = rule
        return rule

    def shape(self, rule: Rule) -> Rule:
        """Attach ``(*shapes, **settings) → shape``; without it the op broadcasts."""
        self.infer = rule
        return rule

    def expand(self, rule: Rule) -> Rule:
        """Attach ``(*inputs, **settings) → result``, written with simpler ops, for the player."""
        self.simpler = rule
        return rule

    def constant(self) -> None:
        """Declare that the op is flat: its derivative is zero wherever it exists."""
        self.flat = True

    def cotangents(self, grad: Any, out: Any, inputs: Iterable[Any], **settings: Any):
        """The backward rule's answer, one per input, its arity checked."""
        inputs = tuple(inputs)
        if self.flat:
            return (None,) * len(inputs)
        if self.vjp is None:
            raise DerivativeError(f"{self.name} has no backward rule: it cannot be differentiated.")
        answer = self.vjp(grad, out, *inputs, **settings)
        answer = answer if isinstance(answer, tuple) else (answer,)
        if len(answer) != len(inputs):
            raise GraphError(
                f"backward rule of {self.name}: {len(answer)} cotangents for {len(inputs)} inputs"
            )
        return answer

    def result_shape(self, *shapes: tuple[int, ...], **settings: Any) -> tuple[int, ...]:
        """The shape of the result, or a ShapeError that names the op and the shapes."""
        try:
            return tuple(self.infer(*shapes, **settings) if self.infer else broadcast(*shapes))
        except (ValueError, IndexError, TypeError) as error:
            raise ShapeError(
                f"{self.name}: shapes {' and '.join(map(str, shapes))} do not fit ({error})"
            ) from None

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        traced = next((x for x in inputs if isinstance(x, Traced)), None)
        if traced is not None:
            return traced._record(self, inputs, {**self.defaults, **settings})
        return self.forward(*inputs, **settings)

    def __repr__(self) -> str:
        return f"<op {self.name}>"


def broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """NumPy's rule, with the usual case first: all the same, or a number among them."""
    full = max(shapes, key=len, default=())
    return full if all(s in (full, ()) for s in shapes) else np.broadcast_shapes(*shapes)


def op(*, numpy: Any = (), **facts: Any) -> Callable[[Callable[..., Any]], Op]:
    """Register the NumPy function below as an op; the keywords are its facts (see `Op`)."""

    def register(forward: Callable[..., Any]) -> Op:
        names = numpy if isinstance(numpy, tuple) else (numpy,)
        entry = Op(name=forward.__name__.rstrip("_"), forward=forward, numpy=names, **facts)
        if entry.name in REGISTRY:
            raise GraphError(f"op {entry.name!r} is defined twice")
        REGISTRY[entry.name] = entry
        NUMPY.update(dict.fromkeys(names, entry))
        return entry

    return register


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say how NumPy functions are written with ops: few primitives, the rest derived."""

    def register(adapter: Callable[..., Any]) -> Callable[..., Any]:
        NUMPY.update(dict.fromkeys(functions, adapter))
        return adapter

    return register
