"""The valley: the cost along one line through the present point, with its slope and its curvature there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class SliceChoice:
    """Along which line: one parameter (its position in ``theta``), or the gradient if `parameter` is None."""

    parameter: int | None = 0


@dataclass(frozen=True, eq=False)
class Slice:
    """The cost along a line, and the ball on it.

    Parameters
    ----------
    choice
        Along what.
    theta
        The present point.
    direction
        Shape ``(parameters,)``, of length 1: a unit vector for one parameter; along the gradient, uphill.
    positions, costs
        Shape ``(n,)``: where, in the parameter's own unit (along the gradient: distance from the present point, uphill
        positive), and the cost of the whole training set there.
    here, cost
        The ball.
    slope
        Derivative of the cost along the line at the ball.
    curvature
        Second derivative there.
    step
        The next step of plain gradient descent, −η·slope.
    newton_step
        −slope / curvature; NaN where the curvature is not positive.
    stable_rate
        The largest learning rate that is stable there, 2 / curvature; infinite where it is not positive.
    """

    choice: SliceChoice
    theta: Vector
    direction: Vector
    positions: Vector
    costs: Vector
    here: float
    cost: float
    slope: float
    curvature: float
    step: float
    newton_step: float
    stable_rate: float
