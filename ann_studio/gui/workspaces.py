"""Workspaces: which views stand side by side, and where. A view may be in several of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QWidget

from ann_studio.gui.theme import GAP


@dataclass(frozen=True)
class Place:
    """Where a view stands: row and column of the grid, and how many columns it takes.

    `from_width` is the width of the whole workspace from which there is room for it.
    """

    row: int
    column: int
    columns: int = 1
    from_width: int = 0


@dataclass(frozen=True)
class Workspace:
    """Views and their places, and how rows and columns share the room."""

    name: str
    title: str
    hint: str
    places: tuple[tuple[QWidget, Place], ...]
    rows: tuple[int, ...]
    columns: tuple[int, ...]


class Workspaces(QStackedWidget):
    """Shows one workspace at a time."""

    switched = Signal(str)  #: the name of the workspace that is shown now

    def __init__(self, workspaces: tuple[Workspace, ...]) -> None:
        super().__init__()
        self._known = {workspace.name: workspace for workspace in workspaces}
        self._grids: dict[str, QGridLayout] = {}
        for workspace in workspaces:
            page = QWidget()
            grid = QGridLayout(page)
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setSpacing(GAP)
            for row, stretch in enumerate(workspace.rows):
                grid.setRowStretch(row, stretch)
            for column, stretch in enumerate(workspace.columns):
                grid.setColumnStretch(column, stretch)
            self._grids[workspace.name] = grid
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
        grid = self._grids[self.name]
        for view, place in self._known[self.name].places:
            grid.addWidget(view, place.row, place.column, 1, place.columns)
        self._give_way()

    def _give_way(self) -> None:
        for view, place in self._known[self.name].places:
            view.setVisible(self.width() >= place.from_width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        self._give_way()
