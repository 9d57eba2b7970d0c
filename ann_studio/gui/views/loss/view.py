"""The loss view: a card with the cost over epochs, or that of all runs over the clock of their race."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QCheckBox, QWidget

from ann_studio.engine.messages import Clock, Frame, Standing
from ann_studio.gui.clocks import UNITS
from ann_studio.gui.looks import looks
from ann_studio.gui.theme import LIGHT, Theme, number
from ann_studio.gui.view import View
from ann_studio.gui.views.loss.history import EPOCH, TRAIN, VALIDATION, Costs, present
from ann_studio.gui.views.loss.plot import Plot
from ann_studio.gui.views.loss.race import Race, Run, end_of, runs_of, table_of
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem

_LOG_HINT = "Show the cost on a logarithmic scale (Alt+L)"


class LossView(View):
    """The card of the cost curves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cost", parent)
        self.plot = Plot()
        self.log = QCheckBox("Log scale")
        self.log.setChecked(True)
        self.log.setAccessibleName("Log scale")
        self.log.setToolTip(_LOG_HINT)
        self.log.setShortcut("Alt+L")
        self.log.toggled.connect(self._switch)
        self.header.addWidget(self.log)
        self.body.addWidget(self.plot, 1)
        self._theme: Theme = LIGHT
        self._hidden: frozenset[int] = frozenset()
        self._known: dict[str, Costs] = {}
        self._runs: tuple[Run, ...] = ()
        self._standings: tuple[Standing, ...] = ()
        self._clock, self._end = Clock.EPOCHS, 1
        self._shown: tuple[object, ...] = ()

    def show_frame(self, frame: Frame) -> None:
        """Show the traces of all runs and their present points."""
        if frame.problem is None or not frame.snapshots:
            return
        if frame.problem.experiment.race or len(frame.snapshots) > 1:
            self._show_race(frame, frame.problem)
        else:
            self._show_run(frame, frame.problem)

    def _show_run(self, frame: Frame, problem: Problem) -> None:
        snapshot = frame.snapshots[0]
        rows, state = snapshot.trace, snapshot.state
        shown = (len(rows), state.update, snapshot.train_loss, problem, len(snapshot.future))
        if shown == self._shown:
            return
        self._shown, self._runs, self._known = shown, (), {}
        reached = math.ceil(frame.course.reached[0]) if frame.course is not None else 0
        end = max(problem.experiment.stop.epochs or 0, state.epoch + (state.position > 0), reached, 1)
        self.plot.show_curves(rows, present(snapshot, len(problem.train)), end, snapshot.future)
        self._offer_log()
        landscape = isinstance(problem.experiment.data, Landscape)
        self.plot.train_name = "cost" if landscape else "train"
        self.describe("of each epoch" if landscape else "of the whole set, each epoch")
        costs = f"train cost {number(snapshot.train_loss)}, validation cost {number(snapshot.validation_loss)}"
        self.plot.setAccessibleDescription(f"cost {number(snapshot.train_loss)}" if landscape else costs)

    def _show_race(self, frame: Frame, problem: Problem) -> None:
        costs = ((len(each.trace), each.state.update, each.train_loss) for each in frame.snapshots)
        shown = (problem, frame.clock, *costs)
        if shown == self._shown:
            return
        self._shown, self._clock, self._standings = shown, frame.clock, frame.standings
        self._runs = runs_of(frame, self._known)
        self._end = end_of(frame, self._runs)
        found = {run.name: run.costs for run in self._runs}
        # Runs that are on their way to the others come back.
        self._known = found if len(found) > len(problem.experiment.race) else self._known | found
        alone = " alone" if len(problem.validation) else ""
        what = "" if isinstance(problem.experiment.data, Landscape) else f"training cost{alone}, "
        self.describe(f"{what}by {UNITS[frame.clock]}s")
        self._draw_race()

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Leave out these runs."""
        self._hidden = hidden
        self._draw_race()

    def _draw_race(self) -> None:
        if not self._runs:
            return
        shown = [
            (run, look)
            for run, look in zip(self._runs, looks(self._standings, self._theme), strict=True)
            if run.place not in self._hidden and len(run)
        ]
        race = Race(tuple(run for run, _ in shown), tuple(look for _, look in shown), self._clock, self._end)
        self.plot.show_race(race)
        self._offer_log()
        self.plot.setAccessibleDescription(race.summary())

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = self.plot.theme = theme
        self._draw_race()
        self.plot.update()

    def picture_widget(self) -> QWidget:
        """The plot without its card."""
        return self.plot

    def numbers(self) -> str:
        """Epoch, train cost and validation cost, a row an epoch; in a race those of all runs, hidden or not."""
        if self._runs:
            return table_of(self._runs)
        costs = self.plot.costs
        if not len(costs):
            return ""
        rows = zip(*(costs.values(column).tolist() for column in (EPOCH, TRAIN, VALIDATION)), strict=True)
        lines = ("\t".join("" if math.isnan(value) else f"{value!r}" for value in row) for row in rows)
        return "\n".join(["epoch\ttrain cost\tvalidation cost", *lines])

    def _offer_log(self) -> None:
        """Where a cost is below zero there is no logarithm of it, and the scale is linear."""
        below = self.plot.below_zero
        if self.log.isEnabled() is below:
            self.log.setEnabled(not below)
            self.log.setToolTip("Some of these costs are below zero: they have no logarithm" if below else _LOG_HINT)

    def _switch(self, on: bool) -> None:
        self.plot.log = on
        self.plot.update()
