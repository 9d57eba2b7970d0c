"""Layers over time: a strip for the weights, activations and gradients of each, the darker the more lie there."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from ann_studio.analysis.layers import LayerHistory, Strip
from ann_studio.gui.theme import Theme, color_table
from ann_studio.gui.views.inspector import ink, words
from ann_studio.gui.views.inspector.pages import Layers

_HEAD, _FOOT, _BETWEEN = 18.0, 18.0, 10.0
#: Height of a strip beside its two numbers, at least; a layer that is chosen has so many times as much.
_LEAST, _CHOSEN = 26.0, 2.2
#: Width from which layers have their full names.
_FULL_NAMES = 330.0
KINDS = ("weights", "activations", "|∂C/∂w|")


def rows_of(area: QRectF, page: Layers) -> list[QRectF]:
    """The place of each layer; of very many those around the chosen one."""
    layers = len(page.names)
    room = area.height() - _HEAD - _FOOT
    shares = [_CHOSEN if k == page.chosen else 1.0 for k in range(layers)]
    unit = max(room / sum(shares), _LEAST)
    tops = np.concatenate([[0.0], np.cumsum([share * unit for share in shares])])
    # What has no room lies outside, and the chosen one within.
    shift = 0.0
    if tops[-1] > room and page.chosen >= 0:
        shift = min(max(0.0, tops[page.chosen + 1] - room), tops[page.chosen])
    return [
        QRectF(area.left(), area.top() + _HEAD + tops[k] - shift, area.width(), shares[k] * unit - 6)
        for k in range(layers)
    ]


def paint(painter: QPainter, area: QRectF, page: Layers, theme: Theme) -> None:
    """Paint all strips, what they are of, and which updates they are of."""
    history = page.history
    metrics = ink.metrics(12, 600)
    names = page.names if area.width() >= _FULL_NAMES else tuple(map(_short, page.names))
    label = max(metrics.horizontalAdvance(name) for name in names) + 6
    kinds = (history.weights, history.activations, history.gradients)
    ends = [[_ends(strip, is_power=strips is history.gradients) for strip in strips] for strips in kinds]
    plain = ink.metrics(12)
    gutters = [max(plain.horizontalAdvance(end) for pair in pairs for end in pair) + 6 for pairs in ends]
    width = max((area.width() - label - sum(gutters) - 2 * _BETWEEN) / 3, 24.0)
    lefts = [area.left() + label + k * (width + _BETWEEN) + sum(gutters[: k + 1]) for k in range(3)]
    for left, kind in zip(lefts, KINDS, strict=True):
        at = min(left, area.right() - plain.horizontalAdvance(kind) - 4)
        ink.text(painter, QPointF(at, area.top() + 11), kind, theme.text_2, size=12, weight=500)
    hues = ((theme.negative, theme.positive), (theme.negative, theme.positive), (theme.backward, theme.backward))
    bottom = area.bottom() - _FOOT
    painter.setClipRect(area.adjusted(0, _HEAD - 2, 0, -_FOOT))
    for layer, place in enumerate(rows_of(area, page)):
        if place.bottom() < area.top() + _HEAD or place.top() > bottom:
            continue
        chosen = layer == page.chosen
        colour = theme.accent if chosen else theme.text
        name = QPointF(area.left(), place.center().y() + 4.5)
        ink.text(painter, name, names[layer], colour, size=12, weight=600 if chosen else 500)
        for k, (left, strips, hue) in enumerate(zip(lefts, kinds, hues, strict=True)):
            stage = QRectF(left, place.top(), width, place.height())
            _paint_strip(painter, stage, strips[layer], history, hue, theme)
            for end, base in zip(ends[k][layer], (stage.top() + 10, stage.bottom()), strict=True):
                ink.text(painter, QPointF(left - 4, base), end, theme.text_2, size=12, right=True)
    painter.setClipping(False)
    _paint_foot(painter, area, history, theme)


def _short(name: str) -> str:
    """``h 1`` of ``hidden 1``."""
    return name.replace("hidden", "h").replace("output", "out")


def image_of(strip: Strip, history: LayerHistory, width: int, hues: tuple[str, str], card: str) -> NDArray[np.uint32]:
    """Colours ``0xAARRGGBB``, ``(bins, width)``, the greatest numbers on top; each column has the last moment by then.

    `hues` are those of numbers below and above 0.
    """
    updates = history.updates
    at = np.linspace(int(updates[0]), int(updates[-1]), width) if len(updates) > 1 else np.full(width, updates[0])
    columns = np.searchsorted(updates, at, side="right") - 1
    counts = strip.counts / np.maximum(strip.counts.max(axis=1, keepdims=True), 1)
    levels = np.rint(255 * np.sqrt(counts)).astype(np.uint8)
    middles = 0.5 * strip.edges[:-1] + 0.5 * strip.edges[1:]
    below, above = (color_table((card, hue)) for hue in hues)
    colours = np.where((middles < 0)[None, :], below[levels], above[levels])
    return np.ascontiguousarray(colours[columns].T[::-1])


def _paint_strip(
    painter: QPainter, place: QRectF, strip: Strip, history: LayerHistory, hues: tuple[str, str], theme: Theme
) -> None:
    colours = image_of(strip, history, max(8, int(place.width())), hues, theme.card)
    high, wide = colours.shape
    # The image shares its bytes with the array, which outlives it.
    image = QImage(colours.data, wide, high, 4 * wide, QImage.Format.Format_RGB32)
    painter.drawImage(place, image)
    painter.setPen(ink.pen(theme.hairline, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place)
    if strip.low < 0 < strip.high and hues[0] != hues[1]:
        below = (0.5 * strip.low) / (0.5 * strip.high - 0.5 * strip.low)  # by halves, which do not overflow
        y = round(place.bottom() + below * place.height())
        painter.fillRect(QRectF(place.left(), y, place.width(), 1), QColor(theme.outline))


def _ends(strip: Strip, *, is_power: bool) -> tuple[str, str]:
    """The greatest and the least number of a strip, in few letters."""
    ends, span = (strip.high, strip.low), min(strip.high - strip.low, sys.float_info.max)
    high, low = (words.power_of_ten(round(end)) if is_power else words.briefly(end, span) for end in ends)
    return high, low


def _paint_foot(painter: QPainter, area: QRectF, history: LayerHistory, theme: Theme) -> None:
    first, last = int(history.updates[0]), int(history.updates[-1])
    said = f"update {first:,} to {last:,} from left to right" if last > first else f"update {last:,}"
    long = f"{said} · {history.samples:,} training samples"
    fits = ink.metrics(12).horizontalAdvance(long) <= area.width()
    ink.text(painter, QPointF(area.left(), area.bottom() - 3), long if fits else said, theme.text_3, size=12)
