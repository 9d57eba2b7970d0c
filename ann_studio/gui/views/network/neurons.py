"""How neurons are drawn: a tile with what the unit computes over the plane, and a bar for its bias."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ann_studio.analysis.pictures import Pictures
from ann_studio.gui.painting import layer, painting
from ann_studio.gui.shades import bounds, mean_shades, shades
from ann_studio.gui.theme import Theme, color_table
from ann_studio.gui.views.network.layout import Column, Layout
from ann_studio.nn.architecture import Architecture

Array = NDArray[np.float64]


def scale_words(architecture: Architecture, pictures: Pictures) -> tuple[str, str, str]:
    """What stands before the scale of colours, and at its ends.

    The ends are numbers only where they are the same for all neurons.
    """
    signed = all(bounds(activation) == (-1.0, 1.0) for activation in architecture.activations)
    title = "activation" if pictures.maps is not None else "mean activation"
    return (title, "−1", "+1") if signed else (title, "low", "high")


def tile_rect(column: Column, unit: int) -> QRectF:
    """The square of a unit."""
    return QRectF(column.x - column.tile / 2, float(column.y[unit]) - column.tile / 2, column.tile, column.tile)


def radius(column: Column) -> float:
    """Corner radius of a tile: a square with round corners, down to a dot."""
    return min(10.0, column.tile * (0.2 if column.tile >= 30 else 0.3 if column.tile >= 16 else 0.5))


class NeuronPainter:
    """What of the tiles stays the same while a network trains, kept as long as layout, theme and resolution stay."""

    def __init__(self, layout: Layout, theme: Theme, ratio: float) -> None:
        self._layout, self._theme = layout, theme
        self._frames = [_frame(column, theme, ratio) for column in layout.columns]

    def paint_ground(self, painter: QPainter) -> None:
        """Paint what lies under the tiles: the grooves of the bias bars."""
        for position, column in enumerate(self._layout.columns):
            if position and column.has_bars and not column.bars_inside:
                _paint_grooves(painter, column, self._theme)

    def paint(
        self, painter: QPainter, architecture: Architecture, pictures: Pictures | None, biases: list[Array]
    ) -> None:
        """Paint all tiles and bias bars."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        largest = max((float(np.abs(b[np.isfinite(b)]).max(initial=0.0)) for b in biases), default=0.0)
        for position, (column, frame) in enumerate(zip(self._layout.columns, self._frames, strict=True)):
            activation = architecture.activations[position - 1] if position else ""
            self._paint_faces(painter, position, column, activation, pictures)
            corner = tile_rect(column, 0).topLeft()
            for unit in range(column.shown):
                corner.setY(float(column.y[unit]) - column.tile / 2)
                painter.drawImage(corner - _MARGIN, frame)
            if position and column.has_bars:
                if column.bars_inside:
                    _paint_grooves(painter, column, self._theme)
                _paint_biases(painter, column, biases[position - 1], largest, self._theme)

    def _paint_faces(
        self, painter: QPainter, position: int, column: Column, activation: str, pictures: Pictures | None
    ) -> None:
        """Fill the squares of a layer, corners too: its frame covers these."""
        theme = self._theme
        if pictures is not None and pictures.maps is not None:
            colours = shades(pictures.maps[position][: column.shown], activation, theme)
            side = colours.shape[1]
            # The image shares its bytes with the array, which outlives it.
            image = QImage(colours.data, side, side * column.shown, 4 * side, QImage.Format.Format_RGB32)
            for unit in range(column.shown):
                painter.drawImage(tile_rect(column, unit), image, QRectF(0, side * unit, side, side))
            return
        hues = [QColor(theme.sunken)] * column.shown
        if pictures is not None and pictures.activity is not None:
            means = mean_shades(pictures.activity[position][: column.shown], activation)
            table = color_table(theme.activation_map)
            levels = np.clip((means + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8).tolist()
            hues = [QColor(int(table[level]) & 0xFFFFFF) for level in levels]
        for unit, hue in enumerate(hues):
            painter.fillRect(tile_rect(column, unit), hue)


#: Pixels around a tile that its frame reaches out.
_REACH = 2
_MARGIN = QPointF(_REACH, _REACH)


def _frame(column: Column, theme: Theme, ratio: float) -> QImage:
    """The outline of a tile, with the card in the corners that it leaves out, to be laid over its square."""
    side = int(column.tile) + 2 * _REACH
    image = layer(QSize(side, side), ratio)
    square = QRectF(_REACH, _REACH, column.tile, column.tile)
    outside = QPainterPath()
    outside.addRect(square.adjusted(-0.5, -0.5, 0.5, 0.5))
    outside.addRoundedRect(square, radius(column), radius(column))
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillPath(outside, QColor(theme.card))
        painter.setPen(QPen(QColor(theme.outline), 1.2 if column.tile >= 12 else 0.8))
        painter.drawRoundedRect(square, radius(column), radius(column))
    return image


def bar_of(column: Column, unit: int) -> tuple[float, float, float]:
    """Middle and height of the bar of a unit, and how far it reaches to either side."""
    inside = column.bars_inside
    y = float(column.y[unit]) + column.tile / 2 + (-4 if inside else 7)
    return column.x, y, min(column.tile / 2 - (3 if inside else 0), 24.0)


def _paint_grooves(painter: QPainter, column: Column, theme: Theme) -> None:
    """What a bias bar lies in, below the tile or on its lower edge."""
    for unit in range(column.shown):
        x, y, half = bar_of(column, unit)
        if column.bars_inside:
            painter.fillRect(QRectF(x - half - 1, y - 3, 2 * half + 2, 6), QColor(theme.card))
        painter.fillRect(QRectF(x - half, y - 2, 2 * half, 4), QColor(theme.hairline))


def _paint_biases(painter: QPainter, column: Column, biases: Array, largest: float, theme: Theme) -> None:
    """Bars: right of the mark is positive."""
    high = 3 if column.bars_inside else 4
    hues = (QColor(theme.positive), QColor(theme.negative))
    mark = QColor(theme.text)
    for unit, bias in enumerate(biases[: column.shown].tolist()):
        x, y, half = bar_of(column, unit)
        length = half * bias / largest if largest > 0 and math.isfinite(bias) else 0.0
        painter.fillRect(QRectF(min(x, x + length), y - 2, abs(length), 4), hues[bias < 0])
        painter.fillRect(QRectF(x - 0.75, y - high, 1.5, 2 * high), mark)
