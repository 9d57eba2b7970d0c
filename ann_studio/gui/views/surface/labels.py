"""Cards with a few words beside what they are about, placed where they hide least."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ann_studio.gui.theme import Theme, font, mix

_DISTANCES = (14.0, 34.0, 58.0, 90.0, 130.0)
_DIRECTIONS = 16
_MARGIN = 6.0
#: Pixels that a label may be further away rather than that the line to it crosses another label, a ball or a mark.
_CROSSING = 120.0


@dataclass(frozen=True)
class Label:
    """Words about a point; the first line is the strong one.

    Parameters
    ----------
    at
        Position of what it is about.
    radius
        Pixels around it that are not to be covered.
    """

    lines: tuple[str, ...]
    at: QPointF
    radius: float = 9.0

    def size(self, measure: Callable[[str, int], float]) -> QSizeF:
        """Its size; `measure` is the width of a text in a weight."""
        widths = [measure(line, 600 if k == 0 else 400) for k, line in enumerate(self.lines)]
        return QSizeF(math.ceil(max(widths)) + 22.0, 17.0 * len(self.lines) + 11.0)


def place(
    labels: Sequence[Label],
    sizes: Sequence[QSizeF],
    area: QRectF,
    obstacles: Sequence[QRectF],
    crowd: Callable[[QRectF], float],
) -> list[QRectF | None]:
    """Where each label goes: inside the area, over no other label and no obstacle, where it hides least.

    Parameters
    ----------
    obstacles
        What may not be covered.
    crowd
        How much a rectangle would hide, in pixels.

    Returns
    -------
    list
        None for a label that finds no room.
    """
    room = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    taken = [*obstacles, *(_around(label.at, label.radius) for label in labels)]
    found: list[QRectF | None] = []
    for label, size in zip(labels, sizes, strict=True):
        best, least = None, math.inf
        for box, distance in _offers(label, size):
            if not room.contains(box) or any(box.intersects(other) for other in taken):
                continue
            crossed = sum(_crosses(box, label.at, other) for other in taken)
            price = 0.6 * distance + crowd(box) + _CROSSING * crossed
            if price < least:
                best, least = box, price
        found.append(best)
        if best is not None:
            taken.append(best.adjusted(-4, -4, 4, 4))
    return found


def _crosses(box: QRectF, at: QPointF, other: QRectF) -> bool:
    """Whether the line from a card to what it is about goes over something else."""
    if other.contains(at):
        return False
    steps = (box.center() + (at - box.center()) * (k / 16) for k in range(1, 16))
    return any(other.contains(step) for step in steps)


def _around(at: QPointF, radius: float) -> QRectF:
    return QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)


def _offers(label: Label, size: QSizeF) -> list[tuple[QRectF, float]]:
    offers = []
    for distance in _DISTANCES:
        for k in range(_DIRECTIONS):
            # Down and to the right first.
            angle = 2 * math.pi * (k + 1.5) / _DIRECTIONS
            x = label.at.x() + (distance + label.radius + size.width() / 2) * math.cos(angle)
            y = label.at.y() + (distance + label.radius + size.height() / 2) * math.sin(angle)
            offers.append((QRectF(QPointF(x - size.width() / 2, y - size.height() / 2), size), distance))
    return offers


def paint_leader(painter: QPainter, label: Label, box: QRectF, theme: Theme) -> None:
    """Paint the line from a card to what it is about; the card is painted over its end."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for hue, width in ((theme.casing, 3.5), (theme.text, 1.4)):
        painter.setPen(QPen(QColor(hue), width))
        painter.drawLine(box.center(), label.at)


def paint_card(painter: QPainter, label: Label, box: QRectF, theme: Theme) -> None:
    """Paint the card with its words."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    shape = QPainterPath()
    shape.addRoundedRect(box, 7, 7)
    painter.fillPath(shape.translated(0, 1), mix(theme.outline, theme.surface_map[-1], 0.45))
    painter.setPen(QPen(QColor(theme.hairline), 1))
    painter.setBrush(QColor(theme.card))
    painter.drawPath(shape)
    top = box.top() + 5.5
    for k, line in enumerate(label.lines):
        painter.setFont(font(13, 600 if k == 0 else 400))
        painter.setPen(QColor(theme.text if k == 0 else theme.text_2))
        row = QRectF(box.left() + 11, top + 17 * k, box.width() - 12, 17)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
