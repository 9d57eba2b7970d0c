"""What a network costs that has learned nothing but the mean: the measure of "far from 0"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.nn.losses import LOSSES

Vector = NDArray[np.float64]

#: Keeps the logarithm of a class that does not occur finite.
_LEAST = 1e-12


def constant_cost(problem: Problem) -> float:
    """The cost of the best answer that is the same for all samples of the training set; NaN on a landscape.

    That is the mean of the targets (mse, cross entropies) or their median (mae); for huber the better of the two is
    near enough.
    """
    if isinstance(problem.experiment.data, Landscape):
        return float("nan")
    targets = problem.train.targets
    return min(_cost_of(problem, middle) for middle in (targets.mean(axis=0), np.median(targets, axis=0)))


def _cost_of(problem: Problem, answer: Vector) -> float:
    """The cost of one answer to all samples."""
    name, targets = str(problem.experiment.learning.loss), problem.train.targets
    z = answer
    if name == "binary_cross_entropy":
        share = np.clip(answer, _LEAST, 1 - _LEAST)
        z = np.log(share) - np.log1p(-share)
    elif name == "cross_entropy":
        z = np.log(np.maximum(answer, _LEAST))
    rows, logits = (np.broadcast_to(values, targets.shape) for values in (answer, z))
    return float(LOSSES[name].value(logits, rows, targets).mean())
