"""Planes through the space of all parameters, over which the cost is drawn as a surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Extent = tuple[float, float, float, float]
PlaneKind = Literal["parameters", "points", "principal", "random"]


@dataclass(frozen=True)
class PlaneChoice:
    """Which plane a person wants to see.

    Parameters
    ----------
    kind
        ``parameters``: any two parameters, the others as they are at present. ``points``: through three points of the
        run. ``principal``: the principal plane of the run's path. ``random``: two random directions around the present
        point, filter-normalised (Li et al. 2018).
    first, second
        Positions in ``theta`` of the two parameters.
    updates
        The three points, as numbers of updates.
    seed
        Of the random directions.
    """

    kind: PlaneKind = "parameters"
    first: int = 0
    second: int = 1
    updates: tuple[int, int, int] = (0, 0, 0)
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Plane:
    """``theta(s, t) = origin + s·u + t·v``.

    Parameters
    ----------
    choice
        What it was made from.
    origin, u, v
        Shape ``(parameters,)``; `u` and `v` are linearly independent, but need be neither orthogonal nor of length 1.
        Of two parameters they are unit vectors, and the origin has 0 there: s and t are the parameters themselves.
    """

    choice: PlaneChoice
    origin: Vector
    u: Vector
    v: Vector

    def project(self, thetas: Matrix) -> Matrix:
        """Coordinates ``(n, 2)`` of the points of the plane that are nearest to `thetas` ``(n, parameters)``."""
        axes = np.stack([self.u, self.v])
        return np.linalg.solve(axes @ axes.T, axes @ (thetas - self.origin).T).T

    def lift(self, points: Matrix) -> Matrix:
        """The parameters ``(n, parameters)`` at coordinates ``(n, 2)``."""
        return self.origin + points @ np.stack([self.u, self.v])
