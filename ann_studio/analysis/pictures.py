"""Pictures: what the views paint of one parameter vector, computed off the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Performance:
    """How well one part of the data is predicted.

    Parameters
    ----------
    predictions
        Class indices ``(n,)`` or numbers in their unit ``(n, outputs)``, in the order of the part.
    accuracy
        Share of right classes, 0 to 1; NaN for numbers.
    confusion
        ``confusion[truth, prediction]`` counts; None for numbers.
    r2, rmse
        For numbers: coefficient of determination and root mean squared error in the target's unit, over all
        outputs; NaN for classes.
    """

    predictions: NDArray[np.float64]
    accuracy: float
    confusion: NDArray[np.int64] | None
    r2: float
    rmse: float


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one parameter vector.

    Parameters
    ----------
    extent
        Raw input range ``(x1_min, x1_max, x2_min, x2_max)`` of `maps` and `region`.
    maps
        For two raw inputs: activations of every layer, features first, each ``(units, side, side)``; row 0 is the top
        (largest x2), column 0 the left (smallest x1). Else None.
    region
        For two raw inputs: output activations ``(outputs, side, side)``, finer than `maps`. Else None.
    curve
        For one raw input: ``(x, y)`` with x ``(points,)`` raw and y ``(points, outputs)`` decoded numbers, or output
        activations for classes. Else None.
    activity
        For more raw inputs: mean activation of each unit over the training part, one array a layer. Else None.
    train, validation
        Performance on the two parts; None where the part is empty.
    """

    extent: tuple[float, float, float, float]
    maps: tuple[Map, ...] | None
    region: Map | None
    curve: tuple[NDArray[np.float64], NDArray[np.float64]] | None
    activity: tuple[NDArray[np.float64], ...] | None
    train: Performance | None
    validation: Performance | None
