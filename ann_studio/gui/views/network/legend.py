"""The words around the network graph: headers, names and legend."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPen

from ann_studio.gui.theme import Theme, font
from ann_studio.gui.views.network.layout import Layout

_CENTER = Qt.AlignmentFlag.AlignCenter
_NAME_PITCH = 13.0  #: from name to name at least
_SCALE = 98.0  #: length of the scale of colours
_WIDE, _WIDEST = 620, 800  #: from these widths on, words are written out, and the scale has a title


def paint_names(
    painter: QPainter, layout: Layout, width: float, inputs: list[str], outputs: list[str], theme: Theme
) -> None:
    """Headers above the layers, names beside inputs and outputs, and counts where units are left out."""
    last = len(layout.columns) - 1
    spacing = (layout.columns[-1].x - layout.columns[0].x) / max(last, 1)
    painter.setFont(font(13, 500))
    painter.setPen(QColor(theme.text_2))
    metrics = painter.fontMetrics()
    free = -math.inf
    names = [_header(layer, last, spacing) for layer in range(last + 1)]
    end = layout.columns[-1].x - metrics.horizontalAdvance(names[-1]) / 2 - 6
    for layer, (column, name) in enumerate(zip(layout.columns, names, strict=True)):
        half = metrics.horizontalAdvance(name) / 2
        if column.x - half > free and (layer == last or column.x + half < end):
            painter.drawText(QRectF(column.x - 60, 4, 120, 20), _CENTER, name)
            free = column.x + half + 6
        if column.shown < column.units:
            count = _count(column.units, min(spacing - 6, 116.0), metrics)
            bottom = float(column.y[-1]) + column.tile / 2
            painter.drawText(QRectF(column.x - 60, bottom + 3, 120, 18), _CENTER, count)
    _paint_side(painter, layout, 0, width, inputs, theme)
    if outputs:
        _paint_side(painter, layout, last, width, outputs, theme)


def _header(layer: int, last: int, spacing: float) -> str:
    if layer in (0, last):
        return "Output" if layer else "Input"
    return str(layer) if spacing < 64 else f"Hidden {layer}"


def _count(units: int, room: float, metrics: QFontMetrics) -> str:
    """How many units a layer has of which not all are drawn, as long as there is room."""
    thousands = f"…{units / 1000:.0f}k" if units >= 1000 else f"…{units}"
    offers = (f"… {units:,} units", f"…{units:,}", thousands)
    return next((text for text in offers if metrics.horizontalAdvance(text) <= room), "…")


def _paint_side(painter: QPainter, layout: Layout, layer: int, width: float, names: list[str], theme: Theme) -> None:
    column = layout.columns[layer]
    left, right = column.x - column.tile / 2 - 10, column.x + column.tile / 2 + 10
    room = left - 2 if layer == 0 else width - right - 2
    pitch = float(column.y[1] - column.y[0]) if column.shown > 1 else 40.0
    # Where units lie close, every second or third one is named.
    every = math.ceil(_NAME_PITCH / pitch)
    size = 15 if pitch > 30 else 13 if pitch > 15 else 12
    painter.setFont(font(size, 500, italic=layer == 0 and all(len(name) < 9 for name in names)))
    painter.setPen(QColor(theme.text))
    metrics = painter.fontMetrics()
    for unit in range(0, min(column.shown, len(names)), every):
        text = metrics.elidedText(names[unit], Qt.TextElideMode.ElideMiddle, int(room))
        y = float(column.y[unit])
        box = QRectF(left - room if layer == 0 else right, y - 12, room, 24)
        side = Qt.AlignmentFlag.AlignRight if layer == 0 else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)


def paint_legend(painter: QPainter, rect: QRect, scale: tuple[str, str, str] | None, theme: Theme) -> None:
    """One row: what colour, dash, width, bars and shades mean. Entries that find no room are left out from the right.

    Parameters
    ----------
    scale
        What stands before the shades of the tiles, and what their two ends mean; None where there are no shades.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(font(13))
    metrics = painter.fontMetrics()
    y, x = rect.bottom() - 11.0, 2.0
    words = _ENTRIES if rect.width() >= _WIDE else _SHORT
    right = float(rect.right())
    if scale is not None:
        right -= _paint_scale(painter, rect, y, scale, theme) + 16
    for draw, text in words:
        width = 36 + 8 + metrics.horizontalAdvance(text)
        if x + width > right:
            break
        draw(painter, x, y, theme)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QPointF(x + 44, y + 4.5), text)
        x += width + 16


def _paint_scale(painter: QPainter, rect: QRect, y: float, scale: tuple[str, str, str], theme: Theme) -> float:
    """The colours of the tiles, at the right; how wide that is."""
    painter.setFont(font(13))
    painter.setPen(QColor(theme.text_2))
    metrics = painter.fontMetrics()
    title, low, high = scale
    x = rect.right() - 2.0 - metrics.horizontalAdvance(high)
    painter.drawText(QPointF(x, y + 4.5), high)
    length = _SCALE * (1.0 if rect.width() >= _WIDE else 0.65)
    bar = QRectF(x - length - 8, y - 5, length, 10)
    x = bar.left() - 8 - metrics.horizontalAdvance(low)
    painter.drawText(QPointF(x, y + 4.5), low)
    if rect.width() >= _WIDEST:
        x -= metrics.horizontalAdvance(title) + 10
        painter.drawText(QPointF(x, y + 4.5), title)
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for position, colour in enumerate(theme.activation_map):
        gradient.setColorAt(position / 4, QColor(colour))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(bar, 4, 4)
    return rect.right() - x


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


#: From the left; on the right the others find no room first.
_ENTRIES = (
    (_positive, "positive weight"),
    (_negative, "negative"),
    (_thicker, "larger |w|"),
    (_bias, "bias"),
)
_SHORT = ((_positive, "w > 0"), (_negative, "w < 0"), (_thicker, "larger |w|"), (_bias, "bias"))
