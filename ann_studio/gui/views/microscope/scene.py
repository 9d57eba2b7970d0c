"""What is on the stage: the numbers of a moment, each with what it is, its value and how it is written.

A pure function of problem, snapshot and layout. The stage paints from it and from nothing else, so a test can compare
what it holds with the frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.views.microscope.layout import Layout
from ann_studio.gui.views.microscope.rules import show
from ann_studio.learning.inside import Passing, differences, errors, passing
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase, Snapshot
from ann_studio.nn.architecture import Architecture, views

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
What = Literal["w", "b", "z", "a", "w·a", "δ", "w·δ", "∂C/∂w", "new w", "new b", "Δw", "Δb", "y", "a − y", "cost"]

#: Edges between two layers up to which all are drawn, and how many of more.
ALL_EDGES, MOST_EDGES = 100, 60
_SIGNED = frozenset({"w·a", "δ", "w·δ", "∂C/∂w", "a − y", "Δw", "Δb"})
_NEWEST_FIRST: tuple[What, ...] = ("Δw", "w·δ", "∂C/∂w", "w·a", "w")


@dataclass(frozen=True)
class Figure:
    """A number on the stage.

    Parameters
    ----------
    what
        Its name.
    at
        The neuron or edge that it belongs to; None for the cost.
    value
        The number itself.
    now
        Whether it has just been computed.
    """

    what: What
    at: NeuronPoint | WeightPoint | None
    value: float
    now: bool = False

    @cached_property
    def text(self) -> str:
        """How it is written."""
        return show(self.value, sign=self.signed)

    @property
    def signed(self) -> bool:
        """Whether a positive one has its sign written."""
        return self.what in _SIGNED

    @property
    def digits(self) -> str:
        """The number with all the digits that a tooltip has room for."""
        return f"{self.value + 0.0:.10g}".replace("-", "−")

    @property
    def exact(self) -> str:
        """The same with its name."""
        return f"{self.what} = {self.digits}"


@dataclass(frozen=True)
class NeuronItem:
    """A neuron and what is known of it."""

    point: NeuronPoint
    slot: int
    figures: dict[What, Figure]
    now: bool


@dataclass(frozen=True)
class EdgeItem:
    """An edge and what is known of it."""

    point: WeightPoint
    index: int
    figures: dict[What, Figure]
    now: bool

    @property
    def weight(self) -> float:
        """W."""
        return self.figures["w"].value

    @property
    def importance(self) -> float:
        """By what is drawn first where there is little room: what it carries at present."""
        newest = next(what for what in _NEWEST_FIRST if what in self.figures)
        size = abs(self.figures[newest].value)
        return size if math.isfinite(size) else 0.0


@dataclass(frozen=True, eq=False)
class Scene:
    """All of it.

    Parameters
    ----------
    neurons, edges
        Those that are drawn.
    targets
        What is known of each output that is drawn: y and a − y.
    cost
        Of this sample, once it is known.
    w_ref
        The largest |w|: what widths are measured by.
    """

    neurons: tuple[NeuronItem, ...]
    edges: tuple[EdgeItem, ...]
    targets: tuple[NeuronItem, ...]
    cost: Figure | None
    w_ref: float

    def figures(self) -> list[Figure]:
        """Every number there is."""
        items: list[NeuronItem | EdgeItem] = [*self.neurons, *self.targets, *self.edges]
        found = [figure for item in items for figure in item.figures.values()]
        return found if self.cost is None else [*found, self.cost]

    def neuron(self, point: NeuronPoint) -> NeuronItem | None:
        """A neuron, if it is drawn."""
        return next((item for item in self.neurons if item.point == point), None)

    def edge(self, point: WeightPoint) -> EdgeItem | None:
        """An edge, if it is drawn."""
        return next((item for item in self.edges if item.point == point), None)


def build(problem: Problem, snapshot: Snapshot, layout: Layout, point: Point) -> Scene:
    """The numbers of a moment for the units that the layout has room for."""
    phase, theta, architecture = snapshot.phase, snapshot.state.theta, problem.architecture
    shown = {
        column.layer: strongest_units(architecture, theta, phase, column.layer, len(column.slots), point)
        for column in layout.columns
    }
    updates = phase is not None and phase.next_theta is not None
    difference = differences(theta, phase) if phase is not None and updates else np.zeros(0)
    neurons = tuple(
        _neuron(problem, snapshot, difference, NeuronPoint(column.layer, unit), slot)
        for column in layout.columns
        for slot, unit in enumerate(shown[column.layer])
    )
    edges: list[EdgeItem] = []
    for layer in range(architecture.layers):
        if layer in shown and layer + 1 in shown:
            edges += _edges(problem, snapshot, difference, layer, shown[layer], shown[layer + 1], point)
    last = architecture.layers
    targets = tuple(
        _target(phase, NeuronPoint(last, unit), slot)
        for slot, unit in enumerate(shown.get(last, []))
        if phase is not None
    )
    cost = None
    if phase is not None and phase.loss is not None:
        cost = Figure("cost", None, phase.loss, phase.kind == "cost")
    with np.errstate(invalid="ignore"):
        sizes = (np.abs(weights) for weights, _ in views(architecture, theta))
        w_ref = max(float(np.where(np.isfinite(size), size, 0.0).max()) for size in sizes)
    return Scene(neurons, tuple(edges), targets, cost, w_ref)


def strongest_units(
    architecture: Architecture, theta: Vector, phase: Phase | None, layer: int, room: int, point: Point
) -> list[int]:
    """The units of a layer (0 = input) that are shown: all, or those with the largest weights, and what is selected.

    The choice is the same in all phases of a sample, so that nothing changes places while it is looked at.
    """
    units = architecture.sizes[layer]
    if units <= room:
        return list(range(units))
    strength = np.ones(units)
    layers = views(architecture, theta)
    if layer < architecture.layers:
        strength = strength * np.sqrt((layers[layer][0] ** 2).sum(axis=1))
    if layer > 0:
        strength = strength * np.sqrt((layers[layer - 1][0] ** 2).sum(axis=0))
    elif phase is not None:
        strength = strength * np.abs(phase.activations[0])
    for unit in _selected(point, layer):
        strength[unit] = np.inf
    return sorted(np.argsort(-np.nan_to_num(strength, posinf=np.inf), kind="stable")[:room].tolist())


def _selected(point: Point, layer: int) -> list[int]:
    if isinstance(point, NeuronPoint):
        return [point.unit] if point.layer == layer else []
    if isinstance(point, WeightPoint):
        return [point.source] if point.layer == layer else [point.target] if point.layer + 1 == layer else []
    return []


def _neuron(problem: Problem, snapshot: Snapshot, difference: Vector, at: NeuronPoint, slot: int) -> NeuronItem:
    figures: dict[What, Figure] = {}
    architecture, before, phase = problem.architecture, at.layer - 1, snapshot.phase
    forward = phase is not None and phase.kind == "forward" and phase.layer == before
    backward = phase is not None and phase.kind == "backward" and phase.layer == before
    update = phase is not None and phase.kind == "update"
    if at.layer:
        index = architecture.bias_index(before, at.unit)
        figures["b"] = Figure("b", at, float(snapshot.state.theta[index]), forward)
        if phase is not None and phase.next_theta is not None:
            figures["new b"] = Figure("new b", at, float(phase.next_theta[index]), update)
            figures["Δb"] = Figure("Δb", at, float(difference[index]), update)
    if phase is not None and at.layer < len(phase.activations):
        if at.layer:
            figures["z"] = Figure("z", at, float(phase.pre_activations[before][at.unit]), forward)
        figures["a"] = Figure("a", at, float(phase.activations[at.layer][at.unit]), forward)
    deltas = phase.deltas[before] if phase is not None and at.layer else None
    if deltas is not None:
        figures["δ"] = Figure("δ", at, float(deltas[at.unit]), backward)
    return NeuronItem(at, slot, figures, forward or backward)


def _target(phase: Phase, at: NeuronPoint, slot: int) -> NeuronItem:
    figures: dict[What, Figure] = {}
    cost = phase.kind == "cost"
    if phase.targets is not None and phase.loss is not None:
        figures["y"] = Figure("y", at, float(phase.targets[at.unit]), cost)
        figures["a"] = Figure("a", at, float(phase.activations[-1][at.unit]))
        figures["a − y"] = Figure("a − y", at, float(errors(phase)[at.unit]), cost)
    return NeuronItem(at, slot, figures, cost)


def _edges(
    problem: Problem, snapshot: Snapshot, difference: Vector, layer: int, sources: list[int], targets: list[int],
    point: Point,
) -> list[EdgeItem]:  # fmt: skip
    """The edges between the shown units of two layers, the strongest of them where they are many."""
    phase, architecture = snapshot.phase, problem.architecture
    tables = _tables(passing(problem, snapshot.state.theta, phase, layer, sources, targets))
    w = tables["w"]
    kept = np.arange(w.size)
    if w.size > ALL_EDGES:
        measure = np.abs(tables.get("w·a", w)).ravel()
        strength = np.nan_to_num(np.where(np.isfinite(measure), measure, 0.0))
        kept = np.argsort(-strength, kind="stable")[:MOST_EDGES]
        kept = np.union1d(kept, np.array(_chosen(point, layer, sources, targets), dtype=np.int64))
    now: dict[str, bool] = _just_now(phase, layer)
    found = []
    for i, j in zip(*np.unravel_index(kept, w.shape), strict=True):
        at = WeightPoint(layer, sources[i], targets[j])
        figures: dict[What, Figure] = {
            what: Figure(what, at, float(table[i, j]), now.get(what, False))  # type: ignore[arg-type, misc]
            for what, table in tables.items()
        }
        index = architecture.weight_index(layer, at.source, at.target)
        if len(difference):
            figures["Δw"] = Figure("Δw", at, float(difference[index]), now["new w"])
        found.append(EdgeItem(at, index, figures, any(now.values())))
    return found


def _tables(found: Passing) -> dict[str, Matrix]:
    """What is known, by what it is."""
    tables = {
        "w": found.weights, "w·a": found.products, "w·δ": found.returned, "∂C/∂w": found.gradient,
        "new w": found.following,
    }  # fmt: skip
    return {what: table for what, table in tables.items() if table is not None}


def _just_now(phase: Phase | None, layer: int) -> dict[str, bool]:
    """What the phase has just computed on the edges of a layer."""
    if phase is None:
        return {}
    return {
        "w·a": phase.kind == "forward" and phase.layer == layer,
        "∂C/∂w": phase.kind == "backward" and phase.layer == layer,
        "w·δ": phase.kind == "backward" and phase.layer == layer - 1,
        "new w": phase.kind == "update",
    }


def _chosen(point: Point, layer: int, sources: list[int], targets: list[int]) -> list[int]:
    """The selected edge, as a position in the flat table."""
    if isinstance(point, WeightPoint) and point.layer == layer:
        return [sources.index(point.source) * len(targets) + targets.index(point.target)]
    return []
