"""How the gradients of a batch add up before its one update: a bar for each sample that has been gone through."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ann_studio.gui.theme import Theme, font
from ann_studio.gui.views.microscope.rules import show

_MOST = 60  #: bars; of a larger batch those of the last samples


@dataclass(frozen=True)
class Growth:
    """The mean gradient of one parameter, as far as the batch has been gone through.

    Parameters
    ----------
    what
        The parameter: ``w of h₁ → o₁``.
    so_far
        After each sample whose error has come back to it.
    batch
        Samples in the batch.
    present
        What the phase has for it: with that of a sample under way, if its error has reached the parameter.
    """

    what: str
    so_far: tuple[float, ...]
    batch: int
    present: float

    @property
    def text(self) -> str:
        """In words."""
        done = len(self.so_far)
        if not done:
            return f"∂C/∂{self.what}: no sample of {self.batch:,} yet"
        return f"∂C/∂{self.what}, {done:,} of {self.batch:,} samples: {show(self.present, sign=True)}"


def paint_growth(painter: QPainter, room: QRectF, growth: Growth, theme: Theme) -> None:
    """Bars from a line at zero, up is positive; samples still to come are hollow places."""
    painter.setFont(font(13, 500))
    painter.setPen(QColor(theme.text_2))
    metrics = QFontMetricsF(painter.font())
    words = metrics.elidedText(growth.text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(QPointF(room.left(), room.top() + 12), words)
    chart = QRectF(room.left(), room.top() + 20, room.width(), room.height() - 20)
    first = max(0, len(growth.so_far) - _MOST)
    places = min(growth.batch - first, _MOST)
    pitch = min(chart.width() / max(places, 1), 34.0)
    values = [value for value in growth.so_far[first:] if math.isfinite(value)]
    high = max((abs(value) for value in values), default=0.0) or 1.0
    below, above = any(value < 0 for value in values), any(value >= 0 for value in values) or not values
    middle = chart.center().y() if below and above else chart.bottom() - 1 if above else chart.top() + 1
    reach = (chart.height() / 2 if below and above else chart.height()) - 3
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for k in range(places):
        x = chart.left() + k * pitch
        wide = max(1.0, pitch * 0.72)
        if first + k >= len(growth.so_far):
            painter.setPen(QPen(QColor(theme.hairline), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(x, middle - 3, wide, 6))
            continue
        value = growth.so_far[first + k]
        length = reach * value / high if math.isfinite(value) else 0.0
        last = first + k == len(growth.so_far) - 1
        painter.fillRect(
            QRectF(x, min(middle, middle - length), wide, max(abs(length), 1.0)),
            QColor(theme.backward if last else theme.outline),
        )
    painter.fillRect(QRectF(chart.left(), middle - 0.5, chart.width(), 1), QColor(theme.outline))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
