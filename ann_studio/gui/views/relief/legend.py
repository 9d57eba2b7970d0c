"""Which colour is which cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ann_studio.analysis.relief import Terrain
from ann_studio.gui.painting import painting
from ann_studio.gui.scales import short
from ann_studio.gui.theme import LIGHT, Theme, font, number

Colours = NDArray[np.uint32]
_BAR, _SHORTEST, _GAP, _HEIGHT = 168.0, 40.0, 10.0, 20


class Legend(QWidget):
    """A bar of the colours from low cost to high, with the two costs at its ends."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours of the relief")
        self.theme: Theme = LIGHT
        self._terrain: Terrain | None = None
        self._colours: Colours = np.zeros(256, dtype=np.uint32)

    def sizeHint(self) -> QSize:
        """A line of text."""
        return QSize(320, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Room for the numbers beside a short bar."""
        return QSize(180, _HEIGHT)

    def show_colours(self, shown: Terrain, colours: Colours) -> None:
        """Show 256 colours, from the lowest height to the highest."""
        self._terrain, self._colours = shown, colours
        self.setAccessibleDescription(f"bright is low cost, {self.ends()[0]}, dark is high cost, {self.ends()[1]}")
        self.update()

    def ends(self) -> tuple[str, str]:
        """The costs at both ends."""
        shown = self._terrain
        if shown is None:
            return ("", "")
        if max(-shown.low, shown.high) >= 1000:
            low, high = short(shown.low), short(shown.high)
        else:
            digits = 2 if shown.high - shown.low > 0.05 else 4
            low, high = number(shown.low, digits), number(shown.high, digits)
        return low, ("≥ " if shown.cut else "") + high

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, bar and numbers."""
        if self._terrain is not None:
            with painting(self) as painter:
                self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        theme, flag = self.theme, Qt.AlignmentFlag
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        low, high = self.ends()
        painter.setFont(font(12, 500))
        metrics = painter.fontMetrics()
        words = [f"low cost  {low}", f"{high}  high cost"]
        widths = [metrics.horizontalAdvance(text) for text in words]
        if sum(widths) + 2 * _GAP + _SHORTEST > self.width():
            words = [low, high]
            widths = [metrics.horizontalAdvance(text) for text in words]
        bar = QRectF(widths[0] + _GAP, 5, max(_SHORTEST, min(_BAR, self.width() - sum(widths) - 2 * _GAP)), 10)
        outline = QPainterPath()
        outline.addRoundedRect(bar, 3, 3)
        painter.save()
        painter.setClipPath(outline)
        strip = np.ascontiguousarray(self._colours[None])
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(bar, QImage(strip.data, 256, 1, 1024, QImage.Format.Format_RGB32))
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.hairline), 1))
        painter.drawPath(outline)
        painter.setPen(QColor(theme.text_2))
        for text, left, width in zip(words, (0.0, bar.right() + _GAP), widths, strict=True):
            painter.drawText(QRectF(left, 0, width + 2, _HEIGHT), flag.AlignLeft | flag.AlignVCenter, text)
