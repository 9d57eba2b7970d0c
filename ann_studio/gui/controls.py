"""The controls of the cards: each shows a value that it is given and reports only what the user changes.

Showing a value never reports it, so a frame that returns from the runner starts no echo.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QWidget,
)

AnyWidget = TypeVar("AnyWidget", bound=QWidget)


def named(widget: AnyWidget, name: str) -> AnyWidget:
    """The widget, with the name by which the style sheet knows it."""
    widget.setObjectName(name)
    return widget


def describe(widget: QWidget, name: str, hint: str) -> None:
    """Give a control its name for screen readers and its tooltip."""
    widget.setAccessibleName(name)
    widget.setToolTip(hint)
    focus_by_tab(widget)


def focus_by_tab(widget: QWidget) -> None:
    """Let what is pressed, chosen or dragged take the keys only when it was reached by Tab.

    After a click Space still plays and the arrow keys still step, as they do everywhere in the window.
    """
    if isinstance(widget, QAbstractButton | QAbstractSlider | QComboBox):
        widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def flat_button(text: str, name: str, hint: str) -> QToolButton:
    """A button without a frame, for the header of a card."""
    button = named(QToolButton(), "flat")
    button.setText(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    # No least width: with one Qt would make it narrower than its words, and cut them in the middle.
    button.setMinimumHeight(28)
    describe(button, name, hint)
    return button


def reading_order(root: QWidget | QLayout) -> Iterator[QWidget]:
    """The widgets below `root` that the Tab key stops at, in the order of the layouts that they lie in."""
    layout = root if isinstance(root, QLayout) else root.layout()
    if layout is None:
        return
    for position in range(layout.count()):
        item = layout.itemAt(position)
        assert item is not None
        inner, below = item.widget(), item.layout()
        while isinstance(inner, QScrollArea):
            inner = inner.widget()
        if inner is not None:
            if inner.focusPolicy() & Qt.FocusPolicy.TabFocus:
                yield inner
            yield from reading_order(inner)
        elif below is not None:
            yield from reading_order(below)


def tab_in_reading_order(root: QWidget) -> None:
    """Let Tab go through the widgets below `root` as they are read; to be called again when some were added."""
    order = list(reading_order(root))
    for before, after in pairwise(order):
        QWidget.setTabOrder(before, after)


def retitle(button: QAbstractButton, text: str) -> None:
    """Write something else on a button that has a key: Qt takes the key away with the old text."""
    if text != button.text():
        key = button.shortcut()
        button.setText(text)
        button.setShortcut(key)


class Elided(QLabel):
    """A line of text that ends in … where there is no room for it; the tooltip then has the whole of it."""

    def __init__(self, text: str = "", name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """A few letters: it takes what its neighbours leave."""
        return QSize(min(28, super().sizeHint().width()), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def shown_text(self) -> str:
        """What there is room for."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what there is room for."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.contentsRect(), self.alignment() | Qt.TextFlag.TextSingleLine, self.shown_text())

    def event(self, event: QEvent) -> bool:
        """A text that is not cut needs no tooltip that says the same."""
        if event.type() == QEvent.Type.ToolTip and self.shown_text() == self.toolTip():
            event.ignore()
            return True
        return super().event(event)

    def setText(self, text: str) -> None:
        """Show another text."""
        super().setText(text)
        self.setToolTip(text)


_WAITING = frozenset(("a", "at", "in", "of", "off", "the", "to"))


def fitting(text: str, room: float, measure: Callable[[str], float]) -> str:
    """What to say of a text where there is little room: less, in whole words, and no number that is cut.

    Its parts are divided by `` · ``, a comma or ``per``; the last ones go first. Of the first part as many words are
    left as there is room for, and …; a single word is cut unless it has a digit.

    Parameters
    ----------
    measure
        The width of a text, in the unit of `room`.
    """
    parts = re.split(r"( · |, | per )", text)
    offers = ["".join(parts[:count]) for count in range(len(parts), 0, -2)]
    words = parts[0].split(" ")
    # No last word that waits for another, "of the …", and no number or letter alone: "2 …", "η …".
    ends = [
        count
        for count in range(len(words) - 1, 0, -1)
        if words[count - 1] not in _WAITING and (count > 1 or (len(words[0]) > 1 and not words[0][0].isdigit()))
    ]
    offers += [" ".join(words[:count]) + " …" for count in ends]
    if not any(map(str.isdigit, words[0])):
        offers += [words[0][:count] + "…" for count in range(len(words[0]) - 1, 2, -1)]
    return next((offer for offer in offers if measure(offer) <= room), "")


class Saying(Elided):
    """An `Elided` line that says less where there is less room for it, see `fitting`."""

    def shown_text(self) -> str:
        """What there is room for."""
        return fitting(self.text(), self.contentsRect().width(), self.fontMetrics().horizontalAdvance)


class Steady(QLabel):
    """A line of text that changes many times a second: it alone is painted anew, and only more room lays out anew."""

    def __init__(self, text: str = "", name: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self._text, self._room = "", 0
        self.setText(text)

    def text(self) -> str:
        """What it says."""
        return self._text

    def setText(self, text: str) -> None:
        """Say something else."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(text)
        self._take_room()
        self.update()

    def _take_room(self) -> None:
        needed = self.fontMetrics().horizontalAdvance(self._text) + 2
        if needed > self._room:
            self._room = needed
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._room = 0
            self._take_room()

    def sizeHint(self) -> QSize:
        """Room for the longest text so far."""
        return QSize(self._room, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.contentsRect(), self.alignment() | Qt.TextFlag.TextSingleLine, self._text)


class Choice(QComboBox):
    """One of several values, each under a title."""

    chosen = Signal(object)  #: a value

    def __init__(self, name: str, hint: str, options: Sequence[tuple[str, Any]] = ()) -> None:
        super().__init__()
        describe(self, name, hint)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(16)
        # The platform's own delegate does not heed the style sheet.
        self.setItemDelegate(QStyledItemDelegate(self))
        self._shown: Any = None
        #: What is said of an option in the closed box where its title has no room.
        self.brief: Callable[[str], str] = str
        self.set_options(options)
        self.activated.connect(self._report)

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
        self._shown = value
        position = next((k for k in range(self.count()) if self.itemData(k) == value), -1)
        if position != self.currentIndex():
            self.setCurrentIndex(position)

    def _report(self, position: int) -> None:
        value = self.itemData(position)
        if value != self._shown:
            self._shown = value
            self.chosen.emit(value)

    def shown_title(self) -> str:
        """What the closed box says: the title, in brief where it has no room, and at last cut with …."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        control, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room, metrics = self.style().subControlRect(control, option, field, self).width(), self.fontMetrics()
        title: str = option.currentText
        said = title if metrics.horizontalAdvance(title) <= room else self.brief(title)
        return metrics.elidedText(said, Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_title()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

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
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.menu = _StayingMenu(self)
        self._ticked: Callable[[int, bool], object] = lambda _position, _on: None
        self.addItem("")

    def show_text(self, text: str) -> None:
        """What stands in the closed box."""
        if self.itemText(0) != text:
            self.setItemText(0, text)
            self.setAccessibleDescription(text)

    def ticks(self) -> list[bool]:
        """Which entries are ticked, in order."""
        return [action.isChecked() for action in self.menu.actions()]

    def set_ticks(self, entries: Sequence[tuple[str, bool]], ticked: Callable[[int, bool], object]) -> None:
        """Offer entries, each ticked or not; `ticked` hears of the user's changes by position."""
        self._ticked = ticked
        # The menu may be open, with one entry under the keyboard: entries that stay are kept.
        if [action.text() for action in self.menu.actions()] != [_literal(title) for title, _ in entries]:
            self.menu.clear()
            for position, (title, _) in enumerate(entries):
                action = self.menu.addAction(_literal(title))
                action.setCheckable(True)
                action.triggered.connect(lambda on, position=position: self._ticked(position, on))
        for action, (_, on) in zip(self.menu.actions(), entries, strict=True):
            action.setChecked(on)

    def showPopup(self) -> None:
        """Open the menu instead of a list."""
        self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the card, which scrolls."""
        event.ignore()


def _literal(title: str) -> str:
    """A title in which & is no mnemonic."""
    return title.replace("&", "&&")


class Segments(QFrame):
    """A few choices side by side, one of them pressed.

    Parameters
    ----------
    options
        Title, hint and value of each.
    """

    chosen = Signal(object)  #: a value

    def __init__(self, name: str, options: Sequence[tuple[str, str, Any]]) -> None:
        super().__init__()
        self.setObjectName("segments")
        self.setAccessibleName(name)
        self._values = [value for _, _, value in options]
        self._shown: Any = None
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
        self._group.idClicked.connect(self._report)

    def button(self, value: Any) -> QPushButton:
        """The button of a value."""
        found = self._group.button(self._values.index(value))
        assert isinstance(found, QPushButton)
        return found

    @property
    def shown(self) -> Any:
        """The value whose button is pressed."""
        return self._shown

    def show_value(self, value: Any) -> None:
        """Press the button of this value."""
        self._shown = value
        self.button(value).setChecked(True)

    def _report(self, position: int) -> None:
        value = self._values[position]
        if value != self._shown:
            self._shown = value
            self.chosen.emit(value)


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
    name = named(QLabel(label), "fieldLabel")
    name.setMinimumWidth(width)
    name.setBuddy(controls[0])
    layout.addWidget(name)
    for control in controls:
        grows = isinstance(control, Choice)
        layout.addWidget(control, 1 if grows else 0)
    if not any(isinstance(control, Choice) for control in controls):
        layout.insertStretch(1, 1)
    return row
