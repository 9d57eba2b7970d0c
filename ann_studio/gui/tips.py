"""Tooltips that a press closes, so that they do not lie over what it did, and tooltips that never come up."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QToolTip, QWidget


class Tips:
    """Keeps the tooltip of what was pressed away until the mouse has left it."""

    def __init__(self) -> None:
        self._pressed: QObject | None = None

    def keep_away(self, watched: QObject, event: QEvent) -> bool:
        """Look at an event before `watched` does; whether it is a tooltip that is not to be shown."""
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            self._pressed = watched
            QToolTip.hideText()
        elif kind == QEvent.Type.Leave and watched is self._pressed:
            self._pressed = None
        return kind == QEvent.Type.ToolTip and watched is self._pressed


class Picture(QWidget):
    """A widget whose tooltip is for screen readers: it does not come up, where it would lie over what is pointed at."""

    def event(self, event: QEvent) -> bool:
        """Keep the tooltip away."""
        if event.type() == QEvent.Type.ToolTip:
            event.ignore()
            return True
        return super().event(event)
