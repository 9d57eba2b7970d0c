"""Where points of the plane lie in the picture, and how their coordinates are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from ann_studio.analysis.planes import Extent
from ann_studio.gui.theme import number

Matrix = NDArray[np.float64]

#: Zoomed further in, neighbouring pixels could not be told apart by their coordinates; further out they overflow.
_NARROWEST, _WIDEST = 1e-9, 1e9


@dataclass(frozen=True)
class Scale:
    """A rectangle of pixels that shows a part of the plane.

    Parameters
    ----------
    area
        In the coordinates of the canvas.
    extent
        ``(s_min, s_max, t_min, t_max)``; t grows upwards.
    """

    area: QRectF
    extent: Extent

    def pixels(self, points: Matrix) -> Matrix:
        """Positions ``(n, 2)`` of points ``(n, 2)`` of the plane."""
        s0, s1, t0, t1 = self.extent
        x = self.area.left() + (points[:, 0] - s0) * (self.area.width() / (s1 - s0))
        y = self.area.bottom() - (points[:, 1] - t0) * (self.area.height() / (t1 - t0))
        return np.stack([x, y], axis=1)

    def to_pixel(self, s: float, t: float) -> QPointF:
        """Position of one point."""
        x, y = self.pixels(np.array([[s, t]]))[0].tolist()
        return QPointF(x, y)

    def to_point(self, at: QPointF) -> tuple[float, float]:
        """The point of the plane at a position."""
        s0, s1, t0, t1 = self.extent
        s = s0 + (at.x() - self.area.left()) * ((s1 - s0) / self.area.width())
        t = t0 + (self.area.bottom() - at.y()) * ((t1 - t0) / self.area.height())
        return s, t

    def zoomed(self, at: QPointF, factor: float) -> Extent:
        """The extent after magnifying by `factor`; the point at `at` stays where it is."""
        s, t = self.to_point(at)
        s0, s1, t0, t1 = self.extent
        least, most = (_NARROWEST * (1 + max(abs(s), abs(t))), _WIDEST)
        if not (least < min(s1 - s0, t1 - t0) / factor and max(s1 - s0, t1 - t0) / factor < most):
            return self.extent
        return (s - (s - s0) / factor, s + (s1 - s) / factor, t - (t - t0) / factor, t + (t1 - t) / factor)

    def panned(self, by: QPointF) -> Extent:
        """The extent after moving the ground by so many pixels."""
        s0, s1, t0, t1 = self.extent
        ds = by.x() * (s1 - s0) / self.area.width()
        dt = -by.y() * (t1 - t0) / self.area.height()
        return (s0 - ds, s1 - ds, t0 - dt, t1 - dt)

    def written(self, s: float, t: float) -> tuple[str, str]:
        """Both coordinates with as many digits as a pixel is worth."""
        s0, s1, t0, t1 = self.extent
        return number(s, digits_for(s1 - s0)), number(t, digits_for(t1 - t0))


def digits_for(span: float) -> int:
    """Digits after the point by which a hundredth of `span` or so can be told."""
    return max(0, math.ceil(2.3 - math.log10(span)))
