"""Regularisers: what is added to the gradient of every weight (never of a bias)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

#: ∂penalty/∂w for strength λ: l1 adds λ Σ |w| to what is descended, l2 adds ½ λ Σ w².
REGULARIZERS: dict[str, Callable[[Vector, float], Vector]] = {
    "none": lambda weights, strength: np.zeros_like(weights),
    "l1": lambda weights, strength: strength * np.sign(weights),
    "l2": lambda weights, strength: strength * weights,
}
