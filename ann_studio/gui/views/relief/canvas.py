"""The picture of the relief: turned, zoomed and lit by mouse and keyboard, with the runs painted on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy

from ann_studio.analysis.relief import Camera, Palette, Relief, Stroke, Terrain, is_prepared, render
from ann_studio.gui import told
from ann_studio.gui.looks import Look, paint_marker
from ann_studio.gui.painting import paint_focus, painting
from ann_studio.gui.theme import LIGHT, Theme, font, mix, number
from ann_studio.gui.tips import Picture
from ann_studio.gui.views.relief.axes import paint_names
from ann_studio.gui.views.relief.scene import Trail

Colours = NDArray[np.uint32]
Matrix = NDArray[np.float64]

#: Milliseconds of rest after which the picture is drawn finely.
_REST = 150
#: Degrees for each pixel that the mouse is dragged, and for each press of an arrow key.
_DRAG, _PRESS = 0.4, 5.0
_ZOOM = 1.2
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
_THICK, _THIN, _RIM = 2.6, 1.1, 1.6  #: widths of paths in pixels
_PALE = 0.5  #: how opaque single updates are
_FAINT = 0.3  #: and what is hidden by a ridge
_REACH = 10.0  #: pixels from the middle of a marker at which it is pointed at
_HINT = (
    "Drag turns, the wheel zooms, Shift+drag moves the light, a drag with the middle button moves the picture, a double"
    " click resets. Tab here: arrows turn, + and − zoom, Shift or L with arrows moves the light, Home resets"
)


class Canvas(Picture):
    """The relief and what lies on it."""

    camera_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        # Not by a click: after that the arrow keys go on stepping.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self.setAccessibleName("Relief of the cost")
        self.setToolTip(_HINT)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.theme: Theme = LIGHT
        self.terrain: Terrain | None = None
        self.camera = Camera()
        self.trails: tuple[Trail, ...] = ()
        self.minima: Matrix = np.empty((0, 2))
        self.names = ("", "")
        self._colours: Colours = np.zeros(256, dtype=np.uint32)
        self._relief: Relief | None = None
        self._fine = self._lively = False
        self._with_paths: Colours | None = None
        self._strokes: dict[tuple[int, str], Stroke] = {}
        self._held: QPointF | None = None
        self._mouse: QPointF | None = None
        self._lamp = False
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self.refine)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(180, 160)

    # --- what is shown ----------------------------------------------------------------------------------------------
    def show_terrain(
        self, shown: Terrain, colours: Colours, minima: Matrix, names: tuple[str, str], *, reset: bool
    ) -> None:
        """Show another surface; `colours` by height, `minima` as coordinates of the plane, `names` of its axes."""
        self.terrain, self._colours, self.minima, self.names = shown, colours, minima, names
        if reset:
            self.camera = self._first_camera()
        self._redraw()

    def forget_terrain(self) -> None:
        """Show no surface: it is of another cost."""
        self.terrain, self.trails, self._relief, self._with_paths = None, (), None, None
        self._strokes.clear()
        self.update()

    def show_trails(self, trails: Sequence[Trail]) -> None:
        """Show other runs, or the same further on."""
        self.trails = tuple(trails)
        shown = {trail.run for trail in trails}
        self._strokes = {of: stroke for of, stroke in self._strokes.items() if of[0] in shown}
        self._with_paths = None
        self.update()

    def set_theme(self, theme: Theme, colours: Colours) -> None:
        """Use these colours."""
        self.theme, self._colours = theme, colours
        self._redraw()

    def look_from(self, camera: Camera) -> None:
        """Show it from elsewhere."""
        if camera != self.camera:
            self.camera = camera
            self._redraw()
            self.camera_changed.emit()

    def reset(self) -> None:
        """Show all of it from the open side."""
        self.look_from(self._first_camera())

    def _first_camera(self) -> Camera:
        return Camera(azimuth=self.terrain.open_side()) if self.terrain is not None else Camera()

    def _redraw(self) -> None:
        """Draw the relief anew: at once as fast as possible, and finely once it rests."""
        self._relief, self._fine = None, False
        if not self._lively:
            self._rest.start()
        self.update()

    def set_lively(self, on: bool) -> None:
        """Whether the network trains: the next surface comes before a fine picture of this one would be of use."""
        if on != self._lively:
            self._lively = on
            if on:
                self._rest.stop()
            elif not self._fine:
                self._rest.start()

    def refine(self) -> None:
        """Draw the relief finely, unless it is."""
        self._rest.stop()
        if not self._fine:
            self._relief, self._fine = None, True
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The relief fits the size."""
        self._redraw()

    def relief(self) -> Relief | None:
        """The relief as it is to be shown; None before there is one."""
        if self.terrain is None or not is_prepared() or min(self.width(), self.height()) < 16:
            return None
        if self._relief is None:
            scale = self._scale()
            size = max(1, round(self.width() * scale)), max(1, round(self.height() * scale))
            samples = 2 if self._fine and scale < 1.5 else 1
            self._relief = render(self.terrain, self._colours, _palette(self.theme), self.camera, size, samples=samples)
            self._with_paths = None
            self._strokes.clear()
        return self._relief

    def _scale(self) -> float:
        """Pixels of the relief for one of the widget."""
        return self.devicePixelRatioF() if self._fine else min(1.0, self.devicePixelRatioF())

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """The relief with its paths, then the marks."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        drawn = self.relief()
        if drawn is None:
            painter.setFont(font(14))
            painter.setPen(QColor(self.theme.text_3))
            text = "The relief of the cost appears here once its surface is known."
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 0, -16, 0), flags, text)
        else:
            self._paint_relief(painter, drawn)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), self.theme.accent)

    def _paint_relief(self, painter: QPainter, drawn: Relief) -> None:
        if self._with_paths is None:
            self._with_paths = drawn.image.copy()
            # The main run on top, as on the map.
            for trail in reversed(self.trails):
                self._draw_path(drawn, self._with_paths, trail)
        height, width = self._with_paths.shape
        image = QImage(self._with_paths.data, width, height, 4 * width, QImage.Format.Format_RGB32)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._scale() != self.devicePixelRatioF())
        painter.drawImage(QRectF(self.rect()), image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        paint_names(painter, drawn, self._scale(), self.names, QRectF(self.rect()), self.theme)
        theme = self.theme
        for at in self.minima:
            self._paint_mark(painter, drawn, at, 4.5, Look(theme.text, "diamond"), hollow=True)
        for start in self._starts():
            self._paint_mark(painter, drawn, start, 5.0, Look(theme.text, "circle"), hollow=True)
        for trail in self._far_to_near(drawn):
            self._paint_mark(painter, drawn, trail.here, 6.5, trail.look)
        text = self.text_at(self._mouse) if self._held is None else ""
        if text and self._mouse is not None:
            told.paint(painter, [text], self.told_box(text, self._mouse), theme)

    def _draw_path(self, drawn: Relief, image: Colours, trail: Trail) -> None:
        scale, colour, casing = self._scale(), QColor(trail.look.colour).rgba(), QColor(self.theme.casing).rgba()
        if trail.updates is not None:
            # The last of its points is where the run stands, which is no point of the path yet.
            thin = self._stroke(drawn, (trail.run, "updates"), _THIN * scale)
            thin.draw(image, trail.updates, colour, strength=_PALE, faint=_FAINT, loose=1)
        thick = self._stroke(drawn, (trail.run, "epochs"), _THICK * scale, _RIM * scale)
        thick.draw(image, trail.epochs, colour, casing=casing, faint=_FAINT, loose=2)

    def _stroke(self, drawn: Relief, of: tuple[int, str], width: float, rim: float = 0.0) -> Stroke:
        if of not in self._strokes:
            self._strokes[of] = Stroke(drawn, width, rim)
        return self._strokes[of]

    def _starts(self) -> Matrix:
        """Where runs began, each place once."""
        return np.unique([trail.start for trail in self.trails], axis=0) if self.trails else np.empty((0, 2))

    def _far_to_near(self, drawn: Relief) -> list[Trail]:
        depths = drawn.place(np.array([trail.here for trail in self.trails]).reshape(-1, 2))[:, 2].tolist()
        order = sorted(range(len(depths)), key=lambda k: (-depths[k], -k))
        return [self.trails[k] for k in order if depths[k] == depths[k]]

    def _paint_mark(
        self, painter: QPainter, drawn: Relief, at: NDArray[np.float64], radius: float, look: Look, *,
        hollow: bool = False,
    ) -> None:  # fmt: skip
        """A marker on the surface, pale where a ridge hides it; nothing where there is no surface."""
        placed = drawn.place(at[None])
        if np.isfinite(placed).all():
            x, y = (placed[0, :2] / self._scale()).tolist()
            painter.setOpacity(1.0 if drawn.visible(placed)[0] else _FAINT)
            paint_marker(painter, QPointF(x, y), radius, look, self.theme.casing, hollow=hollow)
            painter.setOpacity(1.0)

    # --- the mouse --------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._held = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn, or move the light or the picture; else name the run below the mouse."""
        if self._held is None:
            self._point(event.position())
            return
        by, self._held = event.position() - self._held, event.position()
        if event.buttons() & Qt.MouseButton.MiddleButton:
            self.look_from(self.camera.moved(by.x() / self.height(), by.y() / self.height()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.look_from(self.camera.lit(_DRAG * by.x(), -_DRAG * by.y()))
        else:
            self.look_from(self.camera.turned(_DRAG * by.x(), _DRAG * by.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of it as at first."""
        self.reset()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom in on what is under the mouse, or out."""
        at = event.position() - QPointF(self.width() / 2, self.height() / 2)
        place = at.x() / self.height(), at.y() / self.height()
        self.look_from(self.camera.zoomed(_ZOOM ** (event.angleDelta().y() / 120.0), place))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        self._point(None)

    def _point(self, at: QPointF | None) -> None:
        """The mouse is there; what it points at is named."""
        before, self._mouse = self.text_at(self._mouse), at
        if self.text_at(at) != before:
            self.update()

    def balls(self) -> list[tuple[Trail, QPointF]]:
        """Each run that is seen with the middle of its marker, the nearest last."""
        drawn = self.relief()
        if drawn is None:
            return []
        places = [drawn.place(trail.here[None])[0, :2] / self._scale() for trail in self._far_to_near(drawn)]
        return [
            (trail, QPointF(*place.tolist())) for trail, place in zip(self._far_to_near(drawn), places, strict=True)
        ]

    def text_at(self, position: QPointF | None) -> str:
        """The run whose marker is at a position, in words; empty if there is none."""
        if position is None:
            return ""
        for trail, ball in reversed(self.balls()):
            if math.hypot(*(position - ball).toTuple()) <= _REACH:
                return f"{trail.name}: cost {number(trail.cost, 4)}"
        return ""

    def told_box(self, text: str, at: QPointF) -> QRectF:
        """Where the words about a marker stand: they leave all markers free."""
        free = [QRectF(ball.x() - 9, ball.y() - 9, 18, 18) for _, ball in self.balls()]
        return told.place(told.size_of([text]), at, QRectF(self.rect()).adjusted(2, 2, -2, -2), free)

    # --- the keyboard -----------------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn, or move the light with Shift or L; + and − zoom; Home and 0 reset."""
        key, modifiers = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in _ARROWS:
            right, down = _ARROWS[key]
            if self._lamp or modifiers & Qt.KeyboardModifier.ShiftModifier:
                self.look_from(self.camera.lit(_PRESS * right, -_PRESS * down))
            else:
                self.look_from(self.camera.turned(_PRESS * right, _PRESS * down))
        elif key == Qt.Key.Key_L and not modifiers:
            self._lamp = True
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.look_from(self.camera.zoomed(_ZOOM))
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self.look_from(self.camera.zoomed(1 / _ZOOM))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self.reset()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Without L the arrows turn again."""
        if event.key() == Qt.Key.Key_L and not event.isAutoRepeat():
            self._lamp = False
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key let go elsewhere is let go."""
        self._lamp = False
        super().focusOutEvent(event)


def _palette(theme: Theme) -> Palette:
    """The colours around those of the heights."""
    dark = theme.name == "dark"
    card = QColor(theme.card).rgba()
    border = mix(theme.card, theme.text, 0.4).rgba()
    if dark:
        ink, shade = QColor(theme.text).rgba(), QColor("#05070B").rgba()
        return Palette(card, ink, border, card, shade, ambient=0.5, diffuse=0.72, contour=0.3, mesh=0.07)
    ink, shade = QColor(theme.text_2).rgba(), QColor("#3D4D6B").rgba()
    return Palette(card, ink, border, card, shade, ambient=0.58, diffuse=0.56)
