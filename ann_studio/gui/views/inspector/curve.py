"""The activation function of a neuron, with the point at which it works and its slope there."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from ann_studio.analysis import neuron
from ann_studio.gui.controls import fitting
from ann_studio.gui.theme import Theme, number
from ann_studio.gui.views.inspector import ink
from ann_studio.gui.views.inspector.pages import NeuronNow

_POINTS = 61
_LINE = 18.0  #: of text below the curve
#: In a place so many times as wide as high the text stands beside the curve, and takes so many pixels.
_FLAT_AREA, _WORDS = 1.9, 140.0
_TANGENT, _BALL = 24.0, 5.0  #: half of its length, and its radius, in pixels
#: The range of z is one of these, so that it rests while z moves a little.
_RANGES = (4.0, 6.0, 10.0, 20.0, 50.0)


def reach_of(z: float) -> float:
    """How far the curve is drawn to both sides of 0."""
    if not math.isfinite(z):
        return _RANGES[0]
    found = next((reach for reach in _RANGES if abs(z) <= 0.9 * reach), None)
    return 2.0 ** math.ceil(math.log2(abs(z) / 0.9)) if found is None else found


@lru_cache(maxsize=32)
def _points(name: str, reach: float, others: float) -> tuple[np.ndarray, np.ndarray, float, float]:
    """The curve, and the range of its values with some air."""
    z = np.linspace(-reach, reach, _POINTS)
    if name in ("relu", "leaky_relu", "elu"):
        z = np.sort(np.append(z, 0.0))
    with np.errstate(over="ignore", invalid="ignore"):
        a = neuron.curve(name, z, others)
    low, high = float(np.nanmin(a)), float(np.nanmax(a))
    low, high = min(low, 0.0), max(high, low + 1e-9)
    air = 0.08 * (high - low)
    return z, a, low - air, high + air


def paint(painter: QPainter, area: QRectF, page: NeuronNow, theme: Theme) -> None:
    """Paint the curve, and below it what a and its slope are."""
    at = page.at
    beside = area.width() > _FLAT_AREA * area.height()
    lines = 0 if beside else 3 if page.share else 2
    stage = area.adjusted(0, _LINE + 2, -2, -lines * _LINE - 4)
    if beside:
        stage.setWidth(area.width() - _WORDS - 14)
    sample = fitting(page.sample, area.width(), ink.metrics(12).horizontalAdvance)
    ink.text(painter, QPointF(area.left(), area.top() + 11), sample, theme.text_2, size=12)
    others = round(at.others, 2) if math.isfinite(at.others) else at.others
    z, a, low, high = _points(page.activation, reach_of(at.z), others)

    def point(x: float, y: float) -> QPointF:
        share = (y - low) / (high - low)
        return QPointF(
            stage.left() + (x - z[0]) / (z[-1] - z[0]) * stage.width(),
            stage.bottom() - min(max(share, -0.2), 1.2) * stage.height(),
        )

    painter.fillRect(QRectF(stage.left(), round(point(0, 0).y()), stage.width(), 1), QColor(theme.hairline))
    painter.fillRect(QRectF(round(point(0, 0).x()), stage.top(), 1, stage.height()), QColor(theme.hairline))
    painter.setPen(ink.pen(theme.text_2, 2))
    ink.polyline(painter, [point(*pair) for pair in zip(z.tolist(), a.tolist(), strict=True) if math.isfinite(pair[1])])
    if math.isfinite(at.z) and math.isfinite(at.a):
        _paint_point(painter, stage, point(at.z, at.a), point(0, 0), _turn(stage, z, low, high, at.slope), theme)
    corner = QPointF(stage.right() + 14, stage.top()) if beside else QPointF(area.left(), stage.bottom() + 4)
    _paint_words(painter, corner, area.right() - corner.x(), page, theme)


def _turn(stage: QRectF, z: np.ndarray, low: float, high: float, slope: float) -> QPointF:
    """The direction of the tangent in pixels, of length 1."""
    x = stage.width() / float(z[-1] - z[0])
    y = -(slope if math.isfinite(slope) else 0.0) * stage.height() / (high - low)
    length = math.hypot(x, y)
    return QPointF(x / length, y / length)


def _paint_point(painter: QPainter, stage: QRectF, at: QPointF, origin: QPointF, turn: QPointF, theme: Theme) -> None:
    painter.setPen(ink.pen(theme.accent, 1.25, (3, 3)))
    painter.drawLine(at, QPointF(at.x(), max(stage.bottom(), at.y())))
    painter.drawLine(at, QPointF(origin.x(), at.y()))
    painter.setPen(ink.pen(theme.accent, 3))
    painter.setClipRect(stage.adjusted(0, -6, 0, 6))
    painter.drawLine(at - turn * _TANGENT, at + turn * _TANGENT)
    painter.setClipping(False)
    painter.setPen(ink.pen(theme.card, 1.5))
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(at, _BALL, _BALL)


def _paint_words(painter: QPainter, corner: QPointF, room: float, page: NeuronNow, theme: Theme) -> None:
    at, step = page.at, QPointF(0, _LINE)
    base, metrics = corner + QPointF(0, 13), ink.metrics(13, 600)
    value = number(at.a)
    ways = (f"a = {page.called} = {value}", f"{page.called} = {value}", f"a = {value}")
    said = next((way for way in ways if metrics.horizontalAdvance(way) <= room), ways[-1])
    ink.text(painter, base, said, theme.text, weight=600)
    ink.text(painter, base + step, f"slope {number(at.slope)}", theme.accent, weight=600)
    ink.text(painter, base + step + step, page.share, theme.text_2, size=12)
