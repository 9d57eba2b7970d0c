"""What adding or removing a neuron or a layer means at a point of the network graph: pure functions."""

from __future__ import annotations

from typing import Literal

from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.learning.experiment import Activation
from ann_studio.learning.reshaping import AddLayer, AddNeuron, Change, RemoveLayer, RemoveNeuron
from ann_studio.nn.architecture import Architecture

Shape = Literal["add neuron", "remove neuron", "remove layer"]


def _neuron(point: Point) -> NeuronPoint | None:
    """The neuron meant: of an edge the one at which it arrives."""
    return NeuronPoint(point.layer + 1, point.target) if isinstance(point, WeightPoint) else point


def _is_hidden(architecture: Architecture, layer: int) -> bool:
    return 0 < layer < architecture.layers


def change_of(architecture: Architecture, point: Point, shape: Shape) -> Change | None:
    """The change that is meant at a point; None where it is not in a hidden layer."""
    at = _neuron(point)
    if at is None or not _is_hidden(architecture, at.layer):
        return None
    match shape:
        case "add neuron":
            return AddNeuron(at.layer - 1)
        case "remove neuron":
            return RemoveNeuron(at.layer - 1, at.unit)
        case "remove layer":
            return RemoveLayer(at.layer - 1)


def layer_above(architecture: Architecture, point: Point, activation: Activation) -> AddLayer | None:
    """A layer more behind that of a point; behind the input where it is the output's, and there are no others."""
    at = _neuron(point)
    return None if at is None else AddLayer(min(at.layer, architecture.layers - 1), activation)


def keeps_output(architecture: Architecture, change: AddLayer) -> Activation:
    """The activation with which a new layer leaves the output as it is: what is behind a ReLU is never negative."""
    below = architecture.activations[change.layer - 1] if change.layer > 0 else ""
    return "relu" if below == "relu" else "linear"


def sizes_after(architecture: Architecture, change: Change) -> tuple[int, ...]:
    """Units of each layer once the network has been changed."""
    sizes = list(architecture.sizes)
    match change:
        case AddNeuron(layer):
            sizes[layer + 1] += 1
        case RemoveNeuron(layer):
            sizes[layer + 1] -= 1
        case AddLayer(layer):
            sizes.insert(layer + 1, sizes[layer])
        case RemoveLayer(layer):
            del sizes[layer + 1]
    return tuple(sizes)


def selection_after(architecture: Architecture, point: Point, change: Change) -> Point:
    """What to select once the network has been changed: the new neuron, or what stands where there was one."""
    match change:
        case AddNeuron(layer):
            return NeuronPoint(layer + 1, architecture.sizes[layer + 1])
        case RemoveNeuron(layer, unit):
            return NeuronPoint(layer + 1, max(0, min(unit, architecture.sizes[layer + 1] - 2)))
        case AddLayer(layer):
            return NeuronPoint(layer + 1, 0)
        case RemoveLayer(layer):
            return NeuronPoint(layer, 0)
