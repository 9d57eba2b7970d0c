"""The notice: a sentence at the lower edge of the window, that goes by itself or stays as long as the work it names."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QToolButton, QVBoxLayout, QWidget

from ann_studio.gui.controls import named
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import Theme

_ICONS = {"info": "info", "error": "warning-circle", "done": "check-circle"}
#: Milliseconds for which a notice of each tone stays.
_STAYS = {"info": 5_000, "done": 8_000, "error": 20_000}


class Notice(QFrame):
    """A sentence with an icon and a close button, over the lower edge of its parent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._theme: Theme | None = None
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._close = named(QToolButton(), "flat")
        self._close.setAccessibleName("Dismiss")
        self._close.setToolTip("Dismiss (Esc)")
        self._close.clicked.connect(self.hide)
        self._cancel: Callable[[], None] | None = None
        self._busy_text = ""
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel")
        self.cancel.setToolTip("Give up; everything stays as it is (Esc)")
        self.cancel.clicked.connect(self.give_up)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(3)
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 10, 10)
        row.setSpacing(12)
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
        parent.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self._close.setIcon(icon("x", theme))

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
        self._text.setText(text)
        self.setProperty("tone", tone)
        self.setAccessibleName(text)
        self.style().unpolish(self)
        self.style().polish(self)
        if self._theme is not None:
            colour = {"info": self._theme.accent, "done": self._theme.done, "error": self._theme.error}[tone]
            self._icon.setPixmap(icon(_ICONS[tone], self._theme, colour).pixmap(20, 20))
        self._place()
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge when the window is resized."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent, layout = self.parentWidget(), self.layout()
        assert parent is not None
        assert layout is not None
        width = min(720, parent.width() - 48)
        self.setFixedSize(width, layout.heightForWidth(width))
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - 100)
