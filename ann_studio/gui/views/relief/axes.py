"""Names of the two axes, along those edges of the relief that are nearest to the viewer."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ann_studio.analysis.relief import Relief
from ann_studio.gui.theme import Theme, font

_AWAY = 14.0  #: pixels from the edge to the middle of a name
_LONGEST = 160.0


def paint_names(
    painter: QPainter, drawn: Relief, scale: float, names: tuple[str, str], room: QRectF, theme: Theme
) -> None:
    """Paint each name with an arrow to where its values grow, as far as it lies within `room`.

    Parameters
    ----------
    scale
        Pixels of the relief for one of the widget.
    """
    s0, s1, t0, t1 = drawn.terrain.extent
    s, t = (s0 + s1) / 2, (t0 + t1) / 2
    edges = ([(s0, t0), (s1, t0)], [(s0, t1), (s1, t1)]), ([(s0, t0), (s0, t1)], [(s1, t0), (s1, t1)])
    middle = drawn.foot(np.array([[s, t]]))[0, :2] / scale
    painter.setFont(font(13, 500))
    painter.setPen(QColor(theme.text_2))
    for name, pair in zip(names, edges, strict=True):
        near = min((drawn.foot(np.array(edge)) for edge in pair), key=lambda ends: float(ends[:, 2].mean()))
        if name and np.isfinite(near).all() and np.isfinite(middle).all():
            _paint_name(painter, name, near[:, :2] / scale, middle, room)


def _paint_name(
    painter: QPainter, name: str, ends: NDArray[np.float64], middle: NDArray[np.float64], room: QRectF
) -> None:
    """Paint a name beside the edge between two points, on the side away from the middle of the relief."""
    metrics = painter.fontMetrics()
    text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(_LONGEST))
    (x0, y0), (x1, y1) = ends.tolist()
    text = f"{text} →" if x1 >= x0 else f"← {text}"
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 1.0:
        return
    across = QPointF(-(y1 - y0) / length, (x1 - x0) / length)
    at = QPointF((x0 + x1) / 2, (y0 + y1) / 2)
    if QPointF.dotProduct(across, at - QPointF(*middle.tolist())) < 0:
        across = -across
    width = metrics.horizontalAdvance(text)
    at += across * (_AWAY + abs(across.x()) * width / 2)
    box = QRectF(at.x() - width / 2 - 2, at.y() - 9, width + 4, 18)
    if room.contains(box):
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
