"""Gradients, curvature and minima of the cost of a whole training set.

Gradients are exact (backpropagation). Second derivatives are central differences of them with two pairs of points
(Abramowitz & Stegun 1964, 25.3.21 with f′ for f): for smooth activations they are right to some 1e-11 of the greatest
gradient nearby. Where relu and its kin have a kink within reach of the differences, they count it in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.planes import lowest_points
from ann_studio.analysis.surface import Surface
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import NEVER, Flag, Interrupted, evaluate, net_of
from ann_studio.nn import kernels

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Parameters up to which a whole Hessian is computed.
MOST_PARAMETERS = 400
#: Distance of the points of which differences are taken, for parameters of the order of 1.
_STEP = 2e-4
#: Positions relative to that distance, and weights.
_STENCIL = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
#: At a minimum the greatest derivative is below this, or below this share of what the curvatures make of the
#: parameters …
_FLAT, _ROUNDED = 1e-10, 1e-14
#: … and the least curvature is at least this share of the greatest: less may as well be none.
_STRICT = 1e-7
_MOST_STEPS = 200
#: Minima of a grid that are looked at, the lowest first.
_MOST_CANDIDATES = 256


@dataclass(frozen=True, eq=False)
class Minimum:
    """A minimum of the cost.

    Parameters
    ----------
    theta
        Where, shape ``(parameters,)``.
    loss
        The cost there.
    eigenvalues
        Of the Hessian there, ascending.
    """

    theta: Vector
    loss: float
    eigenvalues: Vector


def gradient(problem: Problem, theta: Vector, interrupt: Flag = NEVER) -> Vector:
    """Gradient of the cost of the whole training set, by the engine, without regulariser.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    net, train = net_of(problem), problem.train
    grad = np.empty(len(theta))
    kernels.mean_gradient(
        np.ascontiguousarray(theta), net.sizes, net.codes, net.loss, train.inputs, train.targets, grad, interrupt
    )
    if interrupt[0]:
        raise Interrupted
    return grad


def hessian_times(problem: Problem, theta: Vector, direction: Vector, interrupt: Flag = NEVER) -> Vector:
    """The Hessian times `direction`: how the gradient changes along it.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    length = float(np.linalg.norm(direction))
    if length == 0:
        return np.zeros_like(theta)
    unit = direction / length
    step = _STEP * 2.0 ** max(0, math.frexp(float(np.abs(theta[unit != 0]).max()))[1])
    total = np.zeros_like(theta)
    with np.errstate(over="ignore", invalid="ignore"):  # where the cost is as good as infinite
        for position, weight in _STENCIL:
            total += weight * gradient(problem, theta + position * step * unit, interrupt)
        return total * (length / step)


def second_derivative(problem: Problem, theta: Vector, direction: Vector, interrupt: Flag = NEVER) -> float:
    """Second derivative of the cost along `direction`.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    image = hessian_times(problem, theta, direction, interrupt)
    moved = direction != 0
    return float(direction[moved] @ image[moved])


def hessian(problem: Problem, theta: Vector, interrupt: Flag = NEVER) -> Matrix:
    """The matrix of second derivatives, symmetric, shape ``(parameters, parameters)``.

    Raises
    ------
    ValueError
        If there are more than `MOST_PARAMETERS`.
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    if len(theta) > MOST_PARAMETERS:
        raise ValueError(f"{len(theta):,} parameters; a Hessian is computed for at most {MOST_PARAMETERS}")
    rows = np.stack([hessian_times(problem, theta, axis, interrupt) for axis in np.eye(len(theta))])
    return (rows + rows.T) / 2


def minimum_near(problem: Problem, theta: Vector, interrupt: Flag = NEVER, first_step: float = 1.0) -> Minimum | None:
    """The strict minimum to which descent from `theta` leads; None if there is none, or none within reach.

    Newton's method within a region of trust (Nocedal and Wright, *Numerical Optimization*, 2006, algorithm 4.1 with
    the step of section 4.3), until the largest derivative is below 1e-10, all curvatures are positive, and another step
    mends nothing.

    Parameters
    ----------
    first_step
        The first step is at most so long.

    Raises
    ------
    ValueError
        If there are more than `MOST_PARAMETERS` parameters.
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    point, radius = _look(problem, np.array(theta, dtype=np.float64), interrupt), first_step
    for _ in range(_MOST_STEPS):
        matrix = hessian(problem, point.theta, interrupt) if point.finite else np.full((1, 1), math.nan)
        if not np.isfinite(matrix).all():
            return None
        values, axes = np.linalg.eigh(matrix)
        along = axes.T @ point.slopes
        moves = _trusted(values, along, radius)
        length = float(np.linalg.norm(moves))
        there = _look(problem, point.theta + axes @ moves, interrupt)
        kept = _kept(point, there, float(along @ moves + 0.5 * values @ moves**2))
        if kept > 0:
            if kept > 0.75 and length > 0.9 * radius:
                radius *= 2
            elif kept < 0.25:
                radius /= 2
            point = there
        elif point.steepest < max(_FLAT, _ROUNDED * values[-1] * point.size) and values[0] > _STRICT * values[-1] > 0:
            return Minimum(point.theta, point.loss, values)
        else:
            radius = length / 4
            if radius < 1e-13 * point.size:
                return None
    return None


@dataclass(frozen=True, eq=False)
class _Point:
    """A place on the way to a minimum."""

    theta: Vector
    loss: float
    slopes: Vector

    @property
    def finite(self) -> bool:
        return math.isfinite(self.loss) and bool(np.isfinite(self.slopes).all() and np.isfinite(self.theta).all())

    @property
    def steepest(self) -> float:
        return float(np.abs(self.slopes).max())

    @property
    def size(self) -> float:
        """Of what order the parameters are, at least 1."""
        return max(1.0, float(np.abs(self.theta).max()))


def _look(problem: Problem, theta: Vector, interrupt: Flag) -> _Point:
    return _Point(theta, evaluate(problem, theta, problem.train, interrupt), gradient(problem, theta, interrupt))


def _kept(here: _Point, there: _Point, foreseen: float) -> float:
    """What share of the foreseen change of the loss came true; not positive if the step makes nothing better.

    Close to a minimum losses differ by less than they are rounded; there the slopes tell.
    """
    change = there.loss - here.loss
    if abs(change) <= 1e-14 * abs(here.loss):
        return 1.0 if there.steepest < here.steepest else 0.0
    return change / foreseen if there.finite and foreseen < 0 else 0.0


def _trusted(values: Vector, along: Vector, radius: float) -> Vector:
    """The step of at most `radius` that lowers ½ Σ λ m² + Σ g m most, in the eigenvectors' coordinates."""
    if values[0] > 0:
        newton = -along / values
        if np.linalg.norm(newton) <= radius:
            return np.asarray(newton)
    if not np.abs(along).max() > 0:
        # on a saddle or a summit: down along the least curvature
        return np.where(np.arange(len(values)) == 0, radius, 0.0)
    # the least shift μ > −λ₀ with ‖g / (λ + μ)‖ ≤ radius, by halving
    low = max(0.0, -float(values[0]))
    high = low + float(np.linalg.norm(along)) / radius
    for _ in range(60):
        middle = (low + high) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            too_long = not np.linalg.norm(along / (values + middle)) <= radius
        low, high = (middle, high) if too_long else (low, middle)
    return np.asarray(-along / (values + high))


def minima_on(surface: Surface, interrupt: Flag = NEVER) -> tuple[Minimum, ...]:
    """The strict minima within the surface of a problem of two parameters, the lowest first.

    Found are those that the grid shows: each of its points that lies no higher than its eight neighbours is followed
    down.

    Raises
    ------
    ValueError
        If the problem has another number of parameters.
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    problem, plane = surface.problem, surface.plane
    if problem.architecture.parameters != 2:
        raise ValueError(
            f"{problem.architecture.parameters} parameters; a plane shows all minima only where there are 2"
        )
    found: list[Minimum] = []
    rows, columns = lowest_points(surface.values)
    starts = np.stack([surface.columns[columns], surface.rows[rows]], axis=1)
    order = np.argsort(surface.values[rows, columns])[:_MOST_CANDIDATES]
    cell = plane.lift(np.array([[surface.columns[1], surface.rows[1]]])) - plane.lift(
        np.array([[surface.columns[0], surface.rows[0]]])
    )
    for start in plane.lift(starts[order]):
        minimum = minimum_near(problem, start, interrupt, float(np.linalg.norm(cell)))
        if minimum is None or any(_same(minimum, other) for other in found):
            continue
        (s, t), (s_min, s_max, t_min, t_max) = plane.project(minimum.theta[None])[0], surface.extent
        if s_min <= s <= s_max and t_min <= t <= t_max:
            found.append(minimum)
    return tuple(sorted(found, key=lambda minimum: minimum.loss))


def _same(one: Minimum, other: Minimum) -> bool:
    return bool(np.abs(one.theta - other.theta).max() <= 1e-5 * max(1.0, float(np.abs(one.theta).max())))
