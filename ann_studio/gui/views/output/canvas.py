"""The picture of the output view: one of four, by the kind of data."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ann_studio.analysis.pictures import Pictures, extent_of, is_line, is_plane
from ann_studio.data.dataset import Classes
from ann_studio.data.features import pretty
from ann_studio.gui.theme import LIGHT, Theme, font, mix, number
from ann_studio.gui.views.output.confusion import paint_confusion
from ann_studio.gui.views.output.points import class_colour, paint_points, paint_ring, point_colours
from ann_studio.gui.views.output.region import boundary, paint_boundary, region_image
from ann_studio.gui.views.output.stage import Stage
from ann_studio.learning.problem import Problem, Samples

_REACH = 9.0  #: pixels from a point that still mean it
_MOST_POINTS = 4_000  #: more are thinned evenly


class Canvas(QWidget):
    """Paints what the network makes of the data."""

    clicked_row = Signal(int)  #: row of the dataset whose point was clicked
    drawn = Signal(float, float, int)  #: x1, x2 and class of a point that was drawn

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Output of the network")
        self.theme: Theme = LIGHT
        self.problem: Problem | None = None
        self.pictures: Pictures | None = None
        self.discrete = False
        self.with_validation = True
        self.drawing = False
        self.row: int | None = None
        self.new_points: list[tuple[float, float, int]] = []
        self._points: QPixmap | None = None

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(180, 160)

    def show_output(self, problem: Problem, pictures: Pictures | None) -> None:
        """Show these pictures; without any the points alone, or the last picture while it is of the same problem."""
        if problem is not self.problem:
            data_changed = self.problem is None or problem.dataset is not self.problem.dataset
            if data_changed:
                self.row, self.new_points = None, []
            self._points = None
            self.pictures = None
        elif pictures is None or pictures is self.pictures:
            return
        self.problem = problem
        self.pictures = pictures
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.redraw()

    def redraw(self) -> None:
        """Paint everything anew, points too."""
        self._points = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The points move with the size."""
        self._points = None

    # --- painting ---------------------------------------------------------------------------------------------------
    def stage(self) -> Stage | None:
        """The scale of the picture; None for a confusion matrix."""
        problem = self.problem
        if problem is None:
            return None
        if is_plane(problem.dataset):
            side = min(self.width(), self.height())
            rect = QRectF((self.width() - side) / 2, 0, side, side)
            return Stage(rect, extent_of(problem))
        area = QRectF(48, 8, self.width() - 60, self.height() - 36)
        targets = problem.dataset.targets
        if is_line(problem.dataset):
            low, high = _span(self._target_values())
            x0, x1, _, _ = extent_of(problem)
            return Stage(area, (x0, x1, low, high))
        if not isinstance(problem.dataset.target, Classes):
            low, high = _span(targets)
            side = min(area.width(), area.height())
            return Stage(QRectF(area.left(), area.top(), side, side), (low, high, low, high))
        return None

    def _target_values(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        assert self.problem is not None
        preparation = self.problem.preparation
        if isinstance(self.problem.dataset.target, Classes):
            return np.array([[preparation.low], [preparation.high]])
        return self.problem.dataset.targets

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint by the kind of data."""
        painter = QPainter(self)
        if self.problem is None:
            painter.setFont(font(14))
            painter.setPen(QColor(self.theme.text_3))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The output appears here.")
            return
        stage = self.stage()
        if stage is None:
            shown = self._performance()
            if shown is not None and shown.confusion is not None and isinstance(self.problem.dataset.target, Classes):
                labels = self.problem.dataset.target.labels
                paint_confusion(painter, QRectF(self.rect()), shown.confusion, labels, self.theme)
        elif is_plane(self.problem.dataset):
            self._paint_plane(painter, stage)
        elif is_line(self.problem.dataset):
            self._paint_axes(painter, stage, pretty(self.problem.dataset.columns[0].name))
            self._paint_curve(painter, stage)
        else:
            self._paint_axes(painter, stage, "true value")
            self._paint_scatter(painter, stage)

    def _performance(self) -> object:
        pictures = self.pictures
        if pictures is None:
            return None
        return pictures.validation if pictures.validation is not None and self.with_validation else pictures.train

    def _paint_plane(self, painter: QPainter, stage: Stage) -> None:
        assert self.problem is not None
        clip = QPainterPath()
        clip.addRoundedRect(stage.rect, 8, 8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipPath(clip)
        painter.fillRect(stage.rect, QColor(self.theme.sunken))
        if self.pictures is not None and self.pictures.region is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not self.discrete)
            painter.drawImage(stage.rect, region_image(self.problem, self.pictures.region, self.theme, discrete=self.discrete))
            paint_boundary(painter, boundary(self.problem, self.pictures.region, stage.rect), self.theme)
        painter.drawPixmap(0, 0, self._point_layer(stage))
        self._paint_new(painter, stage)
        if self.row is not None:
            painter.setClipping(False)
            paint_ring(painter, stage.to_pixel(*self.problem.dataset.inputs[self.row].tolist()), self.theme)
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(mix(self.theme.hairline, self.theme.hairline, 0), 1))
        painter.drawRoundedRect(stage.rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        self._paint_corners(painter, stage)

    def _paint_corners(self, painter: QPainter, stage: Stage) -> None:
        """The range of the axes, faint, in the corners."""
        x0, x1, y0, y1 = stage.extent
        painter.setFont(font(12))
        painter.setPen(QColor(self.theme.text_2))
        inner = stage.rect.adjusted(7, 4, -7, -4)
        flag = Qt.AlignmentFlag
        names = [pretty(column.name) for column in self.problem.dataset.columns] if self.problem is not None else ["", ""]
        painter.drawText(inner, flag.AlignLeft | flag.AlignBottom, _short(x0))
        painter.drawText(inner, flag.AlignRight | flag.AlignBottom, f"{_elided(painter, names[0], stage.rect.width() / 2)}  {_short(x1)}")
        painter.drawText(inner, flag.AlignLeft | flag.AlignTop, f"{_short(y1)}  {_elided(painter, names[1], stage.rect.width() / 2)}")

    def _rows(self, samples: Samples) -> Samples:
        if len(samples) <= _MOST_POINTS:
            return samples
        pick = np.linspace(0, len(samples) - 1, _MOST_POINTS).astype(np.int64)
        return Samples(samples.rows[pick], samples.inputs[pick], samples.targets[pick])

    def _parts(self) -> list[tuple[Samples, bool]]:
        assert self.problem is not None
        parts = [(self._rows(self.problem.train), False)]
        if self.with_validation:
            parts.append((self._rows(self.problem.validation), True))
        return parts

    def _point_layer(self, stage: Stage) -> QPixmap:
        """All points on a transparent layer, kept until data, size or colours change."""
        if self._points is None:
            assert self.problem is not None
            ratio = self.devicePixelRatioF()
            self._points = QPixmap(self.size() * ratio)
            self._points.setDevicePixelRatio(ratio)
            self._points.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._points)
            size = 9.0 if len(self.problem.train) <= 600 else 6.0
            for samples, rings in self._parts():
                raw = self.problem.dataset.inputs[samples.rows]
                pixels = [stage.to_pixel(x, y) for x, y in raw[:, :2].tolist()]
                colours = point_colours(self.problem, samples, self.theme)
                outlined = not isinstance(self.problem.dataset.target, Classes)
                paint_points(painter, pixels, colours, size, self.theme, rings=rings, outlined=outlined)
            painter.end()
        return self._points

    def _paint_new(self, painter: QPainter, stage: Stage) -> None:
        if self.new_points:
            pixels = [stage.to_pixel(x, y) for x, y, _ in self.new_points]
            colours = [QColor(class_colour(self.theme, kind, 2)) for _, _, kind in self.new_points]
            paint_points(painter, pixels, colours, 11, self.theme, rings=False)

    def _paint_axes(self, painter: QPainter, stage: Stage, name: str) -> None:
        theme, rect = self.theme, stage.rect
        painter.setFont(font(12))
        metrics = painter.fontMetrics()
        x0, x1, y0, y1 = stage.extent
        for value in _ticks(y0, y1, max(3, int(rect.height() / 48))):
            y = stage.to_pixel(x0, value).y()
            painter.setPen(QPen(mix(theme.hairline, theme.hairline, 0), 1))
            painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
            painter.setPen(QColor(theme.text_2))
            text = _short(value)
            painter.drawText(QPointF(rect.left() - 8 - metrics.horizontalAdvance(text), y + 4), text)
        for value in _ticks(x0, x1, max(4, int(rect.width() / 60))):
            x = stage.to_pixel(value, y0).x()
            text = _short(value)
            painter.drawText(QPointF(x - metrics.horizontalAdvance(text) / 2, rect.bottom() + 16), text)
        painter.drawText(QRectF(rect.left(), rect.bottom() + 4, rect.width(), 24), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, name)

    def _paint_curve(self, painter: QPainter, stage: Stage) -> None:
        """Points and the fitted curve of one input."""
        assert self.problem is not None
        painter.save()
        painter.setClipRect(stage.rect.adjusted(-2, -6, 2, 6))
        classes = isinstance(self.problem.dataset.target, Classes)
        for samples, rings in self._parts():
            values = samples.targets if classes else self.problem.dataset.targets[samples.rows]
            x = self.problem.dataset.inputs[samples.rows, 0]
            pixels = [stage.to_pixel(a, b) for a, b in zip(x.tolist(), values[:, 0].tolist(), strict=True)]
            colours = point_colours(self.problem, samples, self.theme) if classes else [QColor(self.theme.positive)] * len(pixels)
            paint_points(painter, pixels, colours, 8, self.theme, rings=rings)
        if self.pictures is not None and self.pictures.curve is not None:
            x, y = self.pictures.curve
            path = QPainterPath()
            for k in range(y.shape[1]):
                line = [stage.to_pixel(a, b) for a, b in zip(x.tolist(), np.nan_to_num(y[:, k]).tolist(), strict=True)]
                path.moveTo(line[0])
                for point in line[1:]:
                    path.lineTo(point)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.casing), 5))
            painter.drawPath(path)
            painter.setPen(QPen(QColor(self.theme.accent), 2.5))
            painter.drawPath(path)
        painter.restore()

    def _paint_scatter(self, painter: QPainter, stage: Stage) -> None:
        """Predicted against true values; right predictions lie on the diagonal."""
        assert self.problem is not None
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(self.theme.text_3), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(stage.rect.bottomLeft(), stage.rect.topRight())
        if self.pictures is None:
            return
        painter.save()
        painter.setClipRect(stage.rect)
        for samples, shown, rings in (
            (self.problem.train, self.pictures.train, False),
            (self.problem.validation, self.pictures.validation if self.with_validation else None, True),
        ):
            if shown is None:
                continue
            truth = self.problem.dataset.targets[samples.rows]
            pick = np.linspace(0, len(truth) - 1, min(len(truth), _MOST_POINTS)).astype(np.int64)
            pairs = zip(truth[pick, 0].tolist(), np.nan_to_num(shown.predictions[pick, 0]).tolist(), strict=True)
            pixels = [stage.to_pixel(a, b) for a, b in pairs]
            hue = QColor(self.theme.validation if rings else self.theme.positive)
            paint_points(painter, pixels, [hue] * len(pixels), 7, self.theme, rings=rings)
        painter.restore()

    # --- the mouse --------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Draw a point, or choose the sample under the mouse."""
        stage = self.stage()
        if stage is None or self.problem is None or not is_plane(self.problem.dataset):
            super().mousePressEvent(event)
            return
        if self.drawing and stage.rect.contains(event.position()):
            x1, x2 = stage.to_data(event.position())
            other = event.button() == Qt.MouseButton.RightButton or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            kind = 0 if other else 1
            self.new_points.append((x1, x2, kind))
            self.drawn.emit(x1, x2, kind)
            self.update()
        elif event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._row_at(event.position(), stage))

    def choose(self, row: int | None) -> None:
        """Ring a sample of the dataset, or none."""
        self.row = row
        if row is not None:
            self.clicked_row.emit(row)
        self.update()

    def _row_at(self, position: QPointF, stage: Stage) -> int | None:
        assert self.problem is not None
        rows = np.concatenate([samples.rows for samples, _ in self._parts()])
        raw = self.problem.dataset.inputs[rows]
        x0, x1, y0, y1 = stage.extent
        dx = (raw[:, 0] - x0) / (x1 - x0) * stage.rect.width() + stage.rect.left() - position.x()
        dy = stage.rect.bottom() - (raw[:, 1] - y0) / (y1 - y0) * stage.rect.height() - position.y()
        distance = np.hypot(dx, dy)
        best = int(distance.argmin())
        return int(rows[best]) if distance[best] <= _REACH else None


def _span(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.15 * (high - low) or 1.0
    return low - margin, high + margin


def _ticks(low: float, high: float, count: int) -> list[float]:
    """Round values between `low` and `high`."""
    raw = (high - low) / count
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first = int(np.ceil(low / step))
    return [k * step for k in range(first, int(np.floor(high / step)) + 1)]


def _short(value: float) -> str:
    """A few digits, true minus."""
    text = f"{value:.4g}" if abs(value) < 1e5 else number(value, 1)
    return text.replace("-", "−")


def _elided(painter: QPainter, text: str, width: float) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
