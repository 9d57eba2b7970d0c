"""The curves of a run or a race, painted; values are told where the mouse or the keyboard points."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy

from ann_studio.analysis.planes import nice_step
from ann_studio.engine.messages import Clock
from ann_studio.gui.clocks import UNITS
from ann_studio.gui.painting import paint_focus, painting, round_step, round_value
from ann_studio.gui.scales import significant
from ann_studio.gui.theme import LIGHT, Theme, font, mix, number
from ann_studio.gui.tips import Picture
from ann_studio.gui.views.loss.curves import (
    log_ticks,
    plain,
    segments,
)
from ann_studio.gui.views.loss.history import EPOCH, TRAIN, VALIDATION, Costs, Point
from ann_studio.gui.views.loss.race import Race
from ann_studio.gui.views.loss.racers import Labels, Pixels, labels_of, paint_curves, paint_ends, paint_told

Array = NDArray[np.float64]
_MANY_POINTS, _DENSE_POINTS = 400, 1_500
#: A cost that many times the first one, or 1, has exploded; then the axis reaches to so many times that.
_EXPLODED, _ABOVE = 1e6, 1e3
_FUTURE_POINTS = 600  #: at most twice as many are drawn of what lies behind the playhead
_NO_ROWS: Array = np.empty((0, 4))
_LEAST, _GREATEST = 1e-300, 1e300  #: beyond these, arithmetic with the ends of an axis overflows
_SHORT_UNITS = {**UNITS, Clock.GRADIENTS: "gradients"}  #: beside the axis, as in the race table
_OVERHANG = 9.0  #: of the last number below the axis, where labels stand beside it
_MARGINS = (58.0, 22.0, 112.0, 30.0)  # left, top, right, bottom


class Plot(Picture):
    """The two curves of a run, or one of each run of a race."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self._name("epoch")
        self.theme: Theme = LIGHT
        self.log = True  #: whether the scale is to be logarithmic
        self.below_zero = False  #: whether there are costs without a logarithm
        self.train_name = "train"  #: what the cost of the training set is called
        self.costs = Costs()
        self.future = _NO_ROWS  #: what the run has been to behind the playhead, thinned
        self.race: Race | None = None
        self.end = 1
        self._mouse_x: float | None = None

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(240, 110)

    def show_curves(self, trace: Array, here: Point | None, end: int, future: Array | None = None) -> None:
        """Show the losses of a trace and a present point behind it; the axis reaches to epoch `end`.

        `future` are rows behind the present, which are shown faintly.
        """
        self.costs.show(trace, here)
        self.future = _NO_ROWS if future is None else future[:: 1 + len(future) // _FUTURE_POINTS]
        self.race, self.end = None, end
        self._take("epoch")

    def show_race(self, race: Race) -> None:
        """Show a curve for each run of a race."""
        self.race, self.end, self.future = race, race.end, _NO_ROWS
        self._take(UNITS[race.clock])

    def _take(self, unit: str) -> None:
        self.below_zero = not self.is_empty and self._extremes()[0] < 0
        self._name(unit)
        self.update()

    @property
    def is_log(self) -> bool:
        """Whether the scale is logarithmic: where it may be, and no cost has none."""
        return self.log and not self.below_zero

    def _extremes(self) -> tuple[float, float, float]:
        low, high, positive = (self.costs if self.race is None else self.race).extremes()
        values = self.future[:, [TRAIN, VALIDATION]]
        values = values[np.isfinite(values)]
        if not len(values):
            return low, high, positive
        above = values[values > 0]
        return (
            min(low, float(values.min())), max(high, float(values.max())),
            min(positive, float(above.min(initial=math.inf))),
        )  # fmt: skip

    def _name(self, unit: str) -> None:
        name = f"Cost over {unit}s"
        if name != self.accessibleName():
            self.setAccessibleName(name)
            self.setToolTip(f"{name}: rest on a curve for its values, or Tab here and use Left and Right")

    # --- geometry ---------------------------------------------------------------------------------------------------
    def _area(self) -> QRectF:
        left, top, right, bottom = _MARGINS
        if self.race is not None and self.race.runs:
            left = max(left, QFontMetrics(font(12)).horizontalAdvance(_SHORT_UNITS[self.race.clock]) + 20.0)
            right = self._labels(self.race).width
        return QRectF(left, top, max(self.width() - left - right, 20), max(self.height() - top - bottom, 20))

    def _labels(self, race: Race) -> Labels:
        return labels_of(race, self._band()[1] - self._band()[0], self.width())

    def _band(self) -> tuple[float, float]:
        """Between which heights the labels of a race are."""
        return 1.0, self.height() - 1.0

    def value_range(self) -> tuple[float, float]:
        """Least and greatest cost of the axis."""
        low, high, positive = self._extremes()
        runs = [self.costs] if self.race is None else [run.costs for run in self.race.runs]
        firsts = np.concatenate([costs.rows[:1, [TRAIN, VALIDATION]].ravel() for costs in runs])
        # A run that begins where there is hardly a cost left has not exploded once it has one.
        usual = float(firsts[np.isfinite(firsts)].max(initial=1.0))
        if len(firsts) and high > _EXPLODED * usual:
            high = _ABOVE * usual  # the curve leaves the picture, so that the others can be seen
        return axis_range(low, high, positive, log=self.is_log)

    def _y(self, values: Array, area: QRectF, span: tuple[float, float]) -> Array:
        low, high = span
        if self.is_log:
            share = (np.log(np.maximum(values, low)) - math.log(low)) / (math.log(high) - math.log(low))
        else:
            share = (values - low) / (high - low)
        return np.asarray(area.bottom() - np.clip(share, -0.2, 1.2) * area.height())

    def _pixels(self, area: QRectF, span: tuple[float, float]) -> Pixels:
        return lambda x, y: np.stack([self._x(x, area), self._y(y, area, span)], axis=1)

    def _x(self, epochs: Array | float, area: QRectF) -> Array:
        return np.asarray(area.left() + np.asarray(epochs) / max(self.end, 1) * area.width())

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, curves, ends, and what the mouse points at."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        painter.setFont(font(12))
        if self.is_empty:
            painter.setFont(font(14))
            painter.setPen(QColor(self.theme.text_3))
            empty = "The cost of each epoch appears here once training begins."
            empty = empty if self.race is None else "All runs are hidden."
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, empty)
            return
        area, span = self._area(), self.value_range()
        self._paint_axes(painter, area, span)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self.race is None:
            self._paint_run(painter, area, span)
        else:
            self._paint_race(painter, self.race, area, span)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()), self.theme.accent)

    @property
    def is_empty(self) -> bool:
        """Whether there is no curve."""
        return not (len(self.costs) if self.race is None else self.race.runs)

    def _paint_run(self, painter: QPainter, area: QRectF, span: tuple[float, float]) -> None:
        best = self.costs.best()
        if best is not None:
            self._paint_best(painter, area, span, best)
        self._paint_future(painter, area, span)
        self._paint_curve(painter, area, span, TRAIN, self.theme.train, dashed=False)
        self._paint_curve(painter, area, span, VALIDATION, self.theme.validation, dashed=True)
        self._paint_ends(painter, area, span)
        self._paint_hover(painter, area)

    def _paint_race(self, painter: QPainter, race: Race, area: QRectF, span: tuple[float, float]) -> None:
        pixels = self._pixels(area, span)
        paint_curves(painter, race, pixels, int(area.width()), self.theme)
        paint_ends(painter, race, self._labels(race), pixels, area, self._band(), self.theme)
        x = self.pointed()
        if x is not None:
            paint_told(painter, race, x, pixels, area, QRectF(self.rect()), self.theme)

    def _paint_axes(self, painter: QPainter, area: QRectF, span: tuple[float, float]) -> None:
        theme, metrics = self.theme, painter.fontMetrics()
        for value, text in self._value_ticks(span, area.height()):
            y = float(self._y(np.array([value]), area, span)[0])
            painter.setPen(QPen(QColor(theme.hairline), 1))
            painter.drawLine(QPointF(area.left(), round(y) + 0.5), QPointF(area.right(), round(y) + 0.5))
            painter.setPen(QColor(theme.text_2))
            painter.drawText(QPointF(area.left() - 10 - metrics.horizontalAdvance(text), y + 4.5), text)
        painter.setPen(QColor(theme.text_2))
        room = max(72, metrics.horizontalAdvance(f"{self.end:,}") + 24)
        step = min(round_step(self.end / max(1.0, area.width() / room)), int(nice_step(self.end)))
        for k in range(int(self.end / step) + 1):
            text = f"{k * step:,}"
            width = metrics.horizontalAdvance(text)
            x = float(self._x(k * step, area)) - width / 2
            if self.race is not None:
                x = min(x, area.right() + _OVERHANG - width)
            painter.drawText(QPointF(x, area.bottom() + 18), text)
        painter.setPen(QColor(theme.text_3))
        unit = _SHORT_UNITS[Clock.EPOCHS if self.race is None else self.race.clock]
        name = QRectF(0, area.bottom() + 3, area.left() - 14, 20)
        painter.drawText(name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, unit)

    def _value_ticks(self, span: tuple[float, float], height: float) -> list[tuple[float, str]]:
        low, high = span
        if not self.is_log:
            step = round_value((high - low) / max(2.0, height / 44))
            digits = max(0, -math.floor(math.log10(step)))
            steps = range(math.ceil(low / step), math.floor(high / step) + 1)
            return [(k * step, number(k * step, digits)) for k in steps]
        return [(value, plain(value)) for value in log_ticks(low, high, 18 / height)]

    def _paint_curve(
        self, painter: QPainter, area: QRectF, span: tuple[float, float], column: int, colour: str, *, dashed: bool
    ) -> None:
        # More points than pixels would pale: each short line covers but a part of its pixel.
        left, right = (float(self._x(self.costs.at(k).epoch, area)) for k in (0, -1))
        x, y = self.costs.outline(column, max(1, int(right - left) // 4))
        if len(x) < 2:
            return
        pixels = np.stack([self._x(x, area), self._y(y, area, span)], axis=1)
        # Qt paints lines that are one pixel wide fifty times faster than wider ones.
        pen = QPen(QColor(colour), 2.2 if len(x) < _DENSE_POINTS else 1)
        # Ends that overlap look like joints; where there are many, nobody sees any.
        many = len(x) >= _MANY_POINTS
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if many or dashed else Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        _draw(painter, pixels, dashed=dashed)

    def _paint_future(self, painter: QPainter, area: QRectF, span: tuple[float, float]) -> None:
        """Thin pale lines where the run goes on behind the playhead."""
        pixels = self._pixels(area, span)
        for column, colour, dashed in ((TRAIN, self.theme.train, False), (VALIDATION, self.theme.validation, True)):
            rows = self.future[np.isfinite(self.future[:, column])]
            if len(rows) > 1:
                painter.setPen(QPen(mix(self.theme.card, colour, 0.4), 1))
                _draw(painter, pixels(rows[:, EPOCH], rows[:, column]), dashed=dashed)

    def _paint_best(self, painter: QPainter, area: QRectF, span: tuple[float, float], best: int) -> None:
        theme, point = self.theme, self.costs.at(best)
        x = float(self._x(point.epoch, area))
        if best < len(self.costs) - 1:
            shade = QRectF(x, area.top(), float(self._x(self.costs.at(-1).epoch, area)) - x, area.height())
            painter.fillRect(shade, mix(theme.card, theme.accent_soft, 0.7))
        painter.setPen(QPen(QColor(theme.validation), 1.5, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setFont(font(13, 600))
        text = f"best {point.epoch:,.6g}"
        half = painter.fontMetrics().horizontalAdvance(text) / 2
        painter.setPen(QColor(theme.validation))
        painter.drawText(QPointF(min(max(x - half, area.left()), area.right() - 2 * half), area.top() - 7), text)
        y = float(self._y(np.array([point.validation]), area, span)[0])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.validation))
        painter.drawPolygon(_star(x, y))
        painter.setFont(font(12))

    def _paint_ends(self, painter: QPainter, area: QRectF, span: tuple[float, float]) -> None:
        """Markers at the last values, and labels to the right that keep clear of each other."""
        theme, last = self.theme, self.costs.at(-1)
        labels: list[tuple[float, str, str, str]] = []
        for name, value, colour in (
            (self.train_name, last.train, theme.train),
            ("validation", last.validation, theme.validation),
        ):
            if not math.isfinite(value):
                continue
            y = float(np.clip(self._y(np.array([value]), area, span)[0], area.top(), area.bottom()))
            x = float(self._x(last.epoch, area))
            ring = name == "validation"
            painter.setPen(QPen(QColor(colour), 2.2))
            painter.setBrush(QColor(theme.card if ring else colour))
            painter.drawEllipse(QPointF(x, y), 4.5, 4.5)
            labels.append((y, name, significant(value), colour))
        labels.sort(key=lambda label: label[0])
        # Each label takes 38 pixels: a name over a value.
        labels = [(min(max(label[0], area.top() + 12), area.bottom() - 12), *label[1:]) for label in labels]
        if len(labels) == 2 and labels[1][0] - labels[0][0] < 38:
            middle = min(max((labels[0][0] + labels[1][0]) / 2, area.top() + 31), area.bottom() - 31)
            labels = [(middle - 19, *labels[0][1:]), (middle + 19, *labels[1][1:])]
        for y, name, text, colour in labels:
            painter.setPen(QColor(colour))
            painter.setFont(font(13, 600))
            painter.drawText(QPointF(area.right() + 14, y - 2), name)
            painter.drawText(QPointF(area.right() + 14, y + 15), text)

    def _paint_hover(self, painter: QPainter, area: QRectF) -> None:
        k = self.hovered()
        if k is None:
            return
        x = float(self._x(self.costs.at(k).epoch, area))
        painter.setPen(QPen(QColor(self.theme.text_3), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        lines = self.said(k)
        painter.setFont(font(12, 500))
        width = max(painter.fontMetrics().horizontalAdvance(line) for line in lines) + 20
        left = x + 10 if x + 10 + width < area.right() else x - 10 - width
        box = QRectF(left, area.top() + 4, width, 18 * len(lines) + 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.text))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(QColor(self.theme.card))
        for position, line in enumerate(lines):
            painter.drawText(QPointF(box.left() + 10, box.top() + 18 + 18 * position), line)

    def _under_mouse(self) -> float | None:
        """Place on the horizontal axis; None beside it."""
        if self._mouse_x is None or self.is_empty:
            return None
        area = self._area()
        share = (self._mouse_x - area.left()) / area.width()
        return share * self.end if 0 <= share <= 1 else None

    def hovered(self) -> int | None:
        """Position of the values nearest to the mouse; None outside the axes, and in a race."""
        epoch = self._under_mouse()
        return None if epoch is None or self.race is not None else self.costs.nearest(epoch)

    def pointed(self) -> float | None:
        """Place nearest to the mouse at which a run of the race has a point; None outside the axes."""
        x = self._under_mouse()
        return None if x is None or self.race is None else self.race.nearest(x)

    def said(self, k: int) -> list[str]:
        """The values at a position, in words."""
        point = self.costs.at(k)
        lines = [f"epoch {point.epoch:,.6g}", f"{self.train_name} {number(point.train, 4)}"]
        if math.isfinite(point.validation):
            lines.append(f"validation {number(point.validation, 4)}")
        return lines

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right walk through the epochs, Escape ends that."""
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by is not None and not self.is_empty and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            x, lines = self._walk(by) if self.race is None else self._walk_in(self.race, by)
            self._mouse_x = float(self._x(x, self._area()))
            self.setAccessibleDescription(", ".join(lines))
            self.update()
        elif event.key() == Qt.Key.Key_Escape and self._mouse_x is not None:
            self._mouse_x = None
            self.update()
        else:
            super().keyPressEvent(event)

    def _walk(self, by: int) -> tuple[float, list[str]]:
        """The epoch of the next point, and what is said there."""
        at, last = self.hovered(), len(self.costs) - 1
        at = last if at is None else min(max(at + by, 0), last)
        return self.costs.at(at).epoch, self.said(at)

    def _walk_in(self, race: Race, by: int) -> tuple[float, list[str]]:
        """The next place at which a run of the race has a point, and what is said there."""
        x = self.pointed()
        x = max(run.at(len(run) - 1) for run in race.runs) if x is None else race.step(x, by)
        return x, race.said(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values under the mouse."""
        self._mouse_x = event.position().x()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What the keyboard pointed at is no longer told."""
        super().focusOutEvent(event)
        self._mouse_x = None
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        self._mouse_x = None
        self.update()


def axis_range(low: float, high: float, positive: float, *, log: bool) -> tuple[float, float]:
    """Ends of the axis for costs between `low` and `high`, of which `positive` is the least that is; infinite: none."""
    if log:
        if not math.isfinite(positive):
            return (0.1, 1.0)
        low = min(max(positive, high * 1e-12, _LEAST), _GREATEST / 10)
        return low / 1.25, min(max(low, high) * 1.25, _GREATEST)
    if not math.isfinite(low):
        return (0.1, 1.0)
    low = max(min(0.0, low), -_GREATEST)
    return low, min(high + 0.08 * max(high - low or 1.0, _LEAST), _GREATEST)


def _draw(painter: QPainter, pixels: Array, *, dashed: bool) -> None:
    painter.drawLines([QLineF(*ends) for ends in segments(pixels, dashed=dashed).tolist()])


def _star(x: float, y: float) -> QPolygonF:
    turns = [(k * math.pi / 5, 7 if k % 2 == 0 else 3) for k in range(10)]
    return QPolygonF([QPointF(x + math.sin(turn) * size, y - math.cos(turn) * size) for turn, size in turns])
