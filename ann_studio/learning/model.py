"""A trained network with everything around it: raw columns in, classes or units out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.preparation import Preparation
from ann_studio.nn.architecture import Architecture
from ann_studio.nn.backprop import forward

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Model:
    """What an export writes.

    Parameters
    ----------
    name
        Name of the experiment; may be empty.
    theta
        Parameters of `architecture`, see `ann_studio.nn.architecture`.
    """

    name: str
    architecture: Architecture
    theta: Vector
    preparation: Preparation

    def outputs(self, raw: Matrix) -> Matrix:
        """Activations of the output layer, shape ``(rows, outputs)``, for raw inputs as in `Dataset.inputs`."""
        return forward(self.architecture, self.theta, self.preparation.inputs(raw)).activations[-1]

    def predict(self, raw: Matrix) -> Matrix:
        """Class indices ``(rows, 1)`` or numbers in their unit ``(rows, outputs)``."""
        return self.preparation.decode(self.outputs(raw))
