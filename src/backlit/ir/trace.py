"""A NumPy function → a Graph, verified once against the function itself."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError, TraceError
from .build import Builder, has_own_arithmetic
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
    names = dict(enumerate(_argument_names(function)))  # none for what goes into *args
    builder = Builder(stop=trace.__code__)
    values: list[Any] = []
    where: list[tuple[int, tuple[Any, ...]]] = []

    def stand_in(number: int, path: tuple[Any, ...], leaf: Any) -> Any:
        if not isinstance(leaf, (np.ndarray, Tracer)):
            return leaf
        values.append(leaf)
        where.append((number, path))
        role = "parameter" if number in wrt else "data"
        return builder.input("" if path else names.get(number, ""), leaf, role)

    random_state = _random_state()
    with builder.active():
        stand_ins = [
            map_tree(lambda path, leaf, n=number: stand_in(n, path, leaf), arg)
            for number, arg in enumerate(args)
        ]
        answer = _run(function, stand_ins)
    if builder.refused:
        raise builder.refused
    if _random_state() != random_state:
        raise TraceError(
            "the traced function draws from np.random: the numbers would freeze to a constant. "
            "Draw them outside and pass them as an argument."
        )
    for (number, path), var in zip(where, list(builder.inputs), strict=False):
        root = names.get(number, f"x{number + 1}")
        builder.wish(builder.tracer(var), path_name(path, root), var.role)
    outputs: list[Any] = []
    result = map_tree(lambda _, leaf: _output(leaf, outputs), answer)
    _name_output(builder, outputs)
    graph = builder.finish(outputs)
    traced = Trace(graph, (*values, *builder.captured), result, tuple(where))
    if not any(isinstance(v, Tracer) for v in traced.values):
        _verify(function, given, wrt, traced)
    return traced


def _run(function: Callable[..., Any], stand_ins: list[Any]) -> Any:
    """Call it; what Python or NumPy say of a stand-in is said in our words."""
    try:
        return function(*stand_ins)
    except ValueError as error:  # an assignment ``y[i] = x``
        if isinstance(error.__cause__, TraceError):
            raise error.__cause__ from None
        raise
    except (TypeError, AttributeError) as error:  # memoryview(x), x.shape = …
        if isinstance(error, TraceError) or "Tracer" not in str(error):
            raise
        raise TraceError(
            f"{error}. While a function is traced its arrays are stand-ins (Tracer), which only "
            "operators and NumPy's functions understand."
        ) from error


def _prepare(arg: Any, differentiate: bool) -> Any:
    """Copy the arrays; check them; make floats of what is to be differentiated."""

    def prepare(path: tuple[Any, ...], leaf: Any) -> Any:
        if isinstance(leaf, Tracer):
            return leaf
        if not _is_input(leaf, differentiate):
            return leaf
        array = np.array(leaf)
        if array.dtype.kind not in "biuf" or has_own_arithmetic(leaf):
            raise InputError(
                f"an argument is a {type(leaf).__name__} of dtype {array.dtype}; expected real "
                "numbers in a plain array. Convert it with np.asarray(x, dtype=float)."
            )
        if differentiate and array.dtype.kind != "f":
            array = array.astype(float)
        return array

    return map_tree(prepare, arg)


def _is_input(leaf: Any, differentiate: bool) -> bool:
    number = isinstance(leaf, (int, float, np.number)) and not isinstance(leaf, bool)
    return isinstance(leaf, np.ndarray) or (differentiate and number)


def _argument_names(function: Callable[..., Any]) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _random_state() -> Any:
    state = np.random.get_state(legacy=True)
    return state[1].tobytes(), state[2]  # type: ignore[index]


def _output(leaf: Any, outputs: list[Any]) -> Any:
    if not isinstance(leaf, (Tracer, np.ndarray, int, float, np.number)):
        return leaf
    outputs.append(leaf)
    return len(outputs) - 1


def _name_output(builder: Builder, outputs: list[Any]) -> None:
    """Name what has no name; the user's own L, or out, stays his."""
    taken = {builder.name_of(v) for v in (*builder.inputs, *(e.out for e in builder.equations))}
    one = len(outputs) == 1 and np.shape(outputs[0]) == ()
    own, other = ("L", "loss") if one else ("out", "result")
    for x in outputs:
        builder.wish(x, other if own in taken else own, "value")


def _verify(
    function: Callable[..., Any], args: tuple[Any, ...], wrt: Collection[int], traced: Trace
) -> None:
    """Compare the function's own value with the graph's: no list foresees every trap.

    In float64, and not where we are but close by: zeros and ones hide what they are multiplied by.
    """
    near = [
        map_tree(lambda _, leaf, n=number: _nearby(leaf, n in wrt), arg)
        for number, arg in enumerate(args)
    ]
    places = zip(traced.values, traced.where, strict=True)
    with np.errstate(all="ignore"):
        plain = function(*near)
        meant = interpret(traced.graph, *[_nearby(v, number in wrt) for v, (number, _) in places])
    widths = [v.dtype.itemsize for v in traced.graph.inputs if v.dtype.kind == "f"]
    tolerance = _TOLERANCE[min([8, *widths])]
    structure = [path for path, leaf in leaves(traced.result) if isinstance(leaf, int)]
    found = dict(leaves(plain))
    for path, value in zip(structure, meant, strict=True):
        own = np.asarray(found.get(path, np.nan))
        if not _agree(value, own, tolerance):
            raise TraceError(
                "the function gives another value in plain NumPy than its equations do"
                f"{_difference(own, value)}. Something in it cannot be traced: randomness, hidden "
                "state, an array changed in place, or a branch on the type of its argument."
            )


def _nearby(leaf: Any, differentiate: bool) -> Any:
    """An input in float64, a copy; what is differentiated is moved towards 0, and a 0 off it."""
    if not _is_input(leaf, differentiate):
        return leaf
    if not differentiate:
        return leaf.astype(float if leaf.dtype.kind == "f" else leaf.dtype)
    step = 1e-3 * (1.5 + np.cos(np.arange(np.size(leaf)))).reshape(np.shape(leaf))
    moved = np.where(np.equal(leaf, 0), step, leaf * (1 - step)).astype(float)
    return moved if isinstance(leaf, np.ndarray) else moved[()]


def _agree(value: Any, own: Any, tolerance: float) -> bool:
    if own.shape != np.shape(value) or own.dtype.kind not in "biuf":
        return False
    largest = np.max(np.abs(own), initial=0.0, where=np.isfinite(own))
    return np.allclose(value, own, tolerance, tolerance * largest, equal_nan=True)


def _difference(own: Any, value: Any) -> str:
    if own.shape != np.shape(value):
        return f" (shape {own.shape} against {np.shape(value)})"
    if own.ndim or own.dtype.kind not in "biuf":
        return ""
    return f" ({own:.9g} against {float(value):.9g}, close to the arguments given)"
