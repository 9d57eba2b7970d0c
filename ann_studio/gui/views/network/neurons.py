"""How neurons are drawn: a tile with what the unit computes over the plane, and a bar for its bias."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QTransform

from ann_studio.analysis.pictures import Pictures
from ann_studio.gui.theme import Theme, color_table, mix
from ann_studio.gui.views.network.layout import Column, Layout
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import Architecture

Array = NDArray[np.float64]


def to_unit_range(values: Array, activation: str) -> Array:
    """Activations of one layer ``(units, …)`` on a scale from −1 to 1.

    Bounded activations use their bounds; others, and inputs (``""``), the largest size of each unit.
    """
    if activation == "softmax":
        return values * 2 - 1
    if activation in ACTIVATIONS:
        low, high = ACTIVATIONS[activation].low, ACTIVATIONS[activation].high
        if math.isfinite(low) and math.isfinite(high):
            return (values - low) / (high - low) * 2 - 1
    size = np.abs(values.reshape(len(values), -1)).max(axis=1)
    return values / np.where(size > 0, size, 1.0).reshape(-1, *[1] * (values.ndim - 1))


def images(maps: Array, activation: str, theme: Theme) -> list[QImage]:
    """One image for each unit of a layer, ``maps`` being ``(units, side, side)``."""
    table = color_table(theme.activation_map)
    scaled = np.nan_to_num(to_unit_range(maps, activation))
    pixels = table[np.clip((scaled + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)]
    side = maps.shape[1]
    # .copy(): the image must own its bytes once the array is gone
    return [QImage(unit.tobytes(), side, side, side * 4, QImage.Format.Format_RGB32).copy() for unit in pixels]


def tile_rect(column: Column, unit: int) -> QRectF:
    """The square of a unit."""
    return QRectF(column.x - column.tile / 2, float(column.y[unit]) - column.tile / 2, column.tile, column.tile)


def radius(column: Column) -> float:
    """Corner radius of a tile: a square with round corners, down to a dot."""
    return min(10.0, column.tile * (0.2 if column.tile >= 30 else 0.3 if column.tile >= 16 else 0.5))


def paint_neurons(
    painter: QPainter,
    layout: Layout,
    architecture: Architecture,
    pictures: Pictures | None,
    biases: list[Array],
    theme: Theme,
) -> None:
    """Paint all tiles and bias bars."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    largest = max((float(np.abs(b).max()) for b in biases if len(b)), default=0.0)
    outline = QPen(mix(theme.outline, theme.outline, 0), 1.2)
    for layer, column in enumerate(layout.columns):
        activation = architecture.activations[layer - 1] if layer else ""
        brushes = _brushes(pictures, layer, column, activation, theme)
        painter.setPen(outline if column.tile >= 12 else QPen(outline.color(), 0.8))
        for unit in range(column.shown):
            rect = tile_rect(column, unit)
            brush = brushes[unit]
            if brush.style() == Qt.BrushStyle.TexturePattern:
                image = brush.textureImage()
                scale = column.tile / image.width()
                brush.setTransform(QTransform.fromTranslate(rect.x(), rect.y()).scale(scale, scale))
            painter.setBrush(brush)
            painter.drawRoundedRect(rect, radius(column), radius(column))
        if layer and column.has_bars:
            for unit in range(column.shown):
                _paint_bias(painter, column, unit, float(biases[layer - 1][unit]), largest, theme)


def _brushes(
    pictures: Pictures | None, layer: int, column: Column, activation: str, theme: Theme
) -> list[QBrush]:
    if pictures is not None and pictures.maps is not None:
        return [QBrush(image) for image in images(pictures.maps[layer][: column.shown], activation, theme)]
    if pictures is not None and pictures.activity is not None:
        values = pictures.activity[layer][: column.shown]
        size = float(np.abs(values).max()) or 1.0
        scaled = to_unit_range(values[:, None], activation)[:, 0] if activation else values / size
        if activation and not math.isfinite(ACTIVATIONS[activation].high if activation in ACTIVATIONS else 1.0):
            scaled = values / size
        table = color_table(theme.activation_map)
        return [QBrush(_color(int(table[int(np.clip((v + 1) * 127.5 + 0.5, 0, 255))]))) for v in np.nan_to_num(scaled)]
    return [QBrush(mix(theme.sunken, theme.sunken, 0))] * column.shown


def _color(rgb: int) -> object:
    from PySide6.QtGui import QColor

    return QColor(rgb & 0xFFFFFF)


def _paint_bias(painter: QPainter, column: Column, unit: int, bias: float, largest: float, theme: Theme) -> None:
    """A bar below the tile, or on its lower edge: right of the mark is positive."""
    inside = column.bars_inside
    half = min(column.tile / 2 - (3 if inside else 0), 24.0)
    x, y = column.x, float(column.y[unit]) + column.tile / 2 + (-4 if inside else 7)
    if inside:
        painter.fillRect(QRectF(x - half - 1, y - 3, 2 * half + 2, 6), mix(theme.card, theme.card, 0))
    painter.fillRect(QRectF(x - half, y - 2, 2 * half, 4), mix(theme.hairline, theme.hairline, 0))
    length = half * bias / largest if largest > 0 else 0.0
    hue = mix(theme.negative if bias < 0 else theme.positive, theme.card, 0)
    painter.fillRect(QRectF(min(x, x + length), y - 2, abs(length), 4), hue)
    mark = 3 if inside else 4
    painter.fillRect(QRectF(x - 0.75, y - mark, 1.5, 2 * mark), mix(theme.text, theme.text, 0))
