"""The contributions to a weighted sum as signed bars."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from ann_studio.gui.theme import Theme, mix, number
from ann_studio.gui.views.inspector import ink, words
from ann_studio.gui.views.inspector.pages import NeuronNow, Term

#: Height of a row at most and at least; those that have no room are summed.
_MOST, _LEAST = 22.0, 15.0
#: Room that the rule above the sum takes, and of the number at the right.
_RULE, _NUMBER = 5.0, 58.0
_THIN = 0.62  #: thickness of a bar as a part of its row


def rows_of(page: NeuronNow, room: int) -> tuple[Term, ...]:
    """The bars for which there is room: the strongest, in the order of their units, the rest in one, and the bias."""
    terms, (more, sum_of_more) = page.terms, page.others
    bias = Term("bias", page.at.bias)
    if len(terms) + bool(more) + 1 <= room:
        rest = (Term(f"{more:,} more", sum_of_more),) if more else ()
        return (*terms, *rest, bias)
    kept = max(1, room - 2)
    order = sorted(range(len(terms)), key=lambda k: (-_size(terms[k].value), k))
    strongest, others = sorted(order[:kept]), order[kept:]
    rest_sum = sum((terms[k].value for k in others), sum_of_more)
    return (*(terms[k] for k in strongest), Term(f"{len(others) + more:,} more", rest_sum), bias)


def _size(value: float) -> float:
    """How strong a number is; one that is none is the strongest."""
    return math.inf if math.isnan(value) else abs(value)


def room_for(height: float) -> int:
    """Rows without that of the sum for which a height has room."""
    return max(3, int((height - _RULE) // _LEAST) - 1)


def height_of(page: NeuronNow) -> float:
    """The height in which all bars have all the room that they may take."""
    return (len(page.terms) + 2) * _MOST + _RULE


def rects(rows: tuple[Term, ...], area: QRectF) -> list[QRectF]:
    """The place of each row, and last that of the sum."""
    pitch = min(_MOST, (area.height() - _RULE) / (len(rows) + 1))
    found = [QRectF(area.left(), area.top() + k * pitch, area.width(), pitch) for k in range(len(rows))]
    return [*found, QRectF(area.left(), area.top() + len(rows) * pitch + _RULE, area.width(), pitch)]


def paint(painter: QPainter, area: QRectF, page: NeuronNow, marked: int | None, theme: Theme) -> None:
    """Paint all rows and their sum.

    Parameters
    ----------
    marked
        The row at which the mouse or the keyboard is; None: at none.
    """
    rows = rows_of(page, room_for(area.height()))
    places = rects(rows, area)
    metrics = ink.metrics(13)
    label = max(metrics.horizontalAdvance(row.label) for row in rows) + 8
    track = QRectF(area.left() + label, area.top(), max(area.width() - label - _NUMBER, 20.0), area.height())
    sizes = [abs(row.value) for row in rows if math.isfinite(row.value)]
    largest, zero = max(sizes, default=0.0), round(track.center().x())
    for k, (row, place) in enumerate(zip(rows, places, strict=False)):
        if k == marked and row.source is not None:
            painter.fillRect(place.adjusted(-4, 0, 4, 0), QColor(theme.accent_soft))
        base = place.center().y() + 4.5
        ink.text(painter, QPointF(place.left(), base), row.label, theme.text_2)
        ink.text(painter, QPointF(place.right(), base), number(row.value, sign=True), theme.text, right=True)
        if largest > 0 and math.isfinite(row.value):
            length = row.value / largest * (track.width() / 2 - 2)
            high = round(place.height() * _THIN)
            top = round(place.center().y() - high / 2)
            ink.bar(painter, QRectF(min(zero, zero + length), top, abs(length), high), row.value, theme)
    painter.fillRect(
        QRectF(zero - 0.5, area.top(), 1, places[-2].bottom() - area.top()), mix(theme.card, theme.outline, 0.8)
    )
    _paint_sum(painter, places[-1], page, [row.value for row in rows], theme)


def _paint_sum(painter: QPainter, place: QRectF, page: NeuronNow, shown: list[float], theme: Theme) -> None:
    painter.fillRect(QRectF(place.left(), place.top() - 3, place.width(), 1), QColor(theme.outline))
    base = place.center().y() + 4.5
    ink.text(painter, QPointF(place.left(), base), "sum z", theme.text, weight=600)
    sign = "" if words.adds_up(page.at, shown) else "≈ "
    said = sign + number(page.at.z, sign=True)
    ink.text(painter, QPointF(place.right(), base), said, theme.text, weight=600, right=True)
