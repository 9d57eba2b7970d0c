"""The notice: a sentence beside the menus, that goes by itself or stays as long as the work it names."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ann_studio.gui.controls import named
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import Theme

_ICONS = {"info": "info", "error": "warning-circle", "done": "check-circle"}
#: Milliseconds for which a notice of each tone stays.
_STAYS = {"info": 5_000, "done": 8_000, "error": 20_000}


#: Widest that it may be, from the edge of the window and from the menus, and above and below it, in pixels.
_WIDEST, _MARGIN, _FROM_MENUS, _AIR = 720, 16, 24, 4
_WORD = 60  #: letters of the longest word


class Notice(QFrame):
    """A sentence with an icon and a close button, where nothing is read.

    That is the empty part of the menu bar. What takes more than its height, or where the menus are not in the window,
    is shown below the toolbar. A click closes it.

    Parameters
    ----------
    window
        Its parent.
    toolbar
        What it leaves free.
    """

    def __init__(self, window: QMainWindow, toolbar: QWidget) -> None:
        super().__init__(window)
        self._window, self._toolbar = window, toolbar
        self.setObjectName("notice")
        self._theme: Theme | None = None
        self._icon = QLabel()
        self._said, self._text = "", QLabel()
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.installEventFilter(self)
        self._close = named(QToolButton(), "flat")
        self._close.setAccessibleName("Dismiss")
        self._close.setToolTip("Dismiss (Esc)")
        self._close.clicked.connect(self.hide)
        self._cancel: Callable[[], None] | None = None
        self._busy_text = ""
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel")
        self.cancel.setProperty("kind", "compact")
        self.cancel.setToolTip("Give up; everything stays as it is (Esc)")
        self.cancel.clicked.connect(self.give_up)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(3)
        self._row = row = QHBoxLayout()
        row.setContentsMargins(12, 2, 6, 2)
        row.setSpacing(10)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self.cancel)
        row.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self._bar)
        self._show_busy(None)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._said

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self._close.setIcon(icon("x", theme))
        self._show_icon()

    def say(self, text: str, tone: str = "info") -> None:
        """Show `text` in the tone ``info``, ``done`` or ``error``."""
        self._show(text, tone)
        self._timer.start(_STAYS[tone])

    def busy(self, text: str, cancel: Callable[[], None]) -> None:
        """Show `text` with a moving bar and a button that calls `cancel`, until `rest`."""
        self._show_busy(cancel)
        self._busy_text = text
        self._timer.stop()
        self._show(text, "info")

    def rest(self) -> None:
        """The work that `busy` named has ended."""
        if self._cancel is not None:
            self._show_busy(None)
            if self.text == self._busy_text:
                self.hide()
            else:
                self._place()

    def give_up(self) -> None:
        """Cancel the work that `busy` named."""
        cancel = self._cancel
        self.rest()
        if cancel is not None:
            cancel()

    def dismiss(self) -> None:
        """Cancel the work that is under way, or hide what is said."""
        if self._cancel is not None:
            self.give_up()
        self.hide()

    def _show_busy(self, cancel: Callable[[], None] | None) -> None:
        self._cancel = cancel
        self.cancel.setVisible(cancel is not None)
        self._bar.setVisible(cancel is not None)
        self._close.setVisible(cancel is None)

    def _show(self, text: str, tone: str) -> None:
        self._said = text
        said = " ".join(map(_shortened, text.split(" ")))
        self._text.setText(said)
        self._text.setToolTip(text if said != text else "")
        self.setProperty("tone", tone)
        self.setAccessibleName(text)
        self.style().unpolish(self)
        self.style().polish(self)
        self._show_icon()
        self._place()
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _show_icon(self) -> None:
        tone, theme = self.property("tone"), self._theme
        if theme is not None and tone is not None:
            colour = {"info": theme.accent, "done": theme.done, "error": theme.error}[tone]
            self._icon.setPixmap(icon(_ICONS[tone], theme, colour).pixmap(18, 18))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click closes it, unless there is work to be cancelled."""
        if self._cancel is None and self.rect().contains(event.position().toPoint()):
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep its place when the window is resized; a click on its words is one on it, unless some are selected."""
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        clicked = watched is self._text and event.type() == QEvent.Type.MouseButtonRelease
        if clicked and self._cancel is None and not self._text.hasSelectedText():
            self.hide()
        return False

    def _place(self) -> None:
        layout, bar, menus = self.layout(), self._window.menuBar(), self._menus_end()
        assert layout is not None
        widest = min(_WIDEST, self._window.width() - 2 * _MARGIN)
        self._text.setWordWrap(False)
        self._row.invalidate()
        width = layout.sizeHint().width()
        if menus and width <= min(widest, self._window.width() - menus - _FROM_MENUS - _MARGIN):
            height = max(bar.height(), layout.sizeHint().height())
            top = max(0, (bar.height() - height) // 2) + _AIR // 2
        else:
            self._text.setWordWrap(True)
            self._row.invalidate()
            width = min(width, widest)
            height = layout.heightForWidth(width) + 2 * _AIR
            top = self._toolbar.mapTo(self._window, QPoint(0, self._toolbar.height())).y() + _AIR
        self.setFixedSize(width, height)
        self.move(self._window.width() - _MARGIN - width, top)

    def _menus_end(self) -> int:
        """Where the last menu ends, in pixels from the left; 0 where the menus are not in the window."""
        bar = self._window.menuBar()
        actions = bar.actions()
        shown = bool(actions) and not bar.isNativeMenuBar() and bar.isVisible()
        return bar.actionGeometry(actions[-1]).right() if shown else 0


def _shortened(word: str) -> str:
    """A word that a line has room for: of a longer one, a path for one, both ends."""
    return word if len(word) <= _WORD else f"{word[: _WORD // 2]}…{word[-_WORD // 3 :]}"
