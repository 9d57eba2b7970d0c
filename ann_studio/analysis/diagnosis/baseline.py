"""What a network costs that has learned nothing but the mean: the measure of "far from 0"."""

from __future__ import annotations

import numpy as np

from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.nn.losses import LOSSES

#: Keeps the logarithm of a class that does not occur finite.
_LEAST = 1e-12


def constant_cost(problem: Problem) -> float:
    """The cost of the best answer that is the same for all samples of the training set; NaN on a landscape.

    That is the mean of the targets (mse, cross entropies), or their median (mae, and near enough for huber).
    """
    if isinstance(problem.experiment.data, Landscape):
        return float("nan")
    name, targets = str(problem.experiment.learning.loss), problem.train.targets
    middle = np.median(targets, axis=0) if name in ("mae", "huber") else targets.mean(axis=0)
    z = middle
    if name == "binary_cross_entropy":
        share = np.clip(middle, _LEAST, 1 - _LEAST)
        z = np.log(share) - np.log1p(-share)
    elif name == "cross_entropy":
        z = np.log(np.maximum(middle, _LEAST))
    rows = np.broadcast_to(middle, targets.shape)
    return float(LOSSES[name].value(np.broadcast_to(z, targets.shape), rows, targets).mean())
