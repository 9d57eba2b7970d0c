"""Tiles to choose data by: a small picture of the points above their name."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ann_studio.data.dataset import Classes
from ann_studio.data.generators import GENERATORS, generate
from ann_studio.gui.controls import describe
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import LIGHT, Theme, color_table, font

_PICTURE = 38  #: pixels


class Tile(QAbstractButton):
    """A source of data.

    Parameters
    ----------
    title
        Below the picture.
    picture
        Name of a generator, ``icon:NAME``, or up to three signs to write.
    """

    def __init__(self, title: str, hint: str, picture: str) -> None:
        super().__init__()
        self._picture = picture
        self._theme: Theme = LIGHT
        self._cache: QPixmap | None = None
        self.setText(title)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        describe(self, title, hint)

    def sizeHint(self) -> QSize:
        """Picture and name."""
        return QSize(46, _PICTURE + 19)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme, self._cache = theme, None
        self.update()

    def nextCheckState(self) -> None:
        """Being pressed does not check it: what is checked is what the runner learns."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, frame, name."""
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1.5, 1.5, self.width() - 3, _PICTURE - 2)
        checked, focused = self.isChecked(), self.hasFocus()
        painter.setBrush(QColor(theme.accent_soft if checked else theme.sunken))
        line = theme.accent if checked or focused else theme.outline if self.underMouse() else theme.sunken
        painter.setPen(QPen(QColor(line), 2 if checked or focused else 1))
        painter.drawRoundedRect(box, 7, 7)
        if self._cache is None:
            self._cache = self._paint_picture()
        side = self._cache.width() / self._cache.devicePixelRatioF()
        painter.drawPixmap(QPointF(box.center().x() - side / 2, box.center().y() - side / 2), self._cache)
        painter.setFont(font(12, 600 if checked else 400))
        painter.setPen(QColor(theme.text if checked else theme.text_2))
        painter.drawText(QRectF(-4, _PICTURE + 1, self.width() + 8, 18), Qt.AlignmentFlag.AlignCenter, self.text())

    def _paint_picture(self) -> QPixmap:
        if self._picture.startswith("icon:"):
            return icon(self._picture[5:], self._theme, self._theme.text_2).pixmap(20, 20)
        ratio, side = self.devicePixelRatioF(), _PICTURE - 8
        pixmap = QPixmap(int(side * ratio), int(side * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._picture in GENERATORS:
            self._paint_points(painter, side)
        else:
            painter.setFont(font(16, 600))
            painter.setPen(QColor(self._theme.text_2))
            painter.drawText(QRectF(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, self._picture)
        painter.end()
        return pixmap

    def _paint_points(self, painter: QPainter, side: int) -> None:
        """The points of a generator, coloured as in the output view."""
        dataset = generate(self._picture, 90, 0.03, 1)
        points = np.column_stack([dataset.inputs, dataset.targets])[:, :2]
        low, high = points.min(axis=0), points.max(axis=0)
        pixels = 3 + (points - low) / (high - low) * (side - 6)
        radius = 3.0 if len(points) < 10 else 1.6
        painter.setPen(Qt.PenStyle.NoPen)
        line = dataset.inputs.shape[1] == 1
        colours = self._colours(dataset.targets[:, 0], dataset.target, line=line)
        for (x, y), colour in zip(pixels.tolist(), colours, strict=True):
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, side - y), radius, radius)

    def _colours(
        self, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], target: object, *, line: bool
    ) -> list[QColor]:
        if isinstance(target, Classes):
            return [QColor(self._theme.positive if value == 1 else self._theme.negative) for value in values]
        if line:
            return [QColor(self._theme.positive)] * len(values)
        table = color_table(self._theme.activation_map)
        shades = np.clip((values / np.abs(values).max() + 1) * 127.5, 0, 255).astype(int)
        return [QColor(int(table[shade]) & 0xFFFFFF) for shade in shades]
