"""The surface view: a card with the picture, the choice of its plane, and what it says about itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ann_studio.analysis.curvature import gradient
from ann_studio.analysis.planes import Extent, PlaneChoice
from ann_studio.engine.messages import Frame, SetParameters, Surveyed, Unanswered
from ann_studio.gui.controls import flat_button, retitle, tab_in_reading_order
from ann_studio.gui.parameters import axis_names
from ann_studio.gui.theme import LIGHT, Theme, number
from ann_studio.gui.view import View
from ann_studio.gui.views.surface.asking import Asking
from ann_studio.gui.views.surface.canvas import Canvas
from ann_studio.gui.views.surface.planes_panel import KINDS, PlanesPanel
from ann_studio.gui.views.surface.scene import Run, is_cheap, runs_of

Vector = NDArray[np.float64]

#: Milliseconds that a size must last, and that an unanswered question keeps the next one waiting.
_PATIENCE = 150
#: Milliseconds after which a bar says that a survey is under way.
_LONG = 300
#: Letters that the names of both axes may have to stand in the header.
_SHORT = 24
#: Width of the card below which its header has no room for a sentence.
_NARROW = 640
#: A slope that would change the cost by less than this share of its range, all across the picture, is none.
_LEVEL = 5e-3


class SurfaceView(View):
    """The card of the error surface."""

    survey_wanted = Signal(object)  #: an `ann_studio.engine.messages.Survey`
    start_moved = Signal(object)  #: parameters from which the runs are to start

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Error surface", parent)
        self._theme: Theme = LIGHT
        self.asking = Asking()
        self.canvas = Canvas()
        self.refresh = flat_button("Refresh", "Refresh plane", "Make the plane of the present moment (Alt+U)")
        self.plane = flat_button("Plane ▾", "Plane", "Choose over which plane the cost is shown (Alt+P)")
        self.fit = flat_button("Fit", "Show all", "Back to the first view (0 in the picture, or a double click; Alt+0)")
        self.more = flat_button("⋯", "More about the surface", "Log colours, gradient, setting by click (Alt+M)")
        self.panel = PlanesPanel(self, self.plane)
        self.log = self._switch("Log colours", "Alt+O", self._set_log)
        self.arrow = self._switch("Gradient arrow", "Alt+G", lambda _on: self._show_downhill())
        self.sets = self._switch("Click sets the parameters", "Alt+S", self._set_sets)
        self.explain(self.canvas.toolTip())
        self._lay_out()
        self._patience, self._long, self._settled = (self._timer(ms) for ms in (_PATIENCE, _LONG, _PATIENCE))
        self._connect()
        self.arrow.setChecked(True)

    def _switch(self, text: str, keys: str, switched: Callable[[bool], object]) -> QAction:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setShortcut(keys)
        action.toggled.connect(switched)
        self.addAction(action)
        return action

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer

    def _lay_out(self) -> None:
        menu = QMenu(self.more)
        menu.addActions([self.log, self.arrow, self.sets])
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.plane.setCheckable(True)
        for button, keys in ((self.refresh, "Alt+U"), (self.plane, "Alt+P"), (self.fit, "Alt+0"), (self.more, "Alt+M")):
            button.setShortcut(keys)
            self.header.addWidget(button)
        self.refresh.setProperty("tone", "accent")
        self.refresh.hide()
        self.body.addWidget(self.canvas, 1)

    def _connect(self) -> None:
        self.canvas.chosen.connect(self._set_parameters)
        self.canvas.start_chosen.connect(self._set_start)
        self.canvas.moved.connect(self._move)
        self.canvas.resized.connect(self._settled.start)
        self.plane.toggled.connect(self._show_panel)
        self.fit.clicked.connect(lambda: self._move(None))
        self.refresh.clicked.connect(lambda: self.choose(self.asking.choice))
        self.panel.chosen.connect(self.choose)
        self.panel.closed.connect(lambda: self.plane.setChecked(False))
        self.panel.update_of, self.panel.epoch_of = self._update_of, self._epoch_of
        self._patience.timeout.connect(lambda: self._ask(impatient=True))
        self._settled.timeout.connect(self._resize)
        self._long.timeout.connect(self._show_progress)

    # --- frames and surveys -----------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Show the runs of a frame, and ask for the surface below them where there is none yet."""
        problem = frame.problem
        if problem is None or not frame.snapshots:
            return
        old = self.asking.frame
        self.asking.follow(frame)
        if self.asking.size is None:
            self.asking.set_size(self.canvas.picture_size())
        if old is None or old.problem is not problem:
            self._show_choice()
        if self.asking.answer is None:
            self.canvas.show_survey(None, None)
            self.canvas.empty = "The error surface is being surveyed."
        self.canvas.show_runs(runs_of(frame, self._theme), problem.first_theta)
        self._look_after_runs()
        self._show_downhill()
        self._say()
        self._ask()

    def _look_after_runs(self) -> None:
        """See to it that the balls are in the picture."""
        if self.asking.answer is None:
            return
        self.asking.see(self._balls())

    def _balls(self) -> Vector:
        """Where the balls are in the plane, ``(n, 2)``."""
        points = np.array([self.canvas.on_plane(run.theta) for run in self.canvas.shown_runs()]).reshape(-1, 2)
        return np.asarray(points[np.isfinite(points).all(axis=1)], dtype=np.float64)

    def show_survey(self, surveyed: Surveyed) -> None:
        """Show what the surveyor found, if it answers the last question."""
        if not self.asking.take(surveyed):
            return
        self.canvas.names = axis_names(surveyed.surface.problem, surveyed.surface.plane.choice)
        extent = surveyed.surface.extent if self.asking.extent is None else self.asking.extent
        self.canvas.show_survey(surveyed, extent)
        if surveyed.final:
            self._long.stop()
            self.canvas.progress = None
        elif self.canvas.progress is not None:
            self.canvas.progress = surveyed.progress
        self._show_downhill()
        self._say()
        self._ask()

    def show_unanswered(self, unanswered: Unanswered) -> None:
        """A survey failed: the last one stays, until there is something else to ask."""
        self.asking.forget(unanswered.wanted)

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Leave out these runs."""
        self.canvas.hidden = hidden
        self.canvas.update()

    def _ask(self, *, impatient: bool = False) -> None:
        survey = self.asking.due(impatient=impatient)
        if survey is not None:
            self._patience.stop()
            if not self._long.isActive() and self.canvas.progress is None:
                self._long.start()
            self.survey_wanted.emit(survey)
        elif self.asking.is_owed and not self._patience.isActive():
            self._patience.start()

    def _show_progress(self) -> None:
        if self.asking.is_waiting:
            self.canvas.progress = 0.0
            self.canvas.update()

    # --- what it says -----------------------------------------------------------------------------------------------
    def _say(self) -> None:
        """Say beside the title what the plane leaves out, and to a screen reader where the runs stand."""
        answer, asking = self.asking.answer, self.asking
        stale = asking.is_stale
        self.refresh.setVisible(stale)
        if stale:
            self._show_refresh(asking.made_at[1])
        if answer is None:
            self.describe("")
            return
        self.describe(f"exact · {_lines(self.canvas.shown_runs())}" if answer.exact else _left_out(answer))
        parts = []
        for run in self.canvas.runs:
            point = self.canvas.on_plane(run.theta)
            at = [f"{name} {number(value, 2)}" for name, value in zip(self.canvas.names, point, strict=True)]
            parts.append(f"{run.name} at {' and '.join(at)}, cost {number(run.loss, 4)}")
        spoken = "; ".join(parts)
        if self.canvas.accessibleDescription() != spoken and not self.canvas.hasFocus():
            self.canvas.setAccessibleDescription(spoken)

    def _show_refresh(self, epoch: int) -> None:
        """Say from which epoch the plane is, in the tooltip alone where the card is narrow."""
        retitle(self.refresh, "Refresh" if self.width() < _NARROW else f"plane from epoch {epoch:,} · Refresh")
        self.refresh.setToolTip(f"The plane is that of epoch {epoch:,}: make that of the present moment (Alt+U)")

    def _show_downhill(self) -> None:
        """Find the way downhill from the main ball, if it is to be shown."""
        frame, answer, canvas = self.asking.frame, self.asking.answer, self.canvas
        canvas.downhill = None
        problem = frame.problem if frame is not None else None
        if self.arrow.isChecked() and frame is not None and answer is not None and problem and is_cheap(problem):
            canvas.downhill = downhill(answer, gradient(problem, frame.snapshots[0].state.theta))
        canvas.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        frame = self.asking.frame
        self.canvas.set_theme(theme)
        if frame is not None and frame.problem is not None and frame.snapshots:
            self.canvas.show_runs(runs_of(frame, theme), frame.problem.first_theta)

    # --- the plane --------------------------------------------------------------------------------------------------
    def choose(self, choice: PlaneChoice) -> None:
        """Show another plane, made of the present moment."""
        self.asking.choose(choice)
        self._show_choice()
        self._ask()

    def offer(self, index: int) -> None:
        """Take a parameter that was clicked as the second, and the former second as the first."""
        choice = self.asking.choice
        if index == choice.second:
            return
        offered = replace(choice, first=choice.second, second=index)
        if choice.kind == "parameters":
            self.choose(offered)
        else:
            # To be found when two parameters are chosen.
            self.asking.choice = offered
            self._show_choice()

    def _show_choice(self) -> None:
        frame, choice = self.asking.frame, self.asking.choice
        problem = frame.problem if frame is not None else None
        if problem is None:
            return
        title = dict((kind, title) for title, kind in KINDS)[choice.kind]
        if choice.kind == "parameters":
            both = " · ".join(axis_names(problem, choice))
            title = both if len(both) <= _SHORT else title
        retitle(self.plane, f"{title} ▾")
        self.panel.show_choice(choice, problem)

    def hideEvent(self, event: QHideEvent) -> None:
        """Another workspace has no use for the panel."""
        super().hideEvent(event)
        self.plane.setChecked(False)

    def _show_panel(self, on: bool) -> None:
        if on:
            self._show_choice()
            corner = self.plane.mapTo(self, QPoint(self.plane.width(), self.plane.height() + 4))
            self.panel.move(max(8, corner.x() - self.panel.width()), corner.y())
            self.panel.show()
            self.panel.raise_()
            tab_in_reading_order(self.panel)
            if self.plane.hasFocus():
                self.panel.kind.setFocus()
        else:
            back = self.panel.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
            self.panel.hide()
            if back:
                self.plane.setFocus()

    def _update_of(self, epoch: int) -> int:
        """The number of the update at which an epoch ended."""
        frame = self.asking.frame
        if frame is None or not frame.snapshots:
            return 0
        snapshot = frame.snapshots[0]
        if epoch >= snapshot.state.epoch:
            return snapshot.state.update
        rows = snapshot.trace
        return int(rows[min(int(np.searchsorted(rows[:, 0], epoch)), len(rows) - 1), 1])

    def _epoch_of(self, update: int) -> int:
        """The epoch that an update belongs to; of −1 the present one."""
        frame = self.asking.frame
        if frame is None or not frame.snapshots:
            return 0
        snapshot = frame.snapshots[0]
        if update < 0 or update >= snapshot.state.update:
            return snapshot.state.epoch
        rows = snapshot.trace
        return int(rows[min(int(np.searchsorted(rows[:, 1], update)), len(rows) - 1), 0])

    # --- what the user does -----------------------------------------------------------------------------------------
    def _set_log(self, on: bool) -> None:
        self.asking.set_log(on)
        self._ask()

    def _set_sets(self, on: bool) -> None:
        self.canvas.sets = on

    def _resize(self) -> None:
        self._say()
        if self.asking.frame is not None:
            self.asking.set_size(self.canvas.picture_size())
            self._ask()

    def _move(self, extent: Extent | None) -> None:
        if extent is None and self.asking.answer is not None:
            extent = self.asking.fit(self._balls())
            self.canvas.look_at(extent)
        else:
            self.asking.move(extent)
        self._ask()

    def _set_parameters(self, s: float, t: float) -> None:
        """Ask for the main run's parameters to be those at a point of the plane; deleted connections stay 0."""
        frame, answer = self.asking.frame, self.asking.answer
        if frame is None or answer is None:
            return
        plane, choice = answer.surface.plane, answer.surface.plane.choice
        theta = plane.lift(np.array([[s, t]]))[0]
        both = (choice.first, choice.second)
        wanted = np.array(both) if choice.kind == "parameters" else np.arange(len(theta))
        indices = wanted[~np.isin(wanted, frame.snapshots[0].state.pruned)].tolist()
        if indices:
            self.commanded.emit(SetParameters(tuple(indices), tuple(theta[indices].tolist())))
        else:
            self.canvas.give_up()

    def _set_start(self, s: float, t: float) -> None:
        frame, answer = self.asking.frame, self.asking.answer
        if frame is None or frame.problem is None or answer is None:
            return
        plane = answer.surface.plane
        theta = plane.lift(np.array([[s, t]]))[0]
        if plane.choice.kind == "parameters":
            both = [plane.choice.first, plane.choice.second]
            theta, lifted = frame.problem.first_theta.copy(), theta
            theta[both] = lifted[both]
        self.start_moved.emit(theta)

    def picture_widget(self) -> QWidget:
        """The picture without its card."""
        return self.canvas

    def numbers(self) -> str:
        """The grid: the first row has the coordinates along the first axis, the first column those along the second."""
        answer = self.asking.answer
        if answer is None:
            return ""
        surface = answer.surface
        s0, s1, t0, t1 = surface.extent
        columns = np.linspace(s0, s1, surface.side).tolist()
        first, second = self.canvas.names
        rows = ["\t".join([f"{second} \\ {first}", *map(repr, columns)])]
        for t, values in zip(np.linspace(t0, t1, surface.side).tolist(), surface.values.tolist(), strict=True):
            rows.append("\t".join(map(repr, [t, *values])))
        return "\n".join(rows)

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the switches."""
        menu.addSeparator()
        menu.addActions([self.log, self.arrow, self.sets])


def downhill(answer: Surveyed, slope: Vector) -> tuple[Vector, float] | None:
    """The way downhill in coordinates of the plane, and how steep it is; None where it is all but level.

    Parameters
    ----------
    slope
        The gradient with respect to all parameters.

    Returns
    -------
    way, steep
        `steep` is the share of the cost's range that the slope would make up all across the picture, at most 1.
    """
    plane, contours, (s0, s1, t0, t1) = answer.surface.plane, answer.contours, answer.surface.extent
    axes = np.stack([plane.u, plane.v])
    with np.errstate(over="ignore", invalid="ignore"):  # of a run that diverged
        along = float(np.abs(axes @ slope) @ np.array([s1 - s0, t1 - t0]))
    if contours.high <= contours.low:
        return None  # all is flat
    if not _LEVEL * (contours.high - contours.low) < along < math.inf:
        return None
    way = np.linalg.solve(axes @ axes.T, axes @ -slope)
    return np.asarray(way, dtype=np.float64), min(1.0, along / (contours.high - contours.low))


def _lines(runs: list[Run]) -> str:
    """What thin and thick lines are, in words."""
    if not runs:
        return "no run shown"
    longest = max(runs, key=lambda run: run.update)
    updates = longest.path.updates
    last = int(updates[-1] - updates[-2]) if len(updates) > 1 else 1
    thin = "every update" if last <= 1 else f"at last every {last:,} updates"
    if all(run.updates_per_epoch == 1 for run in runs):
        return f"line: {thin}"
    return f"thick: epoch means · thin: {thin}"


def _left_out(answer: Surveyed) -> str:
    """What the plane leaves out of the main run, in words."""
    parts = []
    if not math.isnan(answer.explained):
        parts.append(f"explains {100 * answer.explained:.0f} % of the path")
    if answer.surface.plane.choice.kind == "parameters":
        parts.append("through the ball")
    elif answer.left_out and math.isfinite(answer.left_out[0]):
        parts.append(f"{number(answer.left_out[0])} of the cost off it")
    return " · ".join(parts)
