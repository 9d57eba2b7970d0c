"""Pens, brushes and lines of text that the parts of the inspector have in common."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from ann_studio.gui.theme import Theme, font, mix

_FLAT = Qt.PenCapStyle.FlatCap


def pen(colour: QColor | str, width: float, dashes: Sequence[float] = ()) -> QPen:
    """A pen with flat ends; dashes in pixels."""
    result = QPen(QColor(colour), width)
    result.setCapStyle(_FLAT)
    if dashes:
        result.setDashPattern([dash / width for dash in dashes])
    return result


def polyline(painter: QPainter, points: Sequence[QPointF]) -> None:
    """Draw line by line: as one polyline it would take Qt three times as long."""
    painter.drawLines([QLineF(*ends) for ends in pairwise(points)])


@lru_cache(maxsize=16)
def metrics(size: int, weight: int = 400) -> QFontMetricsF:
    """The metrics of the interface font at a size in pixels."""
    return QFontMetricsF(font(size, weight))


def text(
    painter: QPainter, at: QPointF, words: str, colour: str, size: int = 13, weight: int = 400, *, right: bool = False
) -> None:
    """Write a line with its base at a point, which is its left or its right end."""
    painter.setFont(font(size, weight))
    painter.setPen(QColor(colour))
    if right:
        at = at - QPointF(metrics(size, weight).horizontalAdvance(words), 0)
    painter.drawText(at, words)


def bar(painter: QPainter, rect: QRectF, value: float, theme: Theme) -> None:
    """A bar: positive is solid, negative is hatched."""
    if value >= 0:
        painter.fillRect(rect, QColor(theme.positive))
        return
    painter.fillRect(rect, mix(theme.card, theme.negative, 0.35))
    painter.fillRect(rect, QBrush(QColor(theme.negative), Qt.BrushStyle.BDiagPattern))
    painter.setPen(pen(theme.negative, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
