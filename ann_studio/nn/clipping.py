"""Gradient clipping: a gradient that is too long is shortened, its direction stays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

#: Keeps the quotient finite, as PyTorch's ``clip_grad_norm_`` does.
_EPSILON = 1e-6


def clipped(gradient: Vector, most: float) -> Vector:
    """The gradient with a norm of at most `most`: g · min(1, most / (‖g‖ + 1e-6)), as in PyTorch.

    The norm is found without overflow; a gradient with an entry that is not finite becomes NaN.
    """
    largest = float(np.abs(gradient).max(initial=0.0))
    if largest == 0.0:
        return gradient
    with np.errstate(invalid="ignore"):
        norm = largest * float(np.sqrt(((gradient / largest) ** 2).sum()))
    share = most / (norm + _EPSILON)
    return gradient if share >= 1.0 else gradient * share
