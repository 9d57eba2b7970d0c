"""Slices of a true cost, made by the book."""

from __future__ import annotations

import numpy as np

from ann_studio.analysis.slice import Slice
from ann_studio.engine.messages import Sounded, Sounding
from ann_studio.learning.problem import Problem
from ann_studio.nn import backprop

_NEARBY = 1e-5


def cost(problem: Problem, theta: np.ndarray) -> float:
    train, name = problem.train, str(problem.experiment.learning.loss)
    return backprop.loss(problem.architecture, theta, train.inputs, train.targets, name)


def gradient(problem: Problem, theta: np.ndarray) -> np.ndarray:
    train, name = problem.train, str(problem.experiment.learning.loss)
    return backprop.gradient(problem.architecture, theta, train.inputs, train.targets, name)


def answer(sounding: Sounding, points: int = 241) -> Sounded:
    """What the surveyor answers; six wide where no extent is asked for."""
    problem = sounding.frame.problem
    theta = sounding.frame.snapshots[0].state.theta
    uphill = gradient(problem, theta)
    parameter = sounding.choice.parameter
    if parameter is None:
        direction, here = uphill / np.linalg.norm(uphill), 0.0
    else:
        direction, here = np.eye(len(theta))[parameter], float(theta[parameter])
    low, high = sounding.extent or (np.floor(here) - 3.0, np.ceil(here) + 3.0)
    positions = np.linspace(low, high, points)
    costs = np.array([cost(problem, theta + (at - here) * direction) for at in positions])
    slope = float(uphill @ direction)
    ahead, behind = (gradient(problem, theta + sign * _NEARBY * direction) @ direction for sign in (1, -1))
    curvature = float(ahead - behind) / (2 * _NEARBY)
    rate = problem.experiment.learning.optimizer.learning_rate
    bowl = curvature > 0
    found = Slice(
        sounding.choice, theta, direction, positions, costs, here, cost(problem, theta), slope, curvature,
        -rate * slope, -slope / curvature if bowl else np.nan, 2 / curvature if bowl else np.inf,
    )  # fmt: skip
    return Sounded(sounding, found)
