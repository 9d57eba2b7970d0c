"""The controls of the cards: each shows a value that it is given and reports only what the user changes.

Showing a value never reports it, so a frame that returns from the runner starts no echo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import qtawesome
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStyledItemDelegate,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ann_studio.gui.theme import Theme


def icon(name: str, theme: Theme, colour: str | None = None) -> QIcon:
    """The Phosphor icon `name` in a colour of the theme (its text by default)."""
    colour = theme.text if colour is None else colour
    return qtawesome.icon(f"ph.{name}", color=colour, color_disabled=theme.text_3)


def describe(widget: QWidget, name: str, hint: str) -> None:
    """Give a control its name for screen readers and its tooltip."""
    widget.setAccessibleName(name)
    widget.setToolTip(hint)


def flat_button(text: str, name: str, hint: str) -> QToolButton:
    """A button without a frame, for the header of a card."""
    button = QToolButton(objectName="flat")
    button.setText(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setMinimumSize(28, 28)
    describe(button, name, hint)
    return button


def read_number(text: str) -> float | int | str:
    """What was typed as a number, with a true minus or a decimal comma; the text itself if it is none."""
    plain = text.strip().replace("−", "-").replace(",", ".").replace(" ", "")
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    return text.strip()


def write_number(value: float | int) -> str:
    """A setting as a person would type it: shortest digits that give the same number, true minus."""
    return f"{value:.12g}".replace("-", "−")


class Choice(QComboBox):
    """One of several values, each under a title."""

    chosen = Signal(object)  #: a value

    def __init__(self, name: str, hint: str, options: Sequence[tuple[str, Any]] = ()) -> None:
        super().__init__()
        describe(self, name, hint)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(16)
        # The platform's own delegate does not heed the style sheet.
        self.setItemDelegate(QStyledItemDelegate(self))
        self.set_options(options)
        self.activated.connect(lambda position: self.chosen.emit(self.itemData(position)))

    def set_options(self, options: Sequence[tuple[str, Any]]) -> None:
        """Replace what can be chosen."""
        if options == [(self.itemText(k), self.itemData(k)) for k in range(self.count())]:
            return
        self.clear()
        for title, value in options:
            self.addItem(title, value)
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(title) for title, _ in options), default=0)
        self.view().setMinimumWidth(widest + 40)

    def show_value(self, value: Any) -> None:
        """Show the option of this value."""
        position = next((k for k in range(self.count()) if self.itemData(k) == value), -1)
        if position != self.currentIndex():
            self.setCurrentIndex(position)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the card, which scrolls."""
        event.ignore()


class _StayingMenu(QMenu):
    """A menu that stays open while its entries are ticked."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick the entry under the mouse."""
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isEnabled() and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick the entry that is selected."""
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.trigger()
        else:
            super().keyPressEvent(event)


class MenuChoice(QComboBox):
    """Looks like a `Choice` and opens a menu in which several things may be ticked."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__()
        describe(self, name, hint)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.menu = _StayingMenu(self)
        self.addItem("")

    def show_text(self, text: str) -> None:
        """What stands in the closed box."""
        if self.itemText(0) != text:
            self.setItemText(0, text)
            self.setAccessibleDescription(text)

    def set_ticks(self, entries: Sequence[tuple[str, bool]], ticked: Callable[[int, bool], object]) -> None:
        """Offer entries, each ticked or not; `ticked` hears of the user's changes by position."""
        self.menu.clear()
        for position, (title, on) in enumerate(entries):
            action = self.menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(on)
            action.triggered.connect(partial(ticked, position))

    def showPopup(self) -> None:
        """Open the menu instead of a list."""
        self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the card, which scrolls."""
        event.ignore()


class NumberField(QLineEdit):
    """A number to type. What is typed and is no number is reported as text, so that it is refused in words."""

    typed = Signal(object)  #: a number, or the text that is none

    def __init__(self, name: str, hint: str, *, width: int = 72) -> None:
        super().__init__()
        describe(self, name, hint)
        self.setProperty("kind", "compact")
        self.setFixedWidth(width)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._shown = ""
        self.editingFinished.connect(self._report)

    def show_value(self, value: float | int | None) -> None:
        """Show a number; None is an empty field."""
        self._shown = "" if value is None else write_number(value)
        if self.text() != self._shown:
            self.setText(self._shown)

    def _report(self) -> None:
        if self.text() != self._shown:
            self.typed.emit(read_number(self.text()) if self.text().strip() else None)


class Slider(QSlider):
    """A slider that reports where it is let go, and where it is while it moves."""

    moved = Signal(int)  #: a position while dragging
    settled = Signal(int)  #: the position that was chosen

    def __init__(self, name: str, hint: str, steps: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        describe(self, name, hint)
        self.setRange(0, steps)
        self.setPageStep(max(1, steps // 10))
        self.setTracking(False)
        self._shown = 0
        self.sliderMoved.connect(self.moved)
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
        self._scale, self._text = tuple(scale), text
        self.label, self.value = QLabel(name, objectName="fieldLabel"), QLabel("", objectName="fieldValue")
        self.slider = Slider(name, hint, len(self._scale) - 1)
        self.slider.moved.connect(lambda position: self._say(self._scale[position]))
        self.slider.settled.connect(lambda position: self.chosen.emit(self._scale[position]))
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
        distances = [abs(each - value) for each in self._scale]
        self.slider.show_position(distances.index(min(distances)))
        if not self.slider.isSliderDown():
            self._say(value)

    def _say(self, value: float) -> None:
        text = self._text(value)
        self.value.setText(text)
        self.slider.setAccessibleDescription(text)


class Stepper(QFrame):
    """A whole number between a minus and a plus; Up and Down in the field do the same."""

    chosen = Signal(int)

    def __init__(self, name: str, hint: str, least: int, most: int) -> None:
        super().__init__(objectName="stepper")
        self.least, self.most, self.value = least, most, least
        self.field = _StepField()
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setMinimumWidth(26)
        describe(self.field, name, f"{hint} (Up and Down)")
        self.field.editingFinished.connect(self._read)
        self.field.stepped.connect(lambda by: self._choose(self.value + by))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(0)
        self.less, self.more = self._button("−", f"{name}: one less", -1), self._button("+", f"{name}: one more", 1)
        layout.addWidget(self.less)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.more)

    def _button(self, sign: str, name: str, by: int) -> QToolButton:
        button = QToolButton(objectName="step")
        button.setText(sign)
        # Tab need not stop here: the field has the keys.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setAutoRepeat(True)
        describe(button, name, f"{name} ({'Up' if by > 0 else 'Down'} in the field)")
        button.clicked.connect(lambda: self._choose(self.value + by))
        return button

    def show_value(self, value: int) -> None:
        """Show `value`."""
        self.value = value
        self.field.setText(str(value))
        self.less.setEnabled(value > self.least)
        self.more.setEnabled(value < self.most)

    def _read(self) -> None:
        typed = read_number(self.field.text())
        if isinstance(typed, int):
            self._choose(typed)
        else:
            self.show_value(self.value)

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
            self.stepped.emit(by)


class Segments(QFrame):
    """A few choices side by side, one of them pressed.

    Parameters
    ----------
    options
        Title, hint and value of each.
    """

    chosen = Signal(object)  #: a value

    def __init__(self, name: str, options: Sequence[tuple[str, str, Any]]) -> None:
        super().__init__(objectName="segments")
        self.setAccessibleName(name)
        self._values = [value for _, _, value in options]
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(2)
        for position, (title, hint, _) in enumerate(options):
            button = QPushButton(title)
            button.setProperty("kind", "segment")
            button.setCheckable(True)
            button.setIconSize(QSize(12, 12))
            describe(button, f"{name}: {title}", hint)
            self._group.addButton(button, position)
            layout.addWidget(button, 1)
        self._group.idClicked.connect(lambda position: self.chosen.emit(self._values[position]))

    def button(self, value: Any) -> QPushButton:
        """The button of a value."""
        found = self._group.button(self._values.index(value))
        assert isinstance(found, QPushButton)
        return found

    def show_value(self, value: Any) -> None:
        """Press the button of this value."""
        self.button(value).setChecked(True)


class Switch(QCheckBox):
    """Yes or no."""

    switched = Signal(bool)

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text)
        describe(self, text, hint)
        self.clicked.connect(self.switched)

    def show_value(self, on: bool) -> None:
        """Show yes or no."""
        self.setChecked(on)


def field_row(label: str, *controls: QWidget, width: int = 70) -> QWidget:
    """A label on the left and its controls on the right; the last control takes the room there is."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    name = QLabel(label, objectName="fieldLabel")
    name.setMinimumWidth(width)
    name.setBuddy(controls[0])
    layout.addWidget(name)
    for control in controls:
        grows = isinstance(control, Choice)
        layout.addWidget(control, 1 if grows else 0)
    if not any(isinstance(control, Choice) for control in controls):
        layout.insertStretch(1, 1)
    return row
