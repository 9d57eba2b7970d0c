"""Workspaces: which views stand side by side, and where. A view may be in several of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ann_studio.gui.controls import Segments
from ann_studio.gui.theme import GAP
from ann_studio.gui.view import View


@dataclass(frozen=True)
class Place:
    """A view in a row, and its share of the width."""

    view: View
    share: int


@dataclass(frozen=True)
class Pair:
    """Two views of a row that share one place, with a switch between them, until the workspace is wide enough for both.

    Parameters
    ----------
    name
        What the switch is called.
    options
        Title, hint and view of each; the first is seen at first.
    from_width
        Width of the workspace from which both are seen.
    """

    name: str
    options: tuple[tuple[str, str, View], tuple[str, str, View]]
    from_width: int


@dataclass(frozen=True)
class Workspace:
    """Rows of views, from top to bottom, each with its share of the height."""

    name: str
    title: str
    hint: str
    rows: tuple[tuple[int, tuple[Place, ...]], ...]
    pair: Pair | None = None


class Workspaces(QStackedWidget):
    """Shows one workspace at a time."""

    revealed = Signal(str)  #: views have come into sight in this workspace

    def __init__(self, workspaces: tuple[Workspace, ...]) -> None:
        super().__init__()
        self._known = {workspace.name: workspace for workspace in workspaces}
        self._layouts: dict[str, list[QHBoxLayout]] = {}
        for workspace in workspaces:
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(GAP)
            self._layouts[workspace.name] = []
            for share, places in workspace.rows:
                # Shown before it has a place, a view without a parent would be a window for a moment.
                for place in places:
                    place.view.setParent(page)
                row = QHBoxLayout()
                row.setSpacing(GAP)
                column.addLayout(row, share)
                self._layouts[workspace.name].append(row)
            self.addWidget(page)
        self._switches = {each.name: _switch(each.pair) for each in workspaces if each.pair is not None}
        for switch in self._switches.values():
            switch.chosen.connect(self._furnish_again)
        self.name = workspaces[0].name
        self._furnished: Pair | None = None  #: the pair that shares a place as things were last put
        self._furnish()

    @property
    def pair(self) -> Pair | None:
        """The views of the present workspace that share a place at present."""
        pair = self._known[self.name].pair
        return pair if pair is not None and self.width() < pair.from_width else None

    def show_workspace(self, name: str) -> None:
        """Show this one."""
        if name == self.name:
            return
        self.name = name
        self.setCurrentIndex(list(self._known).index(name))
        self._furnish()
        self.revealed.emit(name)

    def swap(self) -> bool:
        """Show the other one of the views that share a place; whether any do."""
        if self.pair is None:
            return False
        (_, _, first), (_, _, second) = self.pair.options
        switch = self._switches[self.name]
        switch.show_value(second if switch.shown is first else first)
        self._furnish_again()
        return True

    def _furnish(self) -> None:
        """Put the views of the present workspace into their places."""
        pair, instead, out_of_sight = self.pair, {}, None
        if pair is not None:
            out_of_sight, seen = self._put_switch(pair)
            # Whichever is seen stands in the place of the first.
            first = pair.options[0][2]
            instead = {first: seen, seen: first}
        for name, switch in self._switches.items():
            switch.setVisible(name == self.name and pair is not None)
        for row, (_, places) in zip(self._layouts[self.name], self._known[self.name].rows, strict=True):
            for place in places:
                view = instead.get(place.view, place.view)
                row.addWidget(view, place.share)
                view.setVisible(view is not out_of_sight)
        self._furnished = pair

    def _put_switch(self, pair: Pair) -> tuple[View, View]:
        """Move the switch into the header of the view that it chooses; which is out of sight, and which is seen."""
        switch = self._switches[self.name]
        first, second = (view for _, _, view in pair.options)
        out_of_sight, seen = (first, second) if switch.shown is second else (second, first)
        focused = out_of_sight.isAncestorOf(QApplication.focusWidget() or self)
        seen.header.addWidget(switch)
        seen.show()
        if focused:
            # It does not go to whatever comes next, where keys have another meaning.
            switch.button(seen).setFocus()
        return out_of_sight, seen

    def _furnish_again(self) -> None:
        self._furnish()
        self.revealed.emit(self.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for one view more or less."""
        super().resizeEvent(event)
        if self.pair is not self._furnished:
            self._furnish_again()


def _switch(pair: Pair) -> Segments:
    switch = Segments(pair.name, pair.options)
    switch.show_value(pair.options[0][2])
    return switch
