"""Workspaces: which views stand side by side, and where. A view may be in several of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ann_studio.gui.controls import Segments
from ann_studio.gui.theme import GAP
from ann_studio.gui.view import View


@dataclass(frozen=True)
class Place:
    """A view in a row, and its share of the width."""

    view: View
    share: int


@dataclass(frozen=True)
class Stack:
    """Views in a row that stand one above the other: their share of the width, and theirs of the row's height."""

    places: tuple[Place, ...]
    share: int


@dataclass(frozen=True)
class Pair:
    """Two views that share one place, with a switch between them, until the workspace has room enough for both.

    Parameters
    ----------
    name
        What the switch is called.
    options
        Title, hint and view of each; the first is seen at first.
    from_width, from_height
        Size of the workspace from which both are seen.
    is_enough
        Whether this width and height, in pixels, are enough for the first, that is for what it shows at present.
    """

    name: str
    options: tuple[tuple[str, str, View], tuple[str, str, View]]
    from_width: int
    from_height: int = 0
    is_enough: Callable[[int, int], bool] = lambda _width, _height: True


@dataclass(frozen=True)
class Workspace:
    """Rows of views, from top to bottom, each with its share of the height."""

    name: str
    title: str
    hint: str
    rows: tuple[tuple[int, tuple[Place | Stack, ...]], ...]
    pairs: tuple[Pair, ...] = ()


class Workspaces(QStackedWidget):
    """Shows one workspace at a time."""

    revealed = Signal(str)  #: views have come into sight in this workspace

    def __init__(self, workspaces: tuple[Workspace, ...]) -> None:
        super().__init__()
        self._known = {workspace.name: workspace for workspace in workspaces}
        self._slots: dict[str, list[_Slot]] = {}
        for workspace in workspaces:
            page = QWidget()
            self._slots[workspace.name] = _lay_out(page, workspace)
            self.addWidget(page)
        self._switches = {pair: _switch(pair) for each in workspaces for pair in each.pairs}
        for switch in self._switches.values():
            switch.chosen.connect(self._furnish_again)
        self.name = workspaces[0].name
        self._furnished: tuple[Pair, ...] = ()  #: the pairs that share a place as things were last put
        self._apart: set[Pair] = set()  #: the pairs of which both were seen when they were last put
        self._furnish()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The views of the present workspace that share a place at present."""
        return tuple(pair for pair in self._known[self.name].pairs if not self._has_room_for_both(pair))

    def _has_room_for_both(self, pair: Pair) -> bool:
        width, height = self.width(), self.height()
        if width < pair.from_width or height < pair.from_height:
            return False
        return pair.is_enough(*_room_of(self._known[self.name], pair.options[0][2], width, height))

    def fit(self) -> None:
        """Put the views into their places anew, if what they show now needs more or less room."""
        if self.pairs != self._furnished:
            self._furnish_again()

    def show_workspace(self, name: str) -> None:
        """Show this one."""
        if name == self.name:
            return
        self.name = name
        self.setCurrentIndex(list(self._known).index(name))
        self._furnish()
        self.revealed.emit(name)

    def swap(self, position: int = 0) -> bool:
        """Show the other one of the views that share a place, in pair number `position`; whether any do."""
        pairs = self._known[self.name].pairs
        if position >= len(pairs) or pairs[position] not in self.pairs:
            return False
        (_, _, first), (_, _, second) = pairs[position].options
        switch = self._switches[pairs[position]]
        switch.show_value(second if switch.shown is first else first)
        self._furnish_again()
        return True

    def reveal(self, view: View) -> None:
        """Bring a view of the present workspace into sight that shares its place with another."""
        for pair in self.pairs:
            switch = self._switches[pair]
            if view in [each for _, _, each in pair.options] and switch.shown is not view:
                switch.show_value(view)
                self._furnish_again()

    def _furnish(self) -> None:
        """Put the views of the present workspace into their places."""
        pairs = self.pairs
        for pair in self._known[self.name].pairs:
            if pair not in pairs:
                self._apart.add(pair)
            elif pair in self._apart:
                # Whoever looked at both sees the first, whatever was chosen long before.
                self._apart.remove(pair)
                self._switches[pair].show_value(pair.options[0][2])
        instead: dict[View, View] = {}
        out_of_sight = set()
        for pair in pairs:
            hidden, seen = self._put_switch(pair)
            out_of_sight.add(hidden)
            # Whichever is seen stands in the place of the first.
            first = pair.options[0][2]
            instead |= {first: seen, seen: first}
        for pair, switch in self._switches.items():
            if pair not in self._known[self.name].pairs:
                switch.setParent(self)  # out of the header of a view that stands here without it
            switch.setVisible(pair in pairs)
        taken: dict[QBoxLayout, bool] = {}
        for slot in self._slots[self.name]:
            view = instead.get(slot.view, slot.view)
            slot.layout.addWidget(view)
            view.setVisible(view not in out_of_sight)
            slot.stack.setStretchFactor(slot.layout, 0 if view in out_of_sight else slot.share)
            taken[slot.stack] = taken.get(slot.stack, False) or view not in out_of_sight
            # An empty layout would take its share.
            slot.row.setStretchFactor(slot.stack, slot.stack_share if taken[slot.stack] else 0)
        self._furnished = pairs

    def _put_switch(self, pair: Pair) -> tuple[View, View]:
        """Move the switch into the header of the view that it chooses; which is out of sight, and which is seen."""
        switch = self._switches[pair]
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
        """Another size has room for one view more or less."""
        super().resizeEvent(event)
        self.fit()


@dataclass(frozen=True)
class _Slot:
    """Where a view is to be put: in a layout of its own, in a stack, in a row; with their shares."""

    view: View
    layout: QBoxLayout
    share: int
    stack: QBoxLayout
    stack_share: int
    row: QBoxLayout


def _lay_out(page: QWidget, workspace: Workspace) -> list[_Slot]:
    """Lay out a page; for each view where it is to be put."""
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GAP)
    slots: list[_Slot] = []
    for share, places in workspace.rows:
        row = QHBoxLayout()
        row.setSpacing(GAP)
        column.addLayout(row, share)
        for each in places:
            stack = QVBoxLayout()
            stack.setSpacing(GAP)
            row.addLayout(stack, each.share)
            for place in each.places if isinstance(each, Stack) else (each,):
                # Shown before it has a place, a view without a parent would be a window for a moment.
                place.view.setParent(page)
                slot = QVBoxLayout()
                stack.addLayout(slot, place.share)
                slots.append(_Slot(place.view, slot, place.share, stack, each.share, row))
    return slots


def _room_of(workspace: Workspace, view: View, width: int, height: int) -> tuple[int, int]:
    """Width and height that a view gets in a workspace of this size with all its views."""
    whole = sum(share for share, _ in workspace.rows)
    for share, places in workspace.rows:
        high, across = (height - GAP * (len(workspace.rows) - 1)) * share // whole, sum(each.share for each in places)
        for each in places:
            wide = (width - GAP * (len(places) - 1)) * each.share // across
            inside = each.places if isinstance(each, Stack) else (each,)
            down = sum(place.share for place in inside)
            for place in inside:
                if place.view is view:
                    return wide, (high - GAP * (len(inside) - 1)) * place.share // down
    return 0, 0


def _switch(pair: Pair) -> Segments:
    switch = Segments(pair.name, pair.options)
    switch.show_value(pair.options[0][2])
    return switch
