"""What can be selected on the stage, and which neuron and weight the formulas are of."""

from __future__ import annotations

from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase


def neuron_of(point: Point) -> tuple[int, int] | None:
    """Layer (0 = first after the input) and unit that a point is about: an edge is about where it leads."""
    if isinstance(point, WeightPoint):
        return point.layer, point.target
    if isinstance(point, NeuronPoint) and point.layer > 0:
        return point.layer - 1, point.unit
    return None


def layer_at_hand(problem: Problem, phase: Phase) -> int:
    """The layer (0 = first after the input) at which the phase is; of cost and update the last one."""
    return phase.layer if phase.kind in ("forward", "backward") else problem.architecture.layers - 1


def forward_focus(problem: Problem, phase: Phase, point: Point) -> tuple[int, int]:
    """Layer and unit whose z and a the formula shows: what is selected, if it is known, else the first at hand."""
    chosen = neuron_of(point)
    if chosen is not None and chosen[0] < len(phase.pre_activations):
        return chosen
    return layer_at_hand(problem, phase), 0


def backward_focus(problem: Problem, phase: Phase, point: Point) -> tuple[int, int] | None:
    """Layer and unit whose δ the formula shows; None while no δ is known."""
    chosen = neuron_of(point)
    if chosen is not None and phase.deltas[chosen[0]] is not None:
        return chosen
    at = layer_at_hand(problem, phase)
    return (at, 0) if phase.deltas[at] is not None else None


def weight_at(problem: Problem, focus: tuple[int, int], point: Point) -> WeightPoint:
    """The weight whose gradient goes with a neuron: the selected one if it leads there, else the first."""
    layer, unit = focus
    if isinstance(point, WeightPoint) and (point.layer, point.target) == focus:
        return point
    return WeightPoint(layer, 0, unit)


def parameter_of(problem: Problem, point: Point) -> int:
    """Entry of ``theta`` whose update is shown: of a neuron its bias, of nothing the first weight of the output."""
    architecture = problem.architecture
    if isinstance(point, WeightPoint):
        return architecture.weight_index(point.layer, point.source, point.target)
    chosen = neuron_of(point)
    if chosen is not None:
        return architecture.bias_index(*chosen)
    return architecture.weight_index(architecture.layers - 1, 0, 0)
