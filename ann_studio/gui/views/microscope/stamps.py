"""Texts and boxes that are kept once drawn: numbers stay the same through the phases of an update.

Qt lays a text out each time it draws it, and fills a rounded box pixel by pixel. Kept, a text costs a few millionths of
a second and a box as many as its copy.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QStaticText, QTransform

from ann_studio.gui.painting import layer, painting
from ann_studio.gui.theme import font

_LEFT, _RIGHT, _MIDDLE = -1, 1, 0


@lru_cache(maxsize=8192)
def advance(text: str, size: int, weight: int = 400) -> float:
    """Width of a text."""
    return QFontMetricsF(font(size, weight)).horizontalAdvance(text)


@lru_cache(maxsize=4096)
def _laid_out(text: str, size: int, weight: int, italic: bool) -> tuple[QStaticText, float, float]:
    letters = font(size, weight, italic=italic)
    kept = QStaticText(text)
    kept.setTextFormat(Qt.TextFormat.PlainText)
    kept.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    kept.prepare(QTransform(), letters)
    metrics = QFontMetricsF(letters)
    return kept, metrics.horizontalAdvance(text), metrics.height()


def write(
    painter: QPainter, room: QRectF, text: str, size: int, weight: int, colour: str, align: int = _LEFT,
    *, italic: bool = False,
) -> float:  # fmt: skip
    """Write a text on the middle line of a room, at its left (−1), middle (0) or right (1); returns where it ends."""
    kept, width, height = _laid_out(text, size, weight, italic)
    painter.setFont(font(size, weight, italic=italic))
    painter.setPen(QColor(colour))
    x = room.left() + (room.width() - width) * (align + 1) / 2
    painter.drawStaticText(QPointF(x, room.top() + (room.height() - height) / 2), kept)
    return x + width


@lru_cache(maxsize=768)
def _box(size: QSize, radius: float, fill: str, line: str, wide: float, ratio: float) -> QImage:
    image = layer(size + QSize(4, 4), ratio)
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(line), wide) if line else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(QRectF(2, 2, size.width(), size.height()), radius, radius)
    return image


def box(painter: QPainter, rect: QRectF, radius: float, fill: str, line: str = "", wide: float = 1.0) -> None:
    """A rounded box of whole pixels; without `line` it has no outline."""
    ratio = painter.device().devicePixelRatio()
    size = QSize(round(rect.width()), round(rect.height()))
    painter.drawImage(rect.topLeft() - QPointF(2, 2), _box(size, radius, fill, line, wide, ratio))
