"""The race view: a card with the table of the runs and a sentence on them."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ann_studio.engine.messages import Frame, Surveyed
from ann_studio.gui.clocks import after
from ann_studio.gui.hint import Hint
from ann_studio.gui.looks import looks
from ann_studio.gui.theme import LIGHT, Theme
from ann_studio.gui.view import View
from ann_studio.gui.views.race.standings import (
    LeastOfTrace,
    lowest_of,
    lowest_text,
    rows_of,
    verdict,
)
from ann_studio.gui.views.race.table import Table
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import same_cost

_REACH = 8
#: Rows that are seen before the sentence has any room.
_FIRST_ROWS = 3


class RaceView(View):
    """The card of the race table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Race table", parent)
        self.table, self.hint = Table(), Hint("The race in words")
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.hint)
        # The table reaches into the margins, so that its text is in line with the title and its rows have some room.
        self.body.setContentsMargins(-_REACH, 0, -_REACH, 0)
        self._theme: Theme = LIGHT
        self._frame: Frame | None = None
        #: The lowest minimum that was found, and of which cost.
        self._minimum: tuple[Problem, float] | None = None
        self._least: list[LeastOfTrace] = []

    def show_frame(self, frame: Frame) -> None:
        """Show all runs of the race."""
        if frame.problem is None or not frame.snapshots:
            return
        self._frame = frame
        self._show()

    def show_survey(self, surveyed: Surveyed) -> None:
        """Take the minima that were found: the gap is measured from the lowest one."""
        problem = surveyed.surface.problem
        found = [minimum.loss for minimum in surveyed.minima]
        if self._minimum is not None and same_cost(self._minimum[0], problem):
            found.append(self._minimum[1])
        self._minimum = (problem, min(found)) if found else None
        self._show()

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Mark the runs that the other views leave out."""
        self.table.show_hidden(hidden)
        self._share_room()

    def _show(self) -> None:
        frame = self._frame
        if frame is None or frame.problem is None:
            return
        rows = rows_of(frame)
        del self._least[len(rows) :]
        self._least += [LeastOfTrace() for _ in range(len(rows) - len(self._least))]
        least = [each.show(snapshot.trace) for each, snapshot in zip(self._least, frame.snapshots, strict=True)]
        lowest = lowest_of(least, rows, self._known_minimum(frame.problem))
        told = lowest_text(lowest)
        self.table.on_landscape = isinstance(frame.problem.experiment.data, Landscape)
        self.table.show_rows(rows, looks(frame.standings, self._theme), lowest, told)
        self.describe(f"{after(frame.clock, frame.reached)} · {told}")
        samples, tone = len(frame.problem.train), "warning" if any(row.out for row in rows) else "hint"
        self.hint.say(verdict(rows, samples), tone, verdict(rows, samples, brief=True))
        self._share_room()

    def _share_room(self) -> None:
        """Give the sentence what height the rows leave it; it gives way where all of them are seen without it."""
        gap, room = self.body.spacing(), self.body.geometry().height()
        every = self.table.least_height(len(self.table.rows))
        wanted = every if every <= room else self.table.least_height(_FIRST_ROWS)
        self.hint.allow(room - gap - wanted)

    def minimumSizeHint(self) -> QSize:
        """Room for the table; the sentence comes where there is more."""
        least = super().minimumSizeHint()
        sentence = 0 if self.hint.isHidden() else self.hint.minimumHeight() + self.body.spacing()
        return QSize(least.width(), least.height() - sentence)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another height leaves the sentence other room."""
        super().resizeEvent(event)
        self._share_room()

    def _known_minimum(self, problem: Problem) -> float:
        known = self._minimum
        return known[1] if known is not None and same_cost(known[0], problem) else math.inf

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.table.set_theme(theme)
        self.hint.set_theme(theme)
        self._show()

    def numbers(self) -> str:
        """A row a run with all digits; the gap is empty where there is no cost."""
        lowest = self.table.lowest
        if lowest is None:
            return ""
        lines = ["method\tepochs\tupdates\tgradients\tseconds\tcost\tgap\tstate"]
        lines += [
            f"{row.name}\t{row.epochs}\t{row.updates}\t{row.gradients}\t{row.seconds!r}\t{row.cost!r}"
            f"\t{row.cost - lowest.cost!r}\t{row.out}"
            for row in self.table.rows
        ]
        return "\n".join(lines)
