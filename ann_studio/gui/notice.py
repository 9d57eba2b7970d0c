"""The notice: one sentence at the lower edge of the window, that goes by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from ann_studio.gui.controls import icon
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
        self._close = QToolButton(objectName="flat")
        self._close.setAccessibleName("Dismiss")
        self._close.setToolTip("Dismiss (Esc)")
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 10, 10, 10)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._close)
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
        self._timer.start(_STAYS[tone])
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge when the window is resized."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        width = min(720, parent.width() - 48)
        self.setFixedSize(width, self.layout().heightForWidth(width))
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - 100)
