"""The picture: a histogram of final costs for each batch size, and beside it the share that reached each minimum."""

from __future__ import annotations

import textwrap

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ann_studio.gui.dialogs.restarts.findings import Comparison
from ann_studio.gui.dialogs.restarts.layout import (
    LEFT,
    ROW,
    TITLE,
    Layout,
    Scale,
    Spot,
    labels,
    nearest_bar,
    segments,
)
from ann_studio.gui.dialogs.restarts.look import Kind, brush, kinds, look_of, paint_letter, paint_swatch
from ann_studio.gui.looks import paint_marker
from ann_studio.gui.painting import paint_focus, painting
from ann_studio.gui.theme import LIGHT, Theme, font, mix, number
from ann_studio.learning.problem import Problem

Whole = NDArray[np.int64]

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_CENTRE = Qt.AlignmentFlag.AlignCenter
_EMPTY = "Run the same experiment from many seeds:\nhere stands which minimum each of its runs reaches."
_HINT = (
    "Final costs: click a bar to replay one of its runs, or Tab here, choose a bar by the arrow keys and press Enter"
)
_TIP = 56  #: letters on a line of a tooltip
#: Lines of shares in a panel at most.
_MOST_LINES = 8
#: Room for the bounds of a share, and the gap before them.
_INTERVAL = 92


class Picture(QWidget):
    """Histograms one below the other, with a common axis of costs."""

    chosen = Signal(int, int)  #: a run was asked for: position of its series, and its position there

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self.log = False
        self.comparison: Comparison | None = None
        self.kinds: tuple[Kind, ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._titles: tuple[tuple[str, str], ...] = ()
        self._counts: Whole = np.empty((0, 0, 0), dtype=np.int64)  #: by series, kind and bar
        self._shares: list[list[float]] = []  #: by series and kind
        self._intervals: list[list[tuple[float, float]]] = []
        self.working = False
        self.spot: Spot | None = None  #: what the mouse or the keyboard points at
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self.setAccessibleName("Final costs")
        self.setToolTip(_HINT)

    # --- what is shown ----------------------------------------------------------------------------------------------
    def begin(self, problems: tuple[Problem, ...], titles: tuple[tuple[str, str], ...]) -> None:
        """Show empty panels for these batch sizes, by their problems and titles."""
        self._problems, self._titles, self.working = problems, titles, True
        self.show_comparison(None)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show what was found; its series are the first of the batch sizes that were announced."""
        self.comparison, self.spot = comparison, None
        self._dress()

    def stop(self) -> None:
        """No more will come: panels that are still empty go."""
        self.working = False
        count = 0 if self.comparison is None else len(self.comparison.series)
        self._problems, self._titles = self._problems[:count], self._titles[:count]
        self._dress()

    def set_log(self, log: bool) -> None:
        """Show counts on a logarithmic scale, or not."""
        self.log = log
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self._dress()

    def _dress(self) -> None:
        self.kinds = () if self.comparison is None else kinds(self.comparison, self.theme)
        self._count_kinds()
        self.setMinimumHeight(round(Layout.least_height(len(self._titles), self._lines())) if self._titles else 0)
        self.setAccessibleDescription(self.said())
        self.update()

    def _count_kinds(self) -> None:
        """Runs of each kind in each bar, and shares of them."""
        found = self.comparison
        if found is None:
            return
        counts = [found.counts[:, [k for k in kind.minima if k >= 0]].sum(axis=1) for kind in self.kinds]
        self._counts = np.stack(counts, axis=1)
        self._shares = [[found.share(k, *kind.minima) for kind in self.kinds] for k in range(len(found.series))]
        self._intervals = [[found.interval(k, *kind.minima) for kind in self.kinds] for k in range(len(found.series))]

    def _lines(self) -> int:
        return min(max(1, len(self.kinds)), _MOST_LINES)

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for a small window."""
        return QSize(420, 160)

    def layout_now(self) -> Layout:
        """Where things lie at the present size."""
        return Layout(float(self.width()), float(self.height()), len(self._titles), self._lines(), self.log)

    def scale(self, layout: Layout) -> Scale:
        """The axes at the present size; there must be something to show."""
        assert self.comparison is not None
        return Scale(layout, self.comparison, [loss for _, loss in self._marked()])

    def _marked(self) -> list[tuple[Kind, float]]:
        """Minima that are marked on the axis, and their costs, ascending."""
        if self.comparison is None:
            return []
        single = [kind for kind in self.kinds if len(kind.minima) == 1 and kind.minima[0] >= 0]
        return [(kind, self.comparison.minima[kind.minima[0]].loss) for kind in single]

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Panels, axis, and what is pointed at."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        theme = self.theme
        painter.fillRect(self.rect(), QColor(theme.card))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if not self._titles:
            painter.setFont(font(14))
            painter.setPen(QColor(theme.text_3))
            painter.drawText(self.rect(), _CENTRE, _EMPTY)
        else:
            layout = self.layout_now()
            scale = None if self.comparison is None else self.scale(layout)
            if scale is not None:
                self._paint_axis(painter, layout, scale)
            for k in range(layout.panels):
                self._paint_title(painter, layout, k)
                if scale is None or k >= len(scale.counts):
                    self._paint_waiting(painter, layout, k)
                else:
                    self._paint_counts(painter, layout, scale, k)
                    self._paint_bars(painter, layout, scale, k)
                    self._paint_shares(painter, layout, k)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), theme.accent)

    def _paint_axis(self, painter: QPainter, layout: Layout, scale: Scale) -> None:
        """Costs along the foot, and a line for each minimum from its name at the top."""
        theme, foot = self.theme, layout.foot()
        left, right = layout.plot(0).left(), layout.plot(0).right()
        painter.setFont(font(12))
        metrics = painter.fontMetrics()
        painter.setPen(QColor(theme.text_2))
        for cost, digits in scale.cost_ticks():
            text, x = number(cost, digits), scale.x(cost)
            painter.drawText(QPointF(x - metrics.horizontalAdvance(text) / 2, foot + 14), text)
        painter.setPen(QColor(theme.text_3))
        painter.drawText(QRectF(left, foot + 20, right - left, 18), _CENTRE, self._axis_title())
        marked = [(kind, loss) for kind, loss in self._marked() if scale.holds(loss)]
        for kind, loss in marked:
            pen = QPen(mix(kind.colour, theme.card, 0.35), 1.2, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            x = round(scale.x(loss)) + 0.5
            for k in range(len(scale.counts)):
                plot = layout.plot(k)
                painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.top() + 2))
        self._paint_flags(painter, marked, scale, left, right)
        painter.setPen(QColor(theme.text_3))
        painter.setFont(font(12))
        head = QRectF(layout.shares(0).left(), 2, layout.shares(0).width(), 20)
        painter.drawText(head, _LEFT, "share of the runs")
        painter.drawText(head, _RIGHT, "95 % interval")

    def _axis_title(self) -> str:
        assert self.comparison is not None
        return f"cost of the training set after {self.comparison.series[0].epochs:,} epochs"

    def _paint_flags(
        self, painter: QPainter, marked: list[tuple[Kind, float]], scale: Scale, left: float, right: float
    ) -> None:
        painter.setFont(font(12, 600))
        metrics, digits = painter.fontMetrics(), digits_of([loss for _, loss in marked])
        for texts in ([f"{kind.name} {number(loss, digits)}" for kind, loss in marked], [k.name for k, _ in marked]):
            widths = [float(metrics.horizontalAdvance(text)) + 12 for text in texts]
            places = labels([scale.x(loss) for _, loss in marked], widths, left - 20, right + 12)
            if places is not None:
                break
        else:
            return
        for (kind, _), text, x, width in zip(marked, texts, places, widths, strict=True):
            rect = QRectF(x, 2, width, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mix(self.theme.card, kind.colour, 0.14))
            painter.drawRoundedRect(rect, 6, 6)
            painter.setPen(QColor(kind.colour))
            painter.drawText(rect, _CENTRE, text)

    def _paint_title(self, painter: QPainter, layout: Layout, k: int) -> None:
        theme, panel = self.theme, layout.panel(k)
        title, detail = self._titles[k]
        middle = panel.top() + 13
        paint_marker(painter, QPointF(LEFT + 6, middle), 5.5, look_of(self._problems[k], theme), theme.card)
        painter.setFont(font(14, 600))
        painter.setPen(QColor(theme.text))
        x = LEFT + 20
        painter.drawText(QRectF(x, panel.top(), 220, TITLE), _LEFT, title)
        x += painter.fontMetrics().horizontalAdvance(title) + 10
        painter.setFont(font(12))
        painter.setPen(QColor(theme.text_3))
        painter.drawText(QRectF(x, panel.top() + 1, layout.plot(k).right() - x, TITLE), _LEFT, detail)
        painter.drawText(QRectF(0, panel.top() + 1, LEFT - 8, TITLE), _RIGHT, "runs")

    def _paint_waiting(self, painter: QPainter, layout: Layout, k: int) -> None:
        plot = layout.plot(k)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.sunken))
        painter.drawRoundedRect(plot, 8, 8)
        done = 0 if self.comparison is None else len(self.comparison.series)
        painter.setFont(font(13))
        painter.setPen(QColor(self.theme.text_3))
        painter.drawText(plot, _CENTRE, "running …" if k == done else "to come")

    def _paint_counts(self, painter: QPainter, layout: Layout, scale: Scale, k: int) -> None:
        theme, plot = self.theme, layout.plot(k)
        painter.setFont(font(12))
        metrics = painter.fontMetrics()
        for count in scale.count_ticks(k):
            y = round(plot.bottom() - (scale.height(k, count) if count else 0)) + 0.5
            painter.setPen(QPen(QColor(theme.hairline), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            text = f"{count:,}"
            painter.setPen(QColor(theme.text_3))
            painter.drawText(QPointF(plot.left() - 8 - metrics.horizontalAdvance(text), y + 4), text)
        painter.setPen(QPen(QColor(theme.outline), 1))
        y = round(plot.bottom()) + 0.5
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))

    def _paint_bars(self, painter: QPainter, layout: Layout, scale: Scale, k: int) -> None:
        theme, ratio = self.theme, self.devicePixelRatioF()
        if self.spot is not None and self.spot.panel == k:
            band = scale.bar(k, self.spot.bar)
            band.setTop(layout.plot(k).top())
            painter.fillRect(band.adjusted(-3, 0, 3, 0), QColor(theme.accent_soft))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrushOrigin(QPointF(0, round(layout.plot(k).bottom())))
        for bar in np.flatnonzero(scale.counts[k]).tolist():
            whole = scale.bar(k, bar)
            for kind, piece in zip(self.kinds, segments(whole, self.stack(k, bar)), strict=True):
                if piece.height() > 0:
                    painter.fillRect(piece.toAlignedRect() if piece == whole else piece, brush(kind, theme, ratio))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        self._paint_peaks(painter, scale, k)
        if self.spot is not None and self.spot.panel == k:
            rect = scale.bar(k, self.spot.bar)
            if self.spot.kind is not None:
                rect = segments(rect, self.stack(k, self.spot.bar))[self.spot.kind]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 1), 2, 2)

    def _paint_peaks(self, painter: QPainter, scale: Scale, k: int) -> None:
        """The letter of each kind over the bar in which most of it are, unless another letter stands there."""
        taken: list[float] = []
        stacks = self._counts[k]
        for row in np.argsort(-stacks.max(axis=1), kind="stable").tolist():
            rect = scale.bar(k, int(stacks[row].argmax()))
            x = rect.center().x()
            if stacks[row].any() and all(abs(x - other) > 22 for other in taken):
                taken.append(x)
                paint_letter(painter, QPointF(x, rect.top() - 9), self.kinds[row], self.theme)

    def _paint_shares(self, painter: QPainter, layout: Layout, k: int) -> None:
        theme, column = self.theme, layout.shares(k)
        self._paint_share_bar(painter, QRectF(column.left(), column.top(), column.width(), 14), k)
        y = column.top() + 22
        lines = zip(self.kinds, self._shares[k], self._intervals[k], strict=True)
        shown = [line for line in lines if len(self.kinds) <= 4 or line[1] > 0]
        for kind, share, (low, high) in shown[:_MOST_LINES]:
            paint_swatch(painter, QRectF(column.left(), y + 3, 12, 12), kind, theme, self.devicePixelRatioF())
            painter.setFont(font(13, 600))
            painter.setPen(QColor(theme.text if share > 0 else theme.text_3))
            painter.drawText(QRectF(column.left() + 20, y, 70, ROW), _LEFT, kind.name)
            painter.drawText(QRectF(column.left(), y, column.width() - _INTERVAL, ROW), _RIGHT, f"{100 * share:.1f} %")
            painter.setFont(font(12))
            painter.setPen(QColor(theme.text_3))
            bounds = f"{100 * low:.1f}–{100 * high:.1f} %"
            painter.drawText(QRectF(column.left(), y, column.width(), ROW), _RIGHT, bounds)
            y += ROW

    def _paint_share_bar(self, painter: QPainter, rect: QRectF, k: int) -> None:
        path = QPainterPath()
        path.addRoundedRect(rect, 5, 5)
        painter.save()
        painter.setClipPath(path)
        painter.setBrushOrigin(rect.topLeft())
        left = rect.left()
        for kind, share in zip(self.kinds, self._shares[k], strict=True):
            width = share * rect.width()
            piece = QRectF(left, rect.top(), width, rect.height())
            painter.fillRect(piece, brush(kind, self.theme, self.devicePixelRatioF()))
            left += width
            if 0 < share < 1:
                painter.fillRect(QRectF(left - 1, rect.top(), 2, rect.height()), QColor(self.theme.card))
        painter.restore()

    # --- numbers ----------------------------------------------------------------------------------------------------
    def stack(self, k: int, bar: int) -> list[int]:
        """Runs of each kind in a bar."""
        return [int(count) for count in self._counts[k, :, bar]]

    def run_at(self, spot: Spot) -> int:
        """Position of the run that a click there replays: the one with the first seed."""
        return int(self._runs(spot)[0])

    def _runs(self, spot: Spot) -> Whole:
        """Positions of the runs at a spot, ascending."""
        assert self.comparison is not None
        minima = (None,) if spot.kind is None else self.kinds[spot.kind].minima
        parts = [self.comparison.runs_in(spot.panel, spot.bar, minimum) for minimum in minima]
        return np.sort(np.concatenate(parts))

    # --- words ------------------------------------------------------------------------------------------------------
    def said(self) -> str:
        """The whole picture in words."""
        if self.comparison is None:
            return "nothing yet" if not self.working else "running"
        parts = []
        for k, (title, _) in enumerate(self._titles[: len(self.comparison.series)]):
            found = zip(self.kinds, self._shares[k], strict=True)
            shares = (f"{100 * share:.1f} % {_reached(kind)}" for kind, share in found)
            parts.append(f"{title}: " + ", ".join(shares))
        return "; ".join(parts)

    def said_of(self, spot: Spot) -> str:
        """A bar in words."""
        comparison = self.comparison
        assert comparison is not None
        runs, count = self._runs(spot), len(self._runs(spot))
        losses = comparison.series[spot.panel].losses[runs]
        digits = digits_of(comparison.edges.tolist())
        low, high = number(losses.min(), digits), number(losses.max(), digits)
        cost = f"cost {low}" if low == high else f"cost {low} … {high}"
        stack = self.stack(spot.panel, spot.bar)
        found = [(kind, amount) for k, (kind, amount) in enumerate(zip(self.kinds, stack, strict=True))
                 if amount and spot.kind in (None, k)]  # fmt: skip
        reached = " and ".join(f"{amount:,} {_reached(kind)}" for kind, amount in found)
        seed = comparison.series[spot.panel].seeds[runs[0]]
        runs_of = f"{count:,} run{'s' if count != 1 else ''} of {self._titles[spot.panel][0]}"
        return f"{runs_of}, {cost}: {reached}; first seed {seed:,}: click to replay it"

    # --- mouse and keyboard -----------------------------------------------------------------------------------------
    def spot_at(self, position: QPointF) -> Spot | None:
        """What is at a position: a whole bar, or one kind in it where the position is on that."""
        if self.comparison is None:
            return None
        layout = self.layout_now()
        scale = self.scale(layout)
        at = nearest_bar(scale, layout, position)
        if at is None:
            return None
        stack = self.stack(*at)
        pieces = segments(scale.bar(*at), stack)
        kind = next((k for k, piece in enumerate(pieces) if piece.top() <= position.y() < piece.bottom()), None)
        return Spot(*at, kind if sum(1 for count in stack if count) > 1 else None)

    def _point(self, spot: Spot | None) -> None:
        if spot != self.spot:
            self.spot = spot
            self.setCursor(Qt.CursorShape.ArrowCursor if spot is None else Qt.CursorShape.PointingHandCursor)
            self.setAccessibleDescription(self.said() if spot is None else self.said_of(spot))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a bar."""
        self._point(self.spot_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Replay a run of the bar."""
        spot = self.spot_at(event.position())
        if spot is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(spot.panel, self.run_at(spot))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a bar, Enter replays a run of it, Escape chooses none."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.spot is not None and not event.modifiers():
            self.chosen.emit(self.spot.panel, self.run_at(self.spot))
        elif key == Qt.Key.Key_Escape and self.spot is not None:
            self._point(None)
        elif key in _MOVES and self.comparison is not None:
            self._point(self._moved(*_MOVES[key]))
            self._tell_where()
        else:
            event.ignore()

    def _moved(self, across: int, down: int) -> Spot | None:
        """The bar to the left or right, or the nearest in the panel above or below, of the one that is pointed at."""
        assert self.comparison is not None
        counts = self.comparison.counts.sum(axis=1)
        if self.spot is None:
            panel = next((k for k in range(len(counts)) if counts[k].any()), None)
            return None if panel is None else Spot(panel, int(np.flatnonzero(counts[panel])[0]))
        panel = min(max(self.spot.panel + down, 0), len(counts) - 1)
        bars = np.flatnonzero(counts[panel])
        if not len(bars):
            return self.spot
        at = int(np.abs(bars - self.spot.bar).argmin())
        return Spot(panel, int(bars[min(max(at + across, 0), len(bars) - 1)]))

    def _tell_where(self) -> None:
        """Say beside the bar what it holds: whoever uses the keyboard has no mouse to rest there."""
        if self.spot is not None and self.isVisible():
            rect = self.scale(self.layout_now()).bar(self.spot.panel, self.spot.bar)
            QToolTip.showText(self.mapToGlobal(rect.topRight().toPoint()), self.said_of(self.spot), self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What the keyboard pointed at is no longer shown."""
        super().focusOutEvent(event)
        self._point(None)

    def event(self, event: QEvent) -> bool:
        """The tooltip says what the bar under the mouse holds."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            spot = self.spot_at(QPointF(event.pos()))
            said = _HINT if spot is None else self.said_of(spot)
            QToolTip.showText(event.globalPos(), textwrap.fill(said, _TIP), self)
            return True
        return super().event(event)


_MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Home: (-1000, 0),
    Qt.Key.Key_End: (1000, 0),
}


def digits_of(costs: list[float]) -> int:
    """Digits by which costs can be told apart: four, or more where they lie closer together."""
    span = max(costs, default=0.0) - min(costs, default=0.0)
    return 4 if span <= 0 else max(4, min(12, 2 - int(np.floor(np.log10(span)))))


def _reached(kind: Kind) -> str:
    return kind.name if kind.name == "diverged" else f"reached {kind.name}"
