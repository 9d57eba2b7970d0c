"""What every view is: a card that shows frames, emits commands and can be copied from."""

from __future__ import annotations

import textwrap

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from ann_studio.engine.messages import Frame, Surveyed
from ann_studio.gui.controls import Saying, named
from ann_studio.gui.theme import GAP, Theme

#: Letters on a line of a long tooltip.
_TIP = 64


class Card(QFrame):
    """A titled panel. `body` is where its content goes; `header` takes extra controls on the right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(title)
        self.title = named(QLabel(title), "cardTitle")
        self.subtitle = Saying(name="cardSubtitle")
        self.subtitle.hide()
        self.header = QHBoxLayout()
        self.header.setSpacing(12)
        self.header.addWidget(self.title)
        self.header.addWidget(self.subtitle, 1)
        # Takes the room only while there is no subtitle.
        self.header.addStretch(0)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, 12, GAP, GAP)
        layout.setSpacing(8)
        layout.addLayout(self.header)
        layout.addLayout(self.body, 1)

    def describe(self, text: str) -> None:
        """Say in a few words beside the title what the card shows; what matters least last, it is the first to go."""
        if self.subtitle.text() != text:
            self.subtitle.setText(text)
            self.subtitle.setVisible(bool(text))

    def explain(self, hint: str) -> None:
        """Say in the tooltip of the title what can be done in the picture: over the picture it would be in the way."""
        self.title.setToolTip(textwrap.fill(hint, _TIP))


class View(Card):
    """A card whose picture is that of the last frame.

    A subclass implements `show_frame` and `set_theme`, and may implement `numbers`. It paints nothing that is not in
    the frame, and changes the network only by emitting a command.
    """

    commanded = Signal(object)  #: a command of `ann_studio.engine.messages`

    def show_frame(self, frame: Frame) -> None:
        """Show this frame; called at most once per screen refresh, only while the view is visible."""
        raise TypeError(f"{type(self).__name__} shows no frames")

    def show_survey(self, surveyed: Surveyed) -> None:
        """Show what the surveyor found; most views do not need it."""

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Leave out these runs of the race, by their position in the frame; most views show one run only."""

    def set_theme(self, theme: Theme) -> None:
        """Use these colours from now on and repaint."""
        raise TypeError(f"{type(self).__name__} has no colours")

    def picture_widget(self) -> QWidget:
        """What "Copy picture" copies; the whole card unless a subclass says otherwise."""
        return self

    def numbers(self) -> str:
        """The numbers shown, as tab-separated text for a spreadsheet; empty if there are none."""
        return ""

    def extend_menu(self, menu: QMenu) -> None:
        """Add entries of the view's own to its context menu."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy the picture and its numbers."""
        menu = QMenu(self)
        menu.addAction("Copy picture", self.copy_picture)
        if self.numbers():
            menu.addAction("Copy numbers", self.copy_numbers)
        self.extend_menu(menu)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.picture_widget().grab())

    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard."""
        QGuiApplication.clipboard().setText(self.numbers())
