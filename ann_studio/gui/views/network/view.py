"""The network view: a card with the graph."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from ann_studio.engine.messages import Frame, Prune
from ann_studio.gui.parameters import layer_name
from ann_studio.gui.theme import Theme
from ann_studio.gui.view import View
from ann_studio.gui.views.network.graph import Graph
from ann_studio.gui.views.network.points import WeightPoint, lines
from ann_studio.nn.architecture import views

_MOST_NUMBERS = 100_000


class NetworkView(View):
    """The card of the network."""

    selected = Signal(object)  #: a `WeightPoint`, a `NeuronPoint` or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Network", parent)
        self.graph = Graph()
        self.graph.selected.connect(self.selected)
        self.graph.noted.connect(self._note)
        self._size = self._noted = ""
        self.body.addWidget(self.graph, 1)

    def show_frame(self, frame: Frame) -> None:
        """Show the main run's network."""
        if frame.problem is None or not frame.snapshots:
            return
        snapshot = frame.snapshots[0]
        count = frame.problem.architecture.parameters
        self._size = f"{count:,} parameter{'' if count == 1 else 's'}"
        self._note(self._noted)
        self.graph.show_network(
            frame.problem, snapshot.state.theta, frame.pictures, snapshot.phase, fresh=snapshot.state.update == 0
        )

    def mark_layer(self, layer: int | None) -> None:
        """Put a warning at a layer where something is wrong, from 1; None: nowhere."""
        self.graph.mark_layer(layer)

    def _note(self, note: str) -> None:
        self._noted = note
        self.describe(f"{self._size} · {note}" if note else self._size)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.graph.set_theme(theme)

    def picture_widget(self) -> QWidget:
        """The graph without its card."""
        return self.graph

    def numbers(self) -> str:
        """Every weight and bias: layer, from, to, value; of very large networks the first ones."""
        problem = self.graph.problem
        if problem is None:
            return ""
        rows = ["layer\tfrom\tto\tvalue"]
        for layer, (weights, biases) in enumerate(views(problem.architecture, self.graph.theta)):
            name = layer_name(layer + 1, problem.architecture.layers)
            for target, bias in enumerate(biases.tolist()):
                arriving = enumerate(weights[:, target].tolist())
                rows.extend(f"{name}\t{source + 1}\t{target + 1}\t{weight!r}" for source, weight in arriving)
                rows.append(f"{name}\tbias\t{target + 1}\t{bias!r}")
                if len(rows) > _MOST_NUMBERS:
                    return "\n".join(rows[: _MOST_NUMBERS + 1])
        return "\n".join(rows)

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the value under the mouse."""
        graph = self.graph
        point, problem = graph.hovered or graph.point, graph.problem
        if point is None or problem is None:
            return
        text = "\n".join(lines(problem, graph.theta, point))
        menu.addAction("Copy value", lambda: QGuiApplication.clipboard().setText(text))
        if isinstance(point, WeightPoint):
            menu.addAction("Delete connection\tDel", lambda: self._delete(point))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete the selected connection."""
        if event.key() == Qt.Key.Key_Delete and isinstance(self.graph.point, WeightPoint):
            self._delete(self.graph.point)
        else:
            super().keyPressEvent(event)

    def _delete(self, point: WeightPoint) -> None:
        """Ask for a connection to be set to 0 and kept there."""
        problem = self.graph.problem
        if problem is not None:
            index = problem.architecture.weight_index(point.layer, point.source, point.target)
            self.commanded.emit(Prune((index,)))
