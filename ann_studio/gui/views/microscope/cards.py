"""The four cards beside the stage: each paints its step's formula, the present one outlined, those done ticked."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ann_studio.gui.painting import painting
from ann_studio.gui.theme import GAP, LIGHT, RADIUS_CARD, Theme, font
from ann_studio.gui.views.microscope.accumulation import Growth, paint_growth
from ann_studio.gui.views.microscope.formulas import Formula
from ann_studio.gui.views.microscope.typeset import Line, Style, broken, measure, paint

_PAD, _HEAD = 18.0, 48.0
#: Heights of the letters in formulas; the first for which there is room.
_SIZES = (18.0, 16.5, 15.0, 13.5)
_AIR = 11.0  #: between two lines
_SENTENCE = 18.0  #: height of a line of the sentence
_FULL, _HEAD_ONLY = 158.0, 44.0  #: height of a card that has room for all, and of one that has but its head
_CLOSED = 100.0  #: below this height a card shows the result alone


class FormulaCard(QWidget):
    """One step."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._theme: Theme = LIGHT
        self.formula: Formula | None = None
        self.growth: Growth | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_formula(self, formula: Formula, growth: Growth | None) -> None:
        """Show the step; `growth` is the gradient as it has grown so far, for the update."""
        if formula == self.formula and growth == self.growth:
            return
        self.formula, self.growth = formula, growth
        self.setAccessibleName(f"Step {self._number}: {formula.title}")
        stage = {"todo": "still to come", "now": "the present step", "done": "done"}[formula.stage]
        numbers = ", ".join(f"{what} {text}" for what, _, text in formula.values)
        said = f"{stage}. {formula.sentence} {numbers}".strip().replace("−", "minus ")
        self.setAccessibleDescription(said)
        self.setToolTip(formula.sentence)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Card, head, formulas, sentence."""
        theme, formula = self._theme, self.formula
        with painting(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.background))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            now = formula is not None and formula.stage == "now"
            painter.setPen(QPen(QColor(theme.accent if now else theme.hairline), 2 if now else 1))
            painter.setBrush(QColor(theme.card))
            inset = 1.0 if now else 0.5
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS_CARD, RADIUS_CARD
            )
            if formula is not None:
                self._paint_head(painter, formula)
                if self.height() > _HEAD_ONLY + 20:
                    self._paint_body(painter, formula)

    def _paint_head(self, painter: QPainter, formula: Formula) -> None:
        theme, now = self._theme, formula.stage == "now"
        middle = min(27.0, self.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent if now else theme.sunken))
        painter.drawEllipse(QPointF(_PAD + 12, middle), 12, 12)
        painter.setPen(QColor(theme.on_accent if now else theme.text_2))
        painter.setFont(font(13, 600))
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(QRectF(_PAD, middle - 12, 24, 24), centre, str(self._number))
        painter.setFont(font(16, 600))
        painter.setPen(QColor(theme.text))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(_PAD + 36, middle - 14, 200, 28), left, formula.title)
        x = _PAD + 36 + QFontMetricsF(painter.font()).horizontalAdvance(formula.title) + 12
        room = self.width() - x - _PAD - 24
        painter.setFont(font(13))
        painter.setPen(QColor(theme.text_3))
        said = QFontMetricsF(painter.font()).elidedText(formula.subtitle, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(x, middle - 14, room, 28), left, said)
        if formula.stage == "done":
            self._paint_tick(painter, QPointF(self.width() - _PAD - 8, middle))

    def _paint_tick(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.done))
        painter.drawEllipse(at, 8.5, 8.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.card), 2))
        painter.drawPolyline(QPolygonF([at + QPointF(-4, 0), at + QPointF(-1, 3), at + QPointF(4, -3)]))

    def _paint_body(self, painter: QPainter, formula: Formula) -> None:
        theme, room = self._theme, self.width() - 2 * _PAD
        bottom, closed = self.height() - 12.0, self.height() < _CLOSED
        if self.growth is not None and not closed:
            alone = formula.stage == "todo" and self.height() < _FULL - 20
            high = self.height() - _HEAD - 14.0 if alone else min(62.0, self.height() - _HEAD - 40)
            paint_growth(painter, QRectF(_PAD, bottom - high, room, high), self.growth, theme)
            if alone:
                return
            bottom -= high + 8
        sentence = [] if closed else self._sentence(formula.sentence, room)
        spoken = _SENTENCE * len(sentence)
        style, lines, whole = self._fitted(formula, room, bottom - spoken - _HEAD)
        if sentence and not whole:
            sentence, spoken = [], 0.0  # the tooltip has it, and the description
            style, lines, _ = self._fitted(formula, room, bottom - _HEAD)
        if closed:
            style, lines = self._result(formula, room)
        heights = [measure(line, style) for line in lines]
        needed = sum(each.up + each.down for each in heights) + _AIR * max(len(lines) - 1, 0)
        y = (_HEAD - 4 if closed else _HEAD) + max(0.0, (bottom - spoken - _HEAD - needed) / 2)
        for line, extent in zip(lines, heights, strict=True):
            paint(painter, QPointF(_PAD, y + extent.up), line, style)
            y += extent.up + extent.down + _AIR
        painter.setFont(font(13))
        painter.setPen(QColor(theme.text_2))
        for k, text in enumerate(sentence):
            painter.drawText(QPointF(_PAD, bottom - spoken + _SENTENCE * k + 13), text)

    def _result(self, formula: Formula, room: float) -> tuple[Style, list[Line]]:
        """The last line that fits as a whole: of a card that is closed."""
        style = Style(_SIZES[-1], self._colour(formula), self.devicePixelRatioF())
        fits = [line for line in formula.lines if measure(line, style).width <= room]
        return style, fits[-1:]

    def _colour(self, formula: Formula) -> str:
        return self._theme.text if formula.stage != "todo" else self._theme.text_3

    def _fitted(self, formula: Formula, room: float, height: float) -> tuple[Style, list[Line], bool]:
        """The lines at the largest size at which they fit, and whether all of them do; the results stand last."""
        styles = [Style(size, self._colour(formula), self.devicePixelRatioF()) for size in _SIZES]
        for style in styles:  # a little smaller before it is broken
            unbroken = all(measure(line, style).width <= room for line in formula.lines)
            if unbroken and _height(list(formula.lines), style) <= height:
                return style, list(formula.lines), True
        for first in range(len(formula.lines)):
            for style in styles[1:]:
                lines = [part for line in formula.lines[first:] for part in broken(line, room, style)]
                if _height(lines, style) <= height:
                    return style, lines, first == 0
        return styles[-1], [], not formula.lines

    def _sentence(self, text: str, room: float) -> list[str]:
        """The sentence in lines."""
        metrics, lines = QFontMetricsF(font(13)), [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if metrics.horizontalAdvance(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines if text else []


def _height(lines: list[Line], style: Style) -> float:
    extents = [measure(line, style) for line in lines]
    return sum(extent.up + extent.down for extent in extents) + _AIR * max(len(lines) - 1, 0)


class Column(QWidget):
    """The four cards below each other; where they have no room for all they say, the present one has most of it."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = tuple(FormulaCard(k + 1) for k in range(4))
        for card in self.cards:
            card.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        """Room for the present card and the heads of the others."""
        return QSize(280, 320)

    def show_formulas(self, formulas: tuple[Formula, ...], growth: Growth | None) -> None:
        """Show the steps."""
        for card, formula in zip(self.cards, formulas, strict=True):
            card.show_formula(formula, growth if card is self.cards[-1] else None)
        self._arrange()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        for card in self.cards:
            card.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        gap = float(GAP if self.height() > 640 else 10)
        room = self.height() - 3 * gap
        heights = [room / 4] * 4
        now = next((k for k, card in enumerate(self.cards) if card.formula and card.formula.stage == "now"), 0)
        if room / 4 < _FULL:
            open_ = min(max(_FULL + 24, 0.36 * room), room - 3 * _HEAD_ONLY)
            heights = [open_ if k == now else (room - open_) / 3 for k in range(4)]
        y = 0.0
        for card, height in zip(self.cards, heights, strict=True):
            card.setGeometry(0, round(y), self.width(), round(height))
            y += height + gap
