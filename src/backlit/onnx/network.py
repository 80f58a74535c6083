"""The equations of a graph → ONNX nodes; names, shapes and dtypes as they are in the equations."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto

from ..errors import InputError
from ..ir.graph import Atom, Eqn, Graph, Lit, Var
from ..ir.names import unique_names
from ..lower.expand import expand
from .elementwise import ELEMENTWISE
from .rows import Size
from .structured import STRUCTURED
from .writer import Writer, model, value_info

BUILDERS: dict[str, Callable[..., str]] = {**ELEMENTWISE, **STRUCTURED}  # by the op's name
_ASKS_AS_IT_IS = ("any", "all", "astype")  # of numbers in any dtype
_PLACES = ("argmax", "argmin", "argsort")


def known_ops(graph: Graph) -> Graph:
    """The same in ops that have a form in ONNX; an op that has none is refused."""
    if any(eqn.op.name not in BUILDERS and eqn.op.simpler for eqn in graph.equations):
        graph = expand(graph, keep=BUILDERS)
    for eqn in graph.equations:
        if eqn.op.name not in BUILDERS:
            raise InputError(
                f"{eqn.op.name} has no form in ONNX that is known here: a network with it cannot "
                "be exported."
            )
    return graph


class Network:
    """Writes a graph whose sizes may grow with the rows; `constants`: what its parameters are.

    ends: the names of the outputs. labels: what the numbers of the first output, classes, are
    called. reserved: names that nothing else may have.
    """

    def __init__(
        self, graph: Graph, constants: dict[Var, Any], ends: Sequence[str],
        labels: np.ndarray | None, reserved: Collection[str],
    ) -> None:  # fmt: skip
        self.graph, self.constants, self.ends, self.labels = graph, constants, ends, labels
        taken = {*reserved, *ends, "class_number"}
        self.names = _names(graph, taken)
        looked_up = ("class_number", *ends[1:]) if labels is not None else ends
        made = graph.definitions()
        self.names |= {x: end for x, end in zip(graph.outputs, looked_up, strict=True) if x in made}
        self.first = graph.inputs[0]
        self.w = Writer(self.names[self.first], {*self.names.values(), *taken})
        self.written: dict[Any, str] = {self.first: self.names[self.first]}

    def model(self, name: str) -> ModelProto:
        for eqn in self.graph.equations:
            self.equation(eqn)
        ends = zip(self.graph.outputs, self.ends, strict=True)
        outputs = [self.output(x, end) for x, end in ends]
        given = value_info(self.names[self.first], self.first.dtype, self.first.shape)
        return model(name, self.w, [given], outputs)

    def equation(self, eqn: Eqn) -> None:
        w, name, before = self.w, self.names.get(eqn.out, ""), len(self.w.nodes)
        inputs = [self.read(x, dtype) for x, dtype in zip(eqn.inputs, _dtypes(eqn), strict=True)]
        w.about, w.dtype, w.shapes = name, _operands(eqn), [x.shape for x in eqn.inputs]
        found = BUILDERS[eqn.op.name](w, *inputs, **eqn.settings)
        if found in [out for node in w.nodes[before:] for out in node.output]:
            found = w.call(found, name) if name else found
            w.infos.append(value_info(found, eqn.out.dtype, eqn.out.shape))
        self.written[eqn.out] = found

    def read(self, x: Atom, dtype: Any) -> str:
        """The name of a value or a constant in a dtype."""
        key = x, np.dtype(dtype)
        if key in self.written:
            return self.written[key]
        if isinstance(x, Lit) or x in self.constants:
            value = x.value if isinstance(x, Lit) else self.constants[x]
            name = self.names.get(x, "")
            name = self.w.name(name) if x in self.written else name  # there in another dtype
            self.written[x] = self.w.constant(np.asarray(value).astype(dtype), name)
            self.written[key] = self.written[x]
        elif x.dtype == dtype:
            self.written[key] = self.written[x]
        else:
            self.w.about = self.written[x]
            self.written[key] = self.w.cast(self.written[x], dtype)
        return self.written[key]

    def output(self, x: Atom, end: str) -> Any:
        if not (x.shape and x.shape[0] == Size(1)):
            raise InputError(
                f"the answer has the shape ({', '.join(map(str, x.shape))}) for N rows; expected "
                "N first: an answer for each row."
            )
        w, found, dtype = self.w, self.read(x, x.dtype), x.dtype
        if end == "label" and self.labels is not None:
            classes, dtype = w.constant(self.labels, w.name("classes")), self.labels.dtype
            found = w.call(w.Gather(classes, found, axis=0), end)
        if found != end:  # an input as it is
            w.call(w.Identity(found), end)
        return value_info(end, dtype, x.shape)


def _names(graph: Graph, taken: set[str]) -> dict[Any, str]:
    """X for the rows; the users' names of parameters, values and constants; each once."""
    first, *others = (*graph.inputs, *(eqn.out for eqn in graph.equations))
    atoms = [x for eqn in graph.equations for x in eqn.inputs]
    constants = [x for x in dict.fromkeys(atoms) if isinstance(x, Lit) and x.name]
    own = unique_names([(first, "X")], taken)
    for named in ([v for v in others if v.named], constants):
        own |= unique_names([(x, x.name) for x in named], taken | {*own.values()})
    return own


def _dtypes(eqn: Eqn) -> list[Any]:
    """The dtype in which an op takes each of its inputs: masks and places have their own."""
    words = eqn.op.inputs + eqn.op.inputs[-1:] * len(eqn.inputs)  # of *xs there is one word
    own = (*eqn.op.masks, "indices", "labels")
    as_it_is = eqn.op.name in _ASKS_AS_IT_IS
    return [
        (bool if word in eqn.op.masks else x.dtype) if word in own or as_it_is else _operands(eqn)
        for x, word in zip(eqn.inputs, words, strict=False)
    ]


def _operands(eqn: Eqn) -> np.dtype[Any]:
    """The dtype in which an op computes: that of its result, unless it asks a question."""
    if eqn.op.name not in _PLACES and not (eqn.op.elementwise and eqn.out.dtype.kind == "b"):
        return eqn.out.dtype
    weak = [x.value if isinstance(x, Lit) and x.scalar else x.dtype for x in eqn.inputs]
    return np.result_type(*weak)
