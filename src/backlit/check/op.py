"""Check one entry of the registry, by nothing but its own facts.

Shapes and dtypes; first and second derivatives against complex steps or 5-point differences; the
adjoint identity ⟨u, J v⟩ = ⟨Jᵀ u, v⟩. On numbers, on empty, broadcast and strided arrays, with
constants among the inputs, and where inputs tie.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir.graph import Graph, Lit, Var
from ..ir.interpret import interpret
from ..ir.op import Op
from ..ir.trace import trace
from ..ir.typecheck import result_dtype
from ..ops.shape import ones_like
from ..passes import reverse

_RELATIVE, _OF_LARGEST = 1e-6, 1e-9  # allowed error of a derivative
_CLEAR = 0.05  # distance from kinks
_SHAPES = {
    "a number": ((), (), ()),
    "empty": ((0, 3), (3,), (1, 1)),
    "alike": ((4,), (4,), (4,)),
    "broadcast": ((3, 1), (4,), (2, 1, 1)),
    "spread": ((2, 3), (), (3,)),
}


@dataclass(frozen=True)
class Example:
    """Inputs and settings on which an op is tried, and which of the inputs move."""

    label: str
    inputs: tuple[Any, ...]
    settings: dict[str, Any]
    moved: tuple[int, ...]
    tied: bool = False  # only a common shift of all inputs has a slope

    @property
    def values(self) -> list[Any]:
        return [self.inputs[i] for i in self.moved]

    def filled(self, values: Sequence[Any]) -> list[Any]:
        """The inputs, with `values` in the places of those that move."""
        new = dict(zip(self.moved, values, strict=True))
        return [new.get(i, x) for i, x in enumerate(self.inputs)]

    def apply(self, op: Op, values: Sequence[Any]) -> Any:
        """The op on the inputs, with `values` in the places of those that move."""
        return op(*self.filled(values), **self.settings)


def faults(op: Op) -> Iterator[str]:
    """What is wrong with an entry, one sentence each; nothing if it is right.

    >>> from backlit.ops.trigonometry import tanh
    >>> list(faults(tanh))
    []
    """
    for example in examples(op):
        for check in (_types, _slopes, _curvature, _adjoint):
            yield from (f"{op.name} ({example.label}): {f}" for f in check(op, example))


def examples(op: Op) -> Iterator[Example]:
    """What an op is tried on: every kind of shape, or its own `cases`."""
    rng = np.random.default_rng(len(op.name))
    for label, shapes, settings in _cases(op):
        inputs = tuple(_draw(op, shapes, rng))
        moved = tuple(i for i, x in enumerate(inputs) if x.dtype.kind == "f")
        yield Example(label, inputs, settings, moved)
        yield Example(f"{label}, strided", tuple(map(_strided, inputs)), settings, moved)
        if op.avoid and moved == tuple(range(len(inputs))) and (len(moved) > 1 or op.infer):
            tied = tuple(np.full_like(x, 0.7) for x in inputs)
            yield Example(f"{label}, tied", tied, settings, moved, tied=True)
        if len(moved) > 1 and label == "alike":
            for i in moved:
                yield Example(f"input {i + 1} moves alone", inputs, settings, (i,))
                number = (*inputs[:i], inputs[i].flat[0].item(), *inputs[i + 1 :])
                rest = tuple(j for j in moved if j != i)
                yield Example(f"input {i + 1} a constant number", number, settings, rest)


def _cases(op: Op) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    for i, (shapes, settings) in enumerate(op.cases):
        one = isinstance(shapes, np.ndarray) or shapes == () or isinstance(shapes[0], int)
        yield f"case {i + 1}", (shapes,) if one else shapes, {**op.defaults, **settings}
    if not op.cases:
        other = {name: 1.7 * value + 0.3 for name, value in op.defaults.items()}
        for label, shapes in _SHAPES.items():
            for settings in (op.defaults, other) if other else ({},):
                yield label, shapes[: len(op.inputs)], settings


def _draw(op: Op, shapes: Sequence[Any], rng: np.random.Generator) -> list[Any]:
    """Numbers in the op's domain, clear of its kinks; truth values where it takes masks."""

    def one(i: int, shape: Any) -> Any:
        if isinstance(shape, np.ndarray):
            return shape
        if not op.variadic and op.inputs[i] in op.masks:
            return np.asarray(rng.integers(0, 2, shape) == 1)
        return np.asarray(rng.uniform(*op.domain, shape))

    while True:
        inputs = [one(i, shape) for i, shape in enumerate(shapes)]
        if not op.avoid:
            return inputs
        gaps = [inputs[0] - inputs[1]] if len(inputs) == 2 and op.elementwise else inputs
        if all(np.all(np.abs(gap - kink) > _CLEAR) for gap in gaps for kink in op.avoid):
            return inputs


def _strided(x: Any) -> Any:
    """The same numbers, backwards in memory and with gaps."""
    wide = np.zeros((*x.shape, 2), x.dtype)
    wide[..., 1] = x
    return wide[..., 1] if not x.ndim else np.flip(np.flip(wide[..., 1], 0).copy(), 0)


def _loss(op: Op, example: Example) -> Callable[..., Any]:
    """Σ c ⊙ op(x): it depends on every entry of the result, on each in its own way."""

    def loss(*values: Any) -> Any:
        out = example.apply(op, values)
        weights = 1 + np.arange(np.size(out)).reshape(np.shape(out)) / 7
        return np.sum(weights.astype(values[0].dtype) * out)

    return loss


def _gradient(loss: Callable[..., Any], values: Sequence[Any]) -> Graph:
    """(L, ∂L/∂x …) by the backward rules alone, with no pass in between."""
    graph = trace(loss, *values, wrt=range(len(values))).graph
    return reverse(graph, graph.inputs)


def _types(op: Op, example: Example) -> Iterator[str]:
    """Shape and dtype are as foretold; what is float32 stays float32 on the way back."""
    for dtype in (np.float64, np.float32):
        single = [x.astype(dtype) for x in example.values]
        inputs = example.filled(single)
        atoms = tuple(
            Var("x", x.shape, x.dtype) if isinstance(x, np.ndarray) else Lit(x) for x in inputs
        )
        found = np.asarray(op(*inputs, **example.settings))
        shape = op.result_shape(*[a.shape for a in atoms], **example.settings)
        told = result_dtype(op, atoms, example.settings)
        if (found.shape, found.dtype) != (shape, told):
            yield f"gives {found.dtype}{found.shape}, foretold {told}{shape}"
    if example.moved and told == dtype:
        graph = _gradient(_loss(op, example), single)
        if wide := [e for e in graph.equations if e.out.dtype == np.float64]:
            yield f"on the way back float32 becomes float64 in {wide[0]!r}"


def _slopes(op: Op, example: Example) -> Iterator[str]:
    loss, values = _loss(op, example), example.values
    if values:
        graph = _gradient(loss, values)
        yield from _compare("slope", op.holomorphic, loss, graph, values, example.tied)


def _curvature(op: Op, example: Example) -> Iterator[str]:
    """The derivative of ⟨w, ∂L/∂x⟩ for some w."""
    values = example.values
    if not values or example.tied:
        return
    first = _gradient(_loss(op, example), values)
    weights = [np.cos(1 + np.arange(x.size)).reshape(x.shape) for x in values]

    def directional(*point: Any) -> Any:
        pairs = zip(weights, interpret(first, *point)[1:], strict=True)
        return sum((np.sum(w * g) for w, g in pairs), 0.0)

    smooth = all(eqn.op.holomorphic or eqn.op is ones_like for eqn in first.equations)
    second = _gradient(directional, values)
    yield from _compare("second derivative", smooth, directional, second, values, False)


def _adjoint(op: Op, example: Example) -> Iterator[str]:
    """⟨Jᵀ u, v⟩ = ⟨u, J v⟩, for one v and several u."""
    values = example.values
    if not values or example.tied:
        return
    v = [np.cos(np.arange(x.size)).reshape(x.shape) for x in values]
    forth = _along(lambda *x: example.apply(op, x), values, v, op.holomorphic)
    places = np.arange(forth.size).reshape(forth.shape)

    def paired(u: Any, *x: Any) -> Any:
        return np.sum(u * example.apply(op, x))

    graph = trace(paired, places * 1.0, *values, wrt=range(len(values) + 1)).graph
    graph = reverse(graph, graph.inputs[1:])
    for u in (np.sin(places), 1e3 + places, -1.0 * (places == 0)):
        pulled = interpret(graph, u, *values)[1:]
        back = sum(np.sum(g * d) for g, d in zip(pulled, v, strict=True))
        size = np.sum(np.abs(u) * (1 + np.abs(forth)))
        if not abs(back - np.sum(u * forth)) <= 1e-8 * size:
            yield f"⟨Jᵀ u, v⟩ = {back:.12g}, but ⟨u, J v⟩ = {np.sum(u * forth):.12g}"


def _compare(
    what: str, smooth: bool, f: Any, graph: Graph, values: Sequence[Any], tied: bool
) -> Iterator[str]:
    """Every entry of a gradient against the slope of f along that entry."""
    found = [np.asarray(g) for g in interpret(graph, *values)[1:]]
    if [g.shape for g in found] != [x.shape for x in values]:
        yield f"{what}: shapes {[g.shape for g in found]} for inputs {[x.shape for x in values]}"
        return
    ones = [np.ones_like(x) for x in values]
    directions = [ones] if tied else list(_units(values))
    own = [sum(np.sum(g * d) for g, d in zip(found, d, strict=True)) for d in directions]
    measured = [_along(f, values, d, smooth) for d in directions]
    largest = max(map(abs, measured), default=0.0)
    for a, b in zip(own, measured, strict=True):
        if not abs(a - b) <= _RELATIVE * abs(b) + _OF_LARGEST * max(1.0, largest):
            yield f"{what} {a:.12g}, measured {b:.12g}"
            return


def _units(values: Sequence[Any]) -> Iterator[list[Any]]:
    for i, x in enumerate(values):
        for place in np.ndindex(x.shape):
            direction = [np.zeros_like(y) for y in values]
            direction[i][place] = 1.0
            yield direction


def _along(f: Callable[..., Any], values: Any, direction: Any, holomorphic: bool) -> Any:
    """The slope of f(x + t d) in t at 0: complex step, or differences of order four."""

    def at(t: Any) -> Any:
        return f(*[x + t * d for x, d in zip(values, direction, strict=True)])

    if holomorphic:
        return np.imag(at(1e-30j)) / 1e-30
    h = 1e-3
    return (at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h)
