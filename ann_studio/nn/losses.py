"""Loss functions: a sum over the outputs of a sample; the mean over samples is taken by the caller.

Each is a pair of functions of activations and targets, shape ``(rows, outputs)``. The two cross entropies belong to
one output activation and are computed from its pre-activations ("logits"), so that nothing overflows or cancels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """A loss function.

    Parameters
    ----------
    value
        Loss of each sample, shape ``(rows,)``, from ``(z, a, y)``.
    slope
        ∂loss/∂a of each output from ``(a, y)``; None for the cross entropies, whose ∂loss/∂z is ``a − y``.
    needs
        The output activation that this loss is defined for; None if any will do.
    title
        What the window calls it.
    """

    value: Callable[[Array, Array, Array], Array]
    slope: Callable[[Array, Array], Array] | None
    needs: str | None
    title: str


def _mse(z: Array, a: Array, y: Array) -> Array:
    return np.asarray(0.5 * ((a - y) ** 2).sum(axis=1))


def _mae(z: Array, a: Array, y: Array) -> Array:
    return np.asarray(np.abs(a - y).sum(axis=1))


def _huber(z: Array, a: Array, y: Array) -> Array:
    e = np.abs(a - y)
    return np.asarray(np.where(e < 1.0, 0.5 * e * e, e - 0.5).sum(axis=1))


def _binary_cross_entropy(z: Array, a: Array, y: Array) -> Array:
    return np.asarray((np.maximum(z, 0.0) - z * y + np.log1p(np.exp(-np.abs(z)))).sum(axis=1))


def _cross_entropy(z: Array, a: Array, y: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    log_a = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    # A target of 0 takes no part, even where log a is −inf.
    return np.asarray(-np.where(y == 0, 0.0, y * log_a).sum(axis=1))


LOSSES: dict[str, Loss] = {
    "mse": Loss(_mse, lambda a, y: a - y, None, "Mean squared error"),
    "mae": Loss(_mae, lambda a, y: np.sign(a - y), None, "Mean absolute error"),
    # Huber 1964 with threshold 1
    "huber": Loss(_huber, lambda a, y: np.clip(a - y, -1.0, 1.0), None, "Huber"),
    "binary_cross_entropy": Loss(_binary_cross_entropy, None, "sigmoid", "Binary cross-entropy"),
    "cross_entropy": Loss(_cross_entropy, None, "softmax", "Cross-entropy"),
}
