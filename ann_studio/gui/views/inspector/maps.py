"""Heat maps: what a neuron computes over the plane of two inputs, or its weights as a picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from ann_studio.gui.scales import short
from ann_studio.gui.shades import shades
from ann_studio.gui.theme import Theme, color_table
from ann_studio.gui.views.inspector import ink
from ann_studio.gui.views.inspector.pages import Maps, Tile

_AXIS = 18.0  #: room below a map
_SCALE, _BAR = 72.0, 12.0  #: width of the legend, and of its bar
_LEFT, _BETWEEN = 26.0, 92.0  #: room of the numbers at the left, and between two maps


def squares(area: QRectF, page: Maps) -> list[QRectF]:
    """Where the maps are."""
    below = _AXIS if page.axes else 0.0
    count = len(page.tiles)
    names = 18.0 if count > 1 else 0.0
    left = _LEFT if len(page.axes) > 1 else 0.0
    room = area.width() - left - _SCALE - _BETWEEN * (count - 1)
    side = max(24.0, min(area.height() - below - names, room / count))
    return [
        QRectF(round(area.left() + left + k * (side + _BETWEEN)), area.top() + names, round(side), round(side))
        for k in range(count)
    ]


def paint(painter: QPainter, area: QRectF, page: Maps, theme: Theme) -> None:
    """Paint the maps, their axes, and what the colours mean."""
    places = squares(area, page)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, bool(page.axes))
    for tile, place in zip(page.tiles, places, strict=True):
        _paint_tile(painter, tile, place, theme)
        if len(places) > 1:
            name = ink.metrics(12, 500).elidedText(tile.name, Qt.TextElideMode.ElideRight, place.width() + 80)
            ink.text(painter, QPointF(place.left(), place.top() - 6), name, theme.text_2, size=12, weight=500)
        _paint_extent(painter, place, page, theme)
        if page.here is not None:
            _paint_here(painter, place, page.here, theme)
    if page.between and len(places) > 1:
        _paint_between(painter, places[0], places[1], page.between, theme)
    _paint_scale(painter, QPointF(places[-1].right() + 16, places[-1].top()), places[-1].height(), page, theme)
    beside = QRectF(places[-1].right() + 16 + _SCALE, area.top(), 0, area.height())
    beside.setRight(area.right())
    if page.facts and beside.width() > 80:
        _paint_facts(painter, beside, page, theme)


def _paint_tile(painter: QPainter, tile: Tile, place: QRectF, theme: Theme) -> None:
    colours = np.ascontiguousarray(shades(tile.values[None], tile.activation, theme)[0])
    high, wide = colours.shape
    # The image shares its bytes with the array, which outlives it.
    image = QImage(colours.data, wide, high, 4 * wide, QImage.Format.Format_RGB32)
    painter.drawImage(place, image)
    painter.setPen(ink.pen(theme.outline, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))


def _paint_extent(painter: QPainter, place: QRectF, page: Maps, theme: Theme) -> None:
    if not page.axes:
        return
    x0, x1, y0, y1 = page.extent
    base = place.bottom() + 14
    ink.text(painter, QPointF(place.left(), base), short(x0), theme.text_2, size=12)
    ink.text(painter, QPointF(place.right(), base), short(x1), theme.text_2, size=12, right=True)
    metrics = ink.metrics(12)
    name = metrics.elidedText(page.axes[0], Qt.TextElideMode.ElideRight, place.width() - 70)
    middle = place.center().x() - metrics.horizontalAdvance(name) / 2
    ink.text(painter, QPointF(middle, base), name, theme.text_2, size=12)
    if len(page.axes) > 1:
        left = place.left() - 5
        ink.text(painter, QPointF(left, place.top() + 11), short(y1), theme.text_2, size=12, right=True)
        ink.text(painter, QPointF(left, place.bottom()), short(y0), theme.text_2, size=12, right=True)
        name = metrics.elidedText(page.axes[1], Qt.TextElideMode.ElideRight, _LEFT - 4)
        ink.text(painter, QPointF(left, place.center().y() + 4), name, theme.text_2, size=12, right=True)


def _paint_here(painter: QPainter, place: QRectF, here: tuple[float, float], theme: Theme) -> None:
    """A ring where the sample lies, as in the output view."""
    at = QPointF(place.left() + here[0] * place.width(), place.top() + here[1] * place.height())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((theme.casing, 4), (theme.text, 2)):
        painter.setPen(ink.pen(colour, width))
        painter.drawEllipse(at, 5.5, 5.5)


def _paint_between(painter: QPainter, first: QRectF, second: QRectF, words: str, theme: Theme) -> None:
    y = first.center().y()
    left, right = first.right() + 8, second.left() - 8
    painter.setPen(ink.pen(theme.text_2, 2))
    painter.drawLine(QPointF(left, y), QPointF(right, y))
    painter.drawLine(QPointF(right, y), QPointF(right - 6, y - 5))
    painter.drawLine(QPointF(right, y), QPointF(right - 6, y + 5))
    width = ink.metrics(12, 600).horizontalAdvance(words)
    ink.text(painter, QPointF((left + right - width) / 2, y - 8), words, theme.text, size=12, weight=600)


def _paint_facts(painter: QPainter, room: QRectF, page: Maps, theme: Theme) -> None:
    """What is known beyond the map, line by line, each number below what it is of."""
    base = room.top() + 12
    for fact in page.facts:
        ink.text(painter, QPointF(room.left(), base), fact.of, theme.text_2, size=12)
        if fact.label:
            ink.text(painter, QPointF(room.left(), base + 19), f"{fact.label} = {fact.value}", theme.text, weight=600)
        base += 44 if fact.label else 24


def _paint_scale(painter: QPainter, at: QPointF, height: float, page: Maps, theme: Theme) -> None:
    """A bar of the colours with its two ends."""
    colours = np.ascontiguousarray(color_table(theme.activation_map)[::-1].reshape(-1, 1))
    image = QImage(colours.data, 1, len(colours), 4, QImage.Format.Format_RGB32)
    high = min(height - 22, 110.0)
    painter.drawImage(QRectF(at.x(), at.y(), _BAR, high), image)
    low, top = page.ends
    ink.text(painter, QPointF(at.x() + _BAR + 6, at.y() + 11), top, theme.text_2, size=12)
    ink.text(painter, QPointF(at.x() + _BAR + 6, at.y() + high), low, theme.text_2, size=12)
