"""The picture of the valley, and a hand on its ball."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy

from ann_studio.analysis.slice import Slice
from ann_studio.engine.messages import Sounded
from ann_studio.gui import told
from ann_studio.gui.looks import Look, looks
from ann_studio.gui.painting import paint_focus, painting
from ann_studio.gui.scales import labels, ticks
from ann_studio.gui.theme import LIGHT, Theme, font, number
from ann_studio.gui.tips import Picture
from ann_studio.gui.views.valley import marks, words
from ann_studio.gui.views.valley.arrangement import GAP, LINE, Arrangement, arrange
from ann_studio.gui.views.valley.frame import Box, Range, Stage, cost_at, needed, rest

_TOP, _RIGHT, _BOTTOM = 6.0, 10.0, 40.0  #: margins
_REACH = 16.0  #: how near to the ball it can be grasped
_STEP, _LARGE_STEP = 0.01, 0.1  #: of the width, by an arrow key
_ZOOM = 1.25
_HINT = (
    "Drag the ball along the curve to set the weight. With the keyboard: Tab here, Left and Right move it"
    " (with Shift farther), Enter sets it, Esc gives it up; the wheel, + and − zoom, 0 shows all"
)


class Canvas(Picture):
    """Paints a slice."""

    chosen = Signal(float)  #: the position at which the ball was let go
    zoomed = Signal(float)  #: factor by which the range is to grow; 0: back to what is sensible

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self.setAccessibleName("Valley")
        self.setToolTip(_HINT)
        self.theme: Theme = LIGHT
        self.second = False
        self.has_caption = False  #: whether the axis says of which moment the valley is
        self.has_limit = False  #: whether the largest stable rate stands among the numbers
        self.sounded: Sounded | None = None
        self.preview: float | None = None  #: where a hand holds the ball
        self._waiting: Sounded | None = None
        self._held: Range | None = None
        self._left = True
        self._grip = 0.0
        self._dragging = False

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(240, 130)

    def show_sounded(self, sounded: Sounded) -> None:
        """Show a slice; while a hand holds the ball the last one stays."""
        if self.preview is not None:
            self._waiting = sounded
            return
        self.sounded = sounded
        self._describe(sounded)
        self.update()

    def forget(self) -> None:
        """Show nothing, and let go of the ball: what was shown is of another network."""
        self.sounded = self._waiting = self._held = self.preview = None
        self._dragging = False
        self.setAccessibleDescription("")
        self.update()

    def set_caption(self, on: bool) -> None:
        """Say at the axis of which moment the valley is, or not."""
        if on != self.has_caption:
            self.has_caption = on
            self.update()

    def set_limit(self, on: bool) -> None:
        """Say among the numbers which learning rate is the largest that is stable, or not."""
        if on != self.has_limit:
            self.has_limit = on
            self.update()

    def forget_scale(self) -> None:
        """Show the next slice by a scale of its own."""
        self._held = None
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.update()

    def set_second(self, on: bool) -> None:
        """Show the second derivative or not."""
        self.second = on
        self._held = None
        self.update()

    def _describe(self, sounded: Sounded) -> None:
        lines = (*words.first_lines(sounded), *words.second_lines(sounded))
        self.setAccessibleDescription(", ".join([words.subtitle(sounded), *(line.text for line in lines)]))

    # --- geometry ---------------------------------------------------------------------------------------------------
    def _blocks(self, sounded: Sounded, *, short: bool = False) -> list[tuple[words.Line, ...]]:
        first = words.first_lines(sounded, short=short)
        if not self.second:
            return [first]
        limit = words.limit_lines(sounded) if self.has_limit else ()
        return [first, words.second_lines(sounded, short=short) + limit]

    def stage(self) -> Stage | None:
        """The scale of the picture; None without a slice."""
        return None if self.sounded is None else self._layout(self.sounded)[0]

    def texts(self) -> list[tuple[QRectF, tuple[words.Line, ...]]]:
        """Where the blocks of text stand."""
        return [] if self.sounded is None else self._layout(self.sounded)[1]

    def _layout(self, sounded: Sounded) -> tuple[Stage, list[tuple[QRectF, tuple[words.Line, ...]]]]:
        valley = sounded.slice
        height = max(self.height() - _TOP - _BOTTOM, 20.0)
        positions = (float(valley.positions[0]), float(valley.positions[-1]))
        width = max(self.width() - 48.0 - _RIGHT, 40.0)
        full, short = self._blocks(sounded), self._blocks(sounded, short=True)
        placed = arrange(full, short, width, height, marks.width_of)
        costs, placed = self._costs(valley, width, height, placed)
        self._held = costs = rest(self._held, costs)
        metrics = QFontMetricsF(font(12))
        numbers = labels(ticks(*costs, max(2, int(height / marks.TICK))))
        left = max((metrics.horizontalAdvance(text) for text in numbers), default=0.0) + 10
        beside = placed.column + GAP if placed.column else 0.0
        area = QRectF(left, _TOP, max(self.width() - left - _RIGHT - beside, 40.0), height)
        return Stage(area, positions, costs), self._texts(area, placed)

    def _costs(self, valley: Slice, width: float, height: float, placed: Arrangement) -> tuple[Range, Arrangement]:
        """The costs to show; a single block above the curve goes to the corner where the curve is lower."""
        if placed.column:
            width -= placed.column + GAP
        costs = needed(valley, width, height, placed.boxes)
        if len(placed.boxes) != 1:
            return costs, placed
        (box,) = placed.boxes
        other = Box(0, box.right - box.left, box.depth)
        at_left = needed(valley, width, height, [other])
        # It changes only where that is much better.
        better = 0.85 if self._left is False else 1 / 0.85
        self._left = at_left[1] - at_left[0] < better * (costs[1] - costs[0]) and at_left[1] < costs[1]
        return (at_left, Arrangement(placed.blocks, (other,))) if self._left else (costs, placed)

    def _texts(self, area: QRectF, placed: Arrangement) -> list[tuple[QRectF, tuple[words.Line, ...]]]:
        if placed.column:
            (block,) = placed.blocks
            return [(QRectF(area.right() + GAP, 0.0, placed.column, LINE * len(block)), block)]
        found = []
        for block, box in zip(placed.blocks, placed.boxes, strict=True):
            width = marks.width_of(block)
            left = area.left() + 8 if box.left == 0 else area.right() - width
            found.append((QRectF(left, area.top(), width, LINE * len(block)), block))
        return found

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, valley, ball, and what is said of it."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        theme, sounded = self.theme, self.sounded
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if sounded is None:
            painter.setFont(font(14))
            painter.setPen(QColor(theme.text_3))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The valley around the ball appears here.")
        else:
            self._paint_valley(painter, sounded)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), theme.accent)

    def _paint_valley(self, painter: QPainter, sounded: Sounded) -> None:
        theme, valley, problem = self.theme, sounded.slice, sounded.sounding.frame.problem
        assert problem is not None
        stage, texts = self._layout(sounded)
        name = words.caption(sounded) if self.has_caption else words.axis(valley, problem)
        marks.paint_axes(painter, stage, name, theme)
        marks.paint_curve(painter, stage, valley, theme)
        known, look = math.isfinite(valley.cost) and math.isfinite(valley.slope), self.look()
        if known and self.second:
            marks.paint_parabola(painter, stage, valley, theme)
        if known:
            marks.paint_tangent(painter, stage, valley, theme)
        for box, lines in texts:
            marks.paint_lines(painter, box, lines, theme)
        if known:
            self._paint_steps(painter, stage, valley)
            marks.paint_ball(painter, marks.ball_at(stage, valley), look, theme.card)
        if self.preview is not None:
            self._paint_preview(painter, stage, sounded, self.preview, look)

    def look(self) -> Look:
        """The marker of the main run."""
        standings = self.sounded.sounding.frame.standings if self.sounded is not None else ()
        return looks(standings, self.theme)[0] if standings else Look(self.theme.batch, "circle")

    def _paint_steps(self, painter: QPainter, stage: Stage, valley: Slice) -> None:
        theme, area = self.theme, stage.area

        def arrow(step: float, y: float, colour: str, *, hollow: bool) -> None:
            begin, end = (min(max(stage.x(at), area.left()), area.right()) for at in (valley.here, valley.here + step))
            marks.paint_arrow(painter, QPointF(begin, y), QPointF(end, y), colour, theme.card, hollow=hollow)

        if self.second and math.isfinite(valley.newton_step):
            bottom = valley.here + valley.newton_step
            arrow(valley.newton_step, area.bottom() - 14, theme.accent, hollow=True)
            cost = valley.cost + 0.5 * valley.slope * valley.newton_step
            if stage.positions[0] <= bottom <= stage.positions[1] and cost >= stage.costs[0]:
                painter.setPen(marks.pen(theme.accent, 2))
                painter.setBrush(QColor(theme.card))
                painter.drawEllipse(stage.point(bottom, cost), 4, 4)
        if math.isfinite(valley.step):
            arrow(valley.step, area.bottom(), theme.text, hollow=False)

    def _paint_preview(self, painter: QPainter, stage: Stage, sounded: Sounded, at: float, look: Look) -> None:
        """The ball where a hand holds it, and what is there."""
        theme, valley, problem = self.theme, sounded.slice, sounded.sounding.frame.problem
        assert problem is not None
        cost = cost_at(valley, at)
        if not math.isfinite(cost):
            return
        point = stage.point(at, cost)
        marks.paint_ball(painter, point - QPointF(0, marks.BALL + 1.25), look, theme.card, hollow=True)
        text = f"{words.coordinate(valley, problem)} {number(at)} · cost {number(cost, 4)}"
        told.paint(painter, [text], self.told_box(text, stage, at), theme)

    def told_box(self, text: str, stage: Stage, at: float) -> QRectF:
        """Where the words about the ball in the hand stand: they leave it free, and the one that it was taken from."""
        assert self.sounded is not None
        valley = self.sounded.slice
        held = stage.point(at, cost_at(valley, at)) - QPointF(0, marks.BALL + 1.25)
        free = [_around(ball) for ball in (held, marks.ball_at(stage, valley))]
        room = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        room.setRight(min(room.right(), stage.area.right() + GAP / 2))  # not over a column beside the curve
        return told.place(told.size_of([text]), held, room, free)

    # --- a hand on the ball -----------------------------------------------------------------------------------------
    def ball(self) -> QPointF | None:
        """Middle of the ball."""
        stage = self.stage()
        if stage is None or self.sounded is None or not math.isfinite(self.sounded.slice.cost):
            return None
        return marks.ball_at(stage, self.sounded.slice)

    def _is_on_ball(self, position: QPointF) -> bool:
        ball = self.ball()
        return ball is not None and math.hypot(*(ball - position).toTuple()) <= _REACH

    def _hold(self, position: float) -> None:
        assert self.sounded is not None
        low, high = self.sounded.slice.positions[[0, -1]].tolist()
        self.preview = min(max(position, low), high)
        self.update()

    def _let_go(self, *, set_it: bool) -> None:
        at, self.preview, self._dragging = self.preview, None, False
        moved = at is not None and self.sounded is not None and at != self.sounded.slice.here
        if set_it and moved and at is not None:
            self.chosen.emit(at)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.show_sounded(waiting)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grasp the ball."""
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_ball(event.position()):
            stage = self.stage()
            assert stage is not None
            assert self.sounded is not None
            self._grip = event.position().x() - stage.x(self.sounded.slice.here)
            self._dragging = True
            self._hold(self.sounded.slice.here)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the ball along the curve."""
        stage = self.stage()
        if self._dragging and stage is not None:
            self._hold(stage.position(event.position().x() - self._grip))
        else:
            over = self._is_on_ball(event.position())
            self.setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Set the parameter where the ball is let go."""
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._let_go(set_it=True)
        else:
            super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom."""
        turned = event.angleDelta().y()
        if turned and self.sounded is not None:
            self.zoomed.emit(_ZOOM ** (-turned / 120))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show as much as is sensible."""
        self.zoomed.emit(0.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right move the ball, Enter sets it, Escape gives it up; plus, minus and 0 zoom."""
        key, sounded = Qt.Key(event.key()), self.sounded
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        zoom = {Qt.Key.Key_Plus: 1 / _ZOOM, Qt.Key.Key_Minus: _ZOOM, Qt.Key.Key_0: 0.0}.get(key)
        if sounded is not None and way is not None and not self._dragging:
            valley = sounded.slice
            far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            width = float(valley.positions[-1] - valley.positions[0])
            begin = valley.here if self.preview is None else self.preview
            self._hold(begin + way * width * (_LARGE_STEP if far else _STEP))
            self._say_preview(sounded)
        elif self.preview is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._let_go(set_it=True)
        elif self.preview is not None and key == Qt.Key.Key_Escape:
            self._let_go(set_it=False)
        elif sounded is not None and zoom is not None:
            self.zoomed.emit(zoom)
        else:
            super().keyPressEvent(event)

    def _say_preview(self, sounded: Sounded) -> None:
        problem = sounded.sounding.frame.problem
        assert problem is not None
        assert self.preview is not None
        name, cost = words.coordinate(sounded.slice, problem), cost_at(sounded.slice, self.preview)
        self.setAccessibleDescription(f"{name} {number(self.preview)}, cost {number(cost, 4)}; Enter sets it")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was not set is given up."""
        super().focusOutEvent(event)
        if self.preview is not None and not self._dragging:
            self._let_go(set_it=False)
        self.update()


def _around(ball: QPointF) -> QRectF:
    reach = marks.BALL + 2
    return QRectF(ball.x() - reach, ball.y() - reach, 2 * reach, 2 * reach)
