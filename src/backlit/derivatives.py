"""Derivatives of NumPy functions: NumPy in, NumPy out."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np

from .errors import DerivativeError, InputError
from .ir.graph import Graph, Var
from .ir.interpret import interpret
from .ir.trace import Trace, trace
from .ir.trees import leaves, map_tree
from .passes import backpropagate

Function = Callable[..., Any]


def value_and_grad(f: Function, argnum: int = 0) -> Function:
    """The function that gives f's value and its gradient, (f(*args), ∂f/∂args[argnum]).

    f must return a scalar. The gradient has the containers and shapes of ``args[argnum]``; plain
    numbers there are differentiated too, as float64. Arguments given by name are constants. f is
    traced at each call and compared once with plain NumPy, close to the arguments; what cannot be
    traced raises TraceError.

    >>> value, slope = value_and_grad(lambda x: (x + 2) ** 2)(0.0)
    >>> float(value), float(slope)
    (4.0, 4.0)
    """

    @wraps(f)  # with its signature: a derivative is traced under the names of f's arguments
    def derivative(*args: Any, **constants: Any) -> tuple[Any, Any]:
        _check_argument(args, argnum)
        traced = trace(partial(f, **constants) if constants else f, *args, wrt=(argnum,))
        _check_scalar(f, traced)
        graph, _ = gradient_graph(traced, argnum)
        value, *gradients = interpret(graph, *traced.values)
        paths = [traced.where[i][1] for i in traced.inputs_of(argnum)]
        where = dict(zip(paths, gradients, strict=True))
        tree = map_tree(lambda path, leaf: where.get(path), args[argnum])
        return _plain(value), map_tree(lambda _, leaf: _plain(leaf), tree)

    return derivative


def grad(f: Function, argnum: int = 0) -> Function:
    """The gradient of a scalar function, ∂f/∂args[argnum], as a function of the same arguments.

    It can be taken again: ``grad(grad(f))``.

    >>> float(grad(lambda x: (x + 2) ** 2)(-4.0))
    -4.0
    """
    both = value_and_grad(f, argnum)
    return wraps(f)(lambda *args, **constants: both(*args, **constants)[1])


def hvp(f: Function, x: Any, v: Any) -> Any:
    """Hessian times vector, ∇²f(x) v, without the Hessian: the gradient of ⟨∇f(x), v⟩.

    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    _check_same_containers(x, v)

    def directional(point: Any) -> Any:
        pairs = zip(leaves(grad(f)(point)), leaves(v), strict=True)
        return sum((np.sum(g * w) for (_, g), (_, w) in pairs if g is not None), 0.0)

    return grad(directional)(x)


def jacobian(f: Function, argnum: int = 0) -> Function:
    """All first derivatives of an array function: shape f(x).shape + x.shape.

    One trace, and one backward pass for each entry of the result: ∂⟨u, f(x)⟩/∂x for each unit u.

    >>> jacobian(lambda x: x**2)(np.array([1.0, 3.0]))
    array([[2., 0.],
           [0., 6.]])
    """

    @wraps(f)
    def derivative(*args: Any, **constants: Any) -> Any:
        _check_argument(args, argnum)
        g = partial(f, **constants) if constants else f
        result = g(*args)
        if [path for path, _ in leaves(result)] != [()]:
            raise DerivativeError(f"{_name(f)} returns a {type(result).__name__}, not one array.")
        shape, size = np.shape(result), np.size(result)
        trace(g, *args, wrt=(argnum,))  # entry by entry: a sum would hide behind a nan
        mixed = np.linspace(1, 2, size).reshape(shape)  # entries that change places are seen
        weighted = trace(lambda *a: np.sum(a[-1] * g(*a[:-1])), *args, mixed, wrt=(argnum,))
        graph, wrt = gradient_graph(weighted, argnum)
        u, *_ = weighted.inputs_of(len(args))
        before, after = weighted.values[:u], weighted.values[u + 1 :]
        units = np.eye(size).reshape(size, *shape)
        rows = [interpret(graph, *before, unit, *after)[1:] for unit in units]
        found = {}
        for k, i in enumerate(weighted.inputs_of(argnum)):
            block = np.stack([row[k] for row in rows]) if rows else np.zeros(0)
            found[weighted.where[i][1]] = np.reshape(block, shape + wrt[k].shape)
        return map_tree(lambda path, leaf: found.get(path), args[argnum])

    return derivative


def gradient_graph(traced: Trace, argnum: int = 0) -> tuple[Graph, list[Var]]:
    """The graph (L, ∂L/∂w …) of a trace, and the Vars w it was differentiated by."""
    wrt = [traced.graph.inputs[i] for i in traced.inputs_of(argnum)]
    if not wrt:
        raise InputError(
            f"argument {argnum} holds no arrays or numbers to differentiate by (tuples, lists, "
            "dicts and dataclasses are looked into)"
        )
    return backpropagate(traced.graph, wrt), wrt


def _plain(value: Any) -> Any:
    """0-d results as NumPy scalars, the rest as arrays of their own."""
    if isinstance(value, (np.ndarray, np.generic)):
        return np.array(value)[()]
    return value


def _check_argument(args: tuple[Any, ...], argnum: int) -> None:
    if argnum not in range(len(args)):
        raise InputError(
            f"argnum={argnum}, but the function was called with {len(args)} arguments (those given "
            "by name are constants)"
        )


def _name(f: Function) -> str:
    return getattr(f, "__name__", "the function")


def _check_scalar(f: Function, traced: Trace) -> None:
    name = _name(f)
    if len(traced.graph.outputs) != 1 or traced.result != 0:
        raise DerivativeError(
            f"{name} returns a {type(traced.result).__name__}: a gradient needs one scalar."
        )
    shape = traced.graph.outputs[0].shape
    if shape != ():
        raise DerivativeError(
            f"{name} returns an array of shape {shape}: a gradient needs a scalar. Use np.sum or "
            "np.mean, or bl.jacobian."
        )


def _check_same_containers(x: Any, v: Any) -> None:
    shapes = [[(path, np.shape(leaf)) for path, leaf in leaves(tree)] for tree in (x, v)]
    if shapes[0] != shapes[1]:
        raise InputError("hvp: v must have the containers and shapes of x")
