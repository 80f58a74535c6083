"""Writing ONNX nodes, one after the other."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from .rows import Size

OPSET, ML_OPSET, IR_VERSION = 18, 3, 9  # of 2023: what runs today's files runs these


class Writer:
    """Collects nodes and constants. ``w.Add(x, 1.0)`` writes a node and answers its result's name.

    Inputs are names of values, or plain numbers, which become constants of the dtype `dtype`.
    """

    def __init__(self, rows_of: str, taken: Iterable[str] = ()) -> None:
        self.rows_of = rows_of  # the input whose first axis is that of the rows
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []
        self.infos: list[ValueInfoProto] = []
        self.dtype: Any = np.dtype(float)  # of plain numbers
        self.about = ""  # the value that is being made: names begin with it
        self._names = {*taken, ""}
        self._known: dict[Any, str] = {}  # constants
        self._rows = ""

    def name(self, wanted: str) -> str:
        """A name that nothing else has: `wanted`, or `wanted` with a number."""
        name, number = wanted, 0
        while name in self._names:
            number += 1
            name = f"{wanted}_{number}"
        self._names.add(name)
        return name

    def constant(self, value: Any, name: str = "") -> str:
        """The name of an initializer: `name`, which is free; without one, equals are one."""
        array = np.asarray(value)
        key = name or (array.dtype.str, array.shape, array.tobytes())
        if key not in self._known:
            self._known[key] = name or self.name("constant")
            self.initializers.append(numpy_helper.from_array(array, self._known[key]))
        return self._known[key]

    def node(self, kind: str, *inputs: Any, **settings: Any) -> str:
        """Write a node with one result, and answer its name."""
        return self.nodes_of(kind, 1, *inputs, **settings)[0]

    def nodes_of(self, kind: str, results: int, *inputs: Any, **settings: Any) -> list[str]:
        """Write a node, and answer the names of its results."""
        read = [x if isinstance(x, str) else self.constant(self._typed(x)) for x in inputs]
        outputs = [self.name(f"{self.about}_{kind}".lstrip("_")) for _ in range(results)]
        domain = settings.pop("domain", None)
        node = helper.make_node(kind, read, outputs, outputs[0], domain=domain)
        node.attribute.extend(helper.make_attribute(k, v) for k, v in settings.items())
        self.nodes.append(node)
        return outputs

    def __getattr__(self, kind: str) -> Callable[..., str]:
        if not kind[:1].isupper():
            raise AttributeError(kind)
        return lambda *inputs, **settings: self.node(kind, *inputs, **settings)

    def call(self, result: str, name: str) -> str:
        """Give a result of the last node, and the node, a name."""
        node = self.nodes[-1]
        node.output[[*node.output].index(result)] = node.name = name
        return name

    def cast(self, x: str, dtype: Any) -> str:
        """x in another dtype."""
        return self.node("Cast", x, to=element(dtype))

    def single(self, kind: str, x: str) -> str:
        """A node that onnxruntime has in single precision alone."""
        if self.dtype == np.float32:
            return self.node(kind, x)
        return self.cast(self.node(kind, self.cast(x, np.float32)), self.dtype)

    def sizes(self, shape: Iterable[Any]) -> str:
        """Whole numbers as a list for ONNX, made at run time if they grow with the rows."""
        shape = [*shape]
        if not any(isinstance(n, Size) for n in shape):
            return self.constant(np.array(shape, np.int64))
        return self.node("Concat", *map(self._size, shape), axis=0)

    def _size(self, n: Any) -> str:
        if not isinstance(n, Size):
            return self.constant(np.array([n], np.int64))
        if not self._rows:
            self._rows = self.node("Shape", self.rows_of, start=0, end=1)
        found = self._rows
        if n.times != 1:
            found = self.node("Mul", found, np.array([n.times]))
        return self.node("Add", found, np.array([n.plus])) if n.plus else found

    def _typed(self, x: Any) -> Any:
        return x if isinstance(x, np.ndarray) else np.asarray(x, self.dtype)


def value_info(name: str, dtype: Any, shape: Iterable[Any]) -> ValueInfoProto:
    """Name, dtype and shape of a value; sizes that grow with the rows as texts: N."""
    dims = [str(n) if isinstance(n, Size) else int(n) for n in shape]
    return helper.make_tensor_value_info(name, element(dtype), dims)


def element(dtype: Any) -> int:
    """ONNX's number of a dtype."""
    kind = np.dtype(dtype)
    return TensorProto.STRING if kind.kind in "OU" else helper.np_dtype_to_tensor_dtype(kind)


def model(
    graph_name: str, writer: Writer, inputs: Iterable[Any], outputs: Iterable[Any]
) -> ModelProto:
    """The model of what was written."""
    graph = helper.make_graph(
        writer.nodes, graph_name, [*inputs], [*outputs], writer.initializers,
        value_info=writer.infos,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(
        graph, producer_name="backlit", ir_version=IR_VERSION, opset_imports=opsets
    )
