"""What can be pointed at in the network graph, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.features import pretty
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


def layer_name(layer: int, layers: int) -> str:
    """``input``, ``hidden 2``, ``output``; layer 0 is the input."""
    return "input" if layer == 0 else "output" if layer == layers else f"hidden {layer}"


def input_name(problem: Problem, unit: int) -> str:
    """Name of an input: the feature's formula, or the table's column."""
    features, dataset = problem.experiment.features, problem.dataset
    assert features is not None
    name = features[unit]
    if name.startswith("x") and name[1:].isdigit():
        column = dataset.input_names[int(name[1:]) - 1]
        return pretty(column) if column == name else column
    return pretty(name)


def output_labels(problem: Problem) -> list[str]:
    """What each of several outputs stands for; empty if there is one output."""
    if problem.architecture.sizes[-1] == 1:
        return []
    target = problem.dataset.target
    return list(target.labels if isinstance(target, Classes) else target.names if isinstance(target, Numbers) else ())


def unit_name(problem: Problem, layer: int, unit: int) -> str:
    """``x₁``, ``hidden 1 neuron 2``, ``output setosa``."""
    if layer == 0:
        return input_name(problem, unit)
    layers = problem.architecture.layers
    name = layer_name(layer, layers)
    if layer < layers:
        return f"{name} neuron {unit + 1}"
    labels = output_labels(problem)
    return f"{name} {labels[unit]}" if labels else name


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
