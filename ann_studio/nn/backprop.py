"""The book: forward pass, loss and backpropagation in readable numpy.

It explains and it checks; it never trains (the engine does, `ann_studio.nn.kernels`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.nn.activations import ACTIVATIONS, softmax
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.losses import LOSSES

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Forward:
    """What a forward pass computes.

    Parameters
    ----------
    pre_activations
        z of every layer after the input, each ``(rows, units)``.
    activations
        a of every layer, the input first, each ``(rows, units)``.
    """

    pre_activations: list[Matrix]
    activations: list[Matrix]


def forward(architecture: Architecture, theta: Vector, inputs: Matrix) -> Forward:
    """Propagate `inputs` ``(rows, n_in)`` through the network: z = a·w + b, a = f(z)."""
    activations, pre_activations = [inputs], []
    for (weights, biases), name in zip(views(architecture, theta), architecture.activations, strict=True):
        z = activations[-1] @ weights + biases
        pre_activations.append(z)
        activations.append(softmax(z) if name == "softmax" else ACTIVATIONS[name].value(z))
    return Forward(pre_activations, activations)


def loss(architecture: Architecture, theta: Vector, inputs: Matrix, targets: Matrix, name: str) -> float:
    """Mean over the samples of the loss called `name`."""
    passed = forward(architecture, theta, inputs)
    return float(LOSSES[name].value(passed.pre_activations[-1], passed.activations[-1], targets).mean())


def deltas(architecture: Architecture, theta: Vector, passed: Forward, targets: Matrix, name: str) -> list[Matrix]:
    """δ = ∂(loss of the sample)/∂z of every layer after the input, each ``(rows, units)``."""
    output = architecture.activations[-1]
    z, a = passed.pre_activations[-1], passed.activations[-1]
    slope = LOSSES[name].slope
    if slope is None:
        # sigmoid with binary, softmax with categorical cross entropy; Σ y scales targets that are no distribution
        total = targets.sum(axis=1, keepdims=True) if output == "softmax" else 1.0
        delta = total * a - targets
    elif output == "softmax":
        g = slope(a, targets)
        delta = a * (g - (g * a).sum(axis=1, keepdims=True))
    else:
        delta = slope(a, targets) * ACTIVATIONS[output].slope(z)
    result = [delta]
    layers = views(architecture, theta)
    for layer in range(architecture.layers - 1, 0, -1):
        weights = layers[layer][0]
        activation = ACTIVATIONS[architecture.activations[layer - 1]]
        result.append((result[-1] @ weights.T) * activation.slope(passed.pre_activations[layer - 1]))
    return result[::-1]


def gradient(architecture: Architecture, theta: Vector, inputs: Matrix, targets: Matrix, name: str) -> Vector:
    """∂(mean loss)/∂theta, shape ``(parameters,)``."""
    passed = forward(architecture, theta, inputs)
    result = np.empty_like(theta)
    rows = inputs.shape[0]
    backward = deltas(architecture, theta, passed, targets, name)
    for (weights, biases), a, delta in zip(views(architecture, result), passed.activations[:-1], backward, strict=True):
        weights[:] = a.T @ delta / rows
        biases[:] = delta.sum(axis=0) / rows
    return result
