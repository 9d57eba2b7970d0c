"""Words beside what a hand, the mouse or the keyboard points at: within the picture, and over no ball."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from ann_studio.gui.theme import Theme, font

_LINE, _SIDE, _AIR = 18.0, 10.0, 5.0
#: Pixels from what is pointed at to the nearest corner.
_AWAY = 14.0
#: And where that is over something.
_FARTHER = (34.0, 64.0, 104.0)


def size_of(lines: Sequence[str]) -> QSizeF:
    """The room that these lines take."""
    metrics = QFontMetricsF(font(12, 600))
    return QSizeF(max(map(metrics.horizontalAdvance, lines)) + 2 * _SIDE, _LINE * len(lines) + 2 * _AIR)


def place(size: QSizeF, at: QPointF, area: QRectF, free: Sequence[QRectF] = ()) -> QRectF:
    """Where the box goes: within `area`, beside `at`, and over none of `free` if there is such a place.

    To the right and above first.
    """
    width, height = size.width(), size.height()
    middle, beside = at.x() - width / 2, at.y() - height / 2
    corners: list[tuple[float, float]] = []
    for away in (_AWAY, *_FARTHER):
        right, left = at.x() + away, at.x() - away - width
        above, below = at.y() - away - height, at.y() + away
        corners += [
            (right, above), (left, above), (right, below), (left, below),
            (middle, above - _AWAY), (middle, below + _AWAY), (right + _AWAY, beside), (left - _AWAY, beside),
        ]  # fmt: skip
    boxes = [_within(QRectF(x, y, width, height), area) for x, y in corners]
    moved = [abs(box.left() - x) + abs(box.top() - y) for box, (x, y) in zip(boxes, corners, strict=True)]
    covered = [sum(_shared(box, each) for each in free) for box in boxes]
    covers = [box.contains(at) for box in boxes]
    order = sorted(range(len(boxes)), key=lambda k: (covered[k], covers[k], moved[k] > 0, k))
    return boxes[order[0]]


def paint(painter: QPainter, lines: Sequence[str], box: QRectF, theme: Theme) -> None:
    """Paint the lines in their box; the last one is the strong one."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawRoundedRect(box, 8, 8)
    painter.setPen(QColor(theme.card))
    for k, line in enumerate(lines):
        painter.setFont(font(12, 600 if k == len(lines) - 1 else 500))
        painter.drawText(QPointF(box.left() + _SIDE, box.top() + _LINE * (k + 1)), line)


def _within(box: QRectF, area: QRectF) -> QRectF:
    """The box, moved into the area."""
    left = max(area.left(), min(box.left(), area.right() - box.width()))
    top = max(area.top(), min(box.top(), area.bottom() - box.height()))
    return QRectF(QPointF(left, top), box.size())


def _shared(one: QRectF, other: QRectF) -> float:
    common = one.intersected(other)
    return max(0.0, common.width()) * max(0.0, common.height())
