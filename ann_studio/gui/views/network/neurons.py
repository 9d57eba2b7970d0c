"""How neurons are drawn: a tile with what the unit computes over the plane, and a bar for its bias."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QTransform

from ann_studio.analysis.pictures import Pictures
from ann_studio.gui.theme import Theme, color_table
from ann_studio.gui.views.network.layout import Column, Layout
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import Architecture

Array = NDArray[np.float64]
#: Stands for infinity where it has to be divided.
_LARGEST = 1e300


def bounds(activation: str) -> tuple[float, float]:
    """Least and greatest activation; infinite where there is no bound, and for inputs (``""``)."""
    if activation == "softmax":
        return 0.0, 1.0
    if activation not in ACTIVATIONS:
        return -math.inf, math.inf
    return ACTIVATIONS[activation].low, ACTIVATIONS[activation].high


def to_unit_range(values: Array, activation: str) -> Array:
    """Activations of one layer ``(units, …)`` on a scale from −1 to 1; 0 where there is no finite number.

    Bounded activations use their bounds; others, and inputs (``""``), the largest size of each unit.
    """
    low, high = bounds(activation)
    finite = np.nan_to_num(values, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
    if math.isfinite(low) and math.isfinite(high):
        return np.asarray(np.where(np.isnan(values), 0.0, (finite - low) / (high - low) * 2 - 1))
    size = np.abs(finite.reshape(len(values), -1)).max(axis=1, initial=0.0)
    return np.asarray(finite / np.where(size > 0, size, 1.0).reshape(-1, *[1] * (values.ndim - 1)))


def mean_shades(values: Array, activation: str) -> Array:
    """Mean activations of one layer ``(units,)`` on a scale from −1 to 1.

    Without bounds it is the layer's largest size, but at least 1: standardised inputs have means that are rounding
    errors, and these are no activity.
    """
    if all(map(math.isfinite, bounds(activation))):
        return to_unit_range(values[:, None], activation)[:, 0]
    finite = np.nan_to_num(values, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
    return np.asarray(finite / max(1.0, float(np.abs(finite).max(initial=0.0))))


def scale_words(architecture: Architecture, pictures: Pictures) -> tuple[str, str, str]:
    """What stands before the scale of colours, and at its ends.

    The ends are numbers only where they are the same for all neurons.
    """
    signed = all(bounds(activation) == (-1.0, 1.0) for activation in architecture.activations)
    title = "activation" if pictures.maps is not None else "mean activation"
    return (title, "−1", "+1") if signed else (title, "low", "high")


def images(maps: Array, activation: str, theme: Theme) -> list[QImage]:
    """One image for each unit of a layer, ``maps`` being ``(units, side, side)``."""
    table = color_table(theme.activation_map)
    scaled = to_unit_range(maps, activation)
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
    largest = max((float(np.abs(b[np.isfinite(b)]).max(initial=0.0)) for b in biases), default=0.0)
    outline = QPen(QColor(theme.outline), 1.2)
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


def _brushes(pictures: Pictures | None, layer: int, column: Column, activation: str, theme: Theme) -> list[QBrush]:
    if pictures is not None and pictures.maps is not None:
        return [QBrush(image) for image in images(pictures.maps[layer][: column.shown], activation, theme)]
    if pictures is not None and pictures.activity is not None:
        shades = mean_shades(pictures.activity[layer][: column.shown], activation)
        table = color_table(theme.activation_map)
        levels = np.clip((shades + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8).tolist()
        return [QBrush(QColor(int(table[level]) & 0xFFFFFF)) for level in levels]
    return [QBrush(QColor(theme.sunken))] * column.shown


def _paint_bias(painter: QPainter, column: Column, unit: int, bias: float, largest: float, theme: Theme) -> None:
    """A bar below the tile, or on its lower edge: right of the mark is positive."""
    inside = column.bars_inside
    half = min(column.tile / 2 - (3 if inside else 0), 24.0)
    x, y = column.x, float(column.y[unit]) + column.tile / 2 + (-4 if inside else 7)
    if inside:
        painter.fillRect(QRectF(x - half - 1, y - 3, 2 * half + 2, 6), QColor(theme.card))
    painter.fillRect(QRectF(x - half, y - 2, 2 * half, 4), QColor(theme.hairline))
    length = half * bias / largest if largest > 0 and math.isfinite(bias) else 0.0
    hue = QColor(theme.negative if bias < 0 else theme.positive)
    painter.fillRect(QRectF(min(x, x + length), y - 2, abs(length), 4), hue)
    mark = 3 if inside else 4
    painter.fillRect(QRectF(x - 0.75, y - mark, 1.5, 2 * mark), QColor(theme.text))
