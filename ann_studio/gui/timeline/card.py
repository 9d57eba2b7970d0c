"""The card of the timeline: buttons that go back, the track, and the strip of phases."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from ann_studio.engine.messages import Command, Frame, RaceBranch, Seek, StepBack, ToggleBookmark, Unit, Visit
from ann_studio.gui.controls import Steady, describe, named
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import LIGHT, Theme
from ann_studio.gui.timeline.track import Track
from ann_studio.gui.timeline.words import between_text, phase_text, where_text
from ann_studio.learning.course import Branch, Course, epoch_of
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem

_KINDS = ("forward", "cost", "backward", "update")
#: Unit, icon and hint of the buttons that go back, from the longest way to the shortest.
_BACK = (
    (Unit.EPOCH, "skip-back", "Back to the beginning of the epoch (Ctrl+←)"),
    (Unit.SAMPLE, "caret-double-left", "Back by one sample (Shift+←)"),
    (Unit.PHASE, "caret-left", "Back by one phase (←)"),
)


class Timeline(QFrame):
    """Where the run is, and ways to other moments of it."""

    commanded = Signal(object)  #: a command of `ann_studio.engine.messages`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedHeight(72)
        self.track = Track()
        self.track.sought.connect(lambda update: self.commanded.emit(Seek(update)))
        self.where, self.phase = Steady(name="stripText"), Steady(name="stripStrong")
        self._segments = [named(QFrame(), "segment") for _ in _KINDS]
        self._theme: Theme = LIGHT
        self._phase_kind = -1  #: position in `_KINDS` of the phase that is shown; −1 between updates
        self._update = 0
        self._branches: tuple[Branch, ...] = ()
        self._racing: frozenset[int | None] = frozenset()
        self.back = {unit: self._button(f"Back by one {unit.value}", hint) for unit, _, hint in _BACK}
        for unit, button in self.back.items():
            button.clicked.connect(partial(self._step_back, unit))
        self.bookmark = self._button("Bookmark", "Bookmark this moment, or take its bookmark away (B)")
        self.bookmark.setCheckable(True)
        self._marked = False  #: whether the present moment is bookmarked
        self.bookmark.clicked.connect(self._toggle_bookmark)
        self.branches = self._button("Branches", "Other ways that this run went (Alt+Shift+B)")
        self.branches.setShortcut("Alt+Shift+B")
        self.branches.clicked.connect(self.show_branches)
        self.branches.hide()
        self._lay_out()

    def _button(self, name: str, hint: str) -> QToolButton:
        button = named(QToolButton(), "flat")
        button.setFixedSize(32, 32)
        button.setIconSize(QSize(18, 18))
        describe(button, name, hint)
        return button

    def _lay_out(self) -> None:
        strip = QVBoxLayout()
        strip.setSpacing(5)
        strip.addWidget(self.where)
        bars = QHBoxLayout()
        bars.setSpacing(5)
        for segment in self._segments:
            segment.setFixedHeight(4)
            bars.addWidget(segment)
        strip.addLayout(bars)
        strip.addWidget(self.phase)
        side = QWidget()
        side.setFixedWidth(190)
        side.setLayout(strip)
        strip.setContentsMargins(0, 0, 0, 0)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for button in (*self.back.values(), self.bookmark, self.branches):
            buttons.addWidget(button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 8, 16, 8)
        layout.setSpacing(12)
        layout.addLayout(buttons)
        layout.addWidget(self.track, 1)
        layout.addWidget(side)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.track.set_theme(theme)
        for unit, name, _ in _BACK:
            self.back[unit].setIcon(icon(name, theme, theme.text_2))
        self.branches.setIcon(icon("git-branch", theme, theme.text_2))
        self._show_bookmark()
        self._colour_segments(self._phase_kind)

    # --- frames -----------------------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Show where the main run is."""
        if frame.problem is None or not frame.snapshots:
            return
        problem, snapshot, state = frame.problem, frame.snapshots[0], frame.snapshots[0].state
        epoch = epoch_of(problem, state)
        course = frame.course if frame.course is not None else Course(((epoch, state.update),), (), ())
        end = max(problem.experiment.stop.epochs or 0, int(course.reached[0]), 1)
        self._update = state.update
        self._suit(problem)
        self._racing = frozenset(standing.branch for standing in frame.standings)
        self.track.show_span(epoch, course, end)
        self._show_ways(course, (state.update, snapshot.phase) != (0, None))
        self.where.setText(where_text(problem, snapshot))
        phase = snapshot.phase
        if phase is None:
            self.phase.setText(between_text(frame))
            self._colour_segments(-1)
        else:
            self.phase.setText(phase_text(phase, problem.architecture.layers))
            self._colour_segments(_KINDS.index(phase.kind))

    def _suit(self, problem: Problem) -> None:
        """A landscape has no samples, but noisy gradients or one that is exact."""
        landscape = isinstance(problem.experiment.data, Landscape)
        name, button = "gradient" if landscape else "sample", self.back[Unit.SAMPLE]
        if button.accessibleName() != f"Back by one {name}":
            describe(button, f"Back by one {name}", f"Back by one {name} (Shift+←)")
        button.setVisible(not landscape or len(problem.train) > 1)

    def _show_ways(self, course: Course, can_go_back: bool) -> None:
        for button in self.back.values():
            if button.isEnabled() != can_go_back:
                button.setEnabled(can_go_back)
        marked = any(mark.kind == "bookmark" and mark.update == self._update for mark in course.marks)
        if marked != self._marked:
            self._marked = marked
            self._show_bookmark()
        if course.branches != self._branches:
            self._branches = course.branches
            self.branches.setVisible(bool(course.branches))

    def _show_bookmark(self) -> None:
        marked = self._marked
        self.bookmark.setChecked(marked)
        colour = self._theme.accent if marked else self._theme.text_2
        self.bookmark.setIcon(icon("bookmark-simple-fill" if marked else "bookmark-simple", self._theme, colour))

    def _colour_segments(self, reached: int) -> None:
        theme, self._phase_kind = self._theme, reached
        for position, segment in enumerate(self._segments):
            on = theme.backward if _KINDS[position] == "backward" else theme.accent
            colour = on if position <= reached else theme.hairline
            sheet = f"background: {colour}; border-radius: 2px;"
            if segment.styleSheet() != sheet:
                segment.setStyleSheet(sheet)

    # --- the hand ---------------------------------------------------------------------------------------------------
    def _step_back(self, unit: Unit) -> None:
        self.commanded.emit(StepBack(unit))

    def _toggle_bookmark(self) -> None:
        # The button shows what the frame says, not that it was clicked.
        self.bookmark.setChecked(self._marked)
        self.commanded.emit(ToggleBookmark())

    def go_to_mark(self, by: int) -> bool:
        """Seek the next mark (`by` 1) or the one before (−1); whether there is one."""
        mark = self.track.mark_beside(self._update, by)
        if mark is not None:
            self.commanded.emit(Seek(mark.update))
        return mark is not None

    def go_to_end(self) -> None:
        """Seek the end of what was made."""
        self.commanded.emit(Seek(self.track.course.reached[1]))

    def go_to_begin(self) -> None:
        """Seek the beginning of the run."""
        self.commanded.emit(Seek(self.track.course.knots[0][1]))

    def show_branches(self) -> None:
        """Offer the branches that were left."""
        menu = QMenu(self)
        for branch in self._branches:
            text = f"{branch.label} at update {branch.begins:,}, up to {branch.reached:,}".replace("&", "&&")
            ways = menu.addMenu(text)
            ways.addAction("Return to it").triggered.connect(partial(self._command, Visit(branch.node)))
            races = branch.node in self._racing
            ways.addAction("Race it no longer" if races else "Race it").triggered.connect(
                partial(self._command, RaceBranch(branch.node, racing=not races))
            )
        menu.setAccessibleName("Branches")
        menu.popup(self.branches.mapToGlobal(self.branches.rect().topLeft()))
        menu.aboutToHide.connect(menu.deleteLater)

    def _command(self, command: Command, _checked: bool = False) -> None:
        self.commanded.emit(command)
