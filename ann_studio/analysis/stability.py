"""How long steps may be: the greatest curvature of what is descended, and the learning rates that it bears.

Along the direction of the greatest curvature λ plain descent multiplies the distance from the valley's floor by 1 − ηλ
in each update. With η above 2/λ it grows from update to update.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.curvature import hessian_times
from ann_studio.learning.experiment import L2, Momentum, Nesterov, Optimizer, Sgd
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import NEVER, Flag
from ann_studio.nn.architecture import views

Vector = NDArray[np.float64]

#: Where power iteration ends: at this relative change, or after so many products.
TOLERANCE, MOST_PRODUCTS = 1e-10, 2000
#: A vector counts as an eigenvector if H v is λ v up to this share of λ.
_PURE = 1e-4


def largest_curvature(
    problem: Problem,
    theta: Vector,
    held: NDArray[np.int64] | None = None,
    *,
    tolerance: float = TOLERANCE,
    most: int = MOST_PRODUCTS,
    interrupt: Flag = NEVER,
) -> float:
    """The greatest eigenvalue λmax of the Hessian of what is descended: the training cost and the L2 penalty.

    By power iteration on products Hv, which are central differences of the engine's gradient. It finds the eigenvalue
    of the greatest size; where that is negative, or two of opposite signs are as great, it goes on with H + rI, r
    being that size, whose greatest eigenvalue is r more (Golub & Van Loan 2013, section 7.3).

    Parameters
    ----------
    held
        Positions in `theta` that training does not move; curvature along them does not count.
    tolerance, most
        End at this relative change, or after so many products.

    Returns
    -------
    float
        NaN where the gradients nearby are not finite.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    free = np.ones(len(theta))
    if held is not None:
        free[held] = 0.0
    penalty = _penalty(problem)

    def times(vector: Vector) -> Vector:
        with np.errstate(over="ignore", invalid="ignore"):
            return free * (hessian_times(problem, theta, vector, interrupt) + penalty * vector)

    start = free * np.random.default_rng(0).normal(size=len(theta))
    if not start.any():
        return 0.0
    value, impurity, radius = _power(times, start, 0.0, tolerance, most)
    if math.isfinite(value) and not (value > 0 and impurity <= _PURE * value) and radius > 0:
        shifted, _, _ = _power(times, start, radius, tolerance, most)
        return shifted - radius
    return value


def _power(times: object, start: Vector, shift: float, tolerance: float, most: int) -> tuple[float, float, float]:
    """Greatest eigenvalue of H + shift·I by size, how far its vector is from an eigenvector, and the longest Hv."""
    assert callable(times)
    vector, value, impurity, radius = start / np.linalg.norm(start), math.inf, math.inf, 0.0
    for _ in range(most):
        image = times(vector) + shift * vector
        before, value = value, float(vector @ image)
        length = float(np.linalg.norm(image))
        if not math.isfinite(length):
            return math.nan, math.inf, math.nan
        if length == 0.0:
            return 0.0, 0.0, radius
        impurity, radius = float(np.linalg.norm(image - value * vector)), max(radius, length)
        vector = image / length
        if abs(value - before) <= tolerance * abs(value):
            break
    return value, impurity, radius


def _penalty(problem: Problem) -> Vector:
    """Curvature that the regulariser adds along each parameter."""
    found = np.zeros(problem.architecture.parameters)
    regularizer = problem.experiment.learning.regularizer
    if isinstance(regularizer, L2):
        for weights, _ in views(problem.architecture, found):
            weights[:] = regularizer.strength
    return found


def highest_rate(optimizer: Optimizer, curvature: float) -> tuple[float, str]:
    """The learning rate above which steps overshoot more and more at this curvature, and its formula.

    For momentum m in PyTorch's definition both roots of z² − (1 + m − ηλ) z + m lie within the unit circle up to
    ηλ = 2 (1 + m), for Nesterov's up to 2 (1 + m)/(1 + 2m). Optimisers that divide by the size of past gradients have
    no such rate: NaN.
    """
    if not curvature > 0:
        return math.nan, ""
    match optimizer:
        case Sgd():
            return 2 / curvature, "2/λmax"
        case Momentum(_, m):
            return 2 * (1 + m) / curvature, "2(1 + m)/λmax"
        case Nesterov(_, m):
            return 2 * (1 + m) / (1 + 2 * m) / curvature, "2(1 + m)/((1 + 2m) λmax)"
        case _:
            return math.nan, ""
