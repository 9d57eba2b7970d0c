"""One line in plain words at the foot of a view, with a sign before it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ann_studio.gui.icons import icon
from ann_studio.gui.painting import painting
from ann_studio.gui.theme import LIGHT, Theme, font

#: Sign and colours of each tone, those of the theme.
_TONES = {
    "hint": ("lightbulb", "accent", "text", "accent_soft"),
    "good": ("check-circle", "done", "done", "done_soft"),
    "warning": ("warning", "warning", "warning", "warning_soft"),
}
HEIGHT, _LINE, _MOST_LINES = 32, 17, 3  #: of one line, of each further one, and how many there may be
_LAID_OUT = 160


class Hint(QWidget):
    """A sentence on a tinted ground. It paints itself, since it changes many times a second.

    It takes up to three lines, or as many as it may; where these have no room for it a shorter one is said, if there is
    one. The tooltip has the whole of it.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._theme: Theme = LIGHT
        self._name, self.text, self.tone, self._short = name, "", "hint", ""
        self._icon: QIcon | None = None
        self._most = _MOST_LINES
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme, self._icon = theme, None
        self.update()

    def say(self, text: str, tone: str = "hint", short: str = "") -> None:
        """Say something; nothing hides the line. `tone` is ``hint``, ``good`` or ``warning``."""
        if (text, tone, short) == (self.text, self.tone, self._short):
            return
        self._icon = self._icon if tone == self.tone else None
        self.text, self.tone, self._short = text, tone, short
        self.setAccessibleDescription(text)
        self.setToolTip(text)
        self.setVisible(bool(text) and self._most > 0)
        self._take_room()
        self.update()

    def allow(self, room: float) -> None:
        """Take at most so much height; where that is less than a line, none at all."""
        self._most = min(max(0, int((room - HEIGHT) // _LINE) + 1), _MOST_LINES)
        self.setVisible(bool(self.text) and self._most > 0)
        self._take_room()

    def shown_text(self) -> str:
        """The sentence, or the shorter one where the sentence has no room."""
        return self._short if self._short and self._lines(self.text) > self._most else self.text

    def _lines(self, text: str) -> int:
        """Lines that a text takes at this width."""
        metrics, room = QFontMetrics(font(13, 500)), QRect(0, 0, self._text_rect().width(), 1000)
        return round(metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height() / metrics.lineSpacing())

    def _font(self) -> QFont:
        """A little smaller where that is enough for one line and it may take no more."""
        usual = font(13, 500)
        fits = QFontMetrics(usual).horizontalAdvance(self.shown_text()) <= self._text_rect().width()
        return usual if fits or self.height() > HEIGHT else font(12, 500)

    def _take_room(self) -> None:
        # Before it is laid out there is nothing to go by.
        lines = max(1, min(self._lines(self.shown_text()), self._most)) if self.width() >= _LAID_OUT else 1
        height = HEIGHT + (lines - 1) * _LINE
        if self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _text_rect(self) -> QRect:
        return self.rect().adjusted(38, 0, -10, 0)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(200, HEIGHT)

    def resizeEvent(self, event: object) -> None:
        """Another width may need another height."""
        self._take_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, sign and sentence."""
        sign, hue, ink, ground = _TONES[self.tone]
        theme = self._theme
        if self._icon is None:
            self._icon = icon(sign, theme, getattr(theme, hue))
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(getattr(theme, ground)))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
            self._icon.paint(painter, QRect(11, 7, 18, 18))
            painter.setFont(self._font())
            painter.setPen(QColor(getattr(theme, ink)))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            room, said = self._text_rect(), self.shown_text()
            if self.height() > HEIGHT:
                painter.drawText(room, flags | Qt.TextFlag.TextWordWrap, said)
            else:
                text = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideRight, room.width())
                painter.drawText(room, flags | Qt.TextFlag.TextSingleLine, text)
