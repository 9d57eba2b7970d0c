"""The picture of the output view: one of four, by the kind of data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ann_studio.analysis.metrics import Performance
from ann_studio.analysis.pictures import Pictures, extent_of, is_line, is_plane
from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.features import pretty
from ann_studio.gui.painting import layer, paint_focus, painting
from ann_studio.gui.scales import short
from ann_studio.gui.theme import LIGHT, Theme, font
from ann_studio.gui.views.output import axes, charts, confusion, plane, spots
from ann_studio.gui.views.output.drawing import Drawing
from ann_studio.gui.views.output.ghost import Ghost
from ann_studio.gui.views.output.points import paint_ring
from ann_studio.gui.views.output.spots import Judged, Spots
from ann_studio.gui.views.output.stage import Stage
from ann_studio.learning.problem import Problem, Samples

_MARGINS = (48.0, 24.0, 12.0, 40.0)  #: of pictures with axes: left, top, right, bottom
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HINT = (
    "Click a sample, or in a matrix a cell and again for its next one, to look at it; or Tab here: arrow keys walk"
    " through the samples, in a matrix Enter goes on in the same cell, Esc lets go"
)
_DRAWING_HINT = (
    "Click for class A; with Shift or the right button, class B. Arrow keys move a cross,"
    " Enter and Shift+Enter draw there, Backspace takes the last point back, Esc ends without drawing"
)


class Canvas(QWidget):
    """Paints what the network makes of the data."""

    cleared = Signal()  #: no sample is chosen any more
    clicked_row = Signal(int)  #: row of the dataset whose point was chosen
    drawn = Signal()  #: a point was drawn, or taken back

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        # Not by a click: after that the arrow keys go on stepping.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Output of the network")
        self.setToolTip(_HINT)
        self.theme: Theme = LIGHT
        self.problem: Problem | None = None
        self.theta: NDArray[np.float64] | None = None
        self.pictures: Pictures | None = None
        self.ghost: Ghost | None = None
        self.discrete = False
        self.with_validation = True
        self.is_drawing = False
        self.drawing = Drawing()
        self.row: int | None = None
        self._points: QImage | None = None

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(180, 160)

    def show_output(
        self,
        problem: Problem,
        theta: NDArray[np.float64],
        pictures: Pictures | None,
        before: tuple[Problem, Pictures] | None = None,
    ) -> None:
        """Show the pictures of `theta`; without any the points alone, or the last picture if it is of `theta` too.

        Parameters
        ----------
        before
            What was there before an edit that was made just now.
        """
        self._show_ghost(before)
        if pictures is None and problem is self.problem and theta is self.theta:
            return
        if problem is not self.problem:
            if self.problem is None or problem.dataset is not self.problem.dataset:
                self.row, self.drawing = None, Drawing()
            self._points = None
        elif pictures is self.pictures and theta is self.theta:
            return
        self.problem, self.theta, self.pictures = problem, theta, pictures
        self._own_keys()
        self.update()

    def _own_keys(self) -> None:
        """Say which keys the window is to leave to it: while points are drawn, all."""
        self.setProperty("ownsArrows", True if self.is_drawing else "alone")

    def _show_ghost(self, before: tuple[Problem, Pictures] | None) -> None:
        """Show what was there before an edit, or no longer."""
        if before is None and self.ghost is not None:
            self.ghost = None
            self.update()
        elif before is not None and (self.ghost is None or self.ghost.pictures is not before[1]):
            self.ghost = Ghost(*before)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.redraw()

    def redraw(self) -> None:
        """Paint everything anew, points too."""
        self._points = None
        self.update()

    def set_drawing(self, on: bool) -> None:
        """Begin or end drawing; the points drawn so far stay until others are shown."""
        self.is_drawing = on
        self.drawing.hand = None
        self.setToolTip(_DRAWING_HINT if on else _HINT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if on else Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
        self._own_keys()
        if on:
            self.setFocus()
        elif self.hasFocus():
            self.clearFocus()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The points move with the size."""
        self._points = None

    # --- geometry ---------------------------------------------------------------------------------------------------
    def stage(self) -> Stage | None:
        """The scale of the picture; None for a confusion matrix."""
        problem = self.problem
        if problem is None:
            return None
        if self.is_drawing or is_plane(problem.dataset):
            side = float(min(self.width(), self.height()))
            extent = self.drawing.extent(problem) if self.is_drawing else extent_of(problem)
            return Stage(QRectF((self.width() - side) / 2, 0, side, side), extent)
        _, top, right, bottom = _MARGINS
        left = self._left_margin(problem)
        area = QRectF(left, top, max(20.0, self.width() - left - right), max(20.0, self.height() - top - bottom))
        if is_line(problem.dataset):
            x0, x1, _, _ = extent_of(problem)
            return Stage(area, (x0, x1, *axes.span(self._curve_range(problem))))
        if isinstance(problem.dataset.target, Numbers):
            low, high = axes.span(problem.dataset.targets[:, 0])
            side = min(area.width(), area.height())
            return Stage(QRectF(area.left(), area.top(), side, side), (low, high, low, high))
        return None

    def _left_margin(self, problem: Problem) -> float:
        """Room for the numbers at the vertical axis."""
        values = self._curve_range(problem) if is_line(problem.dataset) else problem.dataset.targets[:, 0]
        metrics = QFontMetricsF(font(12))
        return max(_MARGINS[0], 14 + max(metrics.horizontalAdvance(short(end)) for end in axes.span(values)))

    def _curve_range(self, problem: Problem) -> NDArray[np.float64]:
        if isinstance(problem.dataset.target, Classes):
            return np.array([problem.preparation.low, problem.preparation.high])
        return problem.dataset.targets[:, 0]

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint by the kind of data."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        problem, stage = self.problem, self.stage()
        if problem is None:
            painter.setFont(font(14))
            painter.setPen(QColor(self.theme.text_3))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The output appears here.")
        elif stage is None:
            self._paint_confusion(painter, problem)
        elif self.is_drawing or is_plane(problem.dataset):
            self._paint_plane(painter, problem, stage)
        elif is_line(problem.dataset):
            points, ghost = self._point_layer(problem, stage), self._ghost_layer(stage)
            charts.paint_line(painter, stage, problem, points, self.pictures, self.theme, ghost)
        else:
            charts.paint_scatter(
                painter, stage, problem, self.pictures, self.theme, with_validation=self.with_validation
            )
        if self.row is not None and problem is not None and stage is not None and not self.is_drawing:
            self._paint_ring(painter, problem, stage, self.row)
        if self.hasFocus():
            plain = stage is not None and (self.is_drawing or self._on_plane())
            around = stage.rect if stage is not None and plain else QRectF(self.rect())
            paint_focus(painter, around, self.theme.accent)

    def performance(self) -> Performance | None:
        """Of the part that is shown: the validation part if there is one and it is switched on."""
        return self._counted(self.problem)[1] if self.problem is not None else None

    def _counted(self, problem: Problem) -> Judged:
        """The part that is shown in numbers."""
        train, *others = spots.judged(problem, self.pictures, with_validation=self.with_validation)
        return next((other for other in others if other[1] is not None), train)

    def _paint_confusion(self, painter: QPainter, problem: Problem) -> None:
        (samples, shown), target = self._counted(problem), problem.dataset.target
        if shown is None or shown.confusion is None or not isinstance(target, Classes):
            return
        confusion.paint_confusion(painter, QRectF(self.rect()), shown.confusion, target.labels, self.theme)
        cell = None if self.row is None else spots.cell_of(problem, samples, shown, self.row)
        if cell is not None:
            confusion.mark(painter, QRectF(self.rect()), target.labels, cell, self.theme)

    def _paint_plane(self, painter: QPainter, problem: Problem, stage: Stage) -> None:
        empty = self.is_drawing and not self.drawing.adds_to(problem)
        plane.begin(painter, stage, self.theme)
        if not empty:
            if self.pictures is not None and self.pictures.region is not None:
                region, ghost = self.pictures.region, self._ghost_layer(stage)
                plane.paint_region(painter, stage, problem, region, self.theme, ghost, discrete=self.discrete)
            painter.drawImage(0, 0, self._point_layer(problem, stage))
        self.drawing.paint(painter, stage, self.theme)
        if self.is_drawing:
            self.drawing.paint_hand(painter, stage, self.theme)
        names = ("x₁", "x₂") if empty else tuple(pretty(column.name) for column in problem.dataset.columns)
        plane.finish(painter, stage, (names[0], names[1]), self.theme)

    def _paint_ring(self, painter: QPainter, problem: Problem, stage: Stage, row: int) -> None:
        """Mark the sample that is looked at where it is, if that is in the picture."""
        place, around = self._place_of(problem, row), stage.rect.adjusted(-12, -12, 12, 12)
        at = stage.to_pixel(*place) if place is not None else None
        if at is not None and around.contains(at):
            painter.setClipRect(around)
            paint_ring(painter, at, self.theme)
            painter.setClipping(False)

    def _place_of(self, problem: Problem, row: int) -> tuple[float, float] | None:
        """Where a sample is on a plane, over a line, or as prediction against the truth; None if it is not shown."""
        for samples, predicted in spots.judged(problem, self.pictures, with_validation=self.with_validation):
            found = np.flatnonzero(samples.rows == row)
            if not len(found):
                continue
            if is_plane(problem.dataset) or is_line(problem.dataset):
                one = Samples(samples.rows[found], samples.inputs[found], samples.targets[found])
                return spots.of_inputs(problem, [one]).of(row)
            return None if predicted is None else spots.of_predictions(problem, samples, predicted, found).of(row)
        return None

    def _spots(self, problem: Problem) -> list[Spots]:
        """Where samples are painted on a plane, over a line, or as predictions against the truth."""
        if is_plane(problem.dataset) or is_line(problem.dataset):
            return [spots.of_inputs(problem, [samples for samples, _ in self._parts(problem)])]
        if self.pictures is None:
            return []
        return [each for each, _ in charts.predictions(problem, self.pictures, with_validation=self.with_validation)]

    def _parts(self, problem: Problem) -> list[tuple[Samples, bool]]:
        parts = [(charts.thinned(problem.train), False)]
        if self.with_validation:
            parts.append((charts.thinned(problem.validation), True))
        return parts

    def _rows_shown(self) -> NDArray[np.int64]:
        """Rows of the dataset that keys walk through, ascending: those that are painted, or counted in a matrix."""
        problem = self.problem
        if problem is None:
            return np.zeros(0, dtype=np.int64)
        if self.stage() is None:
            return np.sort(self._counted(problem)[0].rows)
        return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *(each.rows for each in self._spots(problem))]))

    def _point_layer(self, problem: Problem, stage: Stage) -> QImage:
        """All points on a transparent layer, kept until data, size or colours change."""
        ratio = self.devicePixelRatioF()
        if self._points is None or self._points.devicePixelRatioF() != ratio:
            self._points = layer(self.size(), ratio)
            with painting(self._points) as painter:
                for samples, rings in self._parts(problem):
                    charts.paint_samples(painter, stage, problem, samples, self.theme, rings=rings)
        return self._points

    def _ghost_layer(self, stage: Stage) -> QImage | None:
        """What was there before an edit, on a transparent layer."""
        return (
            None if self.ghost is None else self.ghost.image(stage, self.theme, self.size(), self.devicePixelRatioF())
        )

    # --- the mouse --------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Draw a point, or choose the sample under the mouse."""
        stage = self.stage()
        if self.is_drawing and stage is not None:
            if stage.rect.contains(event.position()):
                shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                other = shift or event.button() == Qt.MouseButton.RightButton
                self._draw(stage.to_data(event.position()), 0 if other else 1)
        elif event.button() == Qt.MouseButton.LeftButton and self.problem is not None:
            self.choose(self._row_at(event.position()))
        else:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """While drawing the right button draws, and opens no menu."""
        if self.is_drawing and event.reason() == QContextMenuEvent.Reason.Mouse:
            event.accept()
        else:
            super().contextMenuEvent(event)

    def _on_plane(self) -> bool:
        return self.problem is not None and not self.is_drawing and is_plane(self.problem.dataset)

    def _row_at(self, position: QPointF) -> int | None:
        """The sample at a position; of the cell of a matrix the one after that which is chosen."""
        problem, stage = self.problem, self.stage()
        if problem is None or self.is_drawing:
            return None
        if stage is None:
            cell = self._cell_at(position)
            return self._next_in(problem, cell) if cell is not None else None
        found = (each.at(stage, position) for each in self._spots(problem))
        return next((row for row in found if row is not None), None)

    def _cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Truth and prediction of the cell of the confusion matrix at a position."""
        target = self.problem.dataset.target if self.problem is not None and self.stage() is None else None
        if not isinstance(target, Classes):
            return None
        return confusion.lay_out(QRectF(self.rect()), target.labels).cell_at(position)

    def _next_in(self, problem: Problem, cell: tuple[int, int]) -> int | None:
        """The sample of a cell that comes after the chosen one, else its first; None where it is empty."""
        samples, predicted = self._counted(problem)
        if predicted is None:
            return None
        rows = spots.in_cell(problem, samples, predicted, cell)
        if not len(rows):
            return None
        after = 0 if self.row is None else int(np.searchsorted(rows, self.row, side="right"))
        return int(rows[after % len(rows)])

    def _draw(self, place: tuple[float, float], kind: int) -> None:
        self.drawing.points.append((*place, kind))
        self.drawn.emit()
        self.update()

    def take_back(self) -> None:
        """Forget the last point that was drawn."""
        del self.drawing.points[-1:]
        self.drawn.emit()
        self.update()

    def choose(self, row: int | None) -> None:
        """Ring a sample of the dataset, or none."""
        before, self.row = self.row, row
        if row is not None:
            self.clicked_row.emit(row)
        elif before is not None:
            self.cleared.emit()
        self.update()

    def ring(self, row: int | None) -> None:
        """Ring the sample that is looked at wherever it is to be seen, without choosing it."""
        self.row = row
        self.update()

    def event(self, event: QEvent) -> bool:
        """Say in a tooltip what the mouse points at."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.text_at(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            # The hint is for screen readers: over the points it would be in the way.
            return True
        return super().event(event)

    def text_at(self, position: QPointF) -> str:
        """The sample or the cell at a position, in words; empty if there is none."""
        problem, shown = self.problem, self.performance()
        if problem is None:
            return ""
        cell, target = self._cell_at(position), problem.dataset.target
        if cell is not None and shown is not None and shown.confusion is not None and isinstance(target, Classes):
            return confusion.cell_text(shown.confusion, target.labels, cell)
        row = self._row_at(position)
        return _sample_text(problem, row) if row is not None else ""

    # --- the keyboard -----------------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk through samples, Enter goes on in a cell, Escape lets go; or they move a cross to draw."""
        key, problem = Qt.Key(event.key()), self.problem
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if problem is not None and self.is_drawing and (key in _ARROWS or key in _ENTER or key == Qt.Key.Key_Backspace):
            self._draw_by_key(key, problem, event.modifiers())
        elif problem is not None and key in _ARROWS and plain:
            self._walk(sum(_ARROWS[key]))
        elif problem is not None and self.row is not None and self.stage() is None and key in _ENTER:
            self._go_on_in_cell(problem, self.row)
        elif self.row is not None and key == Qt.Key.Key_Escape:
            self.choose(None)
        else:
            super().keyPressEvent(event)

    def _draw_by_key(self, key: Qt.Key, problem: Problem, modifiers: Qt.KeyboardModifier) -> None:
        extent = self.drawing.extent(problem)
        if key == Qt.Key.Key_Backspace:
            self.take_back()
        else:
            self.drawing.move(*_ARROWS.get(key, (0, 0)), extent)
        if key in _ENTER and self.drawing.hand is not None:
            self._draw(self.drawing.hand, 0 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1)
        self.update()

    def _go_on_in_cell(self, problem: Problem, row: int) -> None:
        """Choose the next sample of the cell in which the chosen one is."""
        samples, predicted = self._counted(problem)
        cell = None if predicted is None else spots.cell_of(problem, samples, predicted, row)
        if cell is not None:
            self.choose(self._next_in(problem, cell))

    def _walk(self, by: int) -> None:
        rows = self._rows_shown()
        if len(rows):
            at = int(np.searchsorted(rows, self.row)) + by if self.row is not None else 0
            self.choose(int(rows[at % len(rows)]))


def _sample_text(problem: Problem, row: int) -> str:
    target, value = problem.dataset.target, problem.dataset.targets[row]
    if isinstance(target, Classes):
        return f"sample {row + 1:,}: {target.name} {target.labels[int(value[0])]}"
    return f"sample {row + 1:,}: {target.names[0]} {short(float(value[0]))}"
