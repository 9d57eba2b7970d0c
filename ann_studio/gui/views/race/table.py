"""The race table, painted: a header that stays, and a row a run that can be chosen by mouse and keyboard."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QHelpEvent,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip

from ann_studio.gui.icons import icon
from ann_studio.gui.looks import Look, paint_marker
from ann_studio.gui.painting import paint_focus, painting
from ann_studio.gui.theme import LIGHT, Theme, font, number
from ann_studio.gui.views.race.standings import Lowest, Row, duration, gap_text

_HEADER, _LEAST_ROW, _NOTED_ROW, _GREATEST_ROW = 34, 28, 36, 52  #: the third: of a row with a note
_PAD, _MARKER, _GAP = 8, 40, 16  #: at both sides, to the end of the marker, and between columns
_STAY = 2  #: columns that never give way; beside them names are shortened
_NAME = (104, 150)  #: least room of the names, and what they take before further columns come
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_HINT = "The runs of the race: Tab here and use Up and Down to choose one, Esc to choose none"


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    Parameters
    ----------
    title, hint, of_landscape
        Above it, and what it means; the last on a landscape, where that is something else.
    sample
        As wide a text as it has usually.
    rank
        Those of the highest rank give way first where there is no room.
    """

    title: str
    hint: str
    sample: str
    rank: int
    of_landscape: str = ""


COLUMNS = (
    Column("Epochs", "Complete passes over the training set", "8,888", 2, "Complete passes over all gradients"),
    Column("Updates", "Changes of the weights", "88,888", 3, "Steps on the landscape"),
    Column("Gradients", "Gradient evaluations: samples gone through", "888,888", 4, "Gradient evaluations"),
    Column("Time", "Time that the engine has spent on the run", "8.88 s", 5),
    Column("Cost", "Cost of the whole training set", "0.8888", 0, "Height of the landscape"),
    Column("Gap", "Cost above the lowest one known", "+0.8888", 1),
)


class Table(QAbstractScrollArea):
    """The painted table."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.rows: tuple[Row, ...] = ()
        self.looks: tuple[Look, ...] = ()
        self.hidden: frozenset[int] = frozenset()
        self.lowest: Lowest | None = None
        self.lowest_text = ""
        self.on_landscape = False
        self.selected = self.hovered = -1
        self._icons: dict[str, QIcon] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self.setAccessibleName("Race table")
        self.setToolTip(_HINT)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(220, _HEADER + 2 * _NOTED_ROW)

    def least_height(self, count: int) -> int:
        """Height in which so many rows can be seen, or all if there are fewer."""
        return _HEADER + min(count, len(self.rows)) * self._least_row()

    def _least_row(self) -> int:
        noted = any(row.out or k in self.hidden for k, row in enumerate(self.rows))
        return _NOTED_ROW if noted else _LEAST_ROW

    def show_rows(
        self, rows: tuple[Row, ...], looks: tuple[Look, ...], lowest: Lowest | None, lowest_text: str
    ) -> None:
        """Show these rows, and their gap to the lowest cost known."""
        if len(rows) != len(self.rows):
            # Runs that are on their way come back: what was selected is still wished for.
            self.hovered = min(self.hovered, len(rows) - 1)
        self.rows, self.looks, self.lowest, self.lowest_text = rows, looks, lowest, lowest_text
        self._measure()
        self._describe()
        self.viewport().update()

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Show which runs the other views leave out."""
        if hidden != self.hidden:
            self.hidden = hidden
            self._measure()
            self.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme, self._icons = theme, {}
        self.viewport().update()

    # --- geometry ---------------------------------------------------------------------------------------------------
    def _room(self) -> int:
        """Height for the rows."""
        return max(1, self.viewport().height() - _HEADER)

    def row_height(self) -> float:
        """Height of a row."""
        return min(max(self._room() / max(1, len(self.rows)), self._least_row()), _GREATEST_ROW)

    def row_rect(self, k: int) -> QRectF:
        """Where a row is, in the coordinates of the viewport; it may be out of sight."""
        height = self.row_height()
        return QRectF(0, _HEADER + k * height - self.verticalScrollBar().value(), self.viewport().width(), height)

    def row_at(self, position: QPointF) -> int:
        """The row at a position; −1 for none."""
        if position.y() < _HEADER:
            return -1
        k = int((position.y() - _HEADER + self.verticalScrollBar().value()) / self.row_height())
        return k if 0 <= k < len(self.rows) else -1

    def columns(self) -> list[tuple[int, QRect]]:
        """Positions in `COLUMNS` of those that there is room for, and the room of each from 0 to its right end."""
        metrics, bold = QFontMetrics(font(14)), QFontMetrics(font(14, 600))
        widths = []
        for k, column in enumerate(COLUMNS):
            texts = [column.sample, *(self.cell(row, k) for row in self.rows)]
            widest = max((bold if column.title == "Cost" else metrics).horizontalAdvance(text) for text in texts)
            widths.append(max(widest, QFontMetrics(font(13)).horizontalAdvance(column.title)) + _GAP)
        width = self.viewport().width() - _PAD
        kept = sorted(range(len(COLUMNS)), key=lambda k: COLUMNS[k].rank)
        while len(kept) > _STAY and sum(widths[k] for k in kept) > width - _MARKER - _NAME[0]:
            kept.pop()
        spare = width - _MARKER - _NAME[1] - sum(widths[k] for k in kept)
        # What is left over spreads the numbers, so that they stand under their titles and the names keep some room.
        more = max(0, min(spare // len(kept), 40))
        right, found = width, []
        for k in sorted(kept, reverse=True):
            found.append((k, QRect(right - widths[k] - more, 0, widths[k] + more, 0)))
            right -= widths[k] + more
        return found[::-1]

    def _measure(self) -> None:
        bar = self.verticalScrollBar()
        excess = round(len(self.rows) * self.row_height() - self._room())
        bar.setRange(0, max(0, excess))
        bar.setPageStep(self._room())
        bar.setSingleStep(self._least_row())

    def resizeEvent(self, event: object) -> None:
        """Another height may need scrolling."""
        self._measure()

    def cell(self, row: Row, column: int) -> str:
        """What stands in a column of a row."""
        if column == 5:
            return gap_text(row.cost, self.lowest) if self.lowest is not None else "–"
        return (
            f"{row.epochs:,}", f"{row.updates:,}", f"{row.gradients:,}", duration(row.seconds), number(row.cost, 4),
        )[column]  # fmt: skip

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Rows, then the header over those that are scrolled away."""
        with painting(self.viewport()) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        theme, around = self.theme, self.viewport().rect()
        painter.fillRect(around, QColor(theme.card))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = self.columns()
        for k, row in enumerate(self.rows):
            rect = self.row_rect(k)
            if rect.bottom() > _HEADER and rect.top() < around.height():
                self._paint_row(painter, k, row, rect, columns)
        self._paint_header(painter, columns)
        if self.hasFocus():
            paint_focus(painter, QRectF(around), theme.accent)

    def _paint_header(self, painter: QPainter, columns: list[tuple[int, QRect]]) -> None:
        theme, width = self.theme, self.viewport().width()
        painter.fillRect(QRect(0, 0, width, _HEADER), QColor(theme.card))
        painter.setFont(font(13))
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QRect(_PAD, 0, 120, _HEADER - 4), _LEFT, "Method")
        for k, rect in columns:
            painter.drawText(QRect(rect.left(), 0, rect.width(), _HEADER - 4), _RIGHT, COLUMNS[k].title)
        painter.setPen(QPen(QColor(theme.hairline), 1))
        painter.drawLine(QPointF(_PAD, _HEADER - 1.5), QPointF(width - _PAD, _HEADER - 1.5))

    def _paint_row(self, painter: QPainter, k: int, row: Row, rect: QRectF, columns: list[tuple[int, QRect]]) -> None:
        theme, hidden = self.theme, k in self.hidden
        if k in (self.selected, self.hovered):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_soft if k == self.selected else theme.sunken))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -2), 6, 6)
        if k + 1 < len(self.rows):
            painter.setPen(QPen(QColor(theme.hairline), 1))
            y = round(rect.bottom()) - 0.5
            painter.drawLine(QPointF(_PAD, y), QPointF(rect.width() - _PAD, y))
        middle = rect.center().y()
        paint_marker(painter, QPointF(_PAD + 10, middle), 6.5, self.looks[k], theme.card, hollow=hidden)
        painter.setFont(font(14))
        first, place = columns[0]
        room = place.right() - painter.fontMetrics().horizontalAdvance(self.cell(row, first)) - _MARKER - 12
        self._paint_name(painter, row, rect, room, hidden=hidden)
        for column, place in columns:
            cost = column == 4
            stale = row.cost_update != row.updates
            painter.setFont(font(14, 600 if cost and not stale else 400))
            faint = hidden or (column >= 4 and stale)
            painter.setPen(QColor(theme.text_3 if faint else theme.text))
            cell = QRectF(place.left(), rect.top(), place.width(), rect.height())
            painter.drawText(cell, _RIGHT, self.cell(row, column))

    def _paint_name(self, painter: QPainter, row: Row, rect: QRectF, room: int, *, hidden: bool) -> None:
        theme, note, sign, hue = self.theme, "", "", ""
        if row.out:
            note, sign, hue = row.out, "warning", theme.error
        elif hidden:
            note, sign, hue = "hidden", "eye-slash", theme.text_3
        painter.setFont(font(14, 500))
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(theme.text_3 if hidden else theme.text))
        upper = QRectF(_MARKER, rect.top(), room, rect.height())
        if not note:
            painter.drawText(upper, _LEFT, name)
            return
        top = rect.center().y() - 17
        painter.drawText(QRectF(_MARKER, top, room, 18), _LEFT, name)
        if sign not in self._icons:
            self._icons[sign] = icon(sign, theme, hue)
        self._icons[sign].paint(painter, QRect(_MARKER, round(top) + 18, 14, 14))
        painter.setFont(font(12))
        painter.setPen(QColor(hue))
        note = painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, room - 18)
        painter.drawText(QRectF(_MARKER + 18, top + 17, room - 18, 16), _LEFT, note)

    # --- mouse and keyboard -----------------------------------------------------------------------------------------
    def select(self, k: int) -> None:
        """Select a row; −1 for none."""
        if k != self.selected:
            self.selected = k
            self._tell()

    def _hover(self, k: int) -> None:
        if k != self.hovered:
            self.hovered = k
            self._tell()

    def _tell(self) -> None:
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        if 0 <= self.selected < len(self.rows):
            self.setAccessibleDescription(self.said(self.selected))
        else:
            self.setAccessibleDescription(f"{len(self.rows)} runs")

    def said(self, k: int) -> str:
        """A row in words."""
        row = self.rows[k]
        words = [row.name, *(f"{column.title.lower()} {self.cell(row, j)}" for j, column in enumerate(COLUMNS))]
        if row.cost_update != row.updates:
            words.append(f"cost of update {row.cost_update:,}")
        if row.out:
            words.append(row.out)
        if k in self.hidden:
            words.append("hidden")
        return ", ".join(words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the row under the mouse; once more, none."""
        if event.button() == Qt.MouseButton.LeftButton:
            k = self.row_at(event.position())
            self.select(-1 if k == self.selected else k)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a row."""
        self._hover(self.row_at(event.position()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu is the card's."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down, Home and End select; Escape selects none."""
        last, key = len(self.rows) - 1, event.key()
        places = {
            Qt.Key.Key_Up: max(self.selected - 1, 0),
            Qt.Key.Key_Down: min(self.selected + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if key in places and last >= 0 and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.select(places[Qt.Key(key)])
            self._scroll_to(self.selected)
        elif key == Qt.Key.Key_Escape and self.selected >= 0:
            self.select(-1)
        else:
            event.ignore()

    def _scroll_to(self, k: int) -> None:
        rect, bar = self.row_rect(k), self.verticalScrollBar()
        if rect.top() < _HEADER:
            bar.setValue(round(bar.value() + rect.top() - _HEADER))
        elif rect.bottom() > self.viewport().height():
            bar.setValue(round(bar.value() + rect.bottom() - self.viewport().height() + 0.5))

    def viewportEvent(self, event: QEvent) -> bool:
        """Say in a tooltip what the mouse points at; forget it when it leaves."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text_at(event.pos()), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def text_at(self, position: QPoint) -> str:
        """What a column means, or what a row says."""
        k = self.row_at(QPointF(position))
        if k >= 0:
            return self.said(k)
        for column, rect in self.columns():
            if position.y() < _HEADER and rect.left() <= position.x() <= rect.right():
                more = f": {self.lowest_text}" if column == 5 and self.lowest_text else ""
                told = COLUMNS[column]
                return f"{(self.on_landscape and told.of_landscape) or told.hint}{more}"
        return ""

    def focusInEvent(self, event: object) -> None:
        """Show the ring."""
        self.viewport().update()

    def focusOutEvent(self, event: object) -> None:
        """Hide the ring."""
        self.viewport().update()
