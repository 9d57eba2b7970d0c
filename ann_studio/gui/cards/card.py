"""What the three cards have in common: they show a problem, ask for edits, and fold away what is used seldom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ann_studio.gui.controls import flat_button
from ann_studio.gui.theme import LIGHT, Theme
from ann_studio.gui.view import Card
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.problem import Problem


class SettingsCard(Card):
    """A card of settings. `rows` holds what is always there, `more` what unfolds."""

    edited = Signal(str, object)  #: dotted path in the experiment, and the value asked for

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._problem: Problem | None = None
        #: Tells the latest experiment that was asked for, which the runner may not have yet; a window sets it.
        self.wish: Callable[[], Experiment | None] = lambda: None
        self.theme: Theme = LIGHT
        self.rows = QVBoxLayout()
        self.rows.setSpacing(8)
        self.folded = QWidget()
        self.more = QVBoxLayout(self.folded)
        self.more.setContentsMargins(0, 0, 0, 0)
        self.more.setSpacing(8)
        self.folded.hide()
        self.unfold = flat_button("More", f"More settings: {title}", "Show the settings that are used less often")
        self.unfold.setCheckable(True)
        self.unfold.toggled.connect(self._fold)
        self.body.addLayout(self.rows)
        self.body.addWidget(self.folded)

    def _fold(self, open_: bool) -> None:
        self.folded.setVisible(open_)
        self.unfold.setText("Less" if open_ else "More")

    def latest(self) -> Experiment | None:
        """What edits build on: the latest wish, else what is shown."""
        return self.wish() or (self._problem.experiment if self._problem is not None else None)

    def ask(self, path: str, value: object) -> None:
        """Ask for an edit."""
        self.edited.emit(path, value)
