"""Where an activation is flat, and what is saturated: the inspector warns and the doctor hints by the same measure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ann_studio.nn.activations import ACTIVATIONS

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: An activation is flat where its slope is less than this share of the greatest: hardly anything of an error
#: comes back through it. A twentieth is no illness: networks that learn well have six tenths of their units below that.
FLAT = 0.01
#: Saturated is what is flat for at least this share of the samples.
SATURATED = 0.9
#: Activations whose small slopes are no saturation: those of a line, of a leak that is meant, and of a wave.
_NEVER_FLAT = ("linear", "leaky_relu", "sin")
#: Slopes that a tells alone, as a share of the greatest: tanh′ = 1 − a²; σ′ = a (1 − a), which is ¼ at most.
_BY_VALUE: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda a: 4.0 * a * (1.0 - a),
    "softmax": lambda a: 4.0 * a * (1.0 - a),
    "tanh": lambda a: 1.0 - a * a,
}


def can_be_flat(name: str) -> bool:
    """Whether a small slope of this activation is saturation."""
    return name not in _NEVER_FLAT


def has_two_ends(name: str) -> bool:
    """Whether an activation is flat towards both sides, and a alone tells where, see `is_flat_at`."""
    return name in _BY_VALUE


def is_flat(name: str, z: Array, a: Array) -> Mask:
    """Where an activation is flat, elementwise in z and a; nowhere if it never is."""
    if not can_be_flat(name):
        return np.zeros(z.shape, dtype=np.bool_)
    if has_two_ends(name):
        return is_flat_at(name, a)
    return np.asarray(np.abs(ACTIVATIONS[name].slope(z)) < FLAT * _steepest(name))


def is_flat_at(name: str, a: Array) -> Mask:
    """Where an activation that has two ends is flat, elementwise in a."""
    return np.asarray(_BY_VALUE[name](a) < FLAT)


@lru_cache(maxsize=32)
def _steepest(name: str) -> float:
    """The greatest slope of an activation; all have it within this range."""
    return float(np.abs(ACTIVATIONS[name].slope(np.linspace(-8.0, 8.0, 3201))).max())
