"""A problem: an experiment together with its data, prepared for the network.

`pose` resolves every "as the data ask" of the experiment, splits the rows, fits the preparation on the training part
and draws the first weights. What it returns is all that the engine needs, and it is a pure function of its arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Dataset
from ann_studio.data.preparation import Preparation
from ann_studio.learning.experiment import Experiment
from ann_studio.nn.architecture import Architecture

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Samples:
    """Rows as the network sees them, with the rows of the dataset that they came from.

    Parameters
    ----------
    rows
        Row numbers in `Dataset.inputs`, shape ``(n,)``.
    inputs
        Shape ``(n, features)``, C-contiguous.
    targets
        Shape ``(n, outputs)``, C-contiguous.
    """

    rows: NDArray[np.int64]
    inputs: Matrix
    targets: Matrix

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a run starts from.

    Parameters
    ----------
    experiment
        Resolved: `features`, `standardize`, `split`, `network.output_activation` and `learning.loss` are never None.
    first_theta
        The first parameters, shape ``(architecture.parameters,)``.
    """

    experiment: Experiment
    dataset: Dataset
    preparation: Preparation
    architecture: Architecture
    train: Samples
    validation: Samples
    test: Samples
    first_theta: Vector
