"""Pictures with two axes: the fitted curve of one input, and predictions against the truth."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ann_studio.gui.scales import short, ticks
from ann_studio.gui.theme import Theme, font
from ann_studio.gui.views.output.stage import Stage

Array = NDArray[np.float64]
#: Curves are drawn as far as so many heights beyond the picture; what diverges goes on for ever.
_BEYOND = 3.0


def span(values: Array) -> tuple[float, float]:
    """A range with some room around `values`."""
    low, high = float(values.min()), float(values.max())
    margin = 0.15 * (high - low) or 1.0
    return low - margin, high + margin


def paint_axes(painter: QPainter, stage: Stage, x_name: str, y_name: str, theme: Theme) -> None:
    """Paint hairlines, numbers, and what the axes mean."""
    rect = stage.rect
    painter.setFont(font(12))
    metrics = painter.fontMetrics()
    x0, x1, y0, y1 = stage.extent
    for value in ticks(y0, y1, max(3, int(rect.height() / 48))):
        y = stage.to_pixel(x0, value).y()
        painter.setPen(QPen(QColor(theme.hairline), 1))
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
        painter.setPen(QColor(theme.text_2))
        text = short(value)
        painter.drawText(QPointF(rect.left() - 8 - metrics.horizontalAdvance(text), y + 4), text)
    painter.setPen(QColor(theme.text_2))
    room = max(60.0, metrics.horizontalAdvance(short(x1)) + 24.0)
    for value in ticks(x0, x1, max(2, int(rect.width() / room))):
        text = short(value)
        x = stage.to_pixel(value, y0).x() - metrics.horizontalAdvance(text) / 2
        painter.drawText(QPointF(x, rect.bottom() + 16), text)
    flag = Qt.AlignmentFlag
    name = metrics.elidedText(x_name, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(QRectF(rect.left(), rect.bottom() + 18, rect.width(), 16), flag.AlignRight | flag.AlignTop, name)
    name = metrics.elidedText(y_name, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(QRectF(rect.left() - 40, rect.top() - 20, rect.width(), 16), flag.AlignLeft | flag.AlignTop, name)


def curve_path(stage: Stage, x: Array, y: Array) -> QPainterPath:
    """``y(x)`` as a line; where it is no number there is a gap."""
    path = QPainterPath()
    started = False
    for point in _pixels(stage, x, y):
        if point is None:
            started = False
        elif started:
            path.lineTo(point)
        else:
            path.moveTo(point)
            started = True
    return path


def paint_curve(painter: QPainter, stage: Stage, x: Array, y: Array, colour: str, theme: Theme) -> None:
    """Paint ``y(x)`` with its casing."""
    path = curve_path(stage, x, y)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for hue, width in ((theme.casing, 5.0), (colour, 2.5)):
        painter.setPen(QPen(QColor(hue), width))
        painter.drawPath(path)


def pixels_of(stage: Stage, x: Array, y: Array) -> list[QPointF]:
    """Where points are painted; those that are no numbers, in the lower left corner outside the picture."""
    hidden = stage.rect.bottomLeft() + QPointF(-1000, 1000)
    return [hidden if point is None else point for point in _pixels(stage, x, y)]


def _pixels(stage: Stage, x: Array, y: Array) -> Iterable[QPointF | None]:
    low, high = stage.extent[2:]
    beyond = _BEYOND * (high - low)
    known = ~(np.isnan(x) | np.isnan(y))
    y = np.clip(y, low - beyond, high + beyond)
    for a, b, is_known in zip(x.tolist(), y.tolist(), known.tolist(), strict=True):
        yield stage.to_pixel(a, b) if is_known else None


def paint_diagonal(painter: QPainter, stage: Stage, theme: Theme) -> None:
    """Paint where right predictions lie."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(QColor(theme.text_3), 1.5, Qt.PenStyle.DashLine))
    painter.drawLine(stage.rect.bottomLeft(), stage.rect.topRight())
