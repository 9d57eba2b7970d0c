"""How the valley is painted: curve, ball, tangent, arrows, and lines of text with their marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from ann_studio.analysis.slice import Slice
from ann_studio.gui.controls import fitting
from ann_studio.gui.icons import icon
from ann_studio.gui.looks import Look, paint_marker
from ann_studio.gui.parameters import fitted
from ann_studio.gui.scales import labels, ticks
from ann_studio.gui.theme import Theme, font, mix
from ann_studio.gui.views.valley.arrangement import LINE
from ann_studio.gui.views.valley.frame import Stage
from ann_studio.gui.views.valley.words import Line

SWATCH = 30.0  #: room of the mark before a text
BALL = 8.0
TICK = 26.0  #: pixels between two numbers at the vertical axis, at least
_TANGENT = 78.0  #: half of its length in pixels
_FLAT = Qt.PenCapStyle.FlatCap


def pen(colour: QColor | str, width: float, dashes: Sequence[float] = ()) -> QPen:
    """A pen with flat ends; dashes in pixels."""
    result = QPen(QColor(colour), width)
    result.setCapStyle(_FLAT)
    result.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dashes:
        result.setDashPattern([dash / width for dash in dashes])
    return result


def paint_axes(painter: QPainter, stage: Stage, name: str, theme: Theme) -> None:
    """Paint hairlines, the numbers at both axes, and what the positions are."""
    area = stage.area
    painter.setFont(font(12))
    metrics = painter.fontMetrics()
    values = ticks(*stage.costs, max(2, int(area.height() / TICK)))
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for value, text in zip(values, labels(values), strict=True):
        y = round(stage.y(value)) + 0.5
        painter.setPen(pen(theme.hairline, 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QRectF(0, y - 10, area.left() - 8, 20), right, text)
    widest = max(metrics.horizontalAdvance(text) for text in labels(list(stage.positions)))
    values = ticks(*stage.positions, max(2, int(area.width() / max(widest + 22, 46))))
    for value, text in zip(values, labels(values), strict=True):
        width = metrics.horizontalAdvance(text)
        # A number at the end of the axis is moved inside: it is never cut.
        left = min(max(stage.x(value) - width / 2, 0.0), area.right() + _RIGHT_ROOM - width)
        painter.drawText(QPointF(left, area.bottom() + 17), text)
    painter.setPen(QColor(theme.text_2))
    below = QRectF(0, area.bottom() + 20, area.right() + _RIGHT_ROOM, 18)
    name = fitted(name, below.width(), metrics.horizontalAdvance)
    text = fitting(name, below.width(), metrics.horizontalAdvance)
    half = metrics.horizontalAdvance(text) / 2
    middle = min(max(area.center().x(), half), below.right() - half)
    painter.drawText(QPointF(middle - half, below.bottom() - 5), text)


_RIGHT_ROOM = 10.0


def paint_curve(painter: QPainter, stage: Stage, valley: Slice, theme: Theme) -> None:
    """Paint the ground below the curve, and the curve."""
    area = stage.area
    painter.setClipRect(area.adjusted(0, -1, 0, 1))
    pieces = stage.pixels(valley.positions, valley.costs)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(theme.card, theme.surface_map[4 if theme.name == "light" else 2], 0.45))
    for piece in pieces:
        ends = [QPointF(piece[-1].x(), area.bottom()), QPointF(piece[0].x(), area.bottom())]
        painter.drawPolygon(QPolygonF([*piece, *ends]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # Line by line, with ends that overlap: as one polyline it would take Qt three times as long.
    line = pen(theme.text_2, 2.5)
    line.setCapStyle(Qt.PenCapStyle.SquareCap)
    painter.setPen(line)
    for piece in pieces:
        painter.drawLines([QLineF(*ends) for ends in pairwise(piece)])
    painter.setClipping(False)
    painter.setPen(pen(mix(theme.card, theme.text_3, 0.6), 1))
    y = round(area.bottom()) + 0.5
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))


def paint_parabola(painter: QPainter, stage: Stage, valley: Slice, theme: Theme) -> None:
    """Paint the parabola that has cost, slope and curvature of the ball, dashed."""
    if not math.isfinite(valley.curvature) or not math.isfinite(valley.cost):
        return
    positions = np.linspace(*stage.positions, 121)
    away = positions - valley.here
    costs = valley.cost + valley.slope * away + 0.5 * valley.curvature * away**2
    painter.setClipRect(stage.area)
    painter.setPen(pen(theme.accent, 1.75, (7, 5)))
    for piece in stage.pixels(positions, costs):
        painter.drawPolyline(QPolygonF(piece))
    painter.setClipping(False)


def paint_tangent(painter: QPainter, stage: Stage, valley: Slice, theme: Theme) -> None:
    """Paint the tangent, and a dashed line from where it touches down to the axis."""
    touch, turn = stage.point(valley.here, valley.cost), stage.turn(valley.slope)
    painter.setPen(pen(theme.accent, 1.5, (4, 3)))
    painter.drawLine(touch, QPointF(touch.x(), stage.area.bottom()))
    painter.setClipRect(stage.area.adjusted(-1, -12, 1, 0))
    painter.setPen(pen(theme.accent, 3))
    painter.drawLine(touch - turn * _TANGENT, touch + turn * _TANGENT)
    painter.setClipping(False)


def ball_at(stage: Stage, valley: Slice) -> QPointF:
    """Middle of the ball: it lies on the curve and touches it at its point."""
    turn = stage.turn(valley.slope)
    return stage.point(valley.here, valley.cost) + QPointF(turn.y(), -turn.x()) * (BALL + 1.25)


def paint_ball(painter: QPainter, at: QPointF, look: Look, casing: str, *, hollow: bool = False) -> None:
    """Paint the marker of the run."""
    paint_marker(painter, at, BALL, look, casing, hollow=hollow)


def paint_arrow(
    painter: QPainter, begin: QPointF, end: QPointF, colour: str, casing: str, *, hollow: bool = False
) -> None:
    """Paint a level arrow with its casing; one that is shorter than its head is the head alone. Hollow: dashed."""
    length = end.x() - begin.x()
    if abs(length) < 0.5:
        return
    way, head = math.copysign(1.0, length), min(9.0, max(abs(length), 4.0))
    neck = QPointF(end.x() - way * head, end.y())
    tip = QPolygonF([end, QPointF(neck.x(), end.y() - head / 2), QPointF(neck.x(), end.y() + head / 2)])
    painter.setPen(pen(casing, 5))
    painter.setBrush(QColor(casing))
    painter.drawLine(begin, neck)
    painter.drawPolygon(tip)
    painter.setPen(pen(colour, 2.5, (5, 3) if hollow else ()))
    painter.drawLine(begin, neck)
    painter.setPen(pen(colour, 1.75 if hollow else 1))
    painter.setBrush(QColor(casing if hollow else colour))
    painter.drawPolygon(tip)


def width_of(lines: Sequence[Line]) -> float:
    """Room that lines of text take, with their marks."""
    metrics = QFontMetricsF(font(13, 600))
    return SWATCH + max(metrics.horizontalAdvance(line.text) for line in lines) + 4


def paint_lines(painter: QPainter, room: QRectF, lines: Sequence[Line], theme: Theme) -> None:
    """Paint lines of text, each after the mark that it belongs to, on the ground of the card."""
    painter.fillRect(room.adjusted(-4, 0, 4, 0), QColor(theme.card))
    for k, line in enumerate(lines):
        middle = room.top() + LINE * (k + 0.5)
        begin, end = QPointF(room.left(), middle), QPointF(room.left() + SWATCH - 8, middle)
        colour = _INKS.get(line.mark, "accent")
        _paint_sign(painter, line.mark, begin, end, colour, theme)
        painter.setFont(font(13, 600 if line.mark in ("tangent", "parabola") else 500))
        painter.setPen(QColor(getattr(theme, colour)))
        painter.drawText(QPointF(room.left() + SWATCH, middle + 4.5), line.text)


#: Ink of the lines that are not of the accent, by their marks.
_INKS = {"step": "text", "hint": "text", "good": "done", "warning": "warning"}
_ICONS = {"hint": "lightbulb", "good": "check-circle", "warning": "warning"}


def _paint_sign(painter: QPainter, mark: str, begin: QPointF, end: QPointF, colour: str, theme: Theme) -> None:
    """Paint what a line of text belongs to, from `begin` to `end`; of the largest stable rate an icon."""
    if mark in _ICONS:
        sign = QRect(round(end.x()) - 16, round(end.y()) - 8, 16, 16)
        icon(_ICONS[mark], theme, getattr(theme, colour)).paint(painter, sign)
    elif mark in ("step", "newton"):
        paint_arrow(painter, begin, end, getattr(theme, colour), theme.card, hollow=mark == "newton")
    else:
        dashes = (6, 3) if mark == "parabola" else ()
        painter.setPen(pen(getattr(theme, colour), 1.75 if dashes else 3, dashes))
        painter.drawLine(begin, end)
