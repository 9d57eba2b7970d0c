"""The curves of a race, painted: each run in its colour, with its marker at the end and its label beside the axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from ann_studio.gui.clocks import after
from ann_studio.gui.looks import Look, paint_marker
from ann_studio.gui.theme import Theme, font, number
from ann_studio.gui.views.loss.curves import segments, spread
from ann_studio.gui.views.loss.race import Race, Run, elsewhere

Array = NDArray[np.float64]
#: Places and costs → positions in the picture, shape ``(n, 2)``.
Pixels = Callable[[Array, Array], Array]

_WIDTH = 2.0
#: Pixels up and down in all from which a curve is drawn line by line: Qt joins a noisy one 25 times slower. A calm one
#: is smooth only in one piece.
_CALM = 400.0
_MARKER = 5.0  #: radius at the end of a curve
_TALL, _SHORT, _LEAST = 36.0, 18.0, 16.0  #: heights of a label: name over value, both in one line, and at least
_BETWEEN, _SMALL = 150.0, 3.4  #: pixels from marker to marker along a curve, and their radius
_LEFT_OF_TEXT, _GAP = 28.0, 8.0  #: from the axes to the text of a label, and between a name and its value
_LEAST_NAME = 46.0  #: room below which a name says nothing
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


@dataclass(frozen=True)
class Labels:
    """How the ends of the curves are labelled.

    Parameters
    ----------
    apart
        Height of a label.
    name_width
        Room for a name; 0 where there is none.
    width
        Room to the right of the axes.
    count
        How many find room.
    """

    apart: float
    name_width: float
    width: float
    count: int

    @property
    def is_tall(self) -> bool:
        """Whether names stand over values."""
        return self.apart == _TALL


def labels_of(race: Race, room: float, width: float) -> Labels:
    """The labels for which there is room.

    Parameters
    ----------
    room
        Height in pixels.
    width
        That of the whole picture; labels take but a part of it.
    """
    metrics, count = QFontMetrics(font(13, 600)), len(race.runs)
    names = max(metrics.horizontalAdvance(run.name) for run in race.runs) + 1.0
    values = max(metrics.horizontalAdvance(text) for text in ("8.8888", *(_value(run) for run in race.runs))) + 1.0
    most = max(0.4 * width, 112.0) - _LEFT_OF_TEXT
    if count * _TALL <= room:
        names = min(names, most)
        return Labels(_TALL, names, _LEFT_OF_TEXT + max(names, values), count)
    shortened = min(names, most - values - _GAP)
    names = shortened + _GAP if shortened == names or shortened >= _LEAST_NAME else 0.0
    apart = min(max(room / count, _LEAST), _SHORT)
    return Labels(apart, names, _LEFT_OF_TEXT + names + values, min(count, int(room / apart)))


def _value(run: Run) -> str:
    return number(run.cost(len(run) - 1), 4)


def paint_curves(painter: QPainter, race: Race, pixels: Pixels, columns: int, theme: Theme) -> None:
    """Paint all curves, the first on top, and small markers along them; `columns` of pixels lie along the axis."""
    marked = []
    for k in reversed(range(len(race.runs))):
        run, look = race.runs[k], race.looks[k]
        part = (run.at(len(run) - 1) - run.at(0)) / race.end
        points = pixels(*run.outline(max(1, int(part * columns) // 4)))
        if len(points) > 1:
            _paint_curve(painter, points, look.colour)
            marked.append((look, _marks(points, (k + 0.5) / len(race.runs))))
    for look, places in marked:
        for place in places:
            paint_marker(painter, place, _SMALL, look, theme.card)


def _paint_curve(painter: QPainter, points: Array, colour: str) -> None:
    pen = QPen(QColor(colour), _WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    if np.abs(np.diff(points[:, 1])).sum() < _CALM:
        painter.drawPolyline(list(map(QPointF, *points.T.tolist())))
    else:
        painter.drawLines(list(map(QLineF, *segments(points, dashed=False).T.tolist())))


def _marks(points: Array, share: float) -> list[QPointF]:
    """Points of a curve that lie about `_BETWEEN` apart, the first after a share of that."""
    x = points[:, 0]
    wanted = np.arange(x[0] + share * _BETWEEN, x[-1] - 4 * _MARKER, _BETWEEN)
    return [QPointF(*points[k]) for k in np.unique(np.searchsorted(x, wanted)).tolist()]


def paint_ends(
    painter: QPainter, race: Race, labels: Labels, pixels: Pixels, area: QRectF, band: tuple[float, float], theme: Theme
) -> None:
    """Paint each run's marker where it stands, and its label to the right.

    Parameters
    ----------
    band
        Between which heights labels may be.
    """
    ends: list[tuple[float, int]] = []
    for k in reversed(range(len(race.runs))):
        run = race.runs[k]
        at = np.array([run.at(len(run) - 1)]), np.array([run.cost(len(run) - 1)])
        if not np.isfinite(at[1][0]):
            continue
        ((x, y),) = pixels(*at).tolist()
        y = min(max(y, area.top()), area.bottom())
        paint_marker(painter, QPointF(x, y), _MARKER, race.looks[k], theme.card)
        ends.append((y, k))
    ends = sorted(sorted(ends, key=lambda end: end[1])[: labels.count])
    half = labels.apart / 2
    places = spread([y for y, _ in ends], labels.apart, band[0] + half, band[1] - half)
    for y, (_, k) in zip(places, ends, strict=True):
        _paint_label(painter, race.runs[k], race.looks[k], labels, QPointF(area.right(), y), theme)


def _paint_label(painter: QPainter, run: Run, look: Look, labels: Labels, at: QPointF, theme: Theme) -> None:
    painter.setFont(font(13, 600))
    name = painter.fontMetrics().elidedText(run.name, Qt.TextElideMode.ElideRight, int(labels.name_width))
    left, top = at.x() + _LEFT_OF_TEXT, at.y() - labels.apart / 2
    middle = top + min(labels.apart, _SHORT) / 2
    paint_marker(painter, QPointF(at.x() + 18, middle), _MARKER, look, theme.card)
    painter.setPen(QColor(look.colour))
    row = QRectF(left, middle - _SHORT / 2, labels.width - _LEFT_OF_TEXT + 2, _SHORT)
    if labels.name_width:
        painter.drawText(row, _LEFT, name)
    if labels.is_tall:
        painter.drawText(row.translated(0, 16), _LEFT, _value(run))
    else:
        painter.drawText(row.adjusted(labels.name_width, 0, 0, 0), _LEFT, _value(run))


def paint_told(
    painter: QPainter, race: Race, x: float, pixels: Pixels, area: QRectF, around: QRectF, theme: Theme
) -> None:
    """Paint what the mouse or the keyboard points at: a line, each run's point nearest to it, and what they cost."""
    cross = float(pixels(np.array([x]), np.array([1.0]))[0, 0])
    painter.setPen(QPen(QColor(theme.text_3), 1))
    painter.drawLine(QPointF(cross, area.top()), QPointF(cross, area.bottom()))
    told = []
    for run, look in zip(race.runs, race.looks, strict=True):
        k = run.nearest(x)
        told.append((run.name, number(run.cost(k), 4), elsewhere(run.at(k), x), look))
        if np.isfinite(run.cost(k)):
            ((left, y),) = pixels(np.array([run.at(k)]), np.array([run.cost(k)])).tolist()
            paint_marker(painter, QPointF(left, min(max(y, area.top()), area.bottom())), 3.5, look, theme.card)
    _paint_box(painter, after(race.clock, x).capitalize(), told, cross, area, around, theme)


def _paint_box(
    painter: QPainter,
    title: str,
    told: list[tuple[str, str, str, Look]],
    cross: float,
    area: QRectF,
    around: QRectF,
    theme: Theme,
) -> None:
    painter.setFont(font(12, 500))
    metrics = painter.fontMetrics()
    texts = zip(*(each[:3] for each in told), strict=True)
    names, values, places = (max(map(metrics.horizontalAdvance, column)) for column in texts)
    rows = max(1, min(len(told), int((around.height() - 34) / 18)))
    stacks = -(-len(told) // rows)
    stack = 20 + names + 12 + values + places
    width = max(stacks * stack + (stacks - 1) * 16, metrics.horizontalAdvance(title)) + 20
    height = 18 * (rows + 1) + 12
    left = cross + 10 if cross + 10 + width < area.right() else cross - 10 - width
    left = min(max(left, around.left() + 1), around.right() - width - 1)
    top = min(max(area.top() + 4, around.top() + 1), around.bottom() - height - 1)
    box = QRectF(left, top, width, height)
    painter.setPen(QPen(QColor(theme.outline), 1))
    painter.setBrush(QColor(theme.card))
    painter.drawRoundedRect(box, 8, 8)
    painter.setPen(QColor(theme.text_2))
    painter.drawText(QRectF(left + 10, top + 5, width - 20, 18), _LEFT, title)
    for k, (name, value, place, look) in enumerate(told):
        row = QRectF(left + 10 + k // rows * (stack + 16), top + 23 + k % rows * 18, stack, 18)
        paint_marker(painter, QPointF(row.left() + 7, row.center().y()), 4.5, look, theme.card)
        painter.setPen(QColor(theme.text))
        painter.drawText(row.adjusted(20, 0, 0, 0), _LEFT, name)
        painter.drawText(row.adjusted(0, 0, -places, 0), _RIGHT, value)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(row, _RIGHT, place)
