"""What can be pointed at in the network graph, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ann_studio.gui.parameters import unit_name
from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.theme import number
from ann_studio.learning import pruning
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Positions

Theta = NDArray[np.float64]


def _none() -> Positions:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Held:
    """What training does not move: positions in ``theta`` as in `State`, ascending."""

    pruned: Positions = field(default_factory=_none)
    frozen: Positions = field(default_factory=_none)

    def same(self, other: Held) -> bool:
        """Whether the same parameters are held."""
        return np.array_equal(self.pruned, other.pruned) and np.array_equal(self.frozen, other.frozen)


#: Nothing is held.
FREE = Held()


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


def connections_of(problem: Problem, point: WeightPoint | NeuronPoint) -> Positions:
    """Positions in ``theta`` of the weight of an edge, or of all weights that arrive at a neuron or leave it."""
    architecture = problem.architecture
    if isinstance(point, NeuronPoint):
        return pruning.connections(architecture, point.layer, point.unit)
    return np.array([architecture.weight_index(point.layer, point.source, point.target)])


def trained_at(problem: Problem, point: WeightPoint | NeuronPoint) -> Positions:
    """What freezing a point freezes: the weight of an edge, or what arrives at a neuron and its bias."""
    if isinstance(point, WeightPoint):
        return connections_of(problem, point)
    index = index_of(problem, point)
    arriving = pruning.arriving(problem.architecture, point.layer, point.unit)
    return arriving if index is None else np.append(arriving, index)


def condition(problem: Problem, point: WeightPoint | NeuronPoint, held: Held) -> str:
    """``deleted``, ``frozen``, ``bias frozen`` or, mostly, nothing."""
    ends = connections_of(problem, point)
    if len(ends) and np.isin(ends, held.pruned).all():
        return "deleted"
    index = index_of(problem, point)
    if isinstance(point, WeightPoint):
        return "frozen" if index in held.frozen else ""
    wanted = trained_at(problem, point)
    if len(wanted) and np.isin(wanted, np.union1d(held.pruned, held.frozen)).all() and index in held.frozen:
        return "frozen"
    return "bias frozen" if index is not None and index in held.frozen else ""


_CONDITIONS = {"deleted": "deleted, stays 0", "frozen": "frozen: training leaves it", "bias frozen": "bias frozen"}


def lines(problem: Problem, theta: Theta, point: WeightPoint | NeuronPoint, held: Held = FREE) -> list[str]:
    """What the pill says of a point."""
    value, state = value_of(problem, theta, point), condition(problem, point, held)
    if isinstance(point, WeightPoint):
        assert value is not None
        ends = f"{unit_name(problem, point.layer, point.source)} → {unit_name(problem, point.layer + 1, point.target)}"
        said = [f"w = {number(value, 3, sign=True)}", ends]
    else:
        name = unit_name(problem, point.layer, point.unit)
        said = [name] if value is None else [name, f"bias = {number(value, 3, sign=True)}"]
        if state == "deleted":
            return [*said, "all its connections are deleted"]
    return [*said, _CONDITIONS[state]] if state else said


def spoken(problem: Problem, theta: Theta, point: Point, held: Held = FREE) -> str:
    """A point for a screen reader: ``weight from hidden 1 neuron 2 to output, minus 0.43, frozen``."""
    if point is None:
        return "Network graph"
    value, state = value_of(problem, theta, point), condition(problem, point, held)
    end = f", {state}" if state else ""
    if isinstance(point, WeightPoint):
        assert value is not None
        source = unit_name(problem, point.layer, point.source)
        return f"weight from {source} to {unit_name(problem, point.layer + 1, point.target)}, {_aloud(value)}{end}"
    if state == "deleted":
        end = ", all connections deleted"
    name = unit_name(problem, point.layer, point.unit)
    return f"input {name}{end}" if value is None else f"{name}, bias {_aloud(value)}{end}"


def _aloud(value: float) -> str:
    return number(value, 2).replace("−", "minus ")
