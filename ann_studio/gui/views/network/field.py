"""The small field at the pill into which the value of a weight or a bias is typed."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from ann_studio.gui.controls import describe, named
from ann_studio.gui.fields import read_number, write_number

_WIDTH, _MARGIN = 168, 4


def read_value(text: str) -> float | str:
    """The number that was typed, or one sentence that says what is wrong with it."""
    value = read_number(text) if text.strip() else ""
    if isinstance(value, str):
        return "Type a number, such as −0.43" if not value else f"“{value[:24]}” is no number"
    try:
        value = float(value)
    except OverflowError:
        value = math.inf
    return value if math.isfinite(value) else "A weight must be a finite number"


class ValueField(QFrame):
    """Enter sets the value, Escape leaves it; what is no number is told in a sentence, and nothing changes."""

    entered = Signal(float)
    opened = Signal(bool)  #: whether it is open now

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("valueField")
        self.line = QLineEdit()
        self.line.setProperty("kind", "compact")
        describe(self.line, "Value", "Enter sets it, Esc leaves it as it is")
        self.line.setPlaceholderText("value")
        self.problem = named(QLabel(), "fieldProblem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self.line)
        layout.addWidget(self.problem)
        self.setFixedWidth(_WIDTH)
        self._before: QWidget | None = None
        self._place = QRectF()
        self.line.installEventFilter(self)
        self.line.returnPressed.connect(self._enter)
        self.line.textEdited.connect(lambda _text: self._complain(""))
        self.hide()

    def open(self, name: str, value: float, typed: str, place: QRectF) -> None:
        """Offer a value for change at a place of the parent; `typed` is what was typed of it already."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self.line.setAccessibleName(f"Value of {name}")
        self._complain("")
        self.line.setText(typed or write_number(value))
        self._place = place
        self._lay()
        self.show()
        self.raise_()
        self.opened.emit(True)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        if not typed:
            self.line.selectAll()

    def _lay(self) -> None:
        parent, place = self.parentWidget(), self._place
        assert parent is not None
        self.adjustSize()
        x = min(max(place.center().x() - self.width() / 2, _MARGIN), parent.width() - self.width() - _MARGIN)
        y = min(max(place.center().y() - 20, _MARGIN), parent.height() - self.height() - _MARGIN)
        self.move(round(x), round(y))

    def leave(self) -> None:
        """Close without setting anything."""
        if self.isHidden():
            return
        before = self._before
        had = self.line.hasFocus()
        self.hide()
        self.opened.emit(False)
        if had and before is not None:
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enter(self) -> None:
        value = read_value(self.line.text())
        if isinstance(value, str):
            self._complain(value)
            return
        self.leave()
        self.entered.emit(value)

    def _complain(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        self.line.setAccessibleDescription(sentence)
        if self.isVisible():
            self._lay()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave when something else in the window is clicked or reached by Tab."""
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            reason = Qt.FocusReason
            if event.reason() not in (reason.ActiveWindowFocusReason, reason.PopupFocusReason):
                self.leave()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the value as it is; Enter was the field's."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
