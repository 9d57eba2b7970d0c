"""The valley: the cost along one line through the present point, with its slope and its curvature there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.curvature import gradient, second_derivative
from ann_studio.analysis.losses import losses_on_grid
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import NEVER, Flag, evaluate

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
        The largest learning rate that is stable there, 2 / curvature; infinite where that is not positive, NaN where
        it is no number.
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


#: How far a valley is shown to each side of the ball, at least.
_REACH = 3.0


def cut(
    problem: Problem,
    theta: Vector,
    choice: SliceChoice,
    extent: tuple[float, float] | None = None,
    learning_rate: float = 0.0,
    points: int = 241,
    interrupt: Flag = NEVER,
) -> Slice:
    """The valley along a line through `theta`.

    The slope is the exact gradient along the line; the curvature comes from gradients nearby, see
    `curvature.second_derivative`.

    Parameters
    ----------
    choice
        Which line. Where the gradient is zero or not finite, "along the gradient" is along the first parameter.
    extent
        First and last of `Slice.positions`; None: some way to both sides of the ball, in steps, so that it stays
        while the ball moves a little.
    learning_rate
        η of the next step, at least 0.

    Raises
    ------
    IndexError
        If the network has no such parameter.
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    theta = np.ascontiguousarray(theta, dtype=np.float64)
    uphill = gradient(problem, theta, interrupt)
    length = norm(uphill)
    direction = np.zeros_like(theta)
    origin, here = theta.copy(), 0.0
    if choice.parameter is not None:
        direction[choice.parameter] = 1.0
        here, origin[choice.parameter] = float(theta[choice.parameter]), 0.0
    elif math.isfinite(length) and length > 0:
        direction = uphill / length
    else:
        direction[0] = 1.0
    slope = length if choice.parameter is None else float(uphill[choice.parameter])
    first, last = extent or _around(here)
    positions = np.linspace(first, last, points)
    costs = losses_on_grid(problem, problem.train, origin, direction, direction, positions, np.zeros(1), interrupt)[0]
    curvature = second_derivative(problem, theta, direction, interrupt)
    curved = curvature > 0
    return Slice(
        choice,
        theta,
        direction,
        positions,
        costs,
        here,
        evaluate(problem, theta, problem.train, interrupt),
        slope,
        curvature,
        step=-learning_rate * slope,
        newton_step=-slope / curvature if curved else math.nan,
        stable_rate=2 / curvature if curved else math.nan if math.isnan(curvature) else math.inf,
    )


def norm(values: NDArray[np.float64]) -> float:
    """Euclidean length, also where the squares are too large or too small for a number."""
    greatest = float(np.abs(values).max())
    if not math.isfinite(greatest) or greatest == 0:
        return greatest
    return greatest * float(np.linalg.norm(values / greatest))


def _around(here: float) -> tuple[float, float]:
    """A range around the ball with borders at whole steps, which it crosses seldom."""
    if not math.isfinite(here):
        return (-_REACH, _REACH)
    # far from 0 as wide as half the way there
    unit = 2.0 ** max(0, math.frexp(here / (4 * _REACH))[1])
    return (math.floor(here / unit) * unit - _REACH * unit, math.ceil(here / unit) * unit + _REACH * unit)
