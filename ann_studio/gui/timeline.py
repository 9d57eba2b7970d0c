"""The timeline: how far the run is, a hand to go back in it, and where we are inside the next update."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ann_studio.engine.messages import Frame, Seek
from ann_studio.gui.controls import Steady, named
from ann_studio.gui.painting import round_step
from ann_studio.gui.theme import LIGHT, Theme, font, mix, number
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase, Snapshot
from ann_studio.learning.supervised import batch_size

_FINEST = 5  #: epochs between two numbers at least, as there are four ticks between them
_KINDS = ("forward", "cost", "backward", "update")


def phase_text(phase: Phase, layers: int) -> str:
    """``Forward: hidden 2``, ``Cost: 0.532``, ``Backward: output``, ``Update``."""
    if phase.kind == "cost" and phase.loss is not None:
        return f"Cost: {number(phase.loss)}"
    if phase.layer < 0:
        return phase.kind.capitalize()
    layer = "output" if phase.layer == layers - 1 else f"hidden {phase.layer + 1}"
    return f"{phase.kind.capitalize()}: {layer}"


def where_text(problem: Problem, snapshot: Snapshot) -> str:
    """``Batch 2 of 4``, ``Sample 1 of 2 · batch 2 of 4``; on a landscape of its noisy gradients, if it has any."""
    samples, size, position = len(problem.train), batch_size(problem), snapshot.state.position
    landscape = isinstance(problem.experiment.data, Landscape)
    if landscape and samples == 1:
        return "Exact gradient"
    batch, rest = divmod(position, size)
    where = f"batch {batch + 1:,} of {math.ceil(samples / size):,}"
    if rest:
        # The batch size was changed within this epoch: batches of the new size cannot be counted from its start.
        where = f"{position:,} of {samples:,} {'gradients' if landscape else 'samples'} used"
    phase = snapshot.phase
    if phase is None:
        return f"{where[0].upper()}{where[1:]}"
    return f"{'Gradient' if landscape else 'Sample'} {phase.sample + 1:,} of {phase.batch:,} · {where}"


class Track(QWidget):
    """Epochs from 0 to the end, the part that is done, and a knob to seek with."""

    sought = Signal(int)  #: an epoch

    def __init__(self) -> None:
        super().__init__()
        self._theme: Theme = LIGHT
        self.epoch, self.reached, self.end = 0.0, 0, 1
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline")
        self.setToolTip("Drag to go back in the run; Page Up and Page Down move by a tenth")

    def sizeHint(self) -> QSize:
        """Room for the groove and its numbers."""
        return QSize(400, 44)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.update()

    def show_span(self, epoch: float, reached: int, end: int) -> None:
        """Put the knob at `epoch`; epochs up to `reached` were made, the run ends at `end`."""
        if (epoch, reached, end) != (self.epoch, self.reached, self.end):
            self.epoch, self.reached, self.end = epoch, reached, end
            self.setAccessibleDescription(f"epoch {int(epoch):,} of {end:,}")
            self.update()

    def _x(self, epoch: float) -> float:
        return 12 + (self.width() - 24) * epoch / max(self.end, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, ticks, knob."""
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(self._x(0), 10, self._x(self.end) - self._x(0), 5)
        painter.setBrush(mix(theme.hairline, theme.text_3, 0.15))
        painter.drawRoundedRect(groove, 2.5, 2.5)
        painter.setBrush(mix(theme.card, theme.accent, 0.35))
        painter.drawRoundedRect(QRectF(groove.left(), 10, self._x(self.reached) - groove.left(), 5), 2.5, 2.5)
        painter.setBrush(mix(theme.accent, theme.accent, 0))
        painter.drawRoundedRect(QRectF(groove.left(), 10, self._x(self.epoch) - groove.left(), 5), 2.5, 2.5)
        self._paint_ticks(painter)
        centre = QPointF(self._x(self.epoch), 12.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(mix(theme.accent, theme.accent, 0), 2))
            painter.drawEllipse(centre, 12, 12)
        painter.setPen(QPen(mix(theme.accent, theme.accent, 0), 2.5))
        painter.setBrush(mix(theme.card, theme.card, 0))
        painter.drawEllipse(centre, 8, 8)

    def _paint_ticks(self, painter: QPainter) -> None:
        theme, metrics = self._theme, painter.fontMetrics()
        painter.setFont(font(12))
        metrics = painter.fontMetrics()
        room = metrics.horizontalAdvance(f"{self.end:,}") + 40
        step = round_step(self.end / max(1.0, self.width() / room), _FINEST)
        painter.setPen(QPen(mix(theme.card, theme.text_3, 0.55), 1))
        for k in range(int(self.end / (step / 5)) + 1):
            x = self._x(k * step / 5)
            painter.drawLine(QPointF(x, 21), QPointF(x, 26 if k % 5 == 0 else 23))
        painter.setPen(QPen(mix(theme.text_2, theme.text_2, 0)))
        for k in range(int(self.end / step) + 1):
            text = f"{k * step:,}"
            width = metrics.horizontalAdvance(text)
            x = min(max(self._x(k * step) - width / 2, 0), self.width() - width)
            painter.drawText(QPointF(x, 40), text)

    def _seek_to(self, event: QMouseEvent) -> None:
        share = (event.position().x() - 12) / max(1, self.width() - 24)
        self.sought.emit(max(0, min(self.reached, round(share * self.end))))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek to where the mouse is."""
        self._seek_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Seek while dragging."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek_to(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page Up and Page Down move by a tenth."""
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
            return
        self.sought.emit(max(0, min(self.reached, int(self.epoch) + by * max(1, self.end // 10))))


class Timeline(QFrame):
    """The track, and the strip of phases."""

    commanded = Signal(object)  #: a command of `ann_studio.engine.messages`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setFixedHeight(72)
        self.track = Track()
        self.track.sought.connect(self._seek)
        self.where, self.phase = Steady(name="stripText"), Steady(name="stripStrong")
        self._segments = [named(QFrame(), "segment") for _ in _KINDS]
        self._theme: Theme = LIGHT
        self._phase_kind = -1  #: position in `_KINDS` of the phase that is shown; −1 between updates
        self._snapshot: Snapshot | None = None
        self._run: tuple[object, str] | None = None
        self._reached = 0
        self._updates_per_epoch = 1
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
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 16, 8)
        layout.setSpacing(16)
        layout.addWidget(self.track, 1)
        layout.addWidget(side)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.track.set_theme(theme)
        self._colour_segments(self._phase_kind)

    def show_frame(self, frame: Frame) -> None:
        """Show where the main run is."""
        if frame.problem is None or not frame.snapshots:
            return
        problem, snapshot = frame.problem, frame.snapshots[0]
        samples, size = len(problem.train), batch_size(problem)
        self._snapshot, self._updates_per_epoch = snapshot, math.ceil(samples / size)
        # Another run, or an edit: what was made before belongs to another branch.
        run = (problem.first_theta, frame.undo)
        if self._run is None or run[0] is not self._run[0] or run[1] != self._run[1]:
            self._run, self._reached = run, 0
        self._reached = max(self._reached, snapshot.state.epoch)
        end = max(problem.experiment.stop.epochs or 0, self._reached, 1)
        self.track.show_span(snapshot.state.epoch + snapshot.state.position / samples, self._reached, end)
        self.where.setText(where_text(problem, snapshot))
        phase = snapshot.phase
        if phase is None:
            self.phase.setText("between updates")
            self._colour_segments(-1)
        else:
            self.phase.setText(phase_text(phase, problem.architecture.layers))
            self._colour_segments(_KINDS.index(phase.kind))

    def _colour_segments(self, reached: int) -> None:
        theme, self._phase_kind = self._theme, reached
        for position, segment in enumerate(self._segments):
            on = theme.backward if _KINDS[position] == "backward" else theme.accent
            colour = on if position <= reached else theme.hairline
            sheet = f"background: {colour}; border-radius: 2px;"
            if segment.styleSheet() != sheet:
                segment.setStyleSheet(sheet)

    def _seek(self, epoch: int) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        rows = snapshot.trace
        known = rows[rows[:, 0] <= epoch]
        if len(known) == 0:
            # The trace began anew where the cost was changed: before that the updates are counted back from there.
            first_epoch, first_update = float(rows[0, 0]), float(rows[0, 1])
            self.commanded.emit(Seek(round(first_update * epoch / first_epoch)))
            return
        beyond = (epoch - int(known[-1, 0])) * self._updates_per_epoch
        self.commanded.emit(Seek(int(known[-1, 1]) + beyond))
