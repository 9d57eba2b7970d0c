"""The cost over a plane."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.losses import losses_on_grid
from ann_studio.analysis.planes import Extent, Plane
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import NEVER, Flag, evaluate

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Surface:
    """The cost of the whole training set at the points of a grid.

    Parameters
    ----------
    problem
        Whose cost it is.
    plane
        Over which plane.
    extent
        ``(s_min, s_max, t_min, t_max)``; the outermost grid points lie on these borders.
    values
        Shape ``(side, side)``: row r is at ``t_min + r·(t_max − t_min)/(side − 1)``, column c likewise along s.
        Infinite or NaN where the cost is.
    """

    problem: Problem
    plane: Plane
    extent: Extent
    values: Matrix

    @property
    def side(self) -> int:
        """Grid points along each side."""
        return len(self.values)

    @property
    def columns(self) -> Vector:
        """Coordinates s of the grid's columns."""
        return np.linspace(self.extent[0], self.extent[1], self.side)

    @property
    def rows(self) -> Vector:
        """Coordinates t of the grid's rows."""
        return np.linspace(self.extent[2], self.extent[3], self.side)


def compute(
    problem: Problem,
    plane: Plane,
    extent: Extent,
    side: int,
    interrupt: Flag = NEVER,
) -> Surface:
    """The cost over `extent` at ``side × side`` points, at least 2 × 2.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile; it is asked before every tile of samples.
    """
    s, t = np.linspace(extent[0], extent[1], side), np.linspace(extent[2], extent[3], side)
    values = losses_on_grid(problem, problem.train, plane.origin, plane.u, plane.v, s, t, interrupt)
    return Surface(problem, plane, extent, values)


def left_out(problem: Problem, plane: Plane, thetas: Matrix, interrupt: Flag = NEVER) -> tuple[float, ...]:
    """What the plane leaves out: for each of `thetas` ``(n, parameters)`` the cost there minus that at its projection.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    pairs = zip(thetas, plane.lift(plane.project(thetas)), strict=True)
    return tuple(
        evaluate(problem, theta, problem.train, interrupt) - evaluate(problem, nearest, problem.train, interrupt)
        for theta, nearest in pairs
    )


def cost_at(surface: Surface, s: float, t: float) -> float:
    """The cost at a point, between the points of the grid bilinearly; NaN outside of the surface."""
    s_min, s_max, t_min, t_max = surface.extent
    last = surface.side - 1
    column, row = (s - s_min) / (s_max - s_min) * last, (t - t_min) / (t_max - t_min) * last
    if not (0 <= column <= last and 0 <= row <= last):
        return math.nan
    left, below = min(int(column), last - 1), min(int(row), last - 1)
    right, above = column - left, row - below
    corners = surface.values[below : below + 2, left : left + 2]
    shares = np.outer([1 - above, above], [1 - right, right])
    # of a corner without share nothing is taken, not even infinity
    return float(corners[shares > 0] @ shares[shares > 0])
