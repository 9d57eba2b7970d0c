"""Gradients, curvature and minima of the cost of a whole training set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


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
