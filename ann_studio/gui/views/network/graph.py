"""The picture of the network: painting in layers, hover, selection, and a walk by keyboard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy

from ann_studio.analysis.pictures import Pictures
from ann_studio.gui.painting import layer, painting
from ann_studio.gui.parameters import input_name, output_labels
from ann_studio.gui.points import NeuronPoint, Point
from ann_studio.gui.theme import LIGHT, Theme, font
from ann_studio.gui.tips import Picture
from ann_studio.gui.views.network import edges, legend, marks, pointing, warning
from ann_studio.gui.views.network.holding import Holding
from ann_studio.gui.views.network.layout import Layout, lay_out
from ann_studio.gui.views.network.neurons import NeuronPainter, scale_words
from ann_studio.gui.views.network.points import FREE, Held, index_of, lines, spoken
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase
from ann_studio.nn.architecture import Architecture, views

Vector = NDArray[np.float64]
Words = tuple[str, str, str] | None  #: of the legend's scale

#: What can be done, for whom the mouse and the menus do not show it.
HINT = (
    "Arrow keys move between neurons, Enter goes through the edges that arrive, Esc clears. Of what is selected: type a"
    " number to set it, or drag it up and down, turn the wheel over it, Shift+Up and Shift+Down (with Ctrl finer, Page"
    " Up and Page Down coarser); Del deletes, R restores, F freezes or unfreezes; Ins adds a neuron, Shift+Ins a layer,"
    " Shift+Del removes the neuron, Ctrl+Shift+Del its layer. Training pauses for it"
)
_HOVER_DELAY = 80  #: milliseconds
#: Where the largest weight is by this factor smaller than the width scale has it, the scale follows it.
_SHRUNK = 4.0
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Graph(Picture):
    """The picture inside the card."""

    selected = Signal(object)  #: a `WeightPoint`, a `NeuronPoint` or None
    layer_selected = Signal(int)  #: a layer whose name was clicked; 0 is the input
    noted = Signal(str)  #: how many edges are drawn, see `budget_note`

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("ownsArrows", True)
        self.setMouseTracking(True)
        # It paints all of itself, so that nothing below it need be painted.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Network graph")
        self.setToolTip(HINT)
        self.theme: Theme = LIGHT
        self.problem: Problem | None = None
        self.theta: Vector = np.zeros(0)
        self.pictures: Pictures | None = None
        self.phase: Phase | None = None
        self.held = FREE
        self.w_ref = 0.0
        self.holds_scale = False  #: while a weight is dragged, the widths of the others stay
        self.point: Point = None
        #: What to select once a network of these sizes is there.
        self.point_after: tuple[tuple[int, ...], Point] | None = None
        self.hovered: Point = None
        self.chosen: edges.Selection | None = None
        self._covered = False  # the pill, by the field in which a value is typed
        self.marked: int | None = None  #: the layer with a warning
        self._layout: Layout | None = None
        self._samples: Vector | None = None
        self._holding: Holding | None = None
        # What is kept from frame to frame, and the picture of the present one.
        self._edges: edges.EdgePainter | None = None
        self._neurons: NeuronPainter | None = None
        self._ground: tuple[QImage, Words] | None = None
        self._layer: QImage | None = None
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
        self,
        problem: Problem,
        theta: Vector,
        pictures: Pictures | None,
        phase: Phase | None,
        *,
        fresh: bool,
        held: Held = FREE,
    ) -> None:
        """Show these parameters; `fresh` marks the beginning of a run, where the width scale starts anew."""
        old = self.problem
        same = problem is old and theta is self.theta and pictures is self.pictures and held.same(self.held)
        if same and phase is self.phase:
            return
        # A live change of the settings goes on with the same run.
        goes_on = old is not None and problem.first_theta is old.first_theta and not fresh
        largest = _largest_weight(problem.architecture, theta)
        if not (goes_on or (self.holds_scale and old is problem)):
            self.w_ref = largest
        elif not self.holds_scale and not largest < self.w_ref < _SHRUNK * largest:
            # It grows with the weights, and follows them where they have become much smaller, say long before.
            self.w_ref = largest
        self.problem, self.theta, self.phase = problem, theta, phase
        if not held.same(self.held):
            self._holding = self._ground = None
        self.held = held
        self.pictures = pictures if pictures is not None and _fits(pictures, problem.architecture) else None
        if not same:
            self._layer = None
        if old is None or problem.architecture != old.architecture or problem.dataset is not old.dataset:
            self._forget_layout()
            self.hovered = None
        if old is not None and problem.architecture != old.architecture:
            wish, self.point_after = self.point_after, None
            self.select(wish[1] if wish is not None and wish[0] == problem.architecture.sizes else None)
        self._speak()
        self.update()

    def mark_layer(self, layer: int | None) -> None:
        """Put a warning at a layer, from 1; None: nowhere."""
        self.marked = layer
        self.setAccessibleDescription(warning.spoken(self.problem, layer))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self._forget_layout()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        self._forget_layout()

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other room."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._forget_layout()
        super().changeEvent(event)

    def _forget_layout(self) -> None:
        self._layout = self._samples = self._edges = self._neurons = self._ground = self._layer = None
        self.chosen = None  # of edges by their places in the layout
        self._holding = None

    def layout_now(self) -> Layout | None:
        """The layout at the present size."""
        if self._layout is None and self.problem is not None:
            names = [input_name(self.problem, k) for k in range(min(self.problem.architecture.sizes[0], 80))]
            metrics = self.fontMetrics()
            widest = min(150.0, max(72.0, 0.22 * self.width()))
            left = min(widest, 26 + max(metrics.horizontalAdvance(name) for name in names))
            labels = output_labels(self.problem)
            right = min(widest, 32 + max((metrics.horizontalAdvance(label) for label in labels), default=2))
            self._layout = lay_out(self.problem.architecture, self.width(), self.height(), left, right)
        return self._layout

    def holding_now(self, layout: Layout) -> Holding:
        """What is held, in the present layout."""
        if self._holding is None:
            assert self.problem is not None
            self._holding = Holding(self.problem.architecture, layout, self.held)
        return self._holding

    def _sampled(self, layout: Layout) -> Vector:
        if self._samples is None:
            self._samples = layout.samples()
        return self._samples

    # --- painting ---------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Blit the picture of the network, then what the mouse and the keyboard point at."""
        with painting(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        layout = self.layout_now()
        if layout is None or self.problem is None:
            painter.fillRect(self.rect(), QColor(self.theme.card))
            painter.setPen(QColor(self.theme.text_3))
            painter.setFont(font(14))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The network appears here.")
            return
        if self._layer is not None and self._layer.devicePixelRatioF() != self.devicePixelRatioF():
            self._edges = self._neurons = self._ground = self._layer = None
        if self._layer is None:
            self._layer = self._render(layout, self.problem)
            self.noted.emit(self.budget_note())
        painter.drawImage(0, 0, self._layer)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self.marked is not None:
            warning.paint_warning(painter, layout, self.marked, self.theme)
        if self.phase is not None:
            marks.paint_phase(painter, layout, self.phase, self.theme)
        if self.hovered is not None and self.hovered != self.point:
            self._paint_point(painter, layout, self.hovered, strong=False)
        self._paint_point(painter, layout, self.point, strong=True)
        label = self.hovered or self.point
        at, box = self.anchor(label), self.pill_of(label)
        if label is not None and at is not None and box is not None and not self._covered:
            said = lines(self.problem, self.theta, label, self.held)
            marks.paint_pill(painter, said, at, box, self.theme)

    def _render(self, layout: Layout, problem: Problem) -> QImage:
        """The network at the present parameters."""
        if self._edges is None or self._neurons is None:
            ratio = self.devicePixelRatioF()
            self._edges = edges.EdgePainter(layout, self.theme, self.size(), ratio)
            self._neurons = NeuronPainter(layout, self.theme, ratio)
        image = self._ground_now(layout, problem, self._neurons, self._edges).copy()
        holding = self.holding_now(layout)
        self.chosen = edges.select(layout, self.theta, self.w_ref)
        self._edges.paint_hairs(image, self.chosen)
        with painting(image) as painter:
            holding.paint_zeros(painter, self._edges, self.theta, self.theme)
            self._edges.paint(painter, self.chosen)
            biases = [b for _, b in views(problem.architecture, self.theta)]
            self._neurons.paint(painter, problem.architecture, self.pictures, biases)
            holding.paint_neurons(painter, self._sampled(layout), self.theme, self.devicePixelRatioF())
        return image

    def _ground_now(
        self, layout: Layout, problem: Problem, neurons: NeuronPainter, lines_of: edges.EdgePainter
    ) -> QImage:
        """What no parameter changes: names, legend, what lies under the neurons, and deleted connections."""
        words = scale_words(problem.architecture, self.pictures) if self.pictures is not None else None
        if self._ground is None or self._ground[1] != words:
            image = layer(self.size(), self.devicePixelRatioF(), QColor(self.theme.card))
            with painting(image) as painter:
                self.holding_now(layout).paint_deleted(painter, lines_of, self.theme)
                neurons.paint_ground(painter)
                names = [input_name(problem, k) for k in range(layout.columns[0].shown)]
                legend.paint_names(painter, layout, self.width(), names, output_labels(problem), self.theme)
                legend.paint_legend(painter, self.rect(), words, self.theme)
            self._ground = (image, words)
        return self._ground[0]

    def budget_note(self) -> str:
        """``2,000 of 109,184 edges`` where not all weights are drawn, else empty."""
        if self.problem is None or self.chosen is None or self._layout is None:
            return ""
        sizes = self.problem.architecture.sizes
        count = sum(a * b for a, b in pairwise(sizes))
        zeros = 0 if count > edges.BUDGET else int((self.theta[self._layout.index] == 0).sum())
        return f"{self.chosen.drawn:,} of {count:,} edges" if self.chosen.drawn + zeros < count else ""

    def _paint_point(self, painter: QPainter, layout: Layout, point: Point, *, strong: bool) -> None:
        if point is None or not pointing.is_shown(layout, point):
            return
        edge = pointing.edge_of(layout, point)
        if isinstance(point, NeuronPoint):
            marks.paint_neuron(painter, layout.columns[point.layer], point.unit, self.theme, strong=strong)
        elif edge is not None and self._edges is not None and self.chosen is not None:
            deleted = self.holding_now(layout).is_deleted(edge)
            marks.paint_edge(painter, self._edges, self.chosen, edge, self.theme, strong=strong, deleted=deleted)

    def anchor(self, point: Point) -> QPointF | None:
        """Where the leader of a point's pill ends; None if it is not in the picture."""
        layout = self.layout_now()
        if point is None or layout is None or not pointing.is_shown(layout, point):
            return None
        if isinstance(point, NeuronPoint):
            column = layout.columns[point.layer]
            return QPointF(column.x, float(column.y[point.unit]) - column.tile / 2)
        x, y = self._sampled(layout)[pointing.edge_of(layout, point), 7].ravel().tolist()
        return QPointF(x, y)

    def cover_pill(self, on: bool) -> None:
        """Paint no pill while something stands in its place."""
        self._covered = on
        self.update()

    def pill_of(self, point: Point) -> QRectF | None:
        """Where the pill of a point lies; None if that is not in the picture."""
        at = self.anchor(point)
        if at is None or point is None or self.problem is None:
            return None
        return marks.pill_box(lines(self.problem, self.theta, point, self.held), at, QRectF(self.rect()))

    # --- pointing ---------------------------------------------------------------------------------------------------
    def select(self, point: Point) -> None:
        """Select an edge, a neuron or nothing."""
        if point == self.point:
            return
        self.point = point
        self._speak()
        self.selected.emit(point)
        self.update()

    def _speak(self) -> None:
        """Tell a screen reader what is selected and its present value."""
        name = spoken(self.problem, self.theta, self.point, self.held) if self.problem is not None else "Network graph"
        if name != self.accessibleName():
            self.setAccessibleName(name)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))

    def point_at(self, position: QPointF) -> Point:
        """The neuron or edge under a position of the mouse."""
        layout, chosen = self.layout_now(), self.chosen
        if layout is None or chosen is None:
            return None
        x, y = position.x(), position.y()
        holding = self.holding_now(layout)
        drawn = np.concatenate([chosen.curves, chosen.hairs, holding.zeros(self.theta), holding.deleted])
        return pointing.neuron_at(layout, x, y) or pointing.edge_at(layout, self._sampled(layout), drawn, x, y)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Look what is under the mouse once it rests."""
        self._mouse = event.position()
        self._hover.start()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the mouse."""
        self._mouse = None
        self._find_hovered()

    def _find_hovered(self) -> None:
        found = self.point_at(self._mouse) if self._mouse is not None else None
        if found != self.hovered:
            self.hovered = found
            self.update()
        # What is selected can be dragged.
        drags = found is not None and found == self.point and self.index is not None
        self.setCursor(Qt.CursorShape.SizeVerCursor if drags else Qt.CursorShape.ArrowCursor)

    @property
    def index(self) -> int | None:
        """Position in ``theta`` of what is selected: a weight, or the bias of a neuron."""
        return None if self.point is None or self.problem is None else index_of(self.problem, self.point)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what is under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton:
            layout, at = self.layout_now(), event.position()
            layer = pointing.name_at(layout, at.x(), at.y()) if layout is not None else None
            if layer is not None:
                self.layer_selected.emit(layer)
            else:
                self.select(self.point_at(at))
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys walk among neurons, Enter goes through the edges that arrive, Escape clears."""
        key, layout = Qt.Key(event.key()), self.layout_now()
        if layout is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape and self.point is not None:
            self.select(None)
        elif key in _ARROWS:
            self.select(pointing.neighbour(layout, self.point, *_ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.select(pointing.next_incoming(layout, self.theta, self.point) or self.point)
        else:
            super().keyPressEvent(event)


def _largest_weight(architecture: Architecture, theta: Vector) -> float:
    """The largest |w| that is a number."""
    with np.errstate(invalid="ignore"):
        sizes = (np.abs(weights) for weights, _ in views(architecture, theta))
        return max(float(np.where(np.isfinite(size), size, 0.0).max()) for size in sizes)


def _fits(pictures: Pictures, architecture: Architecture) -> bool:
    """Whether pictures belong to a network of this shape."""
    layers = pictures.maps if pictures.maps is not None else pictures.activity
    return layers is None or tuple(len(layer) for layer in layers) == architecture.sizes
