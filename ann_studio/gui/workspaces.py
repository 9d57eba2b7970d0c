"""Workspaces: which views stand side by side, and where. A view may be in several of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ann_studio.gui.theme import GAP


@dataclass(frozen=True)
class Place:
    """A view in a row, and its share of the width.

    `from_width` is the width of the whole workspace from which there is room for it; its neighbours have it until then.
    """

    view: QWidget
    share: int
    from_width: int = 0


@dataclass(frozen=True)
class Workspace:
    """Rows of views, from top to bottom, each with its share of the height."""

    name: str
    title: str
    hint: str
    rows: tuple[tuple[int, tuple[Place, ...]], ...]


class Workspaces(QStackedWidget):
    """Shows one workspace at a time."""

    switched = Signal(str)  #: the name of the workspace that is shown now

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
            for share, _ in workspace.rows:
                row = QHBoxLayout()
                row.setSpacing(GAP)
                column.addLayout(row, share)
                self._layouts[workspace.name].append(row)
            self.addWidget(page)
        self.name = workspaces[0].name
        self._furnish()

    def show_workspace(self, name: str) -> None:
        """Show this one."""
        if name == self.name:
            return
        self.name = name
        self.setCurrentIndex(list(self._known).index(name))
        self._furnish()
        self.switched.emit(name)

    def _furnish(self) -> None:
        """Put the views of the present workspace into their places, where there is room for them."""
        for row, (_, places) in zip(self._layouts[self.name], self._known[self.name].rows, strict=True):
            for place in places:
                row.addWidget(place.view, place.share)
        self._give_way()

    def _give_way(self) -> None:
        for _, places in self._known[self.name].rows:
            for place in places:
                place.view.setVisible(self.width() >= place.from_width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._give_way()
