"""The picture of the surface with the runs on it, and the hands that reach into it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy

from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.planes import Extent, Plane
from ann_studio.engine.messages import Surveyed
from ann_studio.gui import told
from ann_studio.gui.looks import paint_marker
from ann_studio.gui.painting import paint_focus, painting
from ann_studio.gui.scales import labels, ticks
from ann_studio.gui.theme import LIGHT, Theme, font, number
from ann_studio.gui.tips import Picture
from ann_studio.gui.views.surface import marks
from ann_studio.gui.views.surface.ground import Ground
from ann_studio.gui.views.surface.labels import Label, paint_card, paint_leader, place
from ann_studio.gui.views.surface.scale import Scale
from ann_studio.gui.views.surface.scene import Run, cost_at, merged
from ann_studio.gui.views.surface.trails import Trail, device_part, paint_hairs, paint_line, strokes

Vector = NDArray[np.float64]

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEP = 1 / 40  #: of the cross-hair, as a share of the extent
_PAN = 0.15  #: by a key
_ZOOM = 1.25  #: by a key, or a notch of the wheel
#: Share of the costs of a picture by which equal minima may differ.
_EQUAL = 1e-9
_MARKER_GAP = 20.0  #: pixels from a ball to the nearest marker on its line
_LEVEL_PRICE = 60.0  #: pixels of paths that a card would rather hide than a level that is written
_REACH = 13.0  #: pixels within which a ball is taken hold of
_HINT = (
    "Drag the ball, or Ctrl+click, to set the parameters; drag the start ring to begin elsewhere. Wheel zooms, dragging"
    " pans, a double click shows all. Tab here: arrows move a cross-hair, Enter sets, Shift+Enter starts there,"
    " + and − zoom, Shift+arrows pan, 0 shows all"
)


class Canvas(Picture):
    """Paints the surface and says where a hand wants things to be."""

    chosen = Signal(float, float)  #: coordinates of the plane to which the main run's parameters are to be set
    start_chosen = Signal(float, float)  #: coordinates of the plane where the runs are to begin
    moved = Signal(object)  #: the extent that is to be seen; None: all
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self.setAccessibleName("Error surface")
        self.setToolTip(_HINT)
        self.theme: Theme = LIGHT
        self.names = ("s", "t")
        self.runs: tuple[Run, ...] = ()
        self.hidden: frozenset[int] = frozenset()
        self.surveyed: Surveyed | None = None
        self.extent: Extent | None = None
        #: All minima that were found of this cost, also where nobody looks now.
        self.known: tuple[Minimum, ...] = ()
        self.first_theta: Vector | None = None
        #: The way downhill from the main ball in coordinates of the plane, and how steep it is; None: no arrow.
        self.downhill: tuple[Vector, float] | None = None
        #: A click sets the parameters, without Ctrl too.
        self.sets = False
        #: Share of the survey that is done, while it lasts long; else None.
        self.progress: float | None = None
        self.empty = "The error surface appears here."
        self._ground = Ground()
        self._trails: dict[int, Trail] = {}
        self._hairs = QImage()
        self._hairs_of: tuple[object, ...] = ()
        self._projected: dict[int, tuple[Vector, Plane, tuple[float, float]]] = {}
        self._placed: tuple[list[Label], list[QRectF | None], Scale, Theme] | None = None
        self._mouse: QPointF | None = None
        self._cross: tuple[float, float] | None = None
        self._held = ""
        self._from = QPointF()
        self._from_scale: Scale | None = None
        self._wish: tuple[float, float] | None = None
        self._wished_from: Vector | None = None

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(240, 180)

    # --- what is shown ----------------------------------------------------------------------------------------------
    def show_runs(self, runs: tuple[Run, ...], first_theta: Vector) -> None:
        """Show the runs of a frame."""
        if self._wished_from is not None and self._held != "ball" and runs and runs[0].theta is not self._wished_from:
            self._wish = self._wished_from = None
        self.runs, self.first_theta = runs, first_theta
        # Parameters of a great network that are shown no more shall not be held.
        held = {
            id(theta) for theta in (first_theta, *(run.theta for run in runs), *(each.theta for each in self.known))
        }
        self._projected = {key: value for key, value in self._projected.items() if key in held}
        self._trails = {run.place: self._trails.get(run.place) or Trail() for run in runs}
        self.update()

    def show_survey(self, surveyed: Surveyed | None, extent: Extent | None) -> None:
        """Show a survey, seen over an extent; None forgets all that was found of the last cost."""
        self.surveyed, self.extent = surveyed, extent
        self.known = merged(self.known, surveyed.minima) if surveyed is not None else ()
        self.update()

    def look_at(self, extent: Extent | None) -> None:
        """Show this part of the plane; None: what the next survey finds."""
        if extent is not None and self.surveyed is not None:
            self.extent = extent
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.update()

    # --- geometry ---------------------------------------------------------------------------------------------------
    def area(self) -> QRectF:
        """The rectangle of the surface: between the axes, on whole pixels of the screen."""
        metrics = QFontMetricsF(font(12))
        left = 46.0
        if self.extent is not None:
            t0, t1 = self.extent[2:]
            texts = labels(ticks(t0, t1, max(3, int(self.height() / 44))))
            left = max(42.0, math.ceil(max(map(metrics.horizontalAdvance, texts), default=0.0)) + 30.0)
        return QRectF(left, 2, max(40.0, self.width() - left - 2), max(40.0, self.height() - 46))

    def scale(self) -> Scale | None:
        """Where points of the plane lie; None before there is a survey."""
        if self.surveyed is None or self.extent is None:
            return None
        return Scale(self.area(), self.extent)

    def picture_size(self) -> tuple[int, int]:
        """Device pixels of the surface."""
        area, ratio = self.area(), self.devicePixelRatioF()
        return max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))

    def ball(self, run: Run) -> QPointF | None:
        """Where a run's ball is painted."""
        scale = self.scale()
        if scale is None or self.surveyed is None:
            return None
        s, t = self.on_plane(run.theta)
        return scale.to_pixel(s, t)

    def start(self) -> QPointF | None:
        """Where the ring of the start is painted."""
        scale = self.scale()
        if scale is None or self.first_theta is None:
            return None
        return scale.to_pixel(*self.on_plane(self.first_theta))

    def on_plane(self, theta: Vector) -> tuple[float, float]:
        """Coordinates of the point of the plane nearest to some parameters; kept, as there may be many of these."""
        assert self.surveyed is not None
        plane, known = self.surveyed.surface.plane, self._projected.get(id(theta))
        if known is not None and known[0] is theta and known[1] is plane:
            return known[2]
        s, t = plane.project(theta[None])[0].tolist()
        self._projected[id(theta)] = (theta, plane, (s, t))
        return s, t

    def shown_runs(self) -> list[Run]:
        """The runs that are not hidden, the main one last: it is painted on top."""
        return [run for run in reversed(self.runs) if run.place not in self.hidden]

    # --- painting ---------------------------------------------------------------------------------------------------
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size needs another picture."""
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, the paths and all that lies above them."""
        with painting(self) as painter:
            scale = self.scale()
            if scale is None:
                painter.setFont(font(14))
                painter.setPen(QColor(self.theme.text_3))
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.empty)
            else:
                self._paint(painter, scale)
            if self.hasFocus():
                paint_focus(painter, scale.area if scale is not None else QRectF(self.rect()), self.theme.accent)

    def _paint(self, painter: QPainter, scale: Scale) -> None:
        self._paint_ground(painter, scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipRect(scale.area)
        runs = [(run, self._trails[run.place], scale.to_pixel(*self.on_plane(run.theta))) for run in self.shown_runs()]
        for run, trail, ball in runs:
            self._paint_path(painter, scale, run, trail, ball)
        labels = self._labels(scale)
        boxes = self._places(labels, scale, [ball for _, _, ball in runs])
        for label, box in zip(labels, boxes, strict=True):
            if box is not None:
                paint_leader(painter, label, box, self.theme)
        self._paint_minima(painter, scale)
        start = self._start_shown(scale)
        if start is not None:
            marks.paint_start(painter, start, self.theme)
        for label, box in zip(labels, boxes, strict=True):
            if box is not None:
                paint_card(painter, label, box, self.theme)
        self._paint_balls(painter, scale, runs)
        self._paint_pointed(painter, scale)
        painter.setClipping(False)
        self._paint_progress(painter, scale)

    def _paint_ground(self, painter: QPainter, scale: Scale) -> None:
        surveyed, ratio = self.surveyed, self.devicePixelRatioF()
        shown = (surveyed.contours, surveyed.surface.extent) if surveyed is not None else None
        ground = self._ground.image(self.size(), ratio, scale, self.theme, self.names, shown)
        painter.drawImage(0, 0, ground)
        assert surveyed is not None
        runs = self.shown_runs()
        for run in runs:
            self._trails[run.place].show(run.path, run.updates_per_epoch, surveyed.surface.plane, scale, ratio)
        part = device_part(scale, ratio)
        reasons = (ground.cacheKey(), *((run.place, self._trails[run.place].version, run.look) for run in runs))
        if reasons != self._hairs_of:
            self._hairs, self._hairs_of = ground.copy(part), reasons
            pixels = np.frombuffer(self._hairs.bits(), dtype=np.uint32)
            for run in runs:
                paint_hairs(pixels, self._trails[run.place], run.look.colour)
        painter.drawImage(QPointF(part.topLeft()) / ratio, self._hairs)

    def _paint_path(self, painter: QPainter, scale: Scale, run: Run, trail: Trail, ball: QPointF) -> None:
        lines = trail.strokes
        if len(trail.line) and math.isfinite(ball.x() + ball.y()):
            if run.updates_per_epoch == 1:
                lines = lines + strokes(np.array([trail.line[-1], [ball.x(), ball.y()]]), scale)
            else:
                painter.setPen(QPen(QColor(run.look.colour), 1))
                painter.drawLine(scale.to_pixel(*trail.points[-1].tolist()), ball)
        paint_line(painter, lines, run.look.colour, self.theme.casing)
        for at in trail.markers:
            apart = math.hypot(at.x() - ball.x(), at.y() - ball.y()) > _MARKER_GAP
            if apart and scale.area.contains(at):
                paint_marker(painter, at, marks.SMALL, run.look, self.theme.casing)

    def _paint_minima(self, painter: QPainter, scale: Scale) -> None:
        for at, _, inside, _ in self.minima(scale):
            if scale.area.contains(at):
                marks.paint_minimum(painter, at, self.theme, filled=inside)

    def _paint_balls(self, painter: QPainter, scale: Scale, runs: list[tuple[Run, Trail, QPointF]]) -> None:
        theme = self.theme
        for run, _, ball in runs:
            if not (math.isfinite(ball.x()) and math.isfinite(ball.y())):
                continue
            if not scale.area.contains(ball):
                marks.paint_beyond(painter, scale.area, ball, run.look.colour, theme)
                continue
            if run.place == 0 and self.downhill is not None and self._wish is None:
                marks.paint_gradient(painter, ball, marks.arrow_tip(ball, *self._way_down(scale)), theme)
            paint_marker(painter, ball, marks.BALL, run.look, theme.casing, hollow=run.place == 0 and bool(self._wish))
        if self._wish is not None and self.runs:
            at = scale.to_pixel(*self._wish)
            if self._held == "start":
                marks.paint_start(painter, at, theme)
            else:
                paint_marker(painter, at, marks.BALL + 1, self.runs[0].look, theme.casing)

    def _way_down(self, scale: Scale) -> tuple[QPointF, float]:
        """The way downhill in pixels, and how steep it is."""
        assert self.downhill is not None
        (across, up), steep = self.downhill
        return scale.to_pixel(scale.extent[0] + across, scale.extent[2] + up) - scale.area.bottomLeft(), steep

    def _paint_pointed(self, painter: QPainter, scale: Scale) -> None:
        pointed = self.pointed(scale)
        if pointed is None:
            return
        at = scale.to_pixel(*pointed)
        if self._cross is not None and self._wish is None:
            marks.paint_cross(painter, at, scale.area, self.theme)
        told.paint(painter, self.told(*pointed), self.told_box(scale, pointed), self.theme)

    def told_box(self, scale: Scale, pointed: tuple[float, float]) -> QRectF:
        """Where the words about a point of the plane stand: they leave the balls free."""
        at = scale.to_pixel(*pointed)
        balls = [ball for ball in map(self.ball, self.shown_runs()) if ball is not None and scale.area.contains(ball)]
        held = [at] if self._held in ("ball", "start") else []
        free = [_around(ball, marks.BALL + 2) for ball in (*balls, *held)]
        return told.place(told.size_of(self.told(*pointed)), at, scale.area.adjusted(2, 2, -2, -2), free)

    def _paint_progress(self, painter: QPainter, scale: Scale) -> None:
        if self.progress is None:
            return
        bar = QRectF(scale.area.left(), scale.area.top(), scale.area.width(), 3)
        painter.fillRect(bar, QColor(self.theme.accent_soft))
        painter.fillRect(QRectF(bar.topLeft(), QSizeF(bar.width() * self.progress, 3)), QColor(self.theme.accent))

    # --- minima and labels ------------------------------------------------------------------------------------------
    def minima(self, scale: Scale) -> list[tuple[QPointF, float, bool, str]]:
        """Position, cost, whether it lies in the plane, and name of each minimum."""
        surveyed = self.surveyed
        if surveyed is None:
            return []
        plane = surveyed.surface.plane
        # Minima of one cost differ by the rounding of Newton's steps; what the picture spans is the measure.
        span = surveyed.contours.high - surveyed.contours.low
        lowest = min((minimum.loss for minimum in self.known), default=0.0) + _EQUAL * span
        found = []
        for minimum in self.known:
            s, t = self.on_plane(minimum.theta)
            off = np.linalg.norm(plane.lift(np.array([[s, t]]))[0] - minimum.theta)
            inside = bool(off <= 1e-6 * (1 + np.linalg.norm(minimum.theta)))
            first = minimum.loss <= lowest
            name = ("Global" if surveyed.exact else "Lowest known") if first else "Local"
            words = f"{name} minimum" if inside else f"{name} minimum, off the plane"
            found.append((scale.to_pixel(s, t), minimum.loss, inside, words))
        return found

    def _start_shown(self, scale: Scale) -> QPointF | None:
        if self.first_theta is None:
            return None
        at = scale.to_pixel(*self.on_plane(self.first_theta))
        return at if scale.area.contains(at) else None

    def _labels(self, scale: Scale) -> list[Label]:
        labels = [
            Label((name, f"cost {number(loss, 4)}"), at)
            for at, loss, _, name in self.minima(scale)
            if scale.area.contains(at)
        ]
        start = self._start_shown(scale)
        if start is not None and self.first_theta is not None:
            both = (start.replace("-", "−") for start in map("{:.4g}".format, self.on_plane(self.first_theta)))
            # It has the first choice, as it is often the one with the least room.
            labels.insert(0, Label((f"Start ({', '.join(both)})",), start))
        return labels

    def _places(self, labels: list[Label], scale: Scale, balls: list[QPointF]) -> list[QRectF | None]:
        """Where the labels go; they stay as long as nothing changes and no ball rolls below one."""
        balls = [ball for ball in balls if math.isfinite(ball.x() + ball.y())]
        if self.downhill is not None and balls and 0 not in self.hidden:
            balls.append(marks.arrow_tip(balls[-1], *self._way_down(scale)))
        around = [_around(ball, 12) for ball in balls]
        if self._placed is not None:
            old, boxes, for_scale, theme = self._placed
            free = not any(box is not None and box.intersects(ball) for box in boxes for ball in around)
            if old == labels and for_scale == scale and theme is self.theme and free:
                return boxes
        ratio, trails = self.devicePixelRatioF(), [self._trails[run.place] for run in self.shown_runs()]

        def crowd(box: QRectF) -> float:
            corner = box.topLeft() - scale.area.topLeft()
            size = (box.width(), box.height(), ratio)
            below = sum(trail.crowd(corner.x(), corner.y(), *size) for trail in trails) / ratio
            return below + _LEVEL_PRICE * sum(box.intersects(written) for written in self._ground.written)

        sizes = [label.size(_measure) for label in labels]
        boxes = place(labels, sizes, scale.area, around, crowd)
        self._placed = (labels, boxes, scale, self.theme)
        return boxes

    # --- what is pointed at -----------------------------------------------------------------------------------------
    def pointed(self, scale: Scale) -> tuple[float, float] | None:
        """Coordinates of what hand, mouse or keyboard point at."""
        if self._wish is not None:
            return self._wish if self._held in ("ball", "start") else None
        if self._cross is not None:
            return self._cross
        if self._mouse is not None and not self._held and scale.area.contains(self._mouse):
            return scale.to_point(self._mouse)
        return None

    def told(self, s: float, t: float) -> list[str]:
        """Coordinates and cost of a point of the plane, in words; ≈ where the cost lies between those of the grid."""
        scale = self.scale()
        if scale is None or self.surveyed is None:
            return []
        first, second = scale.written(s, t)
        cost, exact = cost_at(self.surveyed, s, t)
        text = f"cost {'' if exact else '≈ '}{number(cost, 4)}" if exact or cost == cost else "cost unknown here"
        return [f"{self.names[0]} {first}", f"{self.names[1]} {second}", text]

    # --- the mouse --------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the ball, the start or the ground; with Ctrl, set the parameters."""
        scale, at = self.scale(), event.position()
        if scale is None or event.button() != Qt.MouseButton.LeftButton or not scale.area.contains(at):
            super().mousePressEvent(event)
            return
        self._cross = None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or self.sets:
            self._choose(*scale.to_point(at))
            return
        self._held, self._from, self._from_scale = self._grip(at) or "ground", at, scale
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _grip(self, at: QPointF) -> str:
        """What a hand takes hold of at a position: "start" while no update has been made, "ball", "start" or ""."""
        near: dict[str, bool] = {"ball": False, "start": False}
        ball = self.ball(self.runs[0]) if self.runs and 0 not in self.hidden else None
        for name, place_ in (("ball", ball), ("start", self.start())):
            near[name] = place_ is not None and math.hypot(at.x() - place_.x(), at.y() - place_.y()) <= _REACH
        if near["start"] and (not near["ball"] or self.runs[0].update == 0):
            return "start"
        return "ball" if near["ball"] else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move what is held; else tell what is below the mouse."""
        scale, at = self.scale(), event.position()
        self._mouse = at
        if scale is not None and self._held in ("ball", "start"):
            area = scale.area
            inside = QPointF(min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom()))
            self._wish = scale.to_point(inside)
        elif self._held == "ground" and self._from_scale is not None:
            if at != self._from:
                self._see(self._from_scale.panned(at - self._from))
        elif scale is not None:
            self._cross = None
            over = bool(self._grip(at)) and not self.sets
            cross = Qt.CursorShape.CrossCursor if self.sets else Qt.CursorShape.ArrowCursor
            self.setCursor(Qt.CursorShape.OpenHandCursor if over else cross)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: a ball or a start that was moved stays there, if the network follows."""
        held, wish = self._held, self._wish
        if not held or event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        self._held = ""
        self.unsetCursor()
        if held == "ball" and wish is not None:
            self._choose(*wish)
        elif held == "start" and wish is not None:
            self._wish = None
            self.start_chosen.emit(*wish)
        self.update()

    def _choose(self, s: float, t: float) -> None:
        # Until a frame shows the network there, the ball stays where it was put.
        self._wish, self._wished_from = (s, t), self.runs[0].theta if self.runs else None
        self.chosen.emit(s, t)
        self.update()

    def give_up(self) -> None:
        """Let a ball or a start that was to be moved stay where it is."""
        self._held, self._wish, self._wished_from = "", None, None
        self.unsetCursor()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all there is."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier and not self.sets
        if event.button() == Qt.MouseButton.LeftButton and plain and not self._grip(event.position()):
            self.moved.emit(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        scale = self.scale()
        if scale is None or self._held or not scale.area.contains(event.position()):
            event.ignore()
            return
        event.accept()
        self._see(scale.zoomed(event.position(), _ZOOM ** (event.angleDelta().y() / 120)))

    def _see(self, extent: Extent) -> None:
        if extent != self.extent:
            self.extent = extent
            self.update()
            self.moved.emit(extent)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        self._mouse = None
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What the keyboard pointed at is no longer told."""
        super().focusOutEvent(event)
        self._cross = None
        self.update()

    # --- the keyboard -----------------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cross-hair, with Ctrl or Shift the ground; Enter sets; + and − zoom; 0 shows all."""
        scale, key = self.scale(), Qt.Key(event.key())
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Escape and self._held:
            self.give_up()
        elif scale is None:
            super().keyPressEvent(event)
            return
        elif key in _ARROWS:
            self._arrow(scale, *_ARROWS[key], pan=bool(held))
        elif key in _ENTER and self._cross is not None:
            if shift:
                self.start_chosen.emit(*self._cross)
            else:
                self._choose(*self._cross)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            centre = scale.to_pixel(*self._cross) if self._cross is not None else scale.area.center()
            self._see(scale.zoomed(centre, 1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM))
        elif key == Qt.Key.Key_0:
            self.moved.emit(None)
        elif key == Qt.Key.Key_Escape and self._cross is not None:
            self._cross = None
        else:
            super().keyPressEvent(event)
            return
        self.update()

    def _arrow(self, scale: Scale, across: int, up: int, *, pan: bool) -> None:
        s0, s1, t0, t1 = scale.extent
        if pan:
            self._see(scale.panned(QPointF(-across * _PAN * scale.area.width(), up * _PAN * scale.area.height())))
            return
        if self._cross is None:
            self._cross = self.on_plane(self.runs[0].theta) if self.runs else ((s0 + s1) / 2, (t0 + t1) / 2)
        s, t = self._cross[0] + across * _STEP * (s1 - s0), self._cross[1] + up * _STEP * (t1 - t0)
        self._cross = (min(max(s, s0), s1), min(max(t, t0), t1))
        self.setAccessibleDescription(", ".join(self.told(*self._cross)))


def _around(at: QPointF, radius: float) -> QRectF:
    return QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)


def _measure(text: str, weight: int) -> float:
    return QFontMetricsF(font(13, weight)).horizontalAdvance(text)
