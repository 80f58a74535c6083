"""A NumPy function → a Graph, verified once against the function itself."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, TraceError
from .build import Builder
from .graph import Graph
from .interpret import interpret
from .tracer import Tracer
from .trees import leaves, map_tree, path_name

# Of the largest entry, by bytes of the narrowest input. Both values are computed in float64; but a
# derivative taken inside a function keeps constants that were rounded to the inputs' precision.
_TOLERANCE = {8: 1e-9, 4: 1e-5, 2: 1e-2}


@dataclass(frozen=True)
class Trace:
    """A traced function: its graph, the values of its inputs, and the containers of its result."""

    graph: Graph
    values: tuple[Any, ...]  # one per input: the arguments' arrays, then tracers captured
    result: Any  # the function's result, with output numbers in place of arrays
    where: tuple[tuple[int, tuple[Any, ...]], ...]  # argument number and path of each input

    def inputs_of(self, argument: int) -> list[int]:
        """The positions, among the graph's inputs, of the arrays in one argument."""
        return [i for i, (number, _) in enumerate(self.where) if number == argument]


def trace(function: Callable[..., Any], *args: Any, wrt: Collection[int] = (0,)) -> Trace:
    """Run `function` on stand-ins and write down what it does.

    Arrays in `args`, however nested, become inputs; in the arguments `wrt` plain numbers do too.
    Everything else (strings, None, sizes) is passed as it is.
    """
    given = args
    args = tuple(_prepare(arg, number in wrt) for number, arg in enumerate(args))
    names = _argument_names(function, len(args))
    builder = Builder(stop=trace.__code__)
    values: list[Any] = []
    where: list[tuple[int, tuple[Any, ...]]] = []

    def stand_in(number: int, path: tuple[Any, ...], leaf: Any) -> Any:
        if not isinstance(leaf, (np.ndarray, Tracer)):
            return leaf
        values.append(leaf)
        where.append((number, path))
        role = "parameter" if number in wrt else "data"
        return builder.input("" if path else names[number], leaf, role)

    stand_ins = [
        map_tree(lambda path, leaf, n=number: stand_in(n, path, leaf), arg)
        for number, arg in enumerate(args)
    ]
    random_state = _random_state()
    with builder.active():
        answer = _run(function, stand_ins)
    if _random_state() != random_state:
        raise TraceError(
            "the traced function draws from np.random: the numbers would freeze to a constant. "
            "Draw them outside and pass them as an argument."
        )
    for (number, path), var in zip(where, list(builder.inputs), strict=False):
        builder.wish(builder.tracer(var), path_name(path, names[number]), var.role)
    outputs: list[Any] = []
    result = map_tree(lambda _, leaf: _output(leaf, outputs), answer)
    _name_output(builder, outputs)
    graph = builder.finish(outputs)
    traced = Trace(graph, (*values, *builder.captured), result, tuple(where))
    if not any(isinstance(v, Tracer) for v in traced.values):
        _verify(function, given, traced)
    return traced


def _run(function: Callable[..., Any], stand_ins: list[Any]) -> Any:
    """Call it; of an assignment ``y[i] = x`` NumPy hides our own sentence behind another error."""
    try:
        return function(*stand_ins)
    except ValueError as error:
        if isinstance(error.__cause__, TraceError):
            raise error.__cause__ from None
        raise


def _prepare(arg: Any, differentiate: bool) -> Any:
    """Copy the arrays; check them; make floats of what is to be differentiated."""

    def prepare(path: tuple[Any, ...], leaf: Any) -> Any:
        if isinstance(leaf, Tracer):
            return leaf
        number = isinstance(leaf, (int, float, np.number)) and not isinstance(leaf, bool)
        if not isinstance(leaf, np.ndarray) and not (differentiate and number):
            return leaf
        array = np.array(leaf)
        if array.dtype.kind not in "biuf":
            raise InputError(
                f"an argument has dtype {array.dtype}; expected real numbers. Convert it with "
                ".astype(float)."
            )
        if differentiate and array.dtype.kind != "f":
            array = array.astype(float)
        return array

    return map_tree(prepare, arg)


def _argument_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    names = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL][:count]
    return names + [f"x{i + 1}" for i in range(len(names), count)]


def _random_state() -> Any:
    state = np.random.get_state(legacy=True)
    return state[1].tobytes(), state[2]  # type: ignore[index]


def _output(leaf: Any, outputs: list[Any]) -> Any:
    if not isinstance(leaf, (Tracer, np.ndarray, int, float, np.number)):
        return leaf
    outputs.append(leaf)
    return len(outputs) - 1


def _name_output(builder: Builder, outputs: list[Any]) -> None:
    for x in outputs:
        builder.wish(x, "L" if np.shape(x) == () and len(outputs) == 1 else "out", "value")


def _verify(function: Callable[..., Any], args: tuple[Any, ...], traced: Trace) -> None:
    """Compare the function's own value with the graph's: no list foresees every trap."""

    def float64(_: Any, leaf: Any) -> Any:
        if not isinstance(leaf, (np.ndarray, np.floating)):
            return leaf
        return leaf.astype(float if leaf.dtype.kind == "f" else leaf.dtype)  # a copy

    with np.errstate(all="ignore"):
        plain = function(*[map_tree(float64, arg) for arg in args])
        meant = interpret(traced.graph, *[float64(None, v) for v in traced.values])
    widths = [v.dtype.itemsize for v in traced.graph.inputs if v.dtype.kind == "f"]
    tolerance = _TOLERANCE[min([8, *widths])]
    structure = [path for path, leaf in leaves(traced.result) if isinstance(leaf, int)]
    found = dict(leaves(plain))
    for path, value in zip(structure, meant, strict=True):
        own = np.asarray(found.get(path, np.nan))
        same = own.shape == np.shape(value)
        scale = _scale(own)
        if not same or not np.allclose(value, own, tolerance, tolerance * scale, equal_nan=True):
            raise TraceError(
                "the function gives another value in plain NumPy than its equations do"
                f"{_difference(own, value)}. Something in it cannot be traced: randomness, hidden "
                "state, an array changed in place, or a branch on the type of its argument."
            )


def _scale(values: Any) -> float:
    finite = np.abs(values[np.isfinite(values)]) if values.dtype.kind == "f" else np.abs(values)
    return float(np.max(finite, initial=0.0))


def _difference(own: Any, value: Any) -> str:
    if own.shape != np.shape(value):
        return f" (shape {own.shape} against {np.shape(value)})"
    return f" ({own:.6g} against {float(value):.6g})" if own.ndim == 0 else ""
