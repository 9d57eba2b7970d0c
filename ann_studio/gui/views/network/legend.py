"""The words of the network graph: headers, names, legend, and the pill that tells a value."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

from ann_studio.gui.theme import Theme, font
from ann_studio.gui.views.network.layout import Layout
from ann_studio.nn.architecture import Architecture

_CENTER = Qt.AlignmentFlag.AlignCenter


def paint_names(
    painter: QPainter, layout: Layout, architecture: Architecture, inputs: list[str], outputs: list[str], theme: Theme
) -> None:
    """Headers above the layers, names beside inputs and outputs, and counts where units are left out."""
    last = len(layout.columns) - 1
    spacing = (layout.columns[-1].x - layout.columns[0].x) / max(last, 1)
    painter.setFont(font(13, 500))
    painter.setPen(QColor(theme.text_2))
    for position, column in enumerate(layout.columns):
        name = "Input" if position == 0 else "Output" if position == last else f"Hidden {position}"
        if spacing < 64 and 0 < position < last:
            name = str(position)
        painter.drawText(QRectF(column.x - 60, 4, 120, 20), _CENTER, name)
        if column.shown < column.units:
            bottom = float(column.y[-1]) + column.tile / 2
            painter.drawText(QRectF(column.x - 60, bottom + 3, 120, 18), _CENTER, f"… {column.units:,} units")
    _paint_side(painter, layout, 0, inputs, theme)
    if outputs:
        _paint_side(painter, layout, last, outputs, theme)


def _paint_side(painter: QPainter, layout: Layout, layer: int, names: list[str], theme: Theme) -> None:
    column = layout.columns[layer]
    pitch = float(column.y[1] - column.y[0]) if column.shown > 1 else 40.0
    if pitch < 13:
        return
    size = 15 if pitch > 30 else 13 if pitch > 15 else 12
    painter.setFont(font(size, 500, italic=layer == 0 and all(len(name) < 9 for name in names)))
    painter.setPen(QColor(theme.text))
    metrics = painter.fontMetrics()
    for unit in range(min(column.shown, len(names))):
        text = metrics.elidedText(names[unit], Qt.TextElideMode.ElideRight, 132 if layer == 0 else 112)
        y = float(column.y[unit])
        if layer == 0:
            box = QRectF(column.x - column.tile / 2 - 148, y - 12, 138, 24)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        else:
            box = QRectF(column.x + column.tile / 2 + 10, y - 12, 118, 24)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def paint_legend(painter: QPainter, rect: QRect, note: str, with_scale: bool, theme: Theme) -> None:
    """One row: what colour, dash, width, bars and shades mean. Entries that find no room are left out from the right."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(font(13))
    metrics = painter.fontMetrics()
    y, x = rect.bottom() - 11.0, 2.0
    right = rect.right() - (170.0 if with_scale else 0.0) - (metrics.horizontalAdvance(note) + 20 if note else 0)
    for draw, text in ((_positive, "positive weight"), (_negative, "negative"), (_thicker, "thicker = larger |w|"), (_bias, "bias")):
        width = 36 + 8 + metrics.horizontalAdvance(text)
        if x + width > right:
            break
        draw(painter, x, y, theme)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QPointF(x + 44, y + 4.5), text)
        x += width + 16
    if note:
        painter.setPen(QColor(theme.text))
        painter.setFont(font(13, 600))
        painter.drawText(QPointF(right + 6, y + 4.5), note)
    if with_scale:
        _paint_scale(painter, rect, y, theme)


def _paint_scale(painter: QPainter, rect: QRect, y: float, theme: Theme) -> None:
    bar = QRectF(rect.right() - 128, y - 5, 98, 10)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for position, colour in enumerate(theme.activation_map):
        gradient.setColorAt(position / 4, QColor(colour))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(bar, 4, 4)
    painter.setFont(font(13))
    painter.setPen(QColor(theme.text_2))
    painter.drawText(QRectF(bar.left() - 34, y - 10, 28, 20), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "−1")
    painter.drawText(QRectF(bar.right() + 6, y - 10, 28, 20), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "+1")


def _stroke(painter: QPainter, x: float, y: float, colour: str, width: float, dash: list[float] | None = None) -> None:
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dash:
        pen.setDashPattern(dash)
    painter.setPen(pen)
    painter.drawLine(QPointF(x, y), QPointF(x + 36, y))


def _positive(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    _stroke(painter, x, y, theme.positive, 3.5)


def _negative(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    _stroke(painter, x, y, theme.negative, 3.5, [2.3, 1.3])


def _thicker(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text_2))
    for start, length, height in ((0, 9, 1.2), (12, 9, 3.0), (24, 12, 7.0)):
        painter.drawRect(QRectF(x + start, y - height / 2, length, height))


def _bias(painter: QPainter, x: float, y: float, theme: Theme) -> None:
    painter.fillRect(QRectF(x + 2, y - 2, 32, 4), QColor(theme.hairline))
    painter.fillRect(QRectF(x + 18, y - 2, 11, 4), QColor(theme.positive))
    painter.fillRect(QRectF(x + 17.25, y - 4, 1.5, 8), QColor(theme.text))


def paint_pill(painter: QPainter, lines: list[str], at: QPointF, rect: QRect, theme: Theme) -> None:
    """A dark pill with a leader to `at`, kept inside `rect`; the first line is the strong one."""
    painter.setFont(font(14, 600))
    strong = painter.fontMetrics()
    width = max(strong.horizontalAdvance(lines[0]), *(strong.horizontalAdvance(line) for line in lines[1:]), 40) + 24
    height = 14 + 20 * len(lines)
    x = min(max(at.x() - width / 2, 4.0), rect.width() - width - 4.0)
    above = at.y() - height - 30
    y = above if above >= 4 else min(at.y() + 34, rect.height() - height - 4.0)
    box = QRectF(x, y, width, height)
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
        painter.drawText(QRectF(x + 12, y + 7 + 20 * position, width - 20, 20), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)


