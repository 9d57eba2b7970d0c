"""Pictures: what the views paint of one parameter vector, computed off the window's thread."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.metrics import Performance, outputs_in_slices, performance
from ann_studio.data.dataset import Dataset, NumberColumn, Numbers
from ann_studio.learning.experiment import Generated, Inline, Landscape
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import NEVER, Flag, activations, outputs

Map = NDArray[np.float64]
Extent = tuple[float, float, float, float]

#: Points along each side of the maps in the neurons and of the region behind the data.
MAP_SIDE, REGION_SIDE = 40, 100
CURVE_POINTS = 300
#: Rows of which the mean activity is taken.
ACTIVITY_ROWS = 500
#: Multiply-adds that one kind of picture may cost; large networks get coarser ones.
_BUDGET = 20_000_000
_LEAST_SIDE = 12
_LEAST_POINTS = 60
#: The fields of `Pictures` that are pictures.
_PICTURES = ("maps", "region", "curve", "activity", "train", "validation")


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one parameter vector.

    Parameters
    ----------
    extent
        Raw input range ``(x1_min, x1_max, x2_min, x2_max)`` of `maps` and `region`, or ``(x_min, x_max, 0, 0)`` of
        `curve`.
    maps
        For two raw inputs: activations of every layer, features first, each ``(units, side, side)``; row 0 is the top
        (largest x2), column 0 the left (smallest x1). For one raw input likewise, every row the same. Else None.
    region
        For two raw inputs: output activations ``(outputs, side, side)``, finer than `maps`. Else None.
    curve
        For one raw input: ``(x, y)`` with x ``(points,)`` raw and y ``(points, outputs)``: numbers in their unit, or
        output activations for classes. Else None.
    activity
        For other raw inputs: mean activation of each unit over the first `ACTIVITY_ROWS` of the training part (fewer
        for large networks), one array a layer. Else None.
    train, validation
        Performance on the two parts; None where the part is empty.
    kinds
        What was asked for, see `compute_pictures`.
    """

    extent: Extent
    maps: tuple[Map, ...] | None
    region: Map | None
    curve: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    activity: tuple[NDArray[np.float64], ...] | None
    train: Performance | None
    validation: Performance | None
    kinds: frozenset[str]


def joined(first: Pictures, second: Pictures) -> Pictures:
    """The pictures of both, which are of the same parameters."""
    fields = {name: getattr(second, name) for name in _PICTURES if getattr(second, name) is not None}
    return replace(first, **fields, kinds=first.kinds | second.kinds)


def is_plane(dataset: Dataset) -> bool:
    """Whether the raw inputs are two numbers, so that everything can be drawn over their plane."""
    return len(dataset.columns) == 2 and all(isinstance(column, NumberColumn) for column in dataset.columns)


def is_line(dataset: Dataset) -> bool:
    """Whether there is one raw input, a number."""
    return len(dataset.columns) == 1 and isinstance(dataset.columns[0], NumberColumn)


@lru_cache(maxsize=2)
def extent_of(problem: Problem) -> Extent:
    """The range of the raw inputs that pictures show, a little wider than the data."""
    inputs = problem.dataset.inputs
    low, high = np.nanmin(inputs, axis=0), np.nanmax(inputs, axis=0)
    if isinstance(problem.experiment.data, Generated | Inline) and is_plane(problem.dataset) and low.min() < -1:
        half = max(6.0, float(np.abs(inputs).max()))
        return (-half, half, -half, half)
    # The four points of a gate lie in the corners, where the view names the range.
    share = 0.3 if problem.dataset.rows <= 10 else 0.12
    margin = np.where(high > low, share * (high - low), 1.0)
    low, high = low - margin, high + margin
    if is_plane(problem.dataset):
        return (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return (float(low[0]), float(high[0]), 0.0, 0.0)


def multiply_adds(problem: Problem, wanted: frozenset[str]) -> int:
    """How many of them `compute_pictures` takes at most."""
    if isinstance(problem.experiment.data, Landscape):
        return 0
    parameters = problem.architecture.parameters
    rows = 0
    if "maps" in wanted:
        rows += _affordable(problem, MAP_SIDE * MAP_SIDE, 1)
    if "region" in wanted and (is_plane(problem.dataset) or is_line(problem.dataset)):
        rows += _affordable(problem, REGION_SIDE * REGION_SIDE, 1)
    if "performance" in wanted:
        rows += len(problem.train) + len(problem.validation)
    return rows * parameters


def compute_pictures(
    problem: Problem,
    theta: NDArray[np.float64],
    wanted: frozenset[str],
    interrupt: Flag = NEVER,
    between: Callable[[], None] = lambda: None,
) -> Pictures:
    """Pictures of `theta`, which need not be finite; of a landscape there are none.

    Parameters
    ----------
    wanted
        Of ``"maps"`` (with activity), ``"region"`` (with curve) and ``"performance"``.
    between
        Called every few milliseconds, but for maps; it may raise to give up.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    if isinstance(problem.experiment.data, Landscape):  # a picture of which is its surface
        return Pictures((0.0, 0.0, 0.0, 0.0), None, None, None, None, None, None, wanted)
    dataset, extent = problem.dataset, extent_of(problem)
    maps = region = curve = activity = None
    if is_plane(dataset):
        if "maps" in wanted:
            maps = tuple(_maps(problem, theta, interrupt))
        if "region" in wanted:
            region = _region(problem, theta, interrupt, between)
    elif is_line(dataset):
        if "maps" in wanted:
            maps = tuple(_strips(problem, theta, extent, interrupt))
        if "region" in wanted:
            curve = _curve(problem, theta, extent, interrupt)
    elif "maps" in wanted:
        activity = tuple(_activity(problem, theta, interrupt))
    train = validation = None
    if "performance" in wanted:
        train = performance(problem, theta, problem.train, interrupt, between)
        if len(problem.validation):
            validation = performance(problem, theta, problem.validation, interrupt, between)
    return Pictures(extent, maps, region, curve, activity, train, validation, wanted)


def _affordable(problem: Problem, most: int, least: int) -> int:
    """How many points may be sent through the network."""
    return int(np.clip(_BUDGET // problem.architecture.parameters, least, most))


def _side(problem: Problem, most: int) -> int:
    return math.isqrt(_affordable(problem, most * most, _LEAST_SIDE * _LEAST_SIDE))


@lru_cache(maxsize=4)
def _grid(problem: Problem, side: int) -> Map:
    """Network inputs at the centres of ``side`` × ``side`` pixels, row by row from the top left. Not to be written to.

    They stay as long as the problem does.
    """
    extent = extent_of(problem)
    steps = (np.arange(side) + 0.5) / side
    x1 = extent[0] + (extent[1] - extent[0]) * steps
    x2 = extent[3] - (extent[3] - extent[2]) * steps
    grid = np.stack([np.tile(x1, side), np.repeat(x2, side)], axis=1)
    return np.ascontiguousarray(problem.preparation.inputs(grid))


def _maps(problem: Problem, theta: NDArray[np.float64], interrupt: Flag) -> list[Map]:
    side = _side(problem, MAP_SIDE)
    layers = activations(problem, theta, _grid(problem, side), interrupt)
    return [layer.T.reshape(-1, side, side) for layer in layers]


def _strips(problem: Problem, theta: NDArray[np.float64], extent: Extent, interrupt: Flag) -> list[Map]:
    """Maps of one input: what each unit computes from left to right."""
    side = _affordable(problem, MAP_SIDE, _LEAST_SIDE)
    x = extent[0] + (extent[1] - extent[0]) * (np.arange(side) + 0.5) / side
    layers = activations(problem, theta, np.ascontiguousarray(problem.preparation.inputs(x[:, None])), interrupt)
    return [np.broadcast_to(layer.T[:, None, :], (layer.shape[1], side, side)) for layer in layers]


def _region(problem: Problem, theta: NDArray[np.float64], interrupt: Flag, between: Callable[[], None]) -> Map:
    side = _side(problem, REGION_SIDE)
    values = outputs_in_slices(problem, theta, _grid(problem, side), interrupt, between)
    return values.T.reshape(-1, side, side)


def _activity(problem: Problem, theta: NDArray[np.float64], interrupt: Flag) -> list[Map]:
    rows = _affordable(problem, ACTIVITY_ROWS, 1)
    # Activations of a network that diverged may be infinite, of both signs.
    with np.errstate(over="ignore", invalid="ignore"):
        layers = activations(problem, theta, problem.train.inputs[:rows], interrupt)
        return [layer.mean(axis=0) for layer in layers]


def _curve(
    problem: Problem, theta: NDArray[np.float64], extent: Extent, interrupt: Flag
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.linspace(extent[0], extent[1], _affordable(problem, CURVE_POINTS, _LEAST_POINTS))
    inputs = np.ascontiguousarray(problem.preparation.inputs(x[:, None]))
    values = outputs(problem, theta, inputs, interrupt)
    if isinstance(problem.dataset.target, Numbers):
        with np.errstate(over="ignore", invalid="ignore"):
            values = problem.preparation.decode(values)
    return x, values
