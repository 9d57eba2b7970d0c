"""The track: epochs from 0 to the end, what is made and what lies along it, and a knob to seek with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ann_studio.gui.painting import round_step
from ann_studio.gui.theme import LIGHT, Theme, font, mix
from ann_studio.learning.course import Course, Mark

_FINEST = 5  #: epochs between two numbers at least, as there are four ticks between them
_SIDE = 12  #: room beside the groove, for the knob
_Y = 14.5  #: middle of the groove
_NEAR = 5.0  #: pixels from a mark within which the mouse means it
_MOST_MARKS = 200
_HINT = "Drag to go back and forth in the run; Page Up and Page Down move by a tenth, Alt+← and Alt+→ from mark to mark"
_NOTHING = Course(((0.0, 0),), (), ())


class Track(QWidget):
    """The groove with its marks, and the knob.

    The present is an epoch with its fraction; what is sought is an update.
    """

    sought = Signal(int)  #: an update

    def __init__(self) -> None:
        super().__init__()
        self._theme: Theme = LIGHT
        self.epoch, self.end = 0.0, 1
        self.course = _NOTHING
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsPages", True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Timeline")
        self.setToolTip(_HINT)

    def sizeHint(self) -> QSize:
        """Room for the marks, the groove and its numbers."""
        return QSize(400, 46)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.update()

    def show_span(self, epoch: float, course: Course, end: int) -> None:
        """Put the knob at `epoch` of a run that was made as `course` says and will end at epoch `end`."""
        if (epoch, end, course) != (self.epoch, self.end, self.course):
            self.epoch, self.course, self.end = epoch, course, end
            made = f", {int(self.reached):,} made" if self.reached > epoch else ""
            self.setAccessibleDescription(f"epoch {int(epoch):,} of {end:,}{made}")
            self.update()

    @property
    def reached(self) -> float:
        """The epoch up to which the run was made."""
        return self.course.reached[0]

    def mark_beside(self, update: int, by: int) -> Mark | None:
        """The next mark behind (`by` 1) or before (−1) an update; None if there is none."""
        marks = [mark for mark in self.course.marks if (mark.update - update) * by > 0]
        return (marks[0] if by > 0 else marks[-1]) if marks else None

    # --- painting ---------------------------------------------------------------------------------------------------
    def x_of(self, epoch: float) -> float:
        """Where an epoch is, in pixels."""
        return _SIDE + (self.width() - 2 * _SIDE) * epoch / max(self.end, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, ticks, marks, knob."""
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        left = self.x_of(0)
        for epoch, colour in (
            (float(self.end), mix(theme.hairline, theme.text_3, 0.15)),
            (self.reached, mix(theme.card, theme.accent, 0.35)),
            (self.epoch, QColor(theme.accent)),
        ):
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(left, _Y - 2.5, self.x_of(epoch) - left, 5), 2.5, 2.5)
        self._paint_ticks(painter)
        centre = QPointF(self.x_of(self.epoch), _Y)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawEllipse(centre, 11, 11)
        painter.setPen(QPen(QColor(theme.accent), 2.5))
        painter.setBrush(QColor(theme.card))
        painter.drawEllipse(centre, 7.5, 7.5)
        self._paint_marks(painter)

    def _paint_ticks(self, painter: QPainter) -> None:
        theme = self._theme
        painter.setFont(font(12))
        metrics = painter.fontMetrics()
        room = metrics.horizontalAdvance(f"{self.end:,}") + 40
        step = round_step(self.end / max(1.0, self.width() / room), _FINEST)
        painter.setPen(QPen(mix(theme.card, theme.text_3, 0.55), 1))
        for k in range(int(self.end / (step / 5)) + 1):
            x = self.x_of(k * step / 5)
            painter.drawLine(QPointF(x, _Y + 8.5), QPointF(x, _Y + (13.5 if k % 5 == 0 else 10.5)))
        painter.setPen(QColor(theme.text_2))
        for k in range(int(self.end / step) + 1):
            text = f"{k * step:,}"
            width = metrics.horizontalAdvance(text)
            x = min(max(self.x_of(k * step) - width / 2, 0), self.width() - width)
            painter.drawText(QPointF(x, _Y + 27.5), text)

    def _paint_marks(self, painter: QPainter) -> None:
        """Edits as diamonds on the groove, the best epoch as a star, bookmarks as flags above."""
        theme = self._theme
        for kind, shape in _SHAPES.items():
            painter.setPen(QPen(QColor(theme.card), 1.2))
            painter.setBrush(QColor(theme.text if kind == "edit" else theme.accent))
            marks = [mark for mark in self.course.marks if mark.kind == kind][-_MOST_MARKS:]
            for mark in marks:
                painter.drawPolygon(shape(self.x_of(mark.epoch)))

    # --- the hand ---------------------------------------------------------------------------------------------------
    def _mark_at(self, x: float) -> Mark | None:
        near = [mark for mark in self.course.marks if abs(self.x_of(mark.epoch) - x) <= _NEAR]
        return min(near, key=lambda mark: abs(self.x_of(mark.epoch) - x), default=None)

    def _seek_to(self, x: float, *, snap: bool) -> None:
        mark = self._mark_at(x) if snap else None
        share = (x - _SIDE) / max(1, self.width() - 2 * _SIDE)
        self.sought.emit(self.course.update_at(share * self.end) if mark is None else mark.update)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek to where the mouse is, or to the mark under it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._seek_to(event.position().x(), snap=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Seek while dragging; else say what the mark under the mouse is."""
        x = event.position().x()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek_to(x, snap=False)
            return
        mark = self._mark_at(x)
        hint = _HINT if mark is None else f"{mark.label} (update {mark.update:,})"
        if hint != self.toolTip():
            self.setToolTip(hint)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page Up and Page Down move by a tenth."""
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
            return
        self.sought.emit(self.course.update_at(self.epoch + by * self.end / 10))


def _polygon(points: Iterable[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _diamond(x: float) -> QPolygonF:
    return _polygon([(x, _Y - 5.5), (x + 4.5, _Y), (x, _Y + 5.5), (x - 4.5, _Y)])


def _flag(x: float) -> QPolygonF:
    return _polygon([(x - 4, 0.5), (x + 4, 0.5), (x + 4, 10.5), (x, 7.5), (x - 4, 10.5)])


def _star(x: float) -> QPolygonF:
    unit = [(0, -1), (0.26, -0.36), (0.95, -0.31), (0.42, 0.14), (0.59, 0.81), (0, 0.45)]
    right = [(x + 7 * a, _Y + 7 * b) for a, b in unit]
    left = [(2 * x - a, b) for a, b in reversed(right[1:-1])]
    return _polygon([*right, *left])


#: Each kind of mark has a shape of its own.
_SHAPES: dict[str, Callable[[float], QPolygonF]] = {"edit": _diamond, "best": _star, "bookmark": _flag}
