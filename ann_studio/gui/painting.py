"""Painting that an error cannot leave half done, layers to be kept, the focus ring, and round steps for scales."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPaintDevice, QPainter, QPen


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """Give a painter on `device` that has ended afterwards, also after an error: else Qt ends the process."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


def layer(size: QSize, ratio: float, ground: QColor | None = None) -> QImage:
    """An image of `size` in the coordinates of a widget with this device pixel ratio, filled or transparent."""
    form = QImage.Format.Format_ARGB32_Premultiplied if ground is None else QImage.Format.Format_RGB32
    image = QImage(size * ratio, form)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent if ground is None else ground)
    return image


def paint_focus(painter: QPainter, around: QRectF, colour: str) -> None:
    """A ring in the theme's accent just inside of what has the keyboard."""
    painter.setClipping(False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), 2))
    painter.drawRoundedRect(around.adjusted(1, 1, -1, -1), 8, 8)


def round_value(least: float) -> float:
    """The smallest of 1, 2, 5, 10, … times a power of ten that is at least `least`, which is positive."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)


def round_step(least: float, smallest: int = 1) -> int:
    """The same for whole numbers, from `smallest` on."""
    return max(smallest, round(round_value(max(least, 1.0))))
