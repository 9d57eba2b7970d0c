"""The network view: a card with the graph, hover, selection and a walk by keyboard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from ann_studio.analysis.pictures import Pictures
from ann_studio.data.dataset import Classes
from ann_studio.data.features import pretty
from ann_studio.engine.messages import Frame
from ann_studio.gui.theme import LIGHT, Theme, font, mix, number
from ann_studio.gui.view import View
from ann_studio.gui.views.network import edges, legend
from ann_studio.gui.views.network.layout import Layout, lay_out
from ann_studio.gui.views.network.neurons import paint_neurons, radius, tile_rect
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase
from ann_studio.nn.architecture import Architecture, views

_REACH = 6.0  #: pixels from a curve that still mean it
_HOVER_DELAY = 80  #: milliseconds
_MOST_NUMBERS = 100_000


@dataclass(frozen=True)
class WeightPoint:
    """An edge: from unit `source` to unit `target` of `layer` (0 = first after the input)."""

    layer: int
    source: int
    target: int


@dataclass(frozen=True)
class NeuronPoint:
    """A neuron: `unit` of `layer`, where layer 0 is the input."""

    layer: int
    unit: int


Point = WeightPoint | NeuronPoint | None


def layer_name(layer: int, layers: int) -> str:
    """``input``, ``hidden 2``, ``output``; layer 0 is the input."""
    return "input" if layer == 0 else "output" if layer == layers else f"hidden {layer}"


class Graph(QWidget):
    """The picture inside the card."""

    selected = Signal(object)  #: a `WeightPoint`, a `NeuronPoint` or None

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ownsArrows", True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Network graph")
        self.setToolTip("")
        self.theme: Theme = LIGHT
        self.problem: Problem | None = None
        self.theta: NDArray[np.float64] = np.zeros(0)
        self.pictures: Pictures | None = None
        self.phase: Phase | None = None
        self.w_ref = 0.0
        self.point: Point = None
        self.hovered: Point = None
        self.chosen: edges.Selection | None = None
        self._layout: Layout | None = None
        self._painter: edges.EdgePainter | None = None
        self._samples: NDArray[np.float64] | None = None
        self._layer: QPixmap | None = None
        self._mouse: QPointF | None = None
        self._hover = QTimer(self)
        self._hover.setSingleShot(True)
        self._hover.setInterval(_HOVER_DELAY)
        self._hover.timeout.connect(self._find_hovered)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(320, 220)

    # --- what is shown ----------------------------------------------------------------------------------------------
    def show_network(
        self, problem: Problem, theta: NDArray[np.float64], pictures: Pictures | None, phase: Phase | None, *, fresh: bool
    ) -> None:
        """Show these parameters; `fresh` marks the beginning of a run, where the width scale starts anew."""
        if self.problem is None or problem.architecture != self.problem.architecture:
            self.point = self.hovered = None
            self._forget_layout()
        elif theta is self.theta and pictures is self.pictures and phase is self.phase and problem is self.problem:
            return
        largest = self._largest_weight(problem.architecture, theta)
        self.w_ref = largest if fresh or problem is not self.problem else max(self.w_ref, largest)
        if theta is not self.theta or pictures is not self.pictures or problem is not self.problem:
            self._layer = None
        self.problem, self.theta, self.phase = problem, theta, phase
        self.pictures = pictures if pictures is not None and _fits(pictures, problem.architecture) else None
        self.update()

    def _largest_weight(self, architecture: Architecture, theta: NDArray[np.float64]) -> float:
        return max(float(np.abs(weights).max()) for weights, _ in views(architecture, theta))

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self._painter = self._layer = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        self._forget_layout()

    def _forget_layout(self) -> None:
        self._layout = self._painter = self._samples = self._layer = None

    def layout_now(self) -> Layout | None:
        """The layout at the present size."""
        if self._layout is None and self.problem is not None:
            names = [self.input_name(k) for k in range(min(self.problem.architecture.sizes[0], 40))]
            metrics = self.fontMetrics()
            left = min(150, 26 + max(metrics.horizontalAdvance(name) for name in names))
            labels = self._output_labels()
            right = 24 + (min(120, max(metrics.horizontalAdvance(label) for label in labels) + 8) if labels else 10)
            self._layout = lay_out(self.problem.architecture, self.width(), self.height(), left, right)
        return self._layout

    def input_name(self, unit: int) -> str:
        """Name of an input: the feature's formula, or the table's column."""
        assert self.problem is not None
        name, dataset = self.problem.experiment.features[unit], self.problem.dataset  # type: ignore[index]
        if name.startswith("x") and name[1:].isdigit():
            column = dataset.input_names[int(name[1:]) - 1]
            return pretty(column) if column == name else column
        return pretty(name)

    def _output_labels(self) -> list[str]:
        assert self.problem is not None
        target = self.problem.dataset.target
        if isinstance(target, Classes) and self.problem.architecture.sizes[-1] > 1:
            return list(target.labels)
        return []

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Blit the picture of the network, then what the mouse and the keyboard point at."""
        painter = QPainter(self)
        layout = self.layout_now()
        if layout is None or self.problem is None:
            painter.setPen(mix(self.theme.text_3, self.theme.text_3, 0))
            painter.setFont(font(14))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The network appears here.")
            return
        if self._layer is None:
            self._layer = self._render(layout)
        painter.drawPixmap(0, 0, self._layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self.phase is not None:
            self._paint_phase(painter, layout, self.phase)
        for point in {self.hovered, self.point} - {None}:
            self._paint_point(painter, layout, point, strong=point == self.point)
        label = self.hovered or self.point
        if label is not None:
            self._paint_pill(painter, layout, label)

    def _render(self, layout: Layout) -> QPixmap:
        assert self.problem is not None
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(self.theme.card))
        painter = QPainter(pixmap)
        if self._painter is None:
            self._painter = edges.EdgePainter(layout, self.theme)
        self.chosen = edges.select(layout, self.theta, self.w_ref)
        self._painter.paint(painter, self.chosen)
        architecture = self.problem.architecture
        biases = [b for _, b in views(architecture, self.theta)]
        paint_neurons(painter, layout, architecture, self.pictures, biases, self.theme)
        names = [self.input_name(k) for k in range(layout.columns[0].shown)]
        legend.paint_names(painter, layout, architecture, names, self._output_labels(), self.theme)
        with_maps = self.pictures is not None
        legend.paint_legend(painter, self.rect(), self.budget_note(), with_maps, self.theme)
        painter.end()
        return pixmap

    def budget_note(self) -> str:
        """``2,000 of 109,184 edges`` where not all weights are drawn, else empty."""
        if self.problem is None or self.chosen is None:
            return ""
        sizes = self.problem.architecture.sizes
        count = sum(a * b for a, b in zip(sizes, sizes[1:], strict=False))
        zeros = 0 if count > edges.BUDGET else int((self.theta[self._layout.index] == 0).sum()) if self._layout else 0
        return f"{self.chosen.drawn:,} of {count:,} edges" if self.chosen.drawn + zeros < count else ""

    def _paint_phase(self, painter: QPainter, layout: Layout, phase: Phase) -> None:
        """Ring the layer just computed and write its numbers under the tiles."""
        backward = phase.kind == "backward"
        hue = QColor(self.theme.backward if backward else self.theme.accent)
        if phase.kind in ("cost", "update"):
            layers = range(1, len(layout.columns)) if phase.kind == "update" else [len(layout.columns) - 1]
        else:
            layers = [phase.layer + 1]
        for layer in layers:
            column = layout.columns[layer]
            values = phase.deltas[layer - 1] if backward else phase.activations[layer]
            for unit in range(column.shown):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(hue, 3))
                rect = tile_rect(column, unit).adjusted(-3, -3, 3, 3)
                painter.drawRoundedRect(rect, radius(column) + 3, radius(column) + 3)
                if values is not None and column.tile >= 20 and phase.kind != "update":
                    self._paint_value(painter, rect, float(values[unit]), backward=backward)

    def _paint_value(self, painter: QPainter, rect: QRectF, value: float, *, backward: bool) -> None:
        """The number of a sample at a neuron: a after forward, δ after backward."""
        text = ("◂ " if backward else "") + number(value, 3, sign=backward)
        painter.setFont(font(12, 600))
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        pill = QRectF(rect.center().x() - width / 2, rect.center().y() - 9, width, 18)
        soft, strong = (
            (self.theme.backward_soft, self.theme.backward) if backward else (self.theme.accent_soft, self.theme.accent)
        )
        painter.setPen(QPen(QColor(strong), 1))
        painter.setBrush(QColor(soft))
        painter.drawRoundedRect(pill, 9, 9)
        painter.setPen(QColor(strong if backward else self.theme.text))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_point(self, painter: QPainter, layout: Layout, point: Point, *, strong: bool) -> None:
        accent = QColor(self.theme.accent)
        if isinstance(point, NeuronPoint):
            column = layout.columns[point.layer]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(accent, 3 if strong else 2))
            painter.drawRoundedRect(tile_rect(column, point.unit).adjusted(-4, -4, 4, 4), radius(column) + 4, radius(column) + 4)
            return
        edge = self._edge(layout, point)
        if edge is None or self._painter is None or self.chosen is None:
            return
        share, negative = float(self.chosen.share[edge]), bool(self.chosen.negative[edge])
        pen = QPen(self._painter.pen(share, negative=negative))
        path, width = self._painter.path(edge), pen.widthF()
        if strong:
            painter.setPen(QPen(accent, width + 8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawPath(path)
            painter.setPen(QPen(QColor(self.theme.card), width + 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawPath(path)
        pen.setWidthF(width + (0 if strong else 2.5))
        pen.setColor(QColor(self.theme.negative if negative else self.theme.positive))
        painter.setPen(pen)
        painter.drawPath(path)

    def _paint_pill(self, painter: QPainter, layout: Layout, point: Point) -> None:
        lines = self.lines(point)
        at = self._anchor(layout, point)
        if at is None:
            return
        legend.paint_pill(painter, lines, at, self.rect(), self.theme)

    def _anchor(self, layout: Layout, point: Point) -> QPointF | None:
        if isinstance(point, NeuronPoint):
            column = layout.columns[point.layer]
            return QPointF(column.x, float(column.y[point.unit]) - column.tile / 2)
        edge = self._edge(layout, point)
        if edge is None:
            return None
        x, y = self._sampled(layout)[edge, 7]
        return QPointF(float(x), float(y))

    # --- pointing ---------------------------------------------------------------------------------------------------
    def lines(self, point: Point) -> list[str]:
        """What the pill says of a point."""
        assert self.problem is not None
        architecture = self.problem.architecture
        if isinstance(point, WeightPoint):
            value = self.theta[architecture.weight_index(point.layer, point.source, point.target)]
            return [f"w = {number(float(value), 3, sign=True)}", f"{self._unit(point.layer, point.source)} → {self._unit(point.layer + 1, point.target)}"]
        if isinstance(point, NeuronPoint):
            if point.layer == 0:
                return [self._unit(0, point.unit)]
            bias = float(self.theta[architecture.bias_index(point.layer - 1, point.unit)])
            return [self._unit(point.layer, point.unit), f"bias = {number(bias, 3, sign=True)}"]
        return []

    def _unit(self, layer: int, unit: int) -> str:
        assert self.problem is not None
        sizes = self.problem.architecture.sizes
        if layer == 0:
            return self.input_name(unit)
        name = layer_name(layer, len(sizes) - 1)
        if layer == len(sizes) - 1:
            labels = self._output_labels()
            return f"output {labels[unit]}" if labels else name if sizes[-1] == 1 else f"{name} {unit + 1}"
        return f"{name} neuron {unit + 1}"

    def spoken(self, point: Point) -> str:
        """A point for a screen reader: ``weight from hidden 1 neuron 2 to output, minus 0.43``."""
        if point is None or self.problem is None:
            return "Network graph"
        architecture = self.problem.architecture
        if isinstance(point, WeightPoint):
            value = float(self.theta[architecture.weight_index(point.layer, point.source, point.target)])
            return f"weight from {self._unit(point.layer, point.source)} to {self._unit(point.layer + 1, point.target)}, {_aloud(value)}"
        if point.layer == 0:
            return f"input {self._unit(0, point.unit)}"
        bias = float(self.theta[architecture.bias_index(point.layer - 1, point.unit)])
        return f"{self._unit(point.layer, point.unit)}, bias {_aloud(bias)}"

    def select(self, point: Point) -> None:
        """Select an edge, a neuron or nothing."""
        if point == self.point:
            return
        self.point = point
        self.setAccessibleName(self.spoken(point))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        self.selected.emit(point)
        self.update()

    def point_at(self, position: QPointF) -> Point:
        """The neuron or edge under a position of the mouse."""
        layout = self.layout_now()
        if layout is None or self.chosen is None:
            return None
        for layer, column in enumerate(layout.columns):
            if abs(position.x() - column.x) <= column.tile / 2 + 2:
                unit = int(np.abs(column.y - position.y()).argmin())
                if abs(float(column.y[unit]) - position.y()) <= column.tile / 2 + 2:
                    return NeuronPoint(layer, unit)
        candidates = np.concatenate([self.chosen.curves, self.chosen.hairs])
        if not len(candidates):
            return None
        points = self._sampled(layout)[candidates]
        target = np.array([position.x(), position.y()])
        start, step = points[:, :-1], np.diff(points, axis=1)
        along = ((target - start) * step).sum(axis=2) / np.maximum((step**2).sum(axis=2), 1e-12)
        nearest = start + np.clip(along, 0, 1)[..., None] * step
        distance = np.sqrt(((nearest - target) ** 2).sum(axis=2)).min(axis=1)
        best = int(distance.argmin())
        if distance[best] > _REACH:
            return None
        edge = int(candidates[best])
        return WeightPoint(int(layout.layer[edge]), int(layout.source[edge]), int(layout.target[edge]))

    def _sampled(self, layout: Layout) -> NDArray[np.float64]:
        if self._samples is None:
            self._samples = layout.samples()
        return self._samples

    def _edge(self, layout: Layout, point: Point) -> int | None:
        if not isinstance(point, WeightPoint):
            return None
        found = np.flatnonzero(
            (layout.layer == point.layer) & (layout.source == point.source) & (layout.target == point.target)
        )
        return int(found[0]) if len(found) else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Look what is under the mouse once it rests."""
        self._mouse = event.position()
        self._hover.start()

    def leaveEvent(self, event: object) -> None:
        """Forget the mouse."""
        self._mouse = None
        self._find_hovered()

    def _find_hovered(self) -> None:
        found = self.point_at(self._mouse) if self._mouse is not None else None
        if found != self.hovered:
            self.hovered = found
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what is under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.select(self.point_at(event.position()))
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk among neurons, Enter goes through the edges that arrive, Escape clears."""
        key = Qt.Key(event.key())
        if self.problem is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape and self.point is not None:
            self.select(None)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._walk(key)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._next_incoming()
        else:
            super().keyPressEvent(event)

    def _walk(self, key: Qt.Key) -> None:
        layout = self.layout_now()
        if layout is None:
            return
        if isinstance(self.point, WeightPoint):
            start = NeuronPoint(self.point.layer + 1, self.point.target)
        else:
            start = self.point or NeuronPoint(0, -1 if key == Qt.Key.Key_Down else 0)
        layer = start.layer + {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key, 0)
        layer = min(max(layer, 0), len(layout.columns) - 1)
        column = layout.columns[layer]
        if layer == start.layer:
            unit = start.unit + {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key, 0)
        else:
            unit = int(np.abs(column.y - layout.columns[start.layer].y[max(start.unit, 0)]).argmin())
        self.select(NeuronPoint(layer, min(max(unit, 0), column.shown - 1)))

    def _next_incoming(self) -> None:
        """Select the strongest edge into the selected neuron, then the next one."""
        layout = self.layout_now()
        if layout is None or self.point is None:
            return
        if isinstance(self.point, NeuronPoint):
            if self.point.layer == 0:
                return
            layer, target, source = self.point.layer - 1, self.point.unit, -1
        else:
            layer, target, source = self.point.layer, self.point.target, self.point.source
        arriving = np.flatnonzero((layout.layer == layer) & (layout.target == target))
        order = arriving[np.argsort(-np.abs(self.theta[layout.index[arriving]]), kind="stable")]
        sources = layout.source[order].tolist()
        following = sources[(sources.index(source) + 1) % len(sources)] if source in sources else sources[0]
        self.select(WeightPoint(layer, int(following), target))


class NetworkView(View):
    """The card of the network."""

    selected = Signal(object)  #: a `WeightPoint`, a `NeuronPoint` or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Network", parent)
        self.graph = Graph()
        self.graph.selected.connect(self.selected)
        self.body.addWidget(self.graph, 1)

    def show_frame(self, frame: Frame) -> None:
        """Show the main run's network."""
        if frame.problem is None or not frame.snapshots:
            return
        snapshot = frame.snapshots[0]
        count = frame.problem.architecture.parameters
        self.describe(f"{count:,} parameter{'' if count == 1 else 's'}")
        self.graph.show_network(
            frame.problem, snapshot.state.theta, frame.pictures, snapshot.phase, fresh=snapshot.state.update == 0
        )

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.graph.set_theme(theme)

    def numbers(self) -> str:
        """Every weight and bias: layer, from, to, value."""
        problem = self.graph.problem
        if problem is None:
            return ""
        rows = ["layer\tfrom\tto\tvalue"]
        names = len(problem.architecture.activations)
        for layer, (weights, biases) in enumerate(views(problem.architecture, self.graph.theta)):
            name = layer_name(layer + 1, names)
            for target in range(weights.shape[1]):
                rows.extend(f"{name}\t{source + 1}\t{target + 1}\t{weights[source, target]!r}" for source in range(len(weights)))
                rows.append(f"{name}\tbias\t{target + 1}\t{biases[target]!r}")
                if len(rows) > _MOST_NUMBERS:
                    return "\n".join(rows[: _MOST_NUMBERS + 1])
        return "\n".join(rows).replace("np.float64(", "").replace(")", "")

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the value under the mouse."""
        point = self.graph.hovered or self.graph.point
        if point is None:
            return

        def copy() -> None:
            from PySide6.QtGui import QGuiApplication

            QGuiApplication.clipboard().setText("\n".join(self.graph.lines(point)))

        menu.addAction("Copy value", copy)


def _aloud(value: float) -> str:
    """A number for a screen reader: ``minus 0.43``."""
    return number(value, 2).replace("−", "minus ")


def _fits(pictures: Pictures, architecture: Architecture) -> bool:
    """Whether pictures belong to a network of this shape."""
    layers = pictures.maps if pictures.maps is not None else pictures.activity
    return layers is None or tuple(len(layer) for layer in layers) == architecture.sizes
