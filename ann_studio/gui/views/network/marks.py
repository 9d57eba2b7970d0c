"""What is painted over the network: the layer just computed with its numbers, and what is pointed at."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ann_studio.gui.theme import Theme, font, number
from ann_studio.gui.views.network.edges import EdgePainter, Selection
from ann_studio.gui.views.network.holding import dotted
from ann_studio.gui.views.network.layout import Column, Layout
from ann_studio.gui.views.network.neurons import radius, tile_rect
from ann_studio.learning.state import Phase

#: Smaller tiles have no room for a number.
_NUMBERS_FROM = 20.0


def paint_phase(painter: QPainter, layout: Layout, phase: Phase, theme: Theme) -> None:
    """Ring the layer just computed and write its numbers over the tiles."""
    backward = phase.kind == "backward"
    hue = QColor(theme.backward if backward else theme.accent)
    last = len(layout.columns) - 1
    layers = {"update": range(1, last + 1), "cost": [last]}.get(phase.kind, [phase.layer + 1])
    for layer in layers:
        column = layout.columns[layer]
        values = phase.deltas[layer - 1] if backward else phase.activations[layer]
        for unit in range(column.shown):
            rect = tile_rect(column, unit).adjusted(-3, -3, 3, 3)
            _paint_ring(painter, rect, radius(column) + 3, hue, 3)
            if values is not None and column.tile >= _NUMBERS_FROM and phase.kind != "update":
                _paint_value(painter, rect, float(values[unit]), theme, backward=backward)


def _paint_ring(painter: QPainter, rect: QRectF, corner: float, hue: QColor, width: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(hue, width))
    painter.drawRoundedRect(rect, corner, corner)


def _paint_value(painter: QPainter, rect: QRectF, value: float, theme: Theme, *, backward: bool) -> None:
    """The number of a sample at a neuron: a after forward, δ after backward."""
    text = ("◂ " if backward else "") + number(value, 3, sign=backward)
    painter.setFont(font(12, 600))
    width = painter.fontMetrics().horizontalAdvance(text) + 12
    pill = QRectF(rect.center().x() - width / 2, rect.center().y() - 9, width, 18)
    soft, strong = (theme.backward_soft, theme.backward) if backward else (theme.accent_soft, theme.accent)
    painter.setPen(QPen(QColor(strong), 1))
    painter.setBrush(QColor(soft))
    painter.drawRoundedRect(pill, 9, 9)
    painter.setPen(QColor(strong if backward else theme.text))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)


def paint_neuron(painter: QPainter, column: Column, unit: int, theme: Theme, *, strong: bool) -> None:
    """Mark a neuron as selected, or as lying under the mouse."""
    rect = tile_rect(column, unit).adjusted(-4, -4, 4, 4)
    _paint_ring(painter, rect, radius(column) + 4, QColor(theme.accent), 3 if strong else 2)


def paint_edge(
    painter: QPainter, edges: EdgePainter, chosen: Selection, edge: int, theme: Theme, *, strong: bool, deleted: bool
) -> None:
    """Mark an edge: selected by a double halo, under the mouse thicker; a deleted one stays dotted."""
    share, negative = float(chosen.share[edge]), bool(chosen.negative[edge])
    drawn = edges.pen(share, negative=negative)
    pen, width = QPen(drawn), drawn.widthF()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if strong:
        path = edges.path(edge)
        for hue, extra in ((theme.accent, 8), (theme.card, 4)):
            painter.setPen(QPen(QColor(hue), width + extra, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawPath(path)
    if deleted:
        painter.setPen(dotted(QColor(theme.text_2), 1.4 if strong else 2.4))
        painter.drawPath(edges.path(edge))
        return
    pen.setWidthF(width + (0 if strong else 2.5))
    pen.setColor(QColor(theme.negative if negative else theme.positive))
    painter.setPen(pen)
    painter.drawLines(edges.lines(edge, drawn, negative=negative))


def pill_box(lines: list[str], at: QPointF, room: QRectF) -> QRectF:
    """Where the pill of a point at `at` lies, inside `room`."""
    metrics = QFontMetricsF(font(14, 600))
    widest = max(metrics.horizontalAdvance(line) for line in lines)
    width, height = min(math.ceil(widest) + 24.0, room.width() - 8), 14.0 + 20 * len(lines)
    x = min(max(at.x() - width / 2, 4.0), room.width() - width - 4.0)
    above = at.y() - height - 30
    y = above if above >= 4 else min(at.y() + 34, room.height() - height - 4.0)
    return QRectF(x, y, width, height)


def paint_pill(painter: QPainter, lines: list[str], at: QPointF, box: QRectF, theme: Theme) -> None:
    """A dark pill with a leader to `at`; the first line is the strong one."""
    x, y, width = box.x(), box.y(), box.width()
    ink = QColor(theme.text)
    painter.setPen(QPen(ink, 1.5))
    painter.drawLine(QPointF(min(max(at.x(), x + 10), x + width - 10), box.bottom() if y < at.y() else box.top()), at)
    painter.setBrush(QColor(theme.card))
    painter.drawEllipse(at, 3.5, 3.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawRoundedRect(box, 8, 8)
    painter.setPen(QColor(theme.card))
    for position, line in enumerate(lines):
        painter.setFont(font(14, 600) if position == 0 else font(13, 400))
        text = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideMiddle, int(width - 22))
        place = QRectF(x + 12, y + 7 + 20 * position, width - 20, 20)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
