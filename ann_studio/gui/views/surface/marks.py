"""Single things painted over the paths: start, minima, the gradient, the cross-hair and what is pointed at."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ann_studio.gui.theme import Theme

BALL = 8.0  #: half the height of a run's marker at its end
SMALL = 4.2  #: the same along its line
START = 6.5
_DIAMOND = 6.0
_ARROW, _HEAD = (16.0, 46.0), 9.0  #: the arrow's least length and what steepness adds, and that of its head


def paint_start(painter: QPainter, at: QPointF, theme: Theme) -> None:
    """Paint the ring where the runs began."""
    painter.setBrush(QColor(theme.casing))
    for hue, width in ((theme.casing, 5.0), (theme.text, 2.2)):
        painter.setPen(QPen(QColor(hue), width))
        painter.drawEllipse(at, START, START)


def paint_minimum(painter: QPainter, at: QPointF, theme: Theme, *, filled: bool) -> None:
    """Paint a diamond, filled with the casing where the minimum lies in the plane."""
    shape = QPolygonF([at + QPointF(x * _DIAMOND, y * _DIAMOND) for x, y in ((0, -1), (1, 0), (0, 1), (-1, 0))])
    painter.setBrush(QColor(theme.casing) if filled else Qt.BrushStyle.NoBrush)
    for hue, width in ((theme.casing, 4.0), (theme.text, 1.6)):
        pen = QPen(QColor(hue), width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawPolygon(shape)


def arrow_tip(at: QPointF, way: QPointF, steep: float) -> QPointF:
    """Where the arrow downhill from a ball at `at` ends: the farther the steeper.

    Parameters
    ----------
    way
        In pixels, of any length but 0.
    steep
        From 0 to 1.
    """
    return at + way * ((BALL + _ARROW[0] + _ARROW[1] * steep) / math.hypot(way.x(), way.y()))


def paint_gradient(painter: QPainter, at: QPointF, tip: QPointF, theme: Theme) -> None:
    """Paint an arrow downhill from a ball at `at`."""
    length = math.hypot(tip.x() - at.x(), tip.y() - at.y())
    along = (tip - at) / length
    back = at + along * (length - _HEAD)
    side = QPointF(-along.y(), along.x()) * (0.62 * _HEAD)
    head = QPolygonF([tip, back + side, back - side])
    for hue, width in ((theme.casing, 6.0), (theme.accent, 2.6)):
        pen = QPen(QColor(hue), width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawLine(at + along * BALL, back)
        painter.setPen(QPen(QColor(hue), width - 2))
        painter.setBrush(QColor(hue))
        painter.drawPolygon(head)


def paint_beyond(painter: QPainter, area: QRectF, at: QPointF, colour: str, theme: Theme) -> None:
    """Paint at the border of the picture that something lies beyond it."""
    inner = area.adjusted(14, 14, -14, -14)
    way = at - inner.center()
    length = math.hypot(way.x(), way.y()) or 1.0
    along = way / length
    place = inner.center() + way / max(abs(way.x()) * 2 / inner.width(), abs(way.y()) * 2 / inner.height())
    side = QPointF(-along.y(), along.x()) * 5
    shape = QPolygonF([place + along * 6, place - along * 5 + side, place - along * 5 - side])
    for hue, width in ((theme.casing, 4.0), (colour, 1.0)):
        painter.setPen(QPen(QColor(hue), width))
        painter.setBrush(QColor(hue))
        painter.drawPolygon(shape)


def paint_cross(painter: QPainter, at: QPointF, area: QRectF, theme: Theme) -> None:
    """Paint the cross-hair that the keyboard moves."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(theme.text_2), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(area.left(), at.y()), QPointF(area.right(), at.y()))
    painter.drawLine(QPointF(at.x(), area.top()), QPointF(at.x(), area.bottom()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for hue, width in ((theme.casing, 5.0), (theme.accent, 2.2)):
        painter.setPen(QPen(QColor(hue), width))
        painter.drawLine(at - QPointF(9, 0), at + QPointF(9, 0))
        painter.drawLine(at - QPointF(0, 9), at + QPointF(0, 9))
