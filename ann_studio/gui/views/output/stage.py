"""The rectangle in which the output view paints, and the scale between data and pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from ann_studio.learning.problem import Problem


@dataclass(frozen=True)
class Stage:
    """A rectangle of pixels that shows a rectangle of data; y grows upwards in the data.

    Parameters
    ----------
    rect
        Pixels.
    extent
        ``(x_min, x_max, y_min, y_max)`` of the data.
    """

    rect: QRectF
    extent: tuple[float, float, float, float]

    def to_pixel(self, x: float, y: float) -> QPointF:
        """Where a point of the data is painted."""
        x0, x1, y0, y1 = self.extent
        return QPointF(
            self.rect.left() + (x - x0) / (x1 - x0) * self.rect.width(),
            self.rect.bottom() - (y - y0) / (y1 - y0) * self.rect.height(),
        )

    def to_data(self, pixel: QPointF) -> tuple[float, float]:
        """Which point of the data is painted at a pixel."""
        x0, x1, y0, y1 = self.extent
        return (
            x0 + (pixel.x() - self.rect.left()) / self.rect.width() * (x1 - x0),
            y0 + (self.rect.bottom() - pixel.y()) / self.rect.height() * (y1 - y0),
        )


def raw_inputs(problem: Problem, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Raw inputs of some rows, a missing number filled as the network has it filled."""
    raw, fill = problem.dataset.inputs[rows], problem.preparation.fill
    return raw if fill is None else np.where(np.isnan(raw), fill, raw)
