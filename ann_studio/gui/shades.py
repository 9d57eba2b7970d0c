"""Activations as colours: on a scale from −1 to 1, by the bounds of their function."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ann_studio.gui.theme import Theme, color_table
from ann_studio.nn.activations import ACTIVATIONS

Array = NDArray[np.float64]
#: Stands for infinity where it has to be divided.
_LARGEST = 1e300


def bounds(activation: str) -> tuple[float, float]:
    """Least and greatest activation; infinite where there is no bound, and for inputs (``""``)."""
    if activation == "softmax":
        return 0.0, 1.0
    if activation not in ACTIVATIONS:
        return -math.inf, math.inf
    return ACTIVATIONS[activation].low, ACTIVATIONS[activation].high


def to_unit_range(values: Array, activation: str) -> Array:
    """Activations of one layer ``(units, …)`` on a scale from −1 to 1; 0 where there is no finite number.

    Bounded activations use their bounds; others, and inputs (``""``), the largest size of each unit.
    """
    low, high = bounds(activation)
    known = bool(np.isfinite(values).all())
    finite = values if known else np.nan_to_num(values, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
    if math.isfinite(low) and math.isfinite(high):
        levels = (finite - low) * (2 / (high - low)) - 1
        return np.asarray(levels if known else np.where(np.isnan(values), 0.0, levels))
    size = np.abs(finite.reshape(len(values), -1)).max(axis=1, initial=0.0)
    return np.asarray(finite / np.where(size > 0, size, 1.0).reshape(-1, *[1] * (values.ndim - 1)))


def mean_shades(values: Array, activation: str) -> Array:
    """Mean activations of one layer ``(units,)`` on a scale from −1 to 1.

    Without bounds it is the layer's largest size, but at least 1: standardised inputs have means that are rounding
    errors, and these are no activity.
    """
    if all(map(math.isfinite, bounds(activation))):
        return to_unit_range(values[:, None], activation)[:, 0]
    finite = np.nan_to_num(values, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
    return np.asarray(finite / max(1.0, float(np.abs(finite).max(initial=0.0))))


def shades(maps: Array, activation: str, theme: Theme) -> NDArray[np.uint32]:
    """Colours ``0xAARRGGBB`` of a layer's maps, of the same shape."""
    levels = to_unit_range(maps, activation)
    levels *= 127.5
    levels += 128.0
    return np.ascontiguousarray(color_table(theme.activation_map)[np.clip(levels, 0, 255, out=levels).astype(np.uint8)])
