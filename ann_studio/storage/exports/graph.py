"""A graph of ONNX operators in float64, put together node by node."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

Operand = str | float


@dataclass
class Graph:
    """Nodes and constants so far; each method returns the name of the value that it adds.

    The standard operator set alone is used, and of it only what ONNX Runtime computes in float64.
    """

    nodes: list[NodeProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)
    _taken: Counter[str] = field(default_factory=Counter)

    def add(self, operator: str, *operands: Operand, name: str, doc: str = "", **attributes: Any) -> str:
        """Apply `operator` to values (by name) and numbers; a `name` used before gets a number behind it."""
        self._taken[name] += 1
        if self._taken[name] > 1:
            name = f"{name} {self._taken[name]}"
        inputs = [operand if isinstance(operand, str) else self.number(operand) for operand in operands]
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, doc_string=doc or None, **attributes))
        return name

    def array(self, name: str, values: NDArray[Any]) -> str:
        """Add a constant array; it must not bear the name of an earlier value."""
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def texts(self, name: str, values: list[str], shape: tuple[int, ...]) -> str:
        """Add a constant array of texts."""
        encoded = [value.encode() for value in values]
        self.constants[name] = helper.make_tensor(name, TensorProto.STRING, shape, encoded)
        return name

    def number(self, value: float) -> str:
        """Add a constant, or find the same one again."""
        name = f"number {value!r}"
        if name not in self.constants:
            self.array(name, np.array(value, dtype=np.float64))
        return name

    def columns(self, source: str, width: int, chosen: list[int], name: str) -> str:
        """Pick columns of a matrix of `width` columns; all of them in order are the matrix itself."""
        if chosen == list(range(width)):
            return source
        return self.add("Gather", source, self.array(f"{name}/positions", np.array(chosen)), name=name, axis=1)
