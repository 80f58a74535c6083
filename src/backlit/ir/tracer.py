"""The stand-in for an array while a NumPy function is traced (NEP 13, NEP 18).

A tracer answers NumPy: ufuncs, functions, operators, methods, indexing. What it cannot answer
truly it refuses with a sentence; it never answers silently wrong.
"""

import difflib
import inspect
import operator
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..errors import BacklitError, ShapeError, TraceError
from .graph import Var
from .names import here
from .op import NUMPY, Op, Traced

if TYPE_CHECKING:
    from .build import Builder

ACTIVE: ContextVar[tuple["Builder", ...]] = ContextVar("active builders", default=())


def numpy_name(function: Any) -> str:
    """``np.linalg.norm`` for a NumPy function, ``indexing`` for brackets."""
    if function is operator.getitem:
        return "indexing"
    module = (getattr(function, "__module__", None) or "numpy").replace("numpy", "np", 1)
    module = module.replace("np._core", "np").split("._")[0]
    return f"{module}.{getattr(function, '__name__', function)}"


def refuse(what: str, advice: str) -> NoReturn:
    """The one form of a tracing error: what, where, what to do instead.

    The trace keeps it, and fails even if the user's own ``except`` swallows it: what follows such
    an ``except`` is not what NumPy would do.
    """
    error = TraceError(f"{what} {here()} cannot be traced. {advice}")
    for builder in ACTIVE.get()[-1:]:
        builder.refused = error
    raise error


def lookup(function: Any) -> Any:
    """The op or adapter of a NumPy function; an unknown one is named, with the nearest known."""
    if function in NUMPY:
        return NUMPY[function]
    name = numpy_name(function)
    known = {numpy_name(f).rpartition(".")[2]: numpy_name(f) for f in NUMPY}
    near = difflib.get_close_matches(name.rpartition(".")[2], known, n=3, cutoff=0.6)
    hint = f"Nearest known: {', '.join(known[n] for n in near)}."
    refuse(name, hint if near else "Write it with known functions: docs/language.md lists them.")


@lru_cache(maxsize=1024)
def _signature(handler: Any) -> inspect.Signature:
    return inspect.signature(handler.forward if isinstance(handler, Op) else handler)


def _by_name(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The arguments by the names that NumPy gives them, without those that are its defaults."""
    try:
        signature = inspect.signature(function)
        given = signature.bind(*args, **kwargs).arguments
    except (TypeError, ValueError):  # NumPy does not say, or does not know them, either
        return args, kwargs
    known = signature.parameters
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in known.values()):
        return args, kwargs
    first = [given.pop(n) for n, p in known.items() if p.kind is p.POSITIONAL_ONLY and n in given]
    return tuple(first), {n: v for n, v in given.items() if v is not known[n].default}


def _bound(
    function: Any, handler: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> inspect.BoundArguments:
    """The arguments as the handler takes them: a setting at its place in NumPy, by its name."""
    signature = _signature(handler)
    try:
        return signature.bind(*args, **kwargs)
    except TypeError:
        args, kwargs = _by_name(function, args, kwargs)
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        refuse(
            f"{numpy_name(function)} with these arguments ({error})",
            f"Known arguments: {', '.join(signature.parameters)}.",
        )


def call(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Answer a NumPy function; an argument that its op does not have is refused by name."""
    handler = lookup(function)
    bound = _bound(function, handler, args, kwargs)
    try:
        return handler(*bound.args, **bound.kwargs)
    except BacklitError:
        raise
    except (ValueError, IndexError, ArithmeticError) as error:  # no such axis, no such shape
        raise ShapeError(f"{numpy_name(function)} {here()}: {error}") from None
    except TypeError as error:
        refuse(
            f"{numpy_name(function)} ({error})",
            "NumPy itself does not know it."  # −x of a mask
            if isinstance(function, np.ufunc)
            else "An argument is of a kind that is not known here: expected arrays, plain numbers.",
        )


class Tracer(Traced, NDArrayOperatorsMixin):
    """Stands for the array of one Var. Users meet it as an argument of their own function."""

    __slots__ = ("_builder", "_var")

    def __init__(self, var: Var, builder: "Builder") -> None:
        self._var = var
        self._builder = builder

    def __hash__(self) -> int:
        return id(self)

    # what NumPy asks

    def _record(self, op: Op, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        for word, value in settings.items():
            if isinstance(value, (Traced, np.ndarray, list)):
                refuse(f"{op.name} with an array for {word}", "Write it with np.where, * and +.")
        return self._builder.innermost(self).emit(op, inputs, settings)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = numpy_name(ufunc)
        if method != "__call__":
            refuse(f"{name}.{method}", "Use np.sum, np.max or another function of whole arrays.")
        if "out" in kwargs:
            refuse(f"writing into an array ({name} with out=, or +=, -=, *=)", "Write x = x + y.")
        arrays = [np.asarray(x) if isinstance(x, (list, tuple)) else x for x in inputs]
        return call(ufunc, tuple(arrays), kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            refuse(f"{numpy_name(function)} with out=", "Leave out= away and use the result.")
        return call(function, args, kwargs)

    # plain facts

    @property
    def shape(self) -> tuple[int, ...]:
        return self._var.shape

    @property
    def ndim(self) -> int:
        return len(self._var.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self._var.shape, dtype=np.int64))

    @property
    def dtype(self) -> Any:
        return self._var.dtype

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-d array")
        return self.shape[0]

    @property
    def _name(self) -> str:
        """What error messages call it."""
        return self._builder.name_of(self._var) or f"an array of shape {self.shape}"

    def __repr__(self) -> str:
        return f"<{self._name}: {self.dtype}[{','.join(map(str, self.shape))}]>"

    # array manners: each method is the NumPy function of the same name

    def __getattr__(self, name: str) -> Any:
        function = getattr(np, name, None)
        if hasattr(np.ndarray, name) and function in NUMPY:
            return partial(_method, function, self)
        if name.startswith("__"):
            raise AttributeError(name)
        known = [w for w in dir(np.ndarray) if hasattr(Tracer, w) or getattr(np, w, None) in NUMPY]
        known = [w for w in known if not w.startswith("_")]
        near = difflib.get_close_matches(name, known, n=2)
        hint = f"Nearest known: {', '.join(near)}." if near else f"Known: {', '.join(known)}."
        raise _UnknownAttributeError(f"the attribute .{name} {here()} cannot be traced. {hint}")

    @property
    def T(self) -> Any:
        return np.transpose(self)

    @property
    def mT(self) -> Any:
        return np.matrix_transpose(self)

    @property
    def real(self) -> Any:
        return self

    @property
    def imag(self) -> Any:
        return np.imag(self)

    def sort(self, *_: Any, **__: Any) -> NoReturn:
        refuse(f"sorting {self._name} in place", "Write x = np.sort(x).")

    def __getitem__(self, key: Any) -> Any:
        return call(operator.getitem, (self, key), {})

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def reshape(self, *shape: Any, **kwargs: Any) -> Any:
        return call(np.reshape, (self, shape[0] if len(shape) == 1 else shape), kwargs)

    def transpose(self, *axes: Any) -> Any:
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def flatten(self, *args: Any, **kwargs: Any) -> Any:
        return call(np.ravel, (self, *args), kwargs)

    def copy(self, *_: Any, **__: Any) -> "Tracer":
        return self

    __copy__ = __deepcopy__ = copy  # an equation is never changed: one stand-in is enough

    # silent traps, each a loud error

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        refuse(
            f"np.asarray of {self._name}, a list of traced arrays given to NumPy, or a plain array "
            "with a traced index",
            "It has no numbers yet: use it as it is, np.stack or np.concatenate for lists, "
            "np.take_along_axis(a, i) for a[i].",
        )

    def __bool__(self) -> NoReturn:
        refuse(
            f"the truth of {self._name} (if, while, and, or, not, min(), max(), sorted())",
            "It has no value yet: use np.where, np.maximum or np.minimum.",
        )

    def _number(self, *_: Any) -> NoReturn:
        refuse(
            f"turning {self._name} into a plain number (float(), int(), an index, math.exp, "
            "a format string, or y[i] = … into an array of NumPy's)",
            "It has no value yet: use NumPy's functions (np.stack to fill an array).",
        )

    __float__ = __int__ = __index__ = __complex__ = __round__ = __format__ = item = _number

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        refuse(
            f"item assignment to {self._name}",
            "An equation is never changed: use np.where, np.concatenate or np.stack.",
        )

    def __contains__(self, item: Any) -> NoReturn:
        refuse(f"`in` on {self._name}", "It has no values yet: use np.where and np.sum.")


class _UnknownAttributeError(TraceError, AttributeError):
    """So that hasattr() still answers."""


def _method(function: Any, array: Tracer, *args: Any, **kwargs: Any) -> Any:
    if kwargs.pop("out", None) is not None:
        refuse(f"{numpy_name(function)} with out=", "Leave out= away and use the result.")
    return call(function, (array, *args), kwargs)


def _in_place(symbol: str, ufunc: Any) -> Any:
    def method(self: Tracer, other: Any) -> Any:
        if self.ndim:
            refuse(
                f"{symbol}= on {self._name}",
                f"It would write into the array: write x = x {symbol} … instead.",
            )
        return ufunc(self, other)  # on a 0-d result NumPy rebinds the name, and so do we

    return method


for _symbol, _word, _ufunc in [
    ("+", "add", np.add),
    ("-", "sub", np.subtract),
    ("*", "mul", np.multiply),
    ("/", "truediv", np.true_divide),
    ("**", "pow", np.power),
    ("@", "matmul", np.matmul),
]:
    setattr(Tracer, f"__i{_word}__", _in_place(_symbol, _ufunc))
