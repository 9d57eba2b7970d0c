"""Which entries of ``theta`` a neuron's connections are, and which weights are the weakest: pure functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.state import Positions
from ann_studio.nn.architecture import Architecture

Vector = NDArray[np.float64]


def weight_positions(architecture: Architecture) -> Positions:
    """Positions in ``theta`` of all weights, biases left out, ascending."""
    return np.concatenate(
        [
            architecture.offset(layer) + np.arange(architecture.sizes[layer] * architecture.sizes[layer + 1])
            for layer in range(architecture.layers)
        ]
    ).astype(np.int64)


def arriving(architecture: Architecture, layer: int, unit: int) -> Positions:
    """Positions of the weights that arrive at `unit` of `layer` (0 = the input, where none do), ascending."""
    if layer == 0:
        return np.empty(0, dtype=np.int64)
    n_in = architecture.sizes[layer - 1]
    return architecture.offset(layer - 1) + unit * n_in + np.arange(n_in, dtype=np.int64)


def leaving(architecture: Architecture, layer: int, unit: int) -> Positions:
    """Positions of the weights that leave `unit` of `layer`, which at the output are none, ascending."""
    if layer == architecture.layers:
        return np.empty(0, dtype=np.int64)
    n_in, n_out = architecture.sizes[layer], architecture.sizes[layer + 1]
    return architecture.offset(layer) + unit + n_in * np.arange(n_out, dtype=np.int64)


def connections(architecture: Architecture, layer: int, unit: int) -> Positions:
    """Positions of all weights that arrive at a neuron or leave it, ascending; its bias is none of them."""
    return np.concatenate([arriving(architecture, layer, unit), leaving(architecture, layer, unit)])


def moving(architecture: Architecture, held: Positions) -> Positions:
    """Positions of the weights that are not held, ascending."""
    return np.setdiff1d(weight_positions(architecture), held, assume_unique=True)


def weakest(architecture: Architecture, theta: Vector, held: Positions, share: float) -> Positions:
    """Positions of the weights that are smallest in size, ascending; of equal ones those that come first.

    Parameters
    ----------
    held
        Weights that are pruned already or frozen: they are not counted, and not among the weakest.
    share
        Which part of the others, 0 to 1; half a weight is rounded up.
    """
    left = moving(architecture, held)
    count = min(int(share * len(left) + 0.5), len(left))
    order = np.argsort(np.abs(theta[left]), kind="stable")[:count]
    return np.asarray(np.sort(left[order]))
