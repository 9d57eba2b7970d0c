"""One connection in numbers, with its history in small."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from ann_studio.gui.controls import fitting
from ann_studio.gui.theme import Theme, number
from ann_studio.gui.views.inspector import history, ink
from ann_studio.gui.views.inspector.pages import EdgeNow, Fact

_ROW = 19.0
_READOUT = 28.0


def paint(painter: QPainter, numbers: QRectF, beside: QRectF, page: EdgeNow, theme: Theme) -> None:
    """Paint the numbers, and the history beside them."""
    ink.text(painter, QPointF(numbers.left(), numbers.top() + 17), "w =", theme.text_2, size=14)
    value = number(page.value, sign=True)
    ink.text(painter, QPointF(numbers.left() + 30, numbers.top() + 18), value, theme.text, size=20, weight=600)
    _paint_state(painter, numbers, value, page.state, theme)
    top = numbers.top() + _READOUT + 4
    for fact in page.facts:
        if top + _ROW > numbers.bottom() + 2:
            break
        _paint_fact(painter, QRectF(numbers.left(), top, numbers.width(), _ROW), fact, theme)
        top += _ROW
    if beside.height() > 40:
        history.paint(painter, beside, page.past, theme, small=True)


def _paint_fact(painter: QPainter, row: QRectF, fact: Fact, theme: Theme) -> None:
    """A name, what it is of as far as there is room, and the number."""
    base = row.top() + 13
    ink.text(painter, QPointF(row.left(), base), fact.label, theme.text, weight=500)
    ink.text(painter, QPointF(row.right(), base), fact.value, theme.text, weight=600, right=True)
    left = row.left() + ink.metrics(13, 500).horizontalAdvance(fact.label) + 6
    room = row.right() - ink.metrics(13, 600).horizontalAdvance(fact.value) - 6 - left
    said = fitting(fact.of, room, ink.metrics(12).horizontalAdvance) if fact.of else ""
    ink.text(painter, QPointF(left, base), said, theme.text_2, size=12)


def _paint_state(painter: QPainter, numbers: QRectF, value: str, state: str, theme: Theme) -> None:
    """Whether training moves it, as a chip."""
    if not state:
        return
    metrics = ink.metrics(12, 600)
    left = numbers.left() + 30 + ink.metrics(20, 600).horizontalAdvance(value) + 12
    chip = QRectF(left, numbers.top() + 1, metrics.horizontalAdvance(state) + 16, 20)
    painter.setPen(ink.pen(theme.warning_soft, 1))
    painter.setBrush(QColor(theme.warning_soft))
    painter.drawRoundedRect(chip, 10, 10)
    ink.text(painter, QPointF(left + 8, numbers.top() + 15), state, theme.warning, size=12, weight=600)
