"""The loss view: a card with the cost over epochs."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QCheckBox, QWidget

from ann_studio.engine.messages import Frame
from ann_studio.gui.theme import Theme, number
from ann_studio.gui.view import View
from ann_studio.gui.views.loss.history import EPOCH, TRAIN, VALIDATION, Point
from ann_studio.gui.views.loss.plot import Plot


class LossView(View):
    """The card of the cost curves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cost", parent)
        self.plot = Plot()
        self.log = QCheckBox("Log scale")
        self.log.setChecked(True)
        self.log.setAccessibleName("Log scale")
        self.log.setToolTip("Show the cost on a logarithmic scale (Alt+L)")
        self.log.setShortcut("Alt+L")
        self.log.toggled.connect(self._switch)
        self.header.addWidget(self.log)
        self.body.addWidget(self.plot, 1)
        self.describe("of the whole set, each epoch")
        self._shown: tuple[object, ...] = ()

    def show_frame(self, frame: Frame) -> None:
        """Show the trace of the main run and its present point."""
        if frame.problem is None or not frame.snapshots:
            return
        snapshot = frame.snapshots[0]
        rows, state = snapshot.trace, snapshot.state
        shown = (len(rows), state.update, snapshot.train_loss, frame.problem)
        if shown == self._shown:
            return
        self._shown = shown
        here, at_row = None, len(rows) and rows[-1, 1] == state.update and rows[-1, 2] == snapshot.train_loss
        if snapshot.losses_update == state.update and not at_row and math.isfinite(snapshot.train_loss):
            epoch = state.epoch + state.position / len(frame.problem.train)
            here = Point(epoch, snapshot.train_loss, snapshot.validation_loss)
        end = max(frame.problem.experiment.stop.epochs or 0, state.epoch + 1 if state.position else state.epoch, 1)
        self.plot.show_curves(rows, here, end)
        self.plot.setAccessibleDescription(
            f"train cost {number(snapshot.train_loss)}, validation cost {number(snapshot.validation_loss)}"
        )

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.plot.theme = theme
        self.plot.update()

    def picture_widget(self) -> QWidget:
        """The plot without its card."""
        return self.plot

    def numbers(self) -> str:
        """Epoch, train cost and validation cost, a row an epoch."""
        costs = self.plot.costs
        if not len(costs):
            return ""
        rows = zip(*(costs.values(column).tolist() for column in (EPOCH, TRAIN, VALIDATION)), strict=True)
        lines = ("\t".join("" if math.isnan(value) else f"{value!r}" for value in row) for row in rows)
        return "\n".join(["epoch\ttrain cost\tvalidation cost", *lines])

    def _switch(self, on: bool) -> None:
        self.plot.log = on
        self.plot.update()
