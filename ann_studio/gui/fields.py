"""Controls for numbers: fields, sliders and steppers that show a number and report only what the user changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QSlider, QToolButton, QVBoxLayout, QWidget

from ann_studio.gui.controls import describe, named

#: ``1,258`` as the window itself writes it; ``0,005`` has a decimal comma.
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+")


def read_number(text: str) -> float | int | str:
    """What was typed as a number, with a true minus, a decimal comma or thousands; the text itself if it is none."""
    plain = "".join(text.split()).replace("−", "-")
    plain = plain.replace(",", "" if _THOUSANDS.fullmatch(plain) else ".")
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    return text.strip()


def write_number(value: float | int) -> str:
    """A setting as a person would type it: the shortest digits that give the same number, true minus."""
    short = f"{value:.12g}"
    return (short if float(short) == value else repr(value)).replace("-", "−")


class NumberField(QLineEdit):
    """A number to type. What is typed and is no number is reported as text, so that it is refused in words."""

    typed = Signal(object)  #: a number, or the text that is none

    def __init__(self, name: str, hint: str, *, width: int = 72) -> None:
        super().__init__()
        describe(self, name, hint)
        self.setProperty("kind", "compact")
        self.setProperty("ownsSpace", False)
        self.setFixedWidth(width)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._shown = ""
        self.editingFinished.connect(self._report)

    def show_value(self, value: float | int | None) -> None:
        """Show a number; None is an empty field."""
        self._shown = "" if value is None else write_number(value)
        # What is being typed is the user's until Enter.
        if self.text() != self._shown and not (self.hasFocus() and self.isModified()):
            self.setText(self._shown)

    def _report(self) -> None:
        text, known = self.text().strip(), self._shown
        value = read_number(text) if text else None
        if text == known or (text and known and value == read_number(known)):
            self.setText(known)
            return
        # Enter and then leaving the field say the same thing twice.
        self._shown = text
        self.setText(text)
        self.typed.emit(value)


class Slider(QSlider):
    """A slider that reports where it is let go, and where it is while it moves."""

    moved = Signal(int)  #: a position while dragging
    settled = Signal(int)  #: the position that was chosen
    returned = Signal()  #: it was let go where it had been

    def __init__(self, name: str, hint: str, steps: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        describe(self, name, hint)
        self.setRange(0, steps)
        self.setPageStep(max(1, steps // 10))
        self.setTracking(False)
        self._shown = 0
        self.sliderMoved.connect(self.moved)
        self.sliderReleased.connect(self._let_go)
        self.valueChanged.connect(self._report)

    def show_position(self, position: int) -> None:
        """Put the handle at `position`, unless a hand holds it."""
        self._shown = position
        if not self.isSliderDown() and self.value() != position:
            self.setValue(position)

    def _report(self, position: int) -> None:
        if position != self._shown:
            self._shown = position
            self.settled.emit(position)

    def _let_go(self) -> None:
        # Where the position is another one, `valueChanged` follows.
        if self.sliderPosition() == self._shown:
            self.returned.emit()
        elif self.sliderPosition() == self.value():
            self._report(self.value())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the card, which scrolls."""
        event.ignore()


class SliderRow(QWidget):
    """A label and a value above a slider over the values of a scale.

    Parameters
    ----------
    scale
        The values from left to right.
    text
        How a value is written at the right.
    """

    chosen = Signal(object)  #: a value of the scale

    def __init__(self, name: str, hint: str, scale: Sequence[float], text: Any) -> None:
        super().__init__()
        self._scale, self._text, self._shown = tuple(scale), text, scale[0]
        self.label, self.value = named(QLabel(name), "fieldLabel"), named(QLabel(), "fieldValue")
        self.slider = Slider(name, hint, len(self._scale) - 1)
        self.slider.moved.connect(lambda position: self._say(self._scale[position]))
        self.slider.settled.connect(lambda position: self.chosen.emit(self._scale[position]))
        self.slider.returned.connect(lambda: self._say(self._shown))
        self.top = QHBoxLayout()
        self.top.addWidget(self.label)
        self.top.addStretch(1)
        self.top.addWidget(self.value)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.top)
        layout.addWidget(self.slider)

    def show_value(self, value: float) -> None:
        """Show `value`, the handle at the nearest value of the scale."""
        self._shown = value
        distances = [abs(each - value) for each in self._scale]
        self.slider.show_position(distances.index(min(distances)))
        if not self.slider.isSliderDown():
            self._say(value)

    def _say(self, value: float) -> None:
        text = self._text(value)
        self.value.setText(text)
        self.slider.setAccessibleDescription(text)


_STEP_WIDTH = 17  #: of the signs beside a number


class Stepper(QFrame):
    """A whole number between a minus and a plus; Up and Down in the field do the same.

    What is typed and cannot be is reported as it stands, so that it is refused in words.
    """

    chosen = Signal(object)  #: a whole number, or what was typed instead

    def __init__(self, name: str, hint: str, least: int, most: int) -> None:
        super().__init__()
        self.setObjectName("stepper")
        self.least, self.most, self.value = least, most, least
        self.field = _StepField()
        self.field.setProperty("ownsSpace", False)
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setTextMargins(-2, 0, -2, 0)
        describe(self.field, name, f"{hint} (Up and Down)")
        self.field.editingFinished.connect(self._read)
        self.field.stepped.connect(lambda by: self._choose(self.value + by))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 2, 1, 2)
        layout.setSpacing(0)
        self.less, self.more = self._button("−", f"{name}: one less", -1), self._button("+", f"{name}: one more", 1)
        layout.addWidget(self.less)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.more)

    def _button(self, sign: str, name: str, by: int) -> QToolButton:
        button = named(QToolButton(), "step")
        button.setText(sign)
        # Tab need not stop here: the field has the keys.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAutoRepeat(True)
        button.setFixedWidth(_STEP_WIDTH)
        describe(button, name, f"{name} ({'Up' if by > 0 else 'Down'} in the field)")
        button.clicked.connect(lambda: self._choose(self.value + by))
        return button

    def show_value(self, value: int) -> None:
        """Show `value`."""
        self.value = value
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(str(value))
        self.less.setEnabled(value > self.least)
        self.more.setEnabled(value < self.most)

    def _read(self) -> None:
        text = self.field.text().strip()
        self.field.setModified(False)
        typed = read_number(text)
        if isinstance(typed, int) and self.least <= typed <= self.most:
            self._choose(typed)
            return
        self.show_value(self.value)
        if text:
            self.chosen.emit(typed)

    def _choose(self, value: int) -> None:
        before, value = self.value, min(max(value, self.least), self.most)
        self.show_value(value)
        if value != before:
            self.chosen.emit(value)


class _StepField(QLineEdit):
    """The number of a stepper."""

    stepped = Signal(int)  #: +1 or −1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down step."""
        by = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.setModified(False)
            self.stepped.emit(by)
