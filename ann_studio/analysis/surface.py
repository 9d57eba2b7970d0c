"""The cost over a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.planes import Extent, Plane
from ann_studio.learning.problem import Problem

Matrix = NDArray[np.float64]


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
