"""The shape of a network, and its one flat parameter vector ``theta``.

``theta`` lies layer by layer; within a layer the weights come first, one row per unit of that layer
(``n_out`` rows of ``n_in`` numbers), then the ``n_out`` biases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Architecture:
    """A fully connected feed-forward network.

    Parameters
    ----------
    sizes
        Units per layer, input first: ``(2, 6, 4, 1)``.
    activations
        Activation name of every layer after the input, so one fewer than `sizes`.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.activations) != len(self.sizes) - 1 or len(self.sizes) < 2:
            raise ValueError(f"{len(self.sizes)} layer sizes need {len(self.sizes) - 1} activations")

    @property
    def layers(self) -> int:
        """Number of layers with parameters (the input has none)."""
        return len(self.activations)

    @property
    def parameters(self) -> int:
        """Length of ``theta``."""
        return sum((n_in + 1) * n_out for n_in, n_out in zip(self.sizes, self.sizes[1:], strict=False))

    def offset(self, layer: int) -> int:
        """Where the parameters of `layer` (0 = first after the input) begin in ``theta``."""
        return sum((self.sizes[k] + 1) * self.sizes[k + 1] for k in range(layer))

    def weight_index(self, layer: int, source: int, target: int) -> int:
        """Position in ``theta`` of the weight from unit `source` to unit `target` of `layer`."""
        return self.offset(layer) + target * self.sizes[layer] + source

    def bias_index(self, layer: int, unit: int) -> int:
        """Position in ``theta`` of the bias of `unit` in `layer`."""
        return self.offset(layer) + self.sizes[layer] * self.sizes[layer + 1] + unit

    def ends_of(self, index: int) -> tuple[int, int | None, int]:
        """Of an entry of ``theta`` the layer, the unit it comes from and the one it goes to; a bias comes from none."""
        layer = max(k for k in range(self.layers) if self.offset(k) <= index)
        place, n_in = index - self.offset(layer), self.sizes[layer]
        weights = n_in * self.sizes[layer + 1]
        return (layer, place % n_in, place // n_in) if place < weights else (layer, None, place - weights)

    def __str__(self) -> str:
        return "–".join(str(size) for size in self.sizes)


def views(architecture: Architecture, theta: Vector) -> list[tuple[Matrix, Vector]]:
    """Weights ``(n_in, n_out)`` and biases ``(n_out,)`` of every layer, as views into `theta`.

    Writing into a view writes into `theta`.
    """
    result = []
    for layer in range(architecture.layers):
        n_in, n_out = architecture.sizes[layer], architecture.sizes[layer + 1]
        start = architecture.offset(layer)
        weights = theta[start : start + n_in * n_out].reshape(n_out, n_in).T
        biases = theta[start + n_in * n_out : start + (n_in + 1) * n_out]
        result.append((weights, biases))
    return result
