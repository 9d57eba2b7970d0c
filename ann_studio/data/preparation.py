"""From raw columns to what the network eats, and from its outputs back to classes and units.

A `Preparation` is fitted once, on the training part alone, and travels with the network into every export.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Column, Dataset, Numbers
from ann_studio.data.features import expand

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Preparation:
    """The steps around the network, in order.

    Parameters
    ----------
    columns
        The raw input columns.
    fill
        Replacement for a missing number in each raw numeric column, shape ``(width,)``; None where none is replaced.
    features
        Feature names, see `ann_studio.data.features`.
    mean, scale
        What is subtracted from, and then divides, each feature; shape ``(len(features),)``.
    target
        What the outputs mean.
    low, high
        Codes of "not this class" and "this class": 0 and 1, or −1 and +1. Unused for numbers.
    target_mean, target_scale
        The targets of numbers are ``(value − target_mean) / target_scale``; shape ``(outputs,)``.
    """

    columns: tuple[Column, ...]
    fill: Vector | None
    features: tuple[str, ...]
    mean: Vector
    scale: Vector
    target: Classes | Numbers
    low: float
    high: float
    target_mean: Vector
    target_scale: Vector

    @property
    def outputs(self) -> int:
        """Units of the output layer: one for numbers each, one for two classes coded in one, else one a class."""
        return len(self.target_mean)

    def inputs(self, raw: Matrix) -> Matrix:
        """Network inputs ``(rows, len(features))`` of raw inputs ``(rows, width)``."""
        if self.fill is not None:
            raw = np.where(np.isnan(raw), self.fill, raw)
        return np.asarray((expand(raw, self.features) - self.mean) / self.scale)

    def targets(self, raw: Matrix) -> Matrix:
        """Network targets ``(rows, outputs)`` of raw targets (class indices or numbers)."""
        if isinstance(self.target, Numbers):
            return (raw - self.target_mean) / self.target_scale
        index = raw[:, 0].astype(np.int64)
        if self.outputs == 1:
            return np.asarray(np.where(index == 1, self.high, self.low)[:, None])
        codes = np.full((len(index), self.outputs), self.low)
        codes[np.arange(len(index)), index] = self.high
        return codes

    def decode(self, outputs: Matrix) -> Matrix:
        """Raw targets back from network outputs: class indices ``(rows, 1)`` or numbers in their unit."""
        if isinstance(self.target, Numbers):
            return np.asarray(outputs * self.target_scale + self.target_mean)
        if self.outputs == 1:
            return np.asarray(outputs > (self.low + self.high) / 2, dtype=np.float64)
        return np.asarray(outputs.argmax(axis=1), dtype=np.float64)[:, None]


def fit(
    dataset: Dataset,
    train: NDArray[np.int64],
    *,
    features: tuple[str, ...],
    standardize: bool,
    standardize_targets: bool,
    outputs: int,
    low: float,
    high: float,
) -> Preparation:
    """Fit a `Preparation` on the rows `train` of `dataset`.

    Constant columns get scale 1. Means of missing cells ignore them.
    """
    raw = dataset.inputs[train]
    fill = None
    if dataset.fill_missing:
        present = ~np.isnan(raw)
        counts = present.sum(axis=0)
        fill = np.where(counts > 0, np.where(present, raw, 0.0).sum(axis=0) / np.maximum(counts, 1), 0.0)
        raw = np.where(present, raw, fill)
    shown = expand(raw, features)
    mean, scale = _moments(shown) if standardize else _identity(shown.shape[1])
    target_mean, target_scale = _moments(dataset.targets[train]) if standardize_targets else _identity(outputs)
    return Preparation(
        dataset.columns, fill, features, mean, scale, dataset.target, low, high, target_mean, target_scale
    )


def _moments(values: Matrix) -> tuple[Vector, Vector]:
    deviation = values.std(axis=0)
    mean: Vector = values.mean(axis=0)
    # A column that is constant but for rounding is left unscaled.
    return mean, np.where(deviation > 1e-12 * np.maximum(1.0, np.abs(mean)), deviation, 1.0)


def _identity(width: int) -> tuple[Vector, Vector]:
    return np.zeros(width), np.ones(width)
