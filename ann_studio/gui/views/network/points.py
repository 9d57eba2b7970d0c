"""What can be pointed at in the network graph, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.gui.parameters import unit_name
from ann_studio.gui.theme import number
from ann_studio.learning.problem import Problem

Theta = NDArray[np.float64]


@dataclass(frozen=True)
class WeightPoint:
    """An edge: from unit `source` to unit `target` of `layer` (0 = first after the input)."""

    layer: int
    source: int
    target: int


@dataclass(frozen=True)
class NeuronPoint:
    """A neuron: `unit` of `layer`, where layer 0 is the input."""

    layer: int
    unit: int


Point = WeightPoint | NeuronPoint | None


def index_of(problem: Problem, point: WeightPoint | NeuronPoint) -> int | None:
    """Position in ``theta`` of the weight of an edge or the bias of a neuron; None for an input, which has none."""
    architecture = problem.architecture
    if isinstance(point, WeightPoint):
        return architecture.weight_index(point.layer, point.source, point.target)
    return None if point.layer == 0 else architecture.bias_index(point.layer - 1, point.unit)


def value_of(problem: Problem, theta: Theta, point: WeightPoint | NeuronPoint) -> float | None:
    """The weight of an edge or the bias of a neuron; None for an input, which has none."""
    index = index_of(problem, point)
    return None if index is None else float(theta[index])


def lines(problem: Problem, theta: Theta, point: WeightPoint | NeuronPoint) -> list[str]:
    """What the pill says of a point."""
    value = value_of(problem, theta, point)
    if isinstance(point, WeightPoint):
        assert value is not None
        ends = f"{unit_name(problem, point.layer, point.source)} → {unit_name(problem, point.layer + 1, point.target)}"
        return [f"w = {number(value, 3, sign=True)}", ends]
    name = unit_name(problem, point.layer, point.unit)
    return [name] if value is None else [name, f"bias = {number(value, 3, sign=True)}"]


def spoken(problem: Problem, theta: Theta, point: Point) -> str:
    """A point for a screen reader: ``weight from hidden 1 neuron 2 to output, minus 0.43``."""
    if point is None:
        return "Network graph"
    value = value_of(problem, theta, point)
    if isinstance(point, WeightPoint):
        assert value is not None
        source = unit_name(problem, point.layer, point.source)
        return f"weight from {source} to {unit_name(problem, point.layer + 1, point.target)}, {_aloud(value)}"
    name = unit_name(problem, point.layer, point.unit)
    return f"input {name}" if value is None else f"{name}, bias {_aloud(value)}"


def _aloud(value: float) -> str:
    return number(value, 2).replace("−", "minus ")
