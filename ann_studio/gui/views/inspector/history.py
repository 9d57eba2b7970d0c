"""Weights and bias of a neuron over the run, or one weight, with a cursor at the playhead."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPolygonF

from ann_studio.gui.scales import labels, ticks
from ann_studio.gui.theme import Theme, font, mix
from ann_studio.gui.views.inspector import ink
from ann_studio.gui.views.inspector.pages import Past

Array = NDArray[np.float64]

#: Points of all lines together: more would take too long to paint.
POINTS = 600
_RIGHT, _BOTTOM, _TOP = 46.0, 18.0, 6.0
_LABEL = 14.0  #: height of a name at the end of its line
_APART = 10.0  #: pixels between the ends of the axis of updates


def moments_for(lines: int) -> int:
    """Moments at which so many lines may be shown."""
    return min(max(POINTS // max(lines, 1), 16), 120)


def span_of(page: Past) -> tuple[float, float]:
    """The values to be shown: all that are finite, and 0."""
    parts = [page.values.ravel()] + ([page.bias] if page.bias is not None else [])
    values = np.concatenate(parts)
    finite = values[np.isfinite(values)]
    low, high = min(float(finite.min(initial=0.0)), 0.0), max(float(finite.max(initial=0.0)), 0.0)
    if high - low < 1e-12:
        return -1.0, 1.0
    air = 0.06 * (high - low)
    return low - air, high + air


def paint(painter: QPainter, area: QRectF, page: Past, theme: Theme, *, small: bool = False) -> None:
    """Paint axes, lines, their names, and the cursor; `small` leaves out names and the note."""
    low, high = span_of(page)
    painter.setFont(font(12))
    metrics = ink.metrics(12)
    note = 0.0 if small or not page.note else 16.0
    stage = area.adjusted(0, _TOP, -(10.0 if small else _RIGHT), -_BOTTOM - note)
    names = labels(ticks(low, high, _ticks(stage)))
    stage.setLeft(stage.left() + max(metrics.horizontalAdvance(name) for name in names) + 8)
    first, end = float(page.updates[0]), float(max(page.end, page.updates[0] + 1))

    def points(column: Array) -> list[QPointF]:
        x = stage.left() + (page.updates - first) / (end - first) * stage.width()
        with np.errstate(invalid="ignore", over="ignore"):
            y = stage.bottom() - (column - low) / (high - low) * stage.height()
        pairs = zip(x.tolist(), y.tolist(), strict=True)
        return [QPointF(*pair) for pair in pairs if math.isfinite(pair[1])]

    _paint_axes(painter, stage, (low, high), (first, end), theme)
    now = page.values[-1].tolist()
    for column in sorted(range(page.values.shape[1]), key=lambda k: _size(now[k])):
        painter.setPen(ink.pen(_hue(now[column], theme), 2 if small else 1.25))
        ink.polyline(painter, points(page.values[:, column]))
    if page.bias is not None:
        painter.setPen(ink.pen(theme.text, 1.5, (5, 3)))
        painter.drawPolyline(QPolygonF(points(page.bias)))  # in one, else the dashes begin anew at each point
    x = round(stage.left() + (float(page.updates[-1]) - first) / (end - first) * stage.width())
    painter.fillRect(QRectF(x, stage.top() - 4, 1.5, stage.height() + 4), QColor(theme.accent))
    if not small:
        _paint_names(painter, stage, page, (low, high), x, theme)
    if note:
        ink.text(painter, QPointF(area.left(), area.bottom() - 3), page.note, theme.text_3, size=12)


def _ticks(stage: QRectF) -> int:
    return max(2, int(stage.height() / 30))


def _hue(value: float, theme: Theme) -> QColor:
    return QColor(theme.negative if value < 0 else theme.positive)


def _size(value: float) -> float:
    return abs(value) if math.isfinite(value) else math.inf


def _paint_axes(
    painter: QPainter, stage: QRectF, span: tuple[float, float], updates: tuple[float, float], theme: Theme
) -> None:
    low, high = span
    values = ticks(low, high, _ticks(stage))
    for value, name in zip(values, labels(values), strict=True):
        y = round(stage.bottom() - (value - low) / (high - low) * stage.height())
        colour = mix(theme.card, theme.outline, 0.8) if value == 0 else QColor(theme.hairline)
        painter.fillRect(QRectF(stage.left(), y, stage.width(), 1), colour)
        ink.text(painter, QPointF(stage.left() - 6, y + 4.5), name, theme.text_2, size=12, right=True)
    base = stage.bottom() + 15
    first, last = ends(updates, stage.width(), ink.metrics(12).horizontalAdvance)
    ink.text(painter, QPointF(stage.left(), base), first, theme.text_2, size=12)
    ink.text(painter, QPointF(stage.right(), base), last, theme.text_2, size=12, right=True)


def ends(updates: tuple[float, float], room: float, measure: Callable[[str], float]) -> tuple[str, str]:
    """What stands at the ends of the axis of updates, without the word where there is no room for it."""
    first, last = f"{updates[0]:,.0f}", f"{updates[1]:,.0f}"
    word = f"update {first}"
    return (word if measure(word) + measure(last) + _APART <= room else first), last


def _paint_names(
    painter: QPainter, stage: QRectF, page: Past, span: tuple[float, float], x: float, theme: Theme
) -> None:
    """Names beside the ends of the lines, the strongest first; none over another, and none out of the picture."""
    low, high = span
    ends = list(zip(page.labels, page.values[-1].tolist(), strict=True))
    ends.sort(key=lambda end: -_size(end[1]))
    ends += [("bias", float(page.bias[-1]))] if page.bias is not None else []
    taken: list[float] = []
    for name, value in reversed(ends[-1:] if page.bias is not None else []):
        _paint_name(painter, stage, name, value, span, x, theme.text, taken)
    for name, value in ends[: len(page.labels)]:
        if math.isfinite(value) and high > low:
            _paint_name(painter, stage, name, value, span, x, _hue(value, theme).name(), taken)


def _paint_name(
    painter: QPainter, stage: QRectF, name: str, value: float, span: tuple[float, float], x: float, colour: str,
    taken: list[float],
) -> None:  # fmt: skip
    low, high = span
    if not math.isfinite(value):
        return
    y = stage.bottom() - (value - low) / (high - low) * stage.height()
    if all(abs(y - other) >= _LABEL for other in taken):
        taken.append(y)
        ink.text(painter, QPointF(x + 6, y + 4.5), name, colour, size=12, weight=500)
