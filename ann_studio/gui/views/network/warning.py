"""The warning over a layer where something is wrong."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ann_studio.gui.icons import icon
from ann_studio.gui.parameters import layer_name
from ann_studio.gui.theme import Theme, font
from ann_studio.gui.views.network.layout import Layout
from ann_studio.learning.problem import Problem

_SIGN, _HEIGHT, _PAD = 16, 22.0, 6.0


def paint_warning(painter: QPainter, layout: Layout, layer: int, theme: Theme) -> None:
    """A sign and the layer's name in a box over its header, and a line down to its first neuron."""
    if not 0 < layer < len(layout.columns):
        return
    column, last = layout.columns[layer], len(layout.columns) - 1
    painter.setFont(font(13, 600))
    name = layer_name(layer, last).capitalize()
    spacing = (layout.columns[-1].x - layout.columns[0].x) / last
    width = painter.fontMetrics().horizontalAdvance(name) + _SIGN + 3 * _PAD
    if width > spacing + 20:
        name, width = "", _SIGN + 2 * _PAD
    box = QRectF(column.x - width / 2, 3, width, _HEIGHT)
    pen = QPen(QColor(theme.error), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    top = float(column.y[0]) - column.tile / 2
    if top > box.bottom() + 4:
        painter.drawLine(QPointF(column.x, box.bottom()), QPointF(column.x, top))
    painter.setBrush(QColor(theme.error_soft))
    painter.drawRoundedRect(box, 6, 6)
    sign = icon("warning", theme, theme.error).pixmap(_SIGN, _SIGN)
    painter.drawPixmap(QPointF(box.left() + _PAD, box.top() + 3), sign)
    painter.setPen(QColor(theme.error))
    text = box.adjusted(_SIGN + 2 * _PAD, 0, -_PAD, 0)
    painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


def spoken(problem: Problem | None, layer: int | None) -> str:
    """What a screen reader says of it; empty where there is none."""
    if problem is None or layer is None:
        return ""
    return f"Warning at {layer_name(layer, problem.architecture.layers)}"
