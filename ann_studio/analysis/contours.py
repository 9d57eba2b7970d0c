"""Contours of a surface: levels that can be read, bands between them, and the lines that part the bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Contours:
    """A picture of a surface.

    Parameters
    ----------
    levels
        Costs at which there is a line, ascending: readable numbers.
    bands
        Shape ``(height, width)``, uint8: 0 to 255 from the lowest to the highest cost, the same between two levels.
        Row 0 is the top (largest t).
    lines
        For each line its level and its points ``(n, 2)`` in the coordinates of the plane.
    low, high
        Least and greatest finite cost of the surface.
    """

    levels: NDArray[np.float64]
    bands: NDArray[np.uint8]
    lines: tuple[tuple[float, NDArray[np.float64]], ...]
    low: float
    high: float
