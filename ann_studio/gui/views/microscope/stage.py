"""The stage: the network with the numbers of the present step; what is clicked or walked to by key is selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ann_studio.data.dataset import Classes
from ann_studio.gui.painting import paint_focus, painting
from ann_studio.gui.parameters import input_name, layer_name, output_labels
from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.theme import LIGHT, Theme
from ann_studio.gui.views.microscope import drawing
from ann_studio.gui.views.microscope.curves import Curve, Curves
from ann_studio.gui.views.microscope.edges import EdgePainter
from ann_studio.gui.views.microscope.layout import BOTTOM, PILL, Layout, lay_out
from ann_studio.gui.views.microscope.pills import (
    CROWDED,
    MOST,
    Pill,
    Places,
    Said,
    lines_of,
    place,
    place_back,
    short_of,
)
from ann_studio.gui.views.microscope.pointing import edge_at, neighbour, next_incoming
from ann_studio.gui.views.microscope.scene import EdgeItem, Figure, NeuronItem, Scene, build
from ann_studio.gui.views.microscope.stamps import write
from ann_studio.gui.views.microscope.words import aloud, called, capital, plain, step_title, symbol
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Snapshot

_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class Stage(QWidget):
    """The picture inside the card."""

    selected = Signal(object)  #: a `NeuronPoint`, a `WeightPoint` or None

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self.setMouseTracking(True)
        # It paints all of itself, so that nothing below it need be painted.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("One sample in the network")
        self.setToolTip("Arrow keys move between neurons, Enter goes through the edges that arrive, Esc clears")
        self.theme: Theme = LIGHT
        self.problem: Problem | None = None
        self.snapshot: Snapshot | None = None
        self.point: Point = None
        self.scene: Scene | None = None
        self.painted: list[Figure] = []  #: the numbers of the last picture
        self._layout: Layout | None = None
        self._curves: dict[int, Curve] = {}
        self._ways, self._edges = Curves(), EdgePainter()
        self._pills: list[Pill] = []

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(420, 260)

    # --- what is shown ----------------------------------------------------------------------------------------------
    def show_moment(self, problem: Problem, snapshot: Snapshot) -> None:
        """Show this moment of this run."""
        if problem is self.problem and snapshot is self.snapshot:
            return
        if self.problem is not None and problem.architecture != self.problem.architecture:
            self.select(None)
        self.problem, self.snapshot = problem, snapshot
        self._forget()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        self._forget()

    def _forget(self) -> None:
        self.scene = None
        self.update()

    def arrange(self) -> Scene | None:
        """The numbers of the present moment and where they stand."""
        if self.problem is None or self.snapshot is None:
            return None
        if self.scene is None:
            sizes, layers = self.problem.architecture.sizes, self.problem.architecture.layers
            phase = self.snapshot.phase
            centre = layers if phase is None else phase.layer + 1 if phase.layer >= 0 else layers
            self._layout = lay_out(sizes, self.width(), self.height(), centre)
            self.scene = build(self.problem, self.snapshot, self._layout, self.point)
            self._curves = self._ways.of(self._layout, self.scene)
            self._pills = self._place_pills(self._layout, self.scene)
        return self.scene

    def _place_pills(self, layout: Layout, scene: Scene) -> list[Pill]:
        """Find places for the numbers on the edges: the selected one first, then what is new, then the largest."""
        found: list[Pill] = []
        columns = {column.layer: column for column in layout.columns}
        inputs = {item.point: item.figures.get("a") for item in scene.neurons}
        for layer in sorted({item.point.layer for item in scene.edges}):
            left, right = columns[layer], columns[layer + 1]
            span = (left.x + left.width + 5, right.x - 5)
            beside = [item for item in scene.neurons if item.point.layer in (layer, layer + 1)]
            places = Places([rect for item in beside for rect in self._taken(layout, item)])
            edges = [item for item in scene.edges if item.point.layer == layer]
            edges.sort(key=lambda item: (not self._concerns(item), not item.now, -item.importance))
            for item in edges[:MOST]:
                if "w·δ" in item.figures:
                    back = place_back(item, self._curves[item.index], places, span, drawing.pill_measure)
                    found += [back] if back is not None else []
            for item in edges[:MOST]:
                lines = lines_of(item, inputs[NeuronPoint(layer, item.point.source)])
                offers: list[tuple[Said, ...]] = [(short_of(lines),)]
                if len(edges) <= CROWDED or lines[-1][-1].tone != "back":
                    offers = [tuple(lines), (lines[-1],), *offers]
                pill = place(item, self._curves[item.index], offers, places, span, drawing.pill_measure)
                found += [pill] if pill is not None else []
        return found

    def _taken(self, layout: Layout, item: NeuronItem) -> list[QRectF]:
        """What a neuron takes up: its card, and the pill with δ below."""
        column = layout.column(item.point.layer)
        assert column is not None
        rect = column.rect(item.slot)
        if "δ" not in item.figures or column.detail == "small":
            return [rect]
        return [rect, QRectF(rect.left() - 6, rect.bottom(), rect.width() + 12, PILL + 3)]

    def _around(self, layout: Layout, item: NeuronItem) -> QRectF:
        """Both together."""
        first, *others = self._taken(layout, item)
        for other in others:
            first = first.united(other)
        return first

    def _concerns(self, item: EdgeItem) -> bool:
        """Whether an edge is selected, or leads to the neuron that is."""
        if isinstance(self.point, NeuronPoint):
            return self.point.layer == item.point.layer + 1 and self.point.unit == item.point.target
        return item.point == self.point

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the moment."""
        with painting(self) as painter:
            painter.fillRect(self.rect(), QColor(self.theme.card))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            scene = self.arrange()
            if scene is not None and self._layout is not None and self.problem is not None:
                self.painted = self._paint(painter, scene, self._layout, self.problem)
            if self.hasFocus():
                paint_focus(painter, QRectF(self.rect()), self.theme.accent)

    def _paint(self, painter: QPainter, scene: Scene, layout: Layout, problem: Problem) -> list[Figure]:
        theme, painted, layers = self.theme, [], problem.architecture.layers
        titles = {column.layer: layer_name(column.layer, layers).capitalize() for column in layout.columns}
        phase = self.snapshot.phase if self.snapshot is not None else None
        now = phase.layer + 1 if phase is not None and phase.layer >= 0 else None
        drawing.paint_titles(painter, layout, titles, theme, now, targets=bool(scene.targets))
        edge = scene.edge(self.point) if isinstance(self.point, WeightPoint) else None
        self._edges.paint(painter, scene, self._curves, theme, self.size(), edge.index if edge else None)
        for pill in self._pills:
            painted += drawing.paint_pill(painter, pill, theme, chosen=pill.item.point == self.point)
        columns = {column.layer: column for column in layout.columns}
        for item in scene.neurons:
            layer = item.point.layer
            named = layer == 0 and columns[0].detail != "small"
            name = input_name(problem, item.point.unit) if named else ""
            activation = problem.architecture.activations[layer - 1] if layer else "linear"
            painted += drawing.paint_neuron(
                painter, columns[layer], item, symbol(problem, layer, item.point.unit), name, activation, theme,
                chosen=item.point == self.point,
            )  # fmt: skip
        if layout.target_width:
            painted += self._paint_targets(painter, scene, layout, problem)
        for column in layout.columns:
            drawing.paint_rest(painter, column, theme)
        legend = QPointF(4, self.height() - BOTTOM / 2)
        room = layout.target_x - 30 if scene.cost is not None and layout.target_width else self.width() - 8
        drawing.paint_legend(painter, legend, room, theme)
        self._paint_selected(painter, scene, layout)
        return painted

    def _paint_targets(self, painter: QPainter, scene: Scene, layout: Layout, problem: Problem) -> list[Figure]:
        labels = output_labels(problem)
        values = [abs(figure.value) for item in scene.targets for figure in item.figures.values()]
        scale = max((value for value in values if value < float("inf")), default=1.0) or 1.0
        painted = []
        for item in scene.targets:
            label = labels[item.point.unit] if isinstance(problem.dataset.target, Classes) and labels else ""
            painted += drawing.paint_target(painter, layout, item, label, self.theme, scale)
        if scene.cost is not None:
            last = layout.target_rect(len(layout.columns[-1].slots) - 1)
            top = min(last.bottom() + 10, self.height() - BOTTOM / 2 - 12)
            room = QRectF(last.left() - 10, top, last.width() + 20, 24)
            colour = self.theme.backward if scene.cost.now else self.theme.text
            write(painter, room, f"cost C = {scene.cost.text}", 14, 600, colour, 0)
            painted.append(scene.cost)
        return painted

    def _paint_selected(self, painter: QPainter, scene: Scene, layout: Layout) -> None:
        """The exact numbers of what is selected, in a pill with a leader, where it hides least."""
        anchors, lines = self._anchors(scene, layout), self.exact_lines(self.point)
        if not anchors or not lines:
            return
        pills = [pill.rect for pill in self._pills]
        solid = [rect for item in scene.neurons for rect in self._taken(layout, item)]
        solid += [layout.target_rect(item.slot) for item in scene.targets if layout.target_width]
        free = [at for at in anchors if not any(rect.contains(at) for rect in (*pills, *solid))]
        own = [pill.rect for pill in self._pills if pill.item.point == self.point]
        ends = [QPointF(rect.center().x(), y) for rect in own for y in (rect.top(), rect.bottom())]
        anchors = free or ends or anchors
        bounds = QRectF(0, 34, self.width(), self.height() - BOTTOM - 32)
        taken = [(rect, 1.2) for rect in pills] + [(rect, 2.0) for rect in solid]
        rect, anchor = drawing.place_said(drawing.said_size(lines), anchors, taken, bounds)
        drawing.paint_said(painter, lines, rect, anchor, self.theme)

    def _anchors(self, scene: Scene, layout: Layout) -> list[QPointF]:
        """Where the leader may begin."""
        if isinstance(self.point, WeightPoint):
            edge = scene.edge(self.point)
            curve = self._curves[edge.index] if edge is not None else None
            return [QPointF(*curve.at(k / 12)) for k in range(1, 12)] if curve is not None else []
        if isinstance(self.point, NeuronPoint):
            item, column = scene.neuron(self.point), layout.column(self.point.layer)
            if item is not None and column is not None:
                rect = self._around(layout, item)
                return [QPointF(rect.center().x(), rect.top() - 5), QPointF(rect.center().x(), rect.bottom() + 5)]
        return []

    def exact_lines(self, point: Point) -> list[str]:
        """What is known of a neuron or an edge, with all digits; its name first."""
        scene, problem = self.arrange(), self.problem
        item: NeuronItem | EdgeItem | None = None
        if scene is None or problem is None or point is None:
            return []
        if isinstance(point, NeuronPoint):
            item, name = scene.neuron(point), called(problem, point)
        else:
            item = scene.edge(point)
            name = f"{plain(problem, point.layer, point.source)} → {plain(problem, point.layer + 1, point.target)}"
        if item is None:
            return []
        figures = dict(item.figures)
        lines = []
        for what in ("w", "b"):
            old, new = figures.pop(what, None), figures.pop(f"new {what}", None)  # type: ignore[call-overload]
            if old is not None:
                lines.append(old.exact if new is None else f"{old.exact} → {new.digits}")
        lines += [figure.exact for figure in figures.values()]
        return [capital(name) if isinstance(point, NeuronPoint) else name, *lines]

    # --- pointing ---------------------------------------------------------------------------------------------------
    def select(self, point: Point) -> None:
        """Select a neuron, an edge or nothing."""
        if point == self.point:
            return
        self.point = point
        self._forget()
        self.selected.emit(point)

    def point_at(self, position: QPointF) -> Point:
        """What is under a position: a pill belongs to its edge, a target to its output."""
        scene, layout = self.arrange(), self._layout
        if scene is None or layout is None:
            return None
        for item in scene.neurons:
            column = layout.column(item.point.layer)
            if column is not None and self._around(layout, item).contains(position):
                return item.point
        for item in scene.targets:
            if layout.target_width and layout.target_rect(item.slot).contains(position):
                return item.point
        for pill in reversed(self._pills):
            if pill.rect.contains(position):
                return pill.item.point
        found = edge_at(self._curves, position)
        return next((item.point for item in scene.edges if item.index == found), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what is under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.select(self.point_at(event.position()))
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say in a tooltip, with all digits, what the mouse points at."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point = self.point_at(QPointF(event.pos()))
            lines = self.exact_lines(point) if point != self.point else []
            if lines:
                QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk among neurons, Enter goes through the edges that arrive, Escape clears."""
        key, scene = Qt.Key(event.key()), self.arrange()
        if scene is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape and self.point is not None:
            self.select(None)
        elif key in _ARROWS:
            self.select(neighbour(scene, self.point, *_ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.select(next_incoming(scene, self.point) or self.point)
        else:
            super().keyPressEvent(event)

    # --- for a screen reader ----------------------------------------------------------------------------------------
    def speak(self, sentence: str) -> None:
        """Say the present step and what is selected."""
        if self.problem is None or self.snapshot is None:
            return
        phase = self.snapshot.phase
        name = "One sample in the network"
        if phase is not None:
            name = f"Step {phase.index + 1} of {phase.count}: {step_title(self.problem, phase)}"
        about = ", ".join(self.exact_lines(self.point)) if self.point is not None else ""
        description = aloud(f"{about}. {sentence}" if about else sentence)
        if name != self.accessibleName():
            self.setAccessibleName(name)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))
        if description != self.accessibleDescription():
            self.setAccessibleDescription(description)
