"""First parameters: weights from a seeded distribution, biases all alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ann_studio.nn.architecture import Architecture, views

Vector = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, int], NDArray[np.float64]]

#: Weights ``(n_out, n_in)`` at scale 1 from ``(random, n_in, n_out)``.
INITIALIZERS: dict[str, Draw] = {
    "zeros": lambda random, n_in, n_out: np.zeros((n_out, n_in)),
    "uniform": lambda random, n_in, n_out: random.uniform(-1.0, 1.0, (n_out, n_in)),
    "normal": lambda random, n_in, n_out: random.standard_normal((n_out, n_in)),
    # Glorot & Bengio 2010, uniform: variance 2 / (n_in + n_out)
    "xavier": lambda random, n_in, n_out: random.uniform(-1.0, 1.0, (n_out, n_in)) * np.sqrt(6.0 / (n_in + n_out)),
    # He et al. 2015, normal: variance 2 / n_in
    "he": lambda random, n_in, n_out: random.standard_normal((n_out, n_in)) * np.sqrt(2.0 / n_in),
}


def first_theta(
    architecture: Architecture, scheme: str, scale: float, bias: float, random: np.random.Generator
) -> Vector:
    """Draw the first parameters.

    Parameters
    ----------
    scheme
        A key of `INITIALIZERS`; its weights are multiplied by `scale`.
    bias
        The value of every bias.

    Returns
    -------
    Vector
        Shape ``(architecture.parameters,)``.
    """
    theta = np.empty(architecture.parameters)
    for layer, (weights, biases) in enumerate(views(architecture, theta)):
        weights.T[:] = scale * INITIALIZERS[scheme](random, architecture.sizes[layer], architecture.sizes[layer + 1])
        biases[:] = bias
    return theta
