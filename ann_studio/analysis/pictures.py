"""Pictures: what the views paint of one parameter vector, computed off the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.metrics import Performance, performance
from ann_studio.data.dataset import Dataset, NumberColumn
from ann_studio.learning.experiment import Generated, Inline
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import activations

Map = NDArray[np.float64]
Extent = tuple[float, float, float, float]

#: Points along each side of the maps in the neurons and of the region behind the data.
MAP_SIDE, REGION_SIDE = 40, 100
CURVE_POINTS = 300
#: Multiply-adds that one kind of picture may cost; large networks get coarser ones.
_BUDGET = 20_000_000
_LEAST_SIDE = 12
#: Rows of which the mean activity is taken.
_ACTIVITY_ROWS = 500


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
        (largest x2), column 0 the left (smallest x1). Else None.
    region
        For two raw inputs: output activations ``(outputs, side, side)``, finer than `maps`. Else None.
    curve
        For one raw input: ``(x, y)`` with x ``(points,)`` raw and y ``(points, outputs)``: numbers in their unit, or
        output activations for classes. Else None.
    activity
        For more raw inputs: mean activation of each unit over the training part, one array a layer. Else None.
    train, validation
        Performance on the two parts; None where the part is empty.
    """

    extent: Extent
    maps: tuple[Map, ...] | None
    region: Map | None
    curve: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    activity: tuple[NDArray[np.float64], ...] | None
    train: Performance | None
    validation: Performance | None


def is_plane(dataset: Dataset) -> bool:
    """Whether the raw inputs are two numbers, so that everything can be drawn over their plane."""
    return len(dataset.columns) == 2 and all(isinstance(column, NumberColumn) for column in dataset.columns)


def is_line(dataset: Dataset) -> bool:
    """Whether there is one raw input, a number."""
    return len(dataset.columns) == 1 and isinstance(dataset.columns[0], NumberColumn)


def extent_of(problem: Problem) -> Extent:
    """The range of the raw inputs that pictures show, a little wider than the data."""
    inputs = problem.dataset.inputs
    low, high = np.nanmin(inputs, axis=0), np.nanmax(inputs, axis=0)
    if isinstance(problem.experiment.data, Generated | Inline) and is_plane(problem.dataset) and low.min() < -1:
        half = max(6.0, float(np.abs(inputs).max()))
        return (-half, half, -half, half)
    margin = np.where(high > low, 0.12 * (high - low), 1.0)
    low, high = low - margin, high + margin
    if is_plane(problem.dataset):
        return (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return (float(low[0]), float(high[0]), 0.0, 0.0)


def compute_pictures(problem: Problem, theta: NDArray[np.float64], wanted: frozenset[str]) -> Pictures:
    """Pictures of `theta`.

    Parameters
    ----------
    wanted
        Of ``"maps"`` (with activity), ``"region"`` (with curve) and ``"performance"``.
    """
    dataset, extent = problem.dataset, extent_of(problem)
    maps = region = curve = activity = None
    if is_plane(dataset):
        if "maps" in wanted:
            maps = tuple(_over_plane(problem, theta, extent, _side(problem, MAP_SIDE)))
        if "region" in wanted:
            region = _over_plane(problem, theta, extent, _side(problem, REGION_SIDE))[-1]
    else:
        if "maps" in wanted:
            layers = activations(problem, theta, problem.train.inputs[:_ACTIVITY_ROWS])
            activity = tuple(layer.mean(axis=0) for layer in layers)
        if "region" in wanted and is_line(dataset):
            curve = _curve(problem, theta, extent)
    measured = "performance" in wanted
    return Pictures(
        extent=extent,
        maps=maps,
        region=region,
        curve=curve,
        activity=activity,
        train=performance(problem, theta, problem.train) if measured else None,
        validation=performance(problem, theta, problem.validation) if measured and len(problem.validation) else None,
    )


def _side(problem: Problem, most: int) -> int:
    return int(np.clip(np.sqrt(_BUDGET / problem.architecture.parameters), _LEAST_SIDE, most))


def _over_plane(problem: Problem, theta: NDArray[np.float64], extent: Extent, side: int) -> list[Map]:
    """Activations of every layer, each ``(units, side, side)``, at the centres of the pixels."""
    steps = (np.arange(side) + 0.5) / side
    x1 = extent[0] + (extent[1] - extent[0]) * steps
    x2 = extent[3] - (extent[3] - extent[2]) * steps
    grid = np.stack([np.tile(x1, side), np.repeat(x2, side)], axis=1)
    inputs = np.ascontiguousarray(problem.preparation.inputs(grid))
    return [layer.T.reshape(-1, side, side) for layer in activations(problem, theta, inputs)]


def _curve(
    problem: Problem, theta: NDArray[np.float64], extent: Extent
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.linspace(extent[0], extent[1], CURVE_POINTS)
    inputs = np.ascontiguousarray(problem.preparation.inputs(x[:, None]))
    outputs = activations(problem, theta, inputs)[-1]
    if hasattr(problem.dataset.target, "names"):
        outputs = problem.preparation.decode(outputs)
    return x, outputs
