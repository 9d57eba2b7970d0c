"""The picture of the inspector: one page, and which bar the mouse or the keyboard is at."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from ann_studio.gui.painting import paint_focus, painting
from ann_studio.gui.theme import LIGHT, Theme, font
from ann_studio.gui.tips import Picture
from ann_studio.gui.views.inspector import bars, curve, edge, history, maps, strips
from ann_studio.gui.views.inspector.pages import EdgeNow, Layers, Maps, NeuronNow, Page, Past, Saying

_HINT = (
    "Tab here: Up and Down go through the bars, or through the layers; Enter selects the connection of a bar,"
    " as a click on it does"
)
#: A picture that is so much higher than wide has its two parts one above the other.
_HIGH = 0.8
_ABOVE = 0.58  #: of the height
_CURVE = (112.0, 190.0, 0.36)  #: width of the curve: at least, at most, and as a part of the whole
_GAP = 18.0


class Canvas(Picture):
    """Paints a page."""

    source_chosen = Signal(int)  #: the unit of the layer before whose bar was clicked
    layer_chosen = Signal(int)  #: the layer after the input that was clicked or moved to

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        # It paints all of itself, so that nothing below it need be painted.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Inspector")
        self.setToolTip(_HINT)
        self.theme: Theme = LIGHT
        self.page: Page = Saying("")
        self.marked: int | None = None

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(240, 110)

    def show_page(self, page: Page, spoken: str) -> None:
        """Show this page; `spoken` is what it says in words."""
        same = isinstance(page, Saying) and page == self.page
        if type(page) is not type(self.page):
            self.marked = None
        self.page = page
        if spoken != self.accessibleDescription():
            self.setAccessibleDescription(spoken)
        if not same:
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.update()

    # --- geometry ---------------------------------------------------------------------------------------------------
    def halves(self) -> tuple[QRectF, QRectF]:
        """The places of the bars and of the curve: side by side, or one above the other."""
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if area.height() > _HIGH * area.width():
            above = round(_ABOVE * area.height())
            if isinstance(self.page, NeuronNow):
                above = min(above, round(bars.height_of(self.page)))
            return QRectF(area.left(), area.top(), area.width(), above), area.adjusted(0, above + _GAP, 0, 0)
        least, most, share = _CURVE
        right = max(least, min(most, share * area.width()))
        return area.adjusted(0, 0, -right - _GAP, 0), QRectF(area.right() - right, area.top(), right, area.height())

    def _whole(self) -> QRectF:
        return QRectF(self.rect()).adjusted(2, 2, -2, -2)

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the page."""
        with painting(self) as painter:
            painter.fillRect(self.rect(), QColor(self.theme.card))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint(painter)
            if self.hasFocus():
                paint_focus(painter, QRectF(self.rect()), self.theme.accent)

    def _paint(self, painter: QPainter) -> None:
        page, theme = self.page, self.theme
        match page:
            case Saying(words):
                painter.setFont(font(14))
                painter.setPen(QColor(theme.text_3))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self._whole().adjusted(16, 0, -16, 0), flags, words)
            case NeuronNow():
                left, right = self.halves()
                bars.paint(painter, left, page, self.marked, theme)
                curve.paint(painter, right, page, theme)
            case EdgeNow():
                edge.paint(painter, *self.halves(), page, theme)
            case Past():
                history.paint(painter, self._whole(), page, theme)
            case Maps():
                maps.paint(painter, self._whole(), page, theme)
            case Layers():
                strips.paint(painter, self._whole(), page, theme)
            case _:
                assert_never(page)

    # --- mouse and keyboard -----------------------------------------------------------------------------------------
    def _rows(self) -> list[tuple[QRectF, int | None]]:
        """What can be clicked, and the unit or layer that it stands for."""
        page = self.page
        if isinstance(page, NeuronNow):
            left, _ = self.halves()
            rows = bars.rows_of(page, bars.room_for(left.height()))
            return [(place, row.source) for place, row in zip(bars.rects(rows, left), rows, strict=False)]
        if isinstance(page, Layers):
            return list(zip(strips.rows_of(self._whole(), page), range(len(page.names)), strict=True))
        return []

    def _row_at(self, position: QPointF) -> int | None:
        found = (k for k, (place, stands) in enumerate(self._rows()) if stands is not None and place.contains(position))
        return next(found, None)

    def _mark(self, row: int | None) -> None:
        if row != self.marked:
            self.marked = row
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the bar under the mouse."""
        row = self._row_at(event.position())
        self._mark(row if isinstance(self.page, NeuronNow) else None)
        self.setCursor(Qt.CursorShape.ArrowCursor if row is None else Qt.CursorShape.PointingHandCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        self._mark(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the connection of a bar, or a layer."""
        row = self._row_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and row is not None:
            self._choose(row)
        else:
            super().mousePressEvent(event)

    def _choose(self, row: int) -> None:
        rows = self._rows()
        stands = rows[row][1] if row < len(rows) else None
        if stands is None:
            return
        if isinstance(self.page, Layers):
            self.layer_chosen.emit(-1 if stands == self.page.chosen else stands)
        else:
            self.source_chosen.emit(stands)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go through bars and layers, Enter selects the connection of a bar."""
        key, page, rows = Qt.Key(event.key()), self.page, self._rows()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key)
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not rows:
            super().keyPressEvent(event)
        elif step is not None and isinstance(page, Layers):
            self.layer_chosen.emit(min(max(page.chosen + step, -1), len(page.names) - 1))
        elif step is not None:
            last = max(k for k, (_, stands) in enumerate(rows) if stands is not None)
            self._mark(min(max((-1 if self.marked is None else self.marked) + step, 0), last))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.marked is not None:
            self._choose(self.marked)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring any more."""
        super().focusOutEvent(event)
        self._mark(None)
        self.update()
